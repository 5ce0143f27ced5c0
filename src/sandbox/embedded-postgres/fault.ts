/** Why the embedded server does not start: one plain line for the person at the terminal, no stack. */
export class EmbeddedPostgresFault extends Error {
  override readonly name = 'EmbeddedPostgresFault'
}

/** What the operating system said, in few words: the code where there is one. */
export const reason = (error: unknown): string =>
  error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error)

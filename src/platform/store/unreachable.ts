/** The ephemeral store does not answer: machinery that is broken for now, not a refusal. HTTP says 503. */
export class StoreUnreachable extends Error {
  override readonly name = 'StoreUnreachable'

  constructor(driver: 'redis' | 'postgres', cause: unknown) {
    super(
      `The ephemeral store (${driver}) does not answer: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    )
  }
}

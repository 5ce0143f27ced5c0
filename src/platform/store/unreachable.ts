/** The ephemeral store does not answer, or has no room left: machinery that is broken for now, not a refusal. HTTP says 503. */
export class StoreUnreachable extends Error {
  override readonly name = 'StoreUnreachable'
  readonly statusCode = 503

  constructor(driver: 'redis' | 'postgres', cause: unknown) {
    super(
      `The ephemeral store (${driver}) does not answer: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    )
  }
}

/** Node's codes of a network that leads nowhere. */
const network = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
])
/** SQLSTATE: connection exceptions, no room, shutting down or starting up (PostgreSQL, appendix A). */
const state = /^(08|53)...$|^57P0[123]$/
/** What pg and its pool say without a code. */
const words =
  /^(Connection terminated|Query read timeout|timeout expired|timeout exceeded when trying to connect|Client has encountered a connection error)/

/** Whether PostgreSQL is away for now or has no room: machinery that is broken, and no fault of the statement. */
function isAway(error: Error & { readonly code?: unknown }): boolean {
  const { code, message } = error
  return typeof code === 'string' ? network.has(code) || state.test(code) : words.test(message)
}

/** Of what {@link sayingAway} let through: whether it failed since the database is away. */
export const saidAway = (error: unknown): boolean =>
  error instanceof Error && 'statusCode' in error && error.statusCode === 503

/** Carries out what needs the database; HTTP says 503 of what fails since that is away (`statusCode`). */
export async function sayingAway<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Error && isAway(error)) Object.assign(error, { statusCode: 503 })
    throw error
  }
}

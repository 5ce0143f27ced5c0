/**
 * The two hands of the clock.
 *
 * `now()` decides the deadlines of our own state (codes, logins, sessions, lockouts, passwords, due jobs); the sandbox
 * moves it, and in `serve` it follows the database's clock. `wire()` is real time and never moved: what goes out on the
 * wire or arrives from it (iat, exp, auth_time, certificates).
 */
export interface Clock {
  now(): Date
  wire(): Date
  /** The instant `seconds` after `now()`. */
  in(seconds: number): Date
}

/** A clock whose first hand stands `offset()` milliseconds ahead of real time. */
export function clockWith(offset: () => number): Clock {
  const now = () => new Date(Date.now() + offset())
  return {
    now,
    wire: () => new Date(),
    in: (seconds) => new Date(now().getTime() + seconds * 1000),
  }
}

export const systemClock: Clock = clockWith(() => 0)

/** Whole seconds since the epoch, as JOSE and OIDC count them (RFC 7519, NumericDate). */
export const epochSeconds = (at: Date): number => Math.floor(at.getTime() / 1000)

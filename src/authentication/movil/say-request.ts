import type { Standing } from './contract.ts'
import type { MovilParts } from './parts.ts'

/** 123 456: two groups, as on every screen that shows the code. */
export const inGroups = (code: string): string => `${code.slice(0, 3)} ${code.slice(3)}`

/** Whole seconds left; none once it is over. `expires`: ms of the same clock. */
const secondsUntil = (expires: number, now: Date): number => Math.max(0, Math.ceil((expires - now.getTime()) / 1000))

/** Seconds until an SMS is offered to whoever waits in vain for a request that ends then. `expires`: ms of the same clock. */
export function pinAfter({ clock, limits }: Pick<MovilParts, 'clock' | 'limits'>, expires: number): number {
  const begun = expires - limits.movilLifetime * 1000
  return secondsUntil(begun + limits.movilFallback * 1000, clock.now())
}

/** What the page that waits is told, and tells. */
export interface State extends Record<string, unknown> {
  readonly standing: Standing
  /** The phone answered: the page asks what, and goes on. */
  readonly decided: boolean
  /** Left; 0 where another request took its place, too. */
  readonly seconds: number
}

export function stateAt(standing: Standing, expires: number, now: Date): State {
  const waits = standing === 'waiting' || standing === 'scanned'
  return {
    standing,
    decided: !waits && standing !== 'gone',
    seconds: standing === 'gone' ? 0 : secondsUntil(expires, now),
  }
}

import type { Sql } from '../platform/index.ts'
import type { CompletionValues } from './known-browser-table.ts'

/** What may be guessed at. */
export type Factor = 'contrast' | 'password' | 'code'

/**
 * How often someone may try.
 *
 * Failures are counted in PostgreSQL per document and factor, apart for browsers that completed a login of this citizen
 * ("known") and those that never did, so that knowing a DNI is not enough to block its owner. Unknown documents are
 * counted alike, so that nothing tells them apart. `browser` is always the digest of the browser's cookie.
 */
export interface Lockout {
  /** One select, made before anything is compared: while `refusedUntil` is set, the right secret is refused as well. */
  standing(sql: Sql, document: string, browser: string, factors: readonly Factor[]): Promise<Standing>
  /**
   * Counts a failure and decides what it leads to, in one statement. Only for a try that was heard: one that came while
   * tries were refused was compared with nothing, and must not make the refusal longer. Where `blocked` is answered, the
   * factor is to be blocked in the same transaction.
   */
  failed(sql: Sql, factor: Factor, document: string, known: boolean): Promise<Failed>
  /**
   * As `standing`, for the contrast at the registration: who knows a DNI must not be able to keep its owner from
   * registering, who has no known browser yet. So failures are counted there per network of the caller (`siteOf`), and
   * those of all networks together only by a bound that is far off; what failed at a login refuses nobody here.
   */
  standingToRegister(sql: Sql, document: string, browser: string, address: string): Promise<Standing>
  /**
   * Counts a wrong contrast at the registration, in one statement: from a known browser as at login; else for the network,
   * for all of them together, and at login, unless that refuses already.
   */
  failedToRegister(sql: Sql, document: string, known: boolean, address: string): Promise<Pick<Failed, 'refusedUntil'>>
  /**
   * The citizen is proven: forgets the failures of the factors used, on the side this browser stood on, and remembers the
   * browser; one statement. False, and nothing done, when a refusal of one of the factors began after `standing` was
   * asked: of many guesses sent at once only the first few are heard, even where one of them is right.
   */
  completed(sql: Sql, document: string, browser: string, known: boolean, factors: readonly Factor[]): Promise<boolean>
  /** The values of `completeSql`, which does the same within the statement that proves. */
  completion(document: string, browser: string, known: boolean, factors: readonly Factor[]): CompletionValues
  /**
   * Another secret takes the place of the one that was guessed at, by somebody who proved to be its owner: what known
   * browsers failed at is forgotten with it, even while it refuses, so that a new password is neither refused for the
   * former nor harder to block. The unknown side stays (`makeLockout`).
   */
  replaced(sql: Sql, factor: Factor, document: string): Promise<void>
}

export interface Standing {
  /** Whether this browser completed a login of this document's citizen before. */
  readonly known: boolean
  /** Until when browsers of this kind may not try any of the factors. */
  readonly refusedUntil: Date | undefined
}

export interface Failed {
  /** Failures of this factor since the last success, on this side. */
  readonly failures: number
  /** Tries left before the next refusal or block. */
  readonly left: number
  readonly refusedUntil: Date | undefined
  /** The factor itself is to be blocked (a password, from a known browser): true for exactly one of any number of callers. */
  readonly blocked: boolean
}

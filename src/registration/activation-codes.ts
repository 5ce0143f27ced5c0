import type { Limits } from '../lockout/index.ts'
import type { Clock, Digest, Random, Sql, Tx } from '../platform/index.ts'
import { activationCodeTable } from './activation-code-table.ts'
import { drawActivationCode, readActivationCode } from './draw-codes.ts'

/** What the acts of activation codes need. */
export interface ActivationParts {
  readonly clock: Clock
  readonly random: Random
  readonly digest: Digest
  readonly limits: Pick<Limits, 'activationCodeLifetime' | 'activationCodeTries'>
}

/** What became of a citizen's code; never the code. */
export interface ActivationCodeState {
  readonly issued: Date
  readonly expires: Date
  readonly used: Date | undefined
  /** Neither used nor expired, nor killed by wrong tries. */
  readonly alive: boolean
}

/** `dead`: there is none, or it expired, was used, or was killed by wrong tries, this one among them. */
export type ActivationAnswer = 'right' | 'wrong' | 'dead'

/**
 * Draws a new activation code, which takes the place of an older one, and answers it for the document that hands it over
 * (10 characters of Crockford's base32; `inGroups(code, 5)` for print). Only its digest stays; it lives
 * `limits.activationCodeLifetime` (a year).
 */
export async function issueActivationCode(tx: Tx, parts: ActivationParts, citizen: string): Promise<string> {
  const code = drawActivationCode(parts.random)
  await putActivationCode(tx, parts, citizen, code)
  return code
}

/** The same for a code that was drawn before its citizen had a row: its receipt is made first. */
export async function putActivationCode(tx: Tx, parts: ActivationParts, citizen: string, code: string): Promise<void> {
  const { clock, limits } = parts
  const digest = digestOf(parts, citizen, code)
  await activationCodeTable.put(tx, {
    citizen,
    digest,
    now: clock.now(),
    expires: clock.in(limits.activationCodeLifetime),
  })
}

/**
 * Uses the code up: of any number of callers with the right one, one hears `right`. Wrong ones count, and the last of
 * `limits.activationCodeTries` kills it. What has not the form of a code is wrong as well.
 */
export const redeemActivationCode = (
  tx: Sql,
  parts: ActivationParts,
  citizen: string,
  typed: string,
): Promise<ActivationAnswer> => tryCode(tx, parts, citizen, typed, activationCodeTable.redeem)

/**
 * The same comparison and count, and the right code stays alive: for a page before the one whose act redeems it.
 */
export const checkActivationCode = (
  sql: Sql,
  parts: ActivationParts,
  citizen: string,
  typed: string,
): Promise<ActivationAnswer> => tryCode(sql, parts, citizen, typed, activationCodeTable.check)

async function tryCode(
  sql: Sql,
  parts: ActivationParts,
  citizen: string,
  typed: string,
  attempt: (typeof activationCodeTable)['redeem'],
): Promise<ActivationAnswer> {
  const digest = digestOf(parts, citizen, readActivationCode(typed) ?? '')
  const tries = parts.limits.activationCodeTries
  const row = await attempt(sql, { citizen, digest, now: parts.clock.now(), tries })
  if (row?.right) return 'right'
  return row && row.failures < tries ? 'wrong' : 'dead'
}

/** The citizen's one code, dead or alive; undefined: none was ever made. */
export async function activationCodeOf(
  sql: Sql,
  { clock, limits }: Pick<ActivationParts, 'clock' | 'limits'>,
  citizen: string,
): Promise<ActivationCodeState | undefined> {
  const row = await activationCodeTable.find(sql, citizen)
  if (!row) return undefined
  const { issued_at: issued, expires_at: expires, used_at: used, failures } = row
  const alive = used === null && failures < limits.activationCodeTries && expires > clock.now()
  return { issued, expires, used: used ?? undefined, alive }
}

const digestOf = ({ digest }: ActivationParts, citizen: string, code: string): string =>
  digest('activation-code', citizen, code)

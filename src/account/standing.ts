import { findPassword, type Method } from '../authentication/index.ts'
import type { Citizen, Loa, MethodName } from '../citizen/index.ts'
import { isRefusal, type RefusalCode } from '../refusal/index.ts'
import { secondFactor } from './door.ts'
import type { AccountParts } from './parts.ts'

/** How a method stands for a citizen today. */
export interface Standing {
  readonly method: MethodName
  /** The best it reaches for them; absent: it cannot be used, which `refused` says why. */
  readonly best: Loa | undefined
  readonly refused: RefusalCode | undefined
}

type StandingParts = Pick<AccountParts, 'methods' | 'permanente'>

/** Each method that somebody registered so can use, in the order of the tiles. */
export function standingsOf({ methods }: StandingParts, citizen: Citizen): Promise<readonly Standing[]> {
  const level = citizen.registration?.level
  const reachable = methods.filter((method) => method.reach(level) !== undefined)
  return Promise.all(reachable.map((method) => standingOf(method, citizen)))
}

async function standingOf(method: Method, { id }: Citizen): Promise<Standing> {
  const admission = await method.admits(id)
  return isRefusal(admission)
    ? { method: method.name, best: undefined, refused: admission.refused }
    : { method: method.name, best: admission.best, refused: undefined }
}

/**
 * What a citizen loses who blocks a method. `no-way-in`: no method is left that works today; `for-good`: none is left that
 * could lift the block here, since that asks for more than a password (`secondFactor`).
 */
export type Consequence = 'nothing' | 'for-good' | 'no-way-in'

export async function consequenceOf(
  parts: StandingParts,
  citizen: Citizen,
  blocking: MethodName,
): Promise<Consequence> {
  const left = (await standingsOf(parts, citizen)).filter(
    ({ method, best }) => method !== blocking && best !== undefined,
  )
  if (left.length === 0) return 'no-way-in'
  return (await anyProvesAgain(parts, citizen, left)) ? 'nothing' : 'for-good'
}

/** Whether one of these can show a second factor of this citizen's. */
export async function anyProvesAgain(
  { permanente }: Pick<StandingParts, 'permanente'>,
  citizen: Citizen,
  left: readonly Standing[],
): Promise<boolean> {
  const { excluded } = secondFactor(citizen)
  const able = left.filter(({ method, best }) => best !== undefined && !excluded.includes(method))
  if (able.some(({ method }) => method !== 'permanente')) return true
  // Its code comes by SMS, or from an app.
  return able.length > 0 && (citizen.phone !== undefined || (await permanente.hasAuthenticator(citizen.id)))
}

/** When the password ends, where there is one that works and its end is near enough to be warned of. */
export async function passwordEnds(
  { db, clock, limits }: Pick<AccountParts, 'db' | 'clock' | 'limits'>,
  citizen: string,
): Promise<Date | undefined> {
  const password = await findPassword(db, citizen)
  if (!password || password.blocked) return undefined
  const left = (password.expires.getTime() - clock.now().getTime()) / 1000
  return left > 0 && left <= limits.passwordWarning ? password.expires : undefined
}

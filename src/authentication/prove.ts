import {
  reach,
  registrationLevels,
  type Citizens,
  type MethodVariant,
  type RegistrationLevel,
} from '../citizen/index.ts'
import type { Factor, Lockout, SlowDown } from '../lockout/index.ts'
import type { Clock, Db } from '../platform/index.ts'
import { isRefusal, refusal, type Refusal } from '../refusal/index.ts'
import { admitCitizen, tooLow } from './judge-citizen.ts'
import type { Evidence, Login, StepAnswer } from './method.ts'
import type { Completion } from './one-time-code-table.ts'
import { notHeard } from './recognise.ts'
import { sayAgain } from './say-again.ts'

interface ProveParts {
  readonly db: Db
  readonly clock: Clock
  readonly citizens: Citizens
  readonly lockout: Lockout
  readonly slowDown: SlowDown
}

/** Who a step believes to have before it, as the login remembers it. */
export interface Claimant {
  readonly citizen: string
  readonly document: string
  /** Whether this browser completed a login of this citizen before. */
  readonly known: boolean
}

/** Counts a wrong code for its citizen, over all codes (clave-domain, "Counting failures"); what is said where that was one too many. */
export async function countWrongCode(parts: ProveParts, login: Login, who: Claimant): Promise<Refusal | undefined> {
  const [{ refusedUntil }] = await Promise.all([
    parts.lockout.failed(parts.db, 'code', who.document, who.known),
    parts.slowDown.failed(login.address, login.relyingParty.id),
  ])
  return notHeard(refusedUntil, parts.clock.now())
}

/** What was shown: the way of proving, the factors it took (as lockout and as amr name them), and the registration now. */
export interface Shown {
  readonly variant: MethodVariant
  readonly method: Evidence['method']
  readonly tried: readonly Factor[]
  readonly factors: readonly string[]
  readonly registrationLevel: RegistrationLevel | undefined
  readonly device?: string
  /** What `Lockout.completed` answered where the last factor's own statement did that (`completionOf`). */
  readonly heard?: boolean | undefined
}

/** What the last factor of a proof may complete by its own statement; `endOfProof` says what came of it. */
export const completionOf = (
  { lockout }: Pick<ProveParts, 'lockout'>,
  login: Login,
  who: Claimant,
  { variant, tried }: Pick<Shown, 'variant' | 'tried'>,
): Completion => ({
  levels: registrationLevels.filter((registered) => {
    const level = reach(variant, registered)
    return level !== undefined && !tooLow(level, variant, login.asked)
  }),
  values: lockout.completion(who.document, login.browser, who.known, tried),
})

/**
 * Every factor was right: their failures are forgotten and the browser is remembered, unless the document is refused for
 * its failures by now: then the right secret is not heard either. A registration given up since the login began is none.
 */
export async function endOfProof(parts: ProveParts, login: Login, who: Claimant, shown: Shown): Promise<StepAnswer> {
  const { variant, method, tried, factors, registrationLevel, device, heard } = shown
  if (!registrationLevel) {
    const admission = admitCitizen(await parts.citizens.find(who.citizen), variant)
    return isRefusal(admission) ? admission : refusal('CITIZEN-03-not-registered')
  }
  const level = reach(variant, registrationLevel)
  const low = level && tooLow(level, variant, login.asked)
  if (!level || low) return low ?? refusal('LEVEL-02-method-too-low')
  if (heard ?? (await parts.lockout.completed(parts.db, who.document, login.browser, who.known, tried))) {
    return { proven: { citizen: who.citizen, method, factors, level, registrationLevel, ...(device && { device }) } }
  }
  const { refusedUntil } = await parts.lockout.standing(parts.db, who.document, login.browser, tried)
  return sayAgain(notHeard(refusedUntil, parts.clock.now()) ?? refusal('CITIZEN-02-too-many-tries'))
}

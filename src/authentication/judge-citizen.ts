import {
  levelGranted,
  methodOfVariant,
  reach,
  type Citizen,
  type LevelsAsked,
  type Loa,
  type MethodVariant,
} from '../citizen/index.ts'
import { refusal, type Refusal } from '../refusal/index.ts'
import type { Admission } from './method.ts'

/** What the rules say of this citizen today, and the best that this way of proving reaches for them. */
export function admitCitizen(citizen: Citizen | undefined, variant: MethodVariant): Admission | Refusal {
  if (citizen?.deceased) return refusal('CITIZEN-05-deceased')
  if (!citizen?.registration) {
    return refusal(citizen?.renouncedAt ? 'CITIZEN-04-renounced' : 'CITIZEN-03-not-registered')
  }
  if (citizen.blockedMethods.includes(methodOfVariant(variant))) return refusal('CITIZEN-07-method-blocked')
  const { level } = citizen.registration
  const best = reach(variant, level)
  return best ? { registrationLevel: level, best } : refusal('LEVEL-02-method-too-low')
}

/**
 * Whether this citizen may set a password: also one whose Cl@ve Permanente they blocked themselves, which goes on to be
 * blocked: it may be the very password that somebody else knows.
 */
export const admitToPassword = (citizen: Citizen | undefined): Admission | Refusal =>
  admitCitizen(citizen && { ...citizen, blockedMethods: [] }, 'permanente-password-and-code')

/**
 * Why a citizen who reaches no more than `best` this way cannot answer the agency; undefined when they can. Judged as
 * soon as contrast or password is right, before any SMS (clave-domain, "Level reached by a login").
 */
export function tooLow(best: Loa, variant: MethodVariant, asked: LevelsAsked): Refusal | undefined {
  if (levelGranted(best, asked)) return undefined
  const bestOfAll = reach(variant, 'advanced')
  const bounded = bestOfAll !== undefined && levelGranted(bestOfAll, asked) !== undefined
  return refusal(bounded ? 'LEVEL-01-registration-too-low' : 'LEVEL-02-method-too-low')
}

import { Type, type Static } from 'typebox'
import { levelGranted, reach } from '../../citizen/index.ts'
import { isRefusal, refusal, type Refusal } from '../../refusal/index.ts'
import { admitCitizen, tooLow } from '../judge-citizen.ts'
import type { Login, Problem, Step, StepAnswer } from '../method.ts'
import { isProblems, readDocument } from '../read-identity.ts'
import { sayAgain } from '../say-again.ts'
import { checkPassword, type Checked } from './check-password.ts'
import { afterPassword } from './after-password.ts'
import { charactersOf, longestPassword, normalPassword } from './normal-password.ts'
import type { PasswordRight, PermanenteParts, Warned } from './parts.ts'

const form = Type.Object({
  document: Type.String({ maxLength: 100 }),
  password: Type.String({ maxLength: 2_000 }),
})

export function passwordStep(parts: PermanenteParts): Step<unknown, typeof form> {
  return {
    name: 'permanente.password',
    path: '/permanente',
    template: 'authentication/permanente/views/password.njk',
    stencil: true,
    form,
    show: async (login) => ({ values: login.hint === undefined ? {} : { document: login.hint } }),
    submit: (login, _data, typed) => enterPassword(parts, login, typed),
  }
}

async function enterPassword(parts: PermanenteParts, login: Login, typed: Static<typeof form>): Promise<StepAnswer> {
  const values = { document: typed.document }
  const document = readDocument(typed.document)
  const password = normalPassword(typed.password)
  const problems = [...(isProblems(document) ? document : []), ...passwordProblems(password)]
  if (isProblems(document) || problems.length > 0) return { again: problems, values }
  const checked = await checkPassword(parts, login, document.document, password)
  if (isRefusal(checked)) return sayAgain(checked, values)
  const judged = judge(parts, login, checked)
  if (isRefusal(judged)) return sayAgain(judged, values)
  if ('ends' in judged) return { next: 'permanente.warning', data: judged }
  return afterPassword(parts, login, judged, checked.citizen.registration?.level)
}

/** Whoever proved the password is told what stands in the way: first what concerns the password, then the person. */
function judge(
  parts: PermanenteParts,
  login: Login,
  { citizen, password, known }: Checked,
): PasswordRight | Warned | Refusal {
  const now = parts.clock.now()
  const unusable = refusalOf(password, now)
  if (unusable) return unusable
  const admission = admitCitizen(citizen, 'permanente-password-and-code')
  if (isRefusal(admission)) return admission
  const low = tooLow(admission.best, 'permanente-password-and-code', login.asked)
  if (low) return low
  const alone = reach('permanente-password', admission.registrationLevel)
  const stepUp = alone === undefined || levelGranted(alone, login.asked) === undefined
  const right = { citizen: citizen.id, document: citizen.document, known, stepUp }
  const left = (password.expires.getTime() - now.getTime()) / 1000
  return left > parts.limits.passwordWarning ? right : { ...right, ends: password.expires.toISOString() }
}

/** Why a password does not count although it is right. */
export function refusalOf(password: Checked['password'], now: Date): Refusal | undefined {
  if (password.blocked) return refusal('PERMANENTE-02-blocked')
  return password.expires <= now ? refusal('PERMANENTE-03-expired') : undefined
}

function passwordProblems(password: string): readonly Problem[] {
  if (password === '') return [{ field: 'password', text: 'permanente:password.empty' }]
  if (charactersOf(password) <= longestPassword) return []
  return [{ field: 'password', text: 'permanente:password.long', details: { most: longestPassword } }]
}

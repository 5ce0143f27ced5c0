import { Type, type Static } from 'typebox'
import type { StartTurn } from '../../../platform/index.ts'
import { isRefusal, refusal } from '../../../refusal/index.ts'
import type { Problem } from '../../method.ts'
import { isProblems, readContrast, readDocument } from '../../read-identity.ts'
import { recogniseCitizen, type Recognised } from '../../recognise.ts'
import { sayAgain } from '../../say-again.ts'
import { findPassword } from '../password-table.ts'
import { sealActivation, type JourneyKind } from './journey.ts'
import { loginIn, type Begun, type Start } from './page.ts'
import type { LifeParts } from './parts.ts'
import { recogniseByActivation } from './recognise-by-activation.ts'
import { sayNotSent, sendPasswordCode } from './send-password-code.ts'

const views = 'authentication/permanente/life/views'

/** Which of the two ways to a new password; nothing is asked yet. */
export const waysPage: Start = {
  path: '/permanente/recover',
  template: `${views}/ways.njk`,
  begins: 'recover',
  leadsTo: [],
  show: async () => ({ model: {} }),
}

const activationForm = Type.Object({
  document: Type.String({ maxLength: 100 }),
  email: Type.String({ maxLength: 320 }),
  activation: Type.String({ maxLength: 100 }),
})
type ActivationForm = Static<typeof activationForm>

/** Document, e-mail and activation code: to activate, and to set another password. */
export const activationPage = (parts: LifeParts, begins: JourneyKind, path: string): Start => ({
  path,
  template: `${views}/activation.njk`,
  begins,
  leadsTo: ['code'],
  form: activationForm,
  show: async () => ({ model: { kind: begins } }),
  submit: (turn, form) => identifyByActivation(parts, turn, form as ActivationForm),
})

async function identifyByActivation(parts: LifeParts, turn: StartTurn, typed: ActivationForm): Promise<Begun> {
  // The code is not written into the page again: it is as good as a password.
  const values = { document: typed.document, email: typed.email }
  const document = readDocument(typed.document)
  const problems = [
    ...(isProblems(document) ? document : []),
    ...emptyProblem('email', typed.email),
    ...emptyProblem('activation', typed.activation),
  ]
  if (isProblems(document) || problems.length > 0) return { again: problems, values }
  const claim = { document: document.document, email: typed.email, code: typed.activation }
  const recognised = await recogniseByActivation(parts, loginIn(turn), claim)
  if (recognised === 'wrong') return { again: wrongProblems, values, status: 422 }
  if (isRefusal(recognised)) return sayAgain(recognised, values)
  return sendAndGoOn(parts, turn, recognised, values, typed.activation)
}

const wrongProblems: readonly Problem[] = [
  { field: '', text: 'permanente:activation.wrong' },
  { field: '', text: 'permanente:activation.wrongRemedy' },
]

const emptyProblem = (field: 'email' | 'activation', typed: string): readonly Problem[] =>
  typed.trim() === '' ? [{ field, text: `permanente:activation.empty.${field}` }] : []

const contrastForm = Type.Object({
  document: Type.String({ maxLength: 100 }),
  contrast: Type.String({ maxLength: 100 }),
})
type ContrastForm = Static<typeof contrastForm>

/** Document and contrast: for who has no activation code any more, but had a password (P). */
export const contrastPage = (parts: LifeParts): Start => ({
  path: '/permanente/recover/document',
  template: `${views}/contrast.njk`,
  begins: 'recover',
  leadsTo: ['code'],
  form: contrastForm,
  show: async () => ({ model: {} }),
  submit: (turn, form) => identifyByContrast(parts, turn, form as ContrastForm),
})

async function identifyByContrast(parts: LifeParts, turn: StartTurn, typed: ContrastForm): Promise<Begun> {
  const document = readDocument(typed.document)
  const values = { ...typed, ...(isProblems(document) ? {} : { kind: document.kind }) }
  if (isProblems(document)) return { again: [...document, ...emptyContrast(typed.contrast)], values }
  const contrast = readContrast(document.kind, typed.contrast)
  if (isProblems(contrast)) return { again: contrast, values }
  const recognised = await recogniseCitizen(parts, loginIn(turn), { document: document.document, contrast })
  if (isRefusal(recognised)) return sayAgain(recognised, values)
  // Who never had a password proves more for the first one: the activation code.
  if (!(await findPassword(parts.db, recognised.citizen.id))) return refusal('PERMANENTE-04-not-active')
  return sendAndGoOn(parts, turn, recognised, values)
}

const emptyContrast = (typed: string): readonly Problem[] =>
  typed.trim() === '' ? [{ field: 'contrast', text: 'authentication:contrast.empty' }] : []

async function sendAndGoOn(
  parts: LifeParts,
  turn: StartTurn,
  { citizen, known }: Recognised,
  values: Record<string, string>,
  code?: string,
): Promise<Begun> {
  const who = { citizen: citizen.id, document: citizen.document, known }
  const activation = code === undefined ? {} : { activation: sealActivation(parts, turn.journey.id, code) }
  const sent = await sendPasswordCode(parts, loginIn(turn), citizen, { who, ...activation })
  return isRefusal(sent) ? sayNotSent(sent, values) : { to: { page: 'code', ...sent } }
}

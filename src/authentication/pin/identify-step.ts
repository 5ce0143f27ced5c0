import { Type, type Static } from 'typebox'
import { isRefusal } from '../../refusal/index.ts'
import type { Login, Problem, Step, StepAnswer } from '../method.ts'
import { plainPrefix, prefixDigest } from '../one-time-code.ts'
import { isProblems, readContrast, readDocument } from '../read-identity.ts'
import { recogniseCitizen, type IdentityClaim } from '../recognise.ts'
import { sayAgain } from '../say-again.ts'
import type { PinParts } from './parts.ts'
import { sendPin } from './send-pin.ts'

const form = Type.Object({
  document: Type.String({ maxLength: 100 }),
  contrast: Type.String({ maxLength: 100 }),
  /** The citizen's own four characters, or nothing. */
  prefix: Type.Optional(Type.String({ maxLength: 100 })),
})
type Form = Static<typeof form>

/** Document and contrast. Its kind decides what the contrast is, so one field serves both and the form needs no script. */
export function identifyStep(parts: PinParts): Step<unknown, typeof form> {
  return {
    name: 'pin.identify',
    path: '/pin',
    template: 'authentication/pin/views/identify.njk',
    form,
    show: async (login) => ({
      values: login.hint === undefined ? {} : valuesOf({ document: login.hint, contrast: '' }),
    }),
    submit: (login, _data, typed) => identify(parts, login, typed),
  }
}

async function identify(parts: PinParts, login: Login, typed: Form): Promise<StepAnswer> {
  const read = readIdentity(typed)
  if (isProblems(read)) return { again: read, values: valuesOf(typed) }
  const recognised = await recogniseCitizen(parts, login, read)
  if (isRefusal(recognised)) return sayAgain(recognised, valuesOf(typed))
  const { citizen, known } = recognised
  const prefix = read.prefix === '' ? undefined : prefixDigest(parts.digest, login, read.prefix)
  const sent = await sendPin(parts, login, citizen, known, prefix)
  return isRefusal(sent) ? sayAgain(sent, valuesOf(typed)) : { next: 'pin.code', data: sent }
}

/** Everything wrong with the form at once, so that it is mended at once. */
function readIdentity(typed: Form): (IdentityClaim & { readonly prefix: string }) | readonly Problem[] {
  const document = readDocument(typed.document)
  const contrast = isProblems(document) ? emptyContrast(typed.contrast) : readContrast(document.kind, typed.contrast)
  const prefix = plainPrefix(typed.prefix ?? '')
  const prefixProblems = /^([A-Za-z0-9]{4})?$/.test(prefix)
    ? []
    : [{ field: 'prefix', text: 'pin:identify.prefixForm' }]
  if (isProblems(document) || isProblems(contrast) || prefixProblems.length > 0) {
    return [document, contrast, prefixProblems].flatMap((read) => (isProblems(read) ? read : []))
  }
  return { document: document.document, contrast, prefix }
}

/** Without a document nothing tells a date from a support number; that there is nothing is seen all the same. */
const emptyContrast = (typed: string): readonly Problem[] =>
  typed.trim() === '' ? [{ field: 'contrast', text: 'authentication:contrast.empty' }] : []

/** What the form shows again: all but the citizen's own characters. `kind` makes label and help fit the document. */
function valuesOf({ document, contrast }: Pick<Form, 'document' | 'contrast'>): Record<string, string> {
  const read = readDocument(document)
  return { document, contrast, ...(isProblems(read) ? {} : { kind: read.kind }) }
}

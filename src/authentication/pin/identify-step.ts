import { Type, type Static } from 'typebox'
import { isRefusal } from '../../refusal/index.ts'
import type { Login, Problem, Step, StepAnswer } from '../method.ts'
import { plainPrefix, prefixDigest } from '../one-time-code.ts'
import { isProblems, readIdentity, valuesOf } from '../read-identity.ts'
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
    stencil: true,
    form,
    show: async (login) => ({
      values: login.hint === undefined ? {} : valuesOf({ document: login.hint, contrast: '' }),
    }),
    submit: (login, _data, typed) => identify(parts, login, typed),
  }
}

async function identify(parts: PinParts, login: Login, typed: Form): Promise<StepAnswer> {
  const read = readForm(typed)
  if (isProblems(read)) return { again: read, values: valuesOf(typed) }
  const recognised = await recogniseCitizen(parts, login, read)
  if (isRefusal(recognised)) return sayAgain(recognised, valuesOf(typed))
  const { citizen, known } = recognised
  const prefix = read.prefix === '' ? undefined : prefixDigest(parts.digest, login, read.prefix)
  const sent = await sendPin(parts, login, citizen, known, prefix)
  return isRefusal(sent) ? sayAgain(sent, valuesOf(typed)) : { next: 'pin.code', data: sent }
}

/** Everything wrong with the form at once, so that it is mended at once. */
function readForm(typed: Form): (IdentityClaim & { readonly prefix: string }) | readonly Problem[] {
  const identity = readIdentity(typed)
  const prefix = plainPrefix(typed.prefix ?? '')
  const prefixProblems = /^([A-Za-z0-9]{4})?$/.test(prefix)
    ? []
    : [{ field: 'prefix', text: 'pin:identify.prefixForm' }]
  if (isProblems(identity)) return [...identity, ...prefixProblems]
  return prefixProblems.length > 0 ? prefixProblems : { ...identity, prefix }
}

import { Type, type Static } from 'typebox'
import { isRefusal } from '../../refusal/index.ts'
import type { Login, Step, StepAnswer } from '../method.ts'
import { isProblems, readIdentity, valuesOf } from '../read-identity.ts'
import { recogniseCitizen } from '../recognise.ts'
import { sayAgain } from '../say-again.ts'
import { askPhone } from './ask-by-document.ts'
import type { AskedOf } from './asked-step.ts'
import type { MovilPageParts } from './parts.ts'

const form = Type.Object({
  document: Type.String({ maxLength: 100 }),
  contrast: Type.String({ maxLength: 100 }),
})
type Form = Static<typeof form>

/** Document and contrast instead of a QR: for a camera that does not work, or a login on the phone itself. */
export function documentStep(parts: MovilPageParts): Step<unknown, typeof form> {
  return {
    name: 'movil.document',
    path: '/movil/document',
    template: 'authentication/movil/views/document.njk',
    stencil: true,
    form,
    show: async (login) => ({
      values: login.hint === undefined ? {} : valuesOf({ document: login.hint, contrast: '' }),
    }),
    submit: (login, _data, typed) => identify(parts, login, typed),
  }
}

async function identify(parts: MovilPageParts, login: Login, typed: Form): Promise<StepAnswer> {
  const read = readIdentity(typed)
  if (isProblems(read)) return { again: read, values: valuesOf(typed) }
  const recognised = await recogniseCitizen(parts, login, read)
  if (isRefusal(recognised)) return sayAgain(recognised, valuesOf(typed))
  const { citizen, known } = recognised
  const asked = await askPhone(parts, login, citizen)
  if (isRefusal(asked)) return sayAgain(asked, valuesOf(typed))
  const data: AskedOf = { ...asked, citizen: citizen.id, document: citizen.document, known }
  return { next: 'movil.asked', data }
}

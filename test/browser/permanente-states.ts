import { citizensIn } from '../../src/citizen/index.ts'
import { citizen, codeOf } from '../registration/scene.ts'
import { body, nextPerson, title, wrongCode, type State, type Walk } from './door-walk.ts'

const goodPassword = 'roble verde 26'

async function activation(w: Walk, over: { readonly email?: string } = {}) {
  const one = await w.s.registered(nextPerson())
  await w.go('/permanente/activate')
  const { document, email, code } = one
  await w.fill({ document, email, ...over, activation: code }, 'permanente:activation.send')
  return one
}
async function atPassword(w: Walk) {
  const one = await activation(w)
  await w.fill({ code: codeOf(w.s.sms.at(-1)) }, 'permanente:code.continue')
  return one
}

/** The states of the pages of /permanente. */
export const permanenteStates: readonly State[] = [
  {
    name: 'too many tries',
    async go(w) {
      const one = await w.s.registered(nextPerson())
      for (let nth = 0; nth < 5; nth++) await w.s.parts.lockout.failed(w.s.db, 'contrast', one.document, false)
      await w.go('/permanente/activate')
      await w.fill({ document: one.document, email: one.email, activation: one.code }, 'permanente:activation.send')
    },
    says: body('CITIZEN-02-too-many-tries'),
  },
  {
    name: 'no phone on record',
    async go(w) {
      const one = await w.s.registered(nextPerson())
      const citizens = citizensIn(w.s.db, w.s.clock)
      const record = await citizens.byDocument(one.document)
      if (record) await citizens.put({ ...record, citizen: { ...record.citizen, phone: undefined } })
      await w.go('/permanente/activate')
      await w.fill({ document: one.document, email: one.email, activation: one.code }, 'permanente:activation.send')
    },
    title: title('PIN-04-no-phone'),
  },
  {
    name: 'never active, so nothing to recover',
    async go(w) {
      await w.go('/permanente/recover/document')
      const { document } = citizen('99999997E')
      await w.fill({ document, contrast: '02/03/1998' }, 'permanente:contrast.send')
    },
    title: title('PERMANENTE-04-not-active'),
  },
  {
    name: 'a code that is not right',
    async go(w) {
      await activation(w)
      await w.fill({ code: wrongCode(w) }, 'permanente:code.continue')
    },
    says: body('CODE-01-wrong'),
  },
  {
    name: 'a code that is dead',
    async go(w) {
      await activation(w)
      for (let nth = 0; nth < 3; nth++) await w.fill({ code: wrongCode(w) }, 'permanente:code.continue')
    },
    says: body('CODE-02-dead'),
  },
  {
    name: 'a password that breaks one rule',
    async go(w) {
      await atPassword(w)
      await w.fill({ password: 'todo en minuscula'.slice(0, 12) }, 'permanente:choose.save')
    },
    title: 'permanente:choose.title',
  },
  {
    name: 'the activation code was used elsewhere meanwhile',
    async go(w) {
      const one = await atPassword(w)
      await w.s.useUp(one)
      await w.fill({ password: goodPassword }, 'permanente:choose.save')
    },
    title: 'permanente:ended.activation-dead.title',
  },
]

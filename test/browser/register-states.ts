import { csv } from '../registration/mortal-scene.ts'
import { citizen, codeOf, contrastOf } from '../registration/scene.ts'
import { body, nextPerson, title, wrongCode, type State, type Walk } from './door-walk.ts'

async function identify({ go, fill }: Walk, document: string, contrast = contrastOf(document)): Promise<void> {
  await go('/register')
  await fill({ document }, 'register:continue')
  await fill({ contrast }, 'register:continue')
}

/** Somebody whom no other state has met. */
const somebody = ({ s }: Walk) => s.somebody(nextPerson())

/** Somebody new with a letter, on the page that comes after its code. */
async function atContact(w: Walk) {
  const one = await somebody(w)
  await identify(w, one.document, one.contrast)
  await w.go('/register/letter')
  await w.fill({ csv }, 'register:continue')
  return one
}
async function atPhone(w: Walk) {
  const one = await atContact(w)
  await w.fill({ phone: one.phone }, 'register:contact.send')
  return one
}
async function atConfirm(w: Walk) {
  const one = await atPhone(w)
  await w.fill({ code: codeOf(w.s.sms.at(-1)) }, 'register:continue')
  return one
}
const wrongCsv = (nth: number): string => `${csv.slice(0, 15)}${'ABCDEFGH'.charAt(nth)}`

/** The states of the pages of /register. */
export const registerStates: readonly State[] = [
  {
    name: 'a contrast that is not right',
    go: async (w) => identify(w, (await somebody(w)).document, '01/02/2033'),
    says: body('CITIZEN-01-not-recognised'),
  },
  {
    name: 'too many contrasts that were not right',
    async go(w) {
      const one = await somebody(w)
      for (let nth = 0; nth < 5; nth++)
        await w.s.parts.lockout.failedToRegister(w.s.db, one.document, false, '127.0.0.1')
      await identify(w, one.document, one.contrast)
    },
    says: body('CITIZEN-02-too-many-tries'),
  },
  {
    name: 'the register is silent',
    async go(w) {
      w.s.ask(async () => 'silent')
      await identify(w, '99999995C')
    },
    says: body('REGISTER-06-register-silent'),
  },
  {
    name: 'no domicile on record',
    async go(w) {
      w.s.ask(async (ask) => {
        const found = await ask()
        return found && found !== 'silent' ? { ...found, domicile: undefined } : found
      })
      await identify(w, '99999995C')
    },
    title: 'register:channels.title',
  },
  {
    name: 'no more letters this quarter',
    async go(w) {
      const one = await somebody(w)
      for (let nth = 0; nth < 4; nth++) {
        await identify(w, one.document, one.contrast)
        await w.go('/register/letter/request')
        await w.press('register:request.send')
      }
    },
    says: body('REGISTER-08-too-many-letters'),
  },
  {
    name: 'a CSV that is not right',
    async go(w) {
      const one = await somebody(w)
      await identify(w, one.document, one.contrast)
      await w.go('/register/letter')
      await w.fill({ csv: wrongCsv(1) }, 'register:continue')
    },
    says: body('REGISTER-09-csv-wrong'),
  },
  {
    name: 'a letter that is dead',
    async go(w) {
      await identify(w, '99999995C')
      await w.go('/register/letter')
      await w.fill({ csv: wrongCsv(1) }, 'register:continue')
    },
    says: body('REGISTER-10-no-letter'),
  },
  {
    name: 'an IBAN that is another one',
    async go(w) {
      w.s.ask(async (ask) => {
        const found = await ask()
        return found && found !== 'silent' ? { ...found, iban: 'ES9121000418450200051332' } : found
      })
      await atContact(w)
      await w.fill({ phone: '600000007', iban: 'ES7921000813610123456789' }, 'register:contact.send')
    },
    says: body('REGISTER-11-iban-wrong'),
  },
  {
    name: 'a code that is not right',
    async go(w) {
      await atPhone(w)
      await w.fill({ code: wrongCode(w) }, 'register:continue')
    },
    says: body('CODE-01-wrong'),
  },
  {
    name: 'a code that is dead',
    async go(w) {
      await atPhone(w)
      for (let nth = 0; nth < 3; nth++) await w.fill({ code: wrongCode(w) }, 'register:continue')
    },
    title: 'register:phone.dead',
    says: body('CODE-02-dead'),
  },
  {
    name: 'another code',
    async go(w) {
      await atPhone(w)
      await w.page.locator('details summary').first().click()
      await w.press('register:phone.another')
    },
    title: 'register:phone.title',
  },
  {
    name: 'no more codes this hour',
    async go(w) {
      const one = await atContact(w)
      for (let nth = 0; nth < 6; nth++) {
        await w.go('/register/contact')
        await w.fill({ phone: one.phone }, 'register:contact.send')
      }
    },
    says: body('CODE-03-too-many'),
  },
  {
    name: 'another browser was faster',
    async go(w) {
      const one = await atConfirm(w)
      const other = w.s.walker()
      await other.get('/register')
      await other.send('', { document: one.document })
      await other.send('/contrast', { contrast: one.contrast })
      await other.csv(csv)
      await other.contact(one.phone)
      await other.code()
      await other.confirm()
      await w.page.getByLabel(w.say('register:confirm.terms')).check()
      await w.press('register:confirm.register')
    },
    title: title('REGISTER-12-other-was-faster'),
  },
  {
    name: 'registered, with a number that was another citizen’s, and without an e-mail address',
    async go(w) {
      const one = await atContact(w)
      await w.fill({ phone: citizen('99999999R').phone ?? one.phone }, 'register:contact.send')
      await w.fill({ code: codeOf(w.s.sms.at(-1)) }, 'register:continue')
      await w.page.getByLabel(w.say('register:confirm.terms')).check()
      await w.press('register:confirm.register')
    },
    title: 'register:done.title',
  },
  {
    name: 'a renuncia',
    go: (w) => identify(w, '99999990S'),
    title: title('REGISTER-05-renounced'),
  },
]

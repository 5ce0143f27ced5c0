import { csv, type MortalScene } from './mortal-scene.ts'
import { codeOf, type Answered, type Person } from './scene.ts'

/** Stands in whatever is typed here, and must stand in no log. */
export const mark = 'QX7KMARK'

export const limits = {
  ...{ contrastFailures: 100, csvTries: 100, codeTries: 10, codeFailures: 100, codesPerHour: 100 },
  activationCodeTries: 100,
}

export interface Form {
  /** The longest text that each of its fields takes. */
  readonly fields: Readonly<Record<string, number>>
  /** All of them, harmless and wrong. */
  readonly filled: Readonly<Record<string, string>>
  /** Brings somebody before it; answers where it is sent to. */
  go(s: MortalScene, by: Person): Promise<string>
}

export const document = '50000001W'
export const identified = async (s: MortalScene, by: Person): Promise<void> => {
  const one = await s.somebody(1)
  if (one.document !== document) throw new Error(`the letter of 50000001 is ${one.document}`)
  await by.get('/register')
  await by.send('', { document })
  await by.send('/contrast', { contrast: one.contrast })
}
const atContact = async (s: MortalScene, by: Person): Promise<void> => {
  await identified(s, by)
  await by.csv(csv)
}

export const forms: Readonly<Record<string, Form>> = {
  '/register': {
    fields: { document: 100, letter: 10 },
    filled: { document: 'x' },
    go: async (_s, by) => (await by.get('/register')).at,
  },
  '/register/contrast': {
    fields: { contrast: 100, journey: 100 },
    filled: { contrast: 'x' },
    async go(_s, by) {
      await by.get('/register')
      return (await by.send('', { document })).at
    },
  },
  '/register/letter': {
    fields: { csv: 200, journey: 100 },
    filled: { csv: 'x' },
    async go(s, by) {
      await identified(s, by)
      return (await by.open('/register/letter')).at
    },
  },
  '/register/contact': {
    fields: { phone: 100, email: 400, iban: 100, journey: 100 },
    filled: { phone: 'x', email: 'x' },
    async go(s, by) {
      await atContact(s, by)
      return (await by.open('/register/contact')).at
    },
  },
  '/register/phone': {
    fields: { code: 100, action: 20, journey: 100 },
    filled: { code: 'x' },
    async go(s, by) {
      await atContact(s, by)
      return (await by.contact('600000008')).at
    },
  },
  '/register/confirm': {
    fields: { terms: 20, journey: 100 },
    filled: { terms: 'no' },
    async go(s, by) {
      await atContact(s, by)
      await by.contact('600000008')
      return (await by.code()).at
    },
  },
  '/permanente/activate': {
    fields: { document: 100, email: 320, activation: 100 },
    filled: { document, email: 'x@example.org', activation: 'x' },
    go: async (_s, by) => (await by.get('/permanente/activate')).at,
  },
  '/permanente/recover/document': {
    fields: { document: 100, contrast: 100 },
    filled: { document, contrast: 'x' },
    go: async (_s, by) => (await by.get('/permanente/recover/document')).at,
  },
  '/permanente/:id/code': {
    fields: { code: 100, action: 20 },
    filled: { code: 'x' },
    go: async (s, by) => (await activating(s, by)).at,
  },
  '/permanente/:id/password': {
    fields: { password: 2_000, document: 100 },
    filled: { password: 'x', document },
    async go(s, by) {
      const { at } = await activating(s, by)
      return (await by.submit(at, { code: codeOf(s.sms.at(-1)) })).at
    },
  },
}

async function activating(s: MortalScene, by: Person): Promise<Answered> {
  const one = await s.registered(1)
  await by.get('/permanente/activate')
  return by.submit('/permanente/activate', { document: one.document, email: one.email, activation: one.code })
}

export const isPage = ({ body }: { readonly body: string }): boolean =>
  /<h1[^>]*>\s*\S/.test(body) && /<html lang="es"/.test(body)

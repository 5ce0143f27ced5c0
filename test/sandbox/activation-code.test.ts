import t from 'tap'
import { testSandbox } from '../support/sandbox.ts'
import { visitor } from './visitor.ts'

const sandbox = await testSandbox(t)

interface Shown {
  readonly document: string
  readonly email: string
  readonly activation_code: string | null
}
const shown = async () => (await sandbox.api<Shown[]>('citizens')).body
const one = async (document: string): Promise<Shown> => {
  const found = (await shown()).find((row) => row.document === document)
  if (!found) throw new Error(`GET citizens has no ${document}`)
  return found
}

/** With nothing but what GET citizens says; answers the page at the end. */
async function activate({ document, email, activation_code }: Shown): Promise<string> {
  const by = visitor()
  const start = await by.open(`${sandbox.url}/permanente/activate?lang=en`)
  const sms = await by.submit(start, { document, email, activation: activation_code ?? '' })
  if (!sms.at.pathname.endsWith('/code')) return sms.body
  const password = await by.submit(sms, { code: await sandbox.codeFor(document) })
  return (await by.submit(password, { password: 'roble verde 26', document })).body
}

const active = /Cl@ve Permanente is active/

t.test('GET citizens shows the activation code of who is registered without a password that works', async (t) => {
  const codes = (await shown()).filter(({ activation_code }) => activation_code !== null)
  t.same(
    codes.map(({ document }) => document),
    ['99999997E', 'X9999999J', 'Y9999999G', '99999991Q', '99999988J', '99999987N'],
  )
  for (const { activation_code } of codes) t.match(activation_code, /^[0-9A-HJKMNP-TV-Z]{10}$/)
  const page = await (await fetch(`${sandbox.url}/sandbox`)).text()
  for (const { activation_code, email } of codes) for (const text of [activation_code, email]) t.match(page, text)
})

t.test('it opens Cl@ve Permanente once, and a reset puts it back', async (t) => {
  for (const document of ['X9999999J', '99999997E', 'Y9999999G']) {
    const citizen = await one(document)
    t.match(await activate(citizen), active, document)
    t.notMatch(await activate(citizen), active, `${document}, again`)
  }
  await sandbox.reset()
  t.match(await activate(await one('X9999999J')), active)
})

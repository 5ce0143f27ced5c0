import t from 'tap'
import { actsScene, headingOf, textOf, type ActsScene, type Person } from './acts-scene.ts'
import { sandboxPassword } from '../../src/sandbox/catalogue.ts'
import { visitor, type Arrived } from '../sandbox/visitor.ts'
import { contrastOf } from '../support/sandbox.ts'
import { readPdfLines } from '../../src/sandbox/read-pdf.ts'

t.setTimeout(180_000)

const shared = await actsScene(t)
/** Back to the catalogue. */
const fresh = async (): Promise<ActsScene> => {
  await shared.sandbox.reset()
  return shared
}
const carmen = '99999999R'
const idOf = async ({ rows }: ActsScene): Promise<string> =>
  (await rows<{ id: string }>('select id from citizen where document = $1', [carmen]))[0]!.id

const giveUp = async (person: Person): Promise<Arrived> =>
  person.send(await person.open('/renuncia'), '/account/renuncia', { understood: 'yes' })

t.test('the page says what ends, what stays and how one comes back; without the tick nothing happens', async (t) => {
  const s = await fresh()
  const person = await s.person(carmen)
  const page = await person.open('/renuncia')
  for (const said of ['Qué termina', 'Qué se conserva', 'con un certificado electrónico o DNIe, o en persona'])
    t.match(textOf(page), said)
  const again = await person.send(page, '/account/renuncia')
  t.equal(again.status, 422)
  t.match(textOf(again), 'Marque la casilla')
  t.equal(headingOf(await person.open('')), 'Hola, Carmen')
})

t.test('password alone is not sure enough', async (t) => {
  const s = await fresh()
  const browser = visitor()
  await s.sandbox.api('next-login', { citizen: carmen, method: 'permanente' })
  await browser.open(`${s.sandbox.url}/account`)
  await s.sandbox.advance('PT6M')
  const page = await browser.open(`${s.sandbox.url}/account/renuncia`)
  t.match(page.at.pathname, /^\/login\//)
})

t.test(
  'everything ends in one transaction: registration, contact, password, app, codes; the audit stays',
  async (t) => {
    const s = await fresh()
    const id = await idOf(s)
    await s.sandbox.enrolApp(carmen)
    const person = await s.person(carmen)
    await person.send(await person.open('/email'), '/account/email', { email: 'otra@correo.example' })
    const done = await giveUp(person)
    t.equal(headingOf(done), 'Ha renunciado a Cl@ve')
    t.match(
      await s.rows(
        'select phone, email, email_proven_at as proven, registration_level as level, renounced_at from citizen where id = $1',
        [id],
      ),
      [{ phone: null, email: null, proven: null, level: null, renounced_at: Date }],
    )
    for (const table of ['permanente_password', 'permanente_totp', 'activation_code', 'account_email_code'])
      t.same(await s.rows(`select 1 from ${table} where citizen_id = $1`, [id]), [], table)
    const kinds = (await s.told(id, ['login', 'renounced', 'session-ended'])).map(({ kind }) => kind)
    t.ok(kinds.includes('login'), 'the history is kept')
    t.equal(kinds.filter((kind) => kind === 'renounced').length, 1)
    t.match(await s.told(id, ['session-ended']), [{ data: { why: 'renuncia' } }])
    t.match(textOf(await person.open('')), /Cl@ve/)
    t.match((await person.open('')).at.pathname, /^\/login\//, 'nobody is identified any more')
  },
)

t.test('all sessions of other browsers end, and agencies are told', async (t) => {
  const s = await fresh()
  const { url, agenciesUrl } = s.sandbox
  const elsewhere = visitor()
  await s.sandbox.api('next-login', { citizen: carmen, method: 'pin' })
  await elsewhere.open(`${agenciesUrl}/aeat/login`)
  t.match(await elsewhere.json(`${agenciesUrl}/aeat/session`), { authenticated: true })
  const area = await s.person(carmen)
  const other = await s.person(carmen)
  await giveUp(area)
  t.match((await other.open('/data')).at.pathname, /^\/login\//)
  t.match(await elsewhere.json(`${agenciesUrl}/aeat/session`), { authenticated: false }, 'back-channel logout')
  t.match((await elsewhere.open(`${agenciesUrl}/dgt/login`)).at.href, `${url}/login/`)
})

t.test('two tabs at once: one ends it, the other is told', async (t) => {
  const s = await fresh()
  const id = await idOf(s)
  const person = await s.person(carmen)
  const page = await person.open('/renuncia')
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => person.send(page, '/account/renuncia', { understood: 'yes' })),
  )
  const done = answers.filter((answer) => headingOf(answer) === 'Ha renunciado a Cl@ve')
  t.equal(done.length, 1, answers.map((one) => `${one.status} ${one.at.pathname} ${headingOf(one)}`).join('; '))
  t.notOk(
    answers.some(({ status }) => status === 500),
    answers.map((one) => headingOf(one)).join(),
  )
  t.equal((await s.told(id, ['renounced'])).length, 1)
})

t.test('a login that stands at its code when the registration ends goes no further', async (t) => {
  const s = await fresh()
  const { agenciesUrl } = s.sandbox
  const pin = visitor()
  let page = await pin.open(`${agenciesUrl}/aeat/login`)
  page = await pin.open(new URL(/href="([^"]+\/pin[^"]*)"/.exec(page.body)?.[1] ?? '', page.at).href)
  const pinAsked = await pin.submit(page, { document: carmen, contrast: contrastOf(carmen) })
  const pinCode = await s.sandbox.codeFor(carmen)
  const permanente = visitor()
  page = await permanente.open(`${agenciesUrl}/dgt/login`)
  page = await permanente.open(new URL(/href="([^"]+\/permanente[^"]*)"/.exec(page.body)?.[1] ?? '', page.at).href)
  const codeAsked = await permanente.submit(page, { document: carmen, password: sandboxPassword })
  const code = await s.sandbox.codeFor(carmen)
  t.match(pinAsked.at.pathname, /\/pin\/code$/)
  t.match(codeAsked.at.pathname, /\/permanente\/code$/)
  await giveUp(await s.person(carmen))
  const refused = [await pin.submit(pinAsked, { code: pinCode }), await permanente.submit(codeAsked, { code })]
  t.notMatch(refused[0]?.at.href ?? '', agenciesUrl)
  t.notMatch(refused[1]?.at.href ?? '', agenciesUrl)
  t.match(await pin.json(`${agenciesUrl}/aeat/session`), { authenticated: false })
  t.match(await permanente.json(`${agenciesUrl}/dgt/session`), { authenticated: false })
})

t.test('afterwards the letter is closed: only a certificate or an office', async (t) => {
  const s = await fresh()
  await giveUp(await s.person(carmen))
  const browser = visitor()
  let page = await browser.open(`${s.sandbox.url}/register`)
  page = await browser.submit(page, { document: carmen })
  const journey = /name="journey" value="([^"]*)"/.exec(page.body)?.[1] ?? ''
  page = await browser.submit(page, { contrast: contrastOf(carmen), journey })
  t.match(textOf(page), /certificado/)
  t.match(textOf(page), /oficina/)
  t.notMatch(textOf(page), 'Pedir la carta')
})

t.test('the receipt is downloaded in that browser for 20 minutes, and nowhere else', async (t) => {
  const s = await fresh()
  const person = await s.person(carmen)
  const done = await giveUp(person)
  const path = /href="(\/account\/renuncia\/receipt\/[^"]+)"/.exec(done.body)?.[1] ?? ''
  const address = s.sandbox.url + path
  t.equal(await person.browser.head(address), 404, 'only GET')
  const text = readPdfLines(await person.browser.bytes(address)).join('\n')
  t.match(text, 'Justificante de renuncia a Cl@ve')
  t.match(text, /CARMEN PRUEBA FICTICIA/)
  t.match(text, carmen)
  t.equal((await visitor().open(address)).status, 410)
  t.equal((await person.browser.open(`${s.sandbox.url}/account/renuncia/receipt/${'A'.repeat(22)}`)).status, 410)
  await s.sandbox.advance('PT20M')
  t.equal((await person.browser.open(address)).status, 410)
})

t.test('the citizen is told by e-mail, at the address that is forgotten then', async (t) => {
  const s = await fresh()
  await giveUp(await s.person(carmen))
  t.match(await s.mail(/Su renuncia a Cl@ve quedó registrada/), /certificado electrónico o DNIe/)
})

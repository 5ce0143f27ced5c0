import { generateSync } from 'otplib'
import t from 'tap'
import { readPdfLines } from '../../src/sandbox/read-pdf.ts'
import { sandboxPassword } from '../../src/sandbox/catalogue.ts'
import { visitor } from '../sandbox/visitor.ts'
import { actsScene, headingOf, textOf, type ActsScene } from './acts-scene.ts'

t.setTimeout(180_000)

const shared = await actsScene(t)
/** Back to the catalogue. */
const fresh = async (): Promise<ActsScene> => {
  await shared.sandbox.reset()
  return shared
}
const carmen = '99999999R'
const inactive = '99999988J'
const blocked = '99999991Q'
const next = 'roble verde bajo la lluvia 26'
const idOf = async ({ rows }: ActsScene, document: string): Promise<string> =>
  (await rows<{ id: string }>('select id from citizen where document = $1', [document]))[0]!.id

t.test('the password is changed by who knows it; other sessions end, and it is told', async (t) => {
  const s = await fresh()
  const [person, other] = [await s.person(carmen), await s.person(carmen)]
  const page = await person.open('/password')
  t.match(textOf(page), /Cl@ve Permanente está activada/)
  const done = await person.send(page, '/account/password', { old: sandboxPassword, password: next })
  t.match(textOf(done), 'Su contraseña nueva ya funciona')
  t.match((await other.open('/data')).at.pathname, /^\/login\//)
  t.equal((await person.open('/data')).at.pathname, '/account/data', 'this one goes on')
  t.match(await s.mail(/contraseña de Cl@ve Permanente se cambió/), 'Si la cambió usted')
  t.match((await s.told(await idOf(s, carmen))).at(-1), { kind: 'permanente-changed' })
  const again = await person.send(page, '/account/password', { old: sandboxPassword, password: next })
  t.match(textOf(again), 'La contraseña actual no es correcta')
})

t.test('a password that breaks rules says which; what is empty is asked for', async (t) => {
  const s = await fresh()
  const person = await s.person(carmen)
  const page = await person.open('/password')
  const send = (fields: Record<string, string>) => person.send(page, '/account/password', fields)
  const short = await send({ old: sandboxPassword, password: 'corta' })
  t.equal(short.status, 422)
  t.match(textOf(short), /no cumple 2 de las condiciones/)
  t.match(short.body, /clave-rules__rule--broken" data-rule="length"/)
  t.match(textOf(await send({ old: sandboxPassword, password: sandboxPassword })), 'Esa es la contraseña que ya tenía')
  const empty = await send({})
  t.match(textOf(empty), 'Escriba su contraseña actual')
  t.match(textOf(empty), 'Escriba la contraseña nueva')
})

t.test('who has no password, or a blocked or an expired one, is led to what helps', async (t) => {
  const s = await fresh()
  const none = await (await s.person(inactive)).open('/password')
  t.match(none.body, 'href="/permanente/activate"')
  t.match(none.body, 'href="/account/activation-code"')
  const stuck = await (await s.person(blocked)).open('/password')
  t.match(textOf(stuck), 'está bloqueada')
  t.match(stuck.body, 'href="/permanente/recover"')
  t.notMatch(stuck.body, 'action="/account/password"')
  const person = await s.person(carmen)
  await s.sandbox.advance('P731D')
  await person.identify()
  const expired = await person.open('/password')
  t.match(textOf(expired), 'Su contraseña caducó')
  t.match(
    textOf(await person.send(expired, '/account/password', { old: sandboxPassword, password: next })),
    /ya funciona/,
  )
})

t.test('an activation code is shown once, the former one dies, and its receipt is downloaded once', async (t) => {
  const s = await fresh()
  const person = await s.person(inactive)
  const issue = async () => person.send(await person.open('/activation-code'), '/account/activation-code')
  const codeOn = (page: { body: string }) => /<code translate="no">([^<]+)</.exec(page.body)?.[1] ?? ''
  const first = codeOn(await issue())
  const page = await issue()
  const second = codeOn(page)
  t.match(second, /^[0-9A-Z]{5} [0-9A-Z]{5}$/)
  t.not(second, first)
  const told = await s.told(await idOf(s, inactive))
  t.same(
    told.map(({ kind }) => kind),
    ['activation-code-issued', 'activation-code-issued'],
  )
  t.notMatch(JSON.stringify(told), second.replace(' ', ''))
  const path = /href="(\/account\/activation-code\/receipt[^"]+)"/.exec(page.body)?.[1] ?? ''
  const address = s.sandbox.url + path
  t.match(await s.mail(/código de activación nuevo/), 'El código anterior ha dejado de servir', 'and told')
  t.equal(await person.browser.head(address), 404, 'a HEAD takes nothing')
  const elsewhere = await s.person(inactive)
  t.equal((await elsewhere.browser.open(address)).status, 410, 'in another browser it is none')
  const lines = readPdfLines(await person.browser.bytes(address)).join('\n')
  t.match(lines, second)
  t.match(lines, inactive)
  t.match(lines, 'Código de activación de Cl@ve Permanente')
  t.equal((await person.browser.open(address)).status, 410, 'the second time')
  t.notMatch((await person.open('/activation-code')).body, second)
  const stored = JSON.stringify(await s.rows('select ephemeral::text as row from ephemeral'))
  t.notMatch(stored, second.replace(' ', ''))
  const activate = visitor()
  const form = await activate.open(`${s.sandbox.url}/permanente/activate`)
  const email = (await s.rows<{ email: string }>('select email from citizen where document = $1', [inactive]))[0]!.email
  const dead = await activate.submit(form, { document: inactive, email, activation: first })
  t.match(textOf(dead), 'no coinciden')
  t.match(textOf(await activate.submit(form, { document: inactive, email, activation: second })), /SMS/)
})

t.test('an authenticator app is added by its first code and taken off after a question; both are told', async (t) => {
  const s = await fresh()
  const person = await s.person(carmen)
  const page = await person.open('/authenticator')
  t.match(page.body, 'data:image/svg+xml;base64,')
  const secret = (/<code translate="no">([A-Z2-7 ]+)</.exec(page.body)?.[1] ?? '').replaceAll(' ', '')
  t.match(secret, /^[A-Z2-7]{32}$/)
  const code = () => generateSync({ secret, epoch: Math.floor(s.sandbox.clock.wire().getTime() / 1000) })
  const type = (typed: string) => person.send(page, '/account/authenticator', { code: typed })
  t.match(textOf(await type('')), 'Escriba el código que muestra la aplicación')
  const wrong = await type(String((Number(code()) + 1) % 1_000_000).padStart(6, '0'))
  t.equal(wrong.status, 422)
  t.match(wrong.body.includes(secret.slice(0, 4)), true, 'the same secret again')
  const added = await type(code())
  t.match(textOf(added), 'La aplicación está añadida')
  t.match(await s.mail(/se añadió una aplicación/), 'ya no los enviamos por SMS')
  const question = await person.open('/authenticator/remove')
  t.equal(headingOf(question), '¿Quiere quitar la aplicación de autenticación?')
  t.match(textOf(await person.send(question, '/account/authenticator/remove')), 'La aplicación se ha quitado')
  t.match(await s.mail(/se quitó la aplicación/), 'por SMS')
  t.equal((await person.open('/authenticator/remove')).at.pathname, '/account/authenticator')
  t.match(
    (await s.told(await idOf(s, carmen))).map(({ kind }) => kind),
    ['totp-enrolled', 'totp-removed'],
  )
  t.match(textOf(await (await s.person(inactive)).open('/authenticator')), 'todavía no está activada')
})

t.test('what touches the identity asks for a fresh proof with more than a password', async (t) => {
  const s = await fresh()
  const person = await s.person(carmen)
  await s.sandbox.advance('PT6M')
  for (const path of [
    '/email',
    '/authenticator',
    '/activation-code',
    '/download',
    '/download/data.json',
    '/renuncia',
  ]) {
    const answer = await person.open(path)
    t.match(answer.at.pathname, /^\/login\//, path)
  }
  t.equal((await person.open('/password')).at.pathname, '/account/password', 'its owner types the password')
})

t.test('all data are downloaded as JSON, told to the audit, without any secret', async (t) => {
  const s = await fresh()
  const person = await s.person('99999998T')
  const data = await person.browser.json<Record<string, unknown>>(`${s.sandbox.url}/account/download/data.json`)
  t.match(data, {
    format: 'clave-citizen-data',
    version: 1,
    person: {
      document: '99999998T',
      givenName: 'JOSÉ LUIS',
      firstSurname: 'MUÑOZ',
      secondSurname: 'PEÑA',
      contrast: { kind: 'valid-until', date: '2030-01-15' },
    },
    registration: { level: 'basic', channel: 'letter' },
    methods: { permanente: { blocked: false }, authenticator: false, blocked: [] },
    sessions: [{ method: 'pin', agencies: ['Mi Cl@ve'] }],
    events: [{ kind: 'login', agency: 'Mi Cl@ve' }],
  })
  t.notMatch(JSON.stringify(data), /argon2|digest|hash/)
  t.match((await s.told(await idOf(s, '99999998T'))).at(-1), { kind: 'data-downloaded', data: { format: 'json' } })
})

t.test('the data tell of a pending address, known browsers, wrong tries and messages, not what they say', async (t) => {
  const s = await fresh()
  const person = await s.person(carmen)
  await person.send(await person.open('/email'), '/account/email', { email: 'otra@correo.example' })
  await person.send(await person.open('/password'), '/account/password', { old: 'no es esta 1234', password: next })
  const data = await person.browser.json<{ messages: object[] }>(`${s.sandbox.url}/account/download/data.json`)
  t.match(data, {
    contact: { pendingEmail: { address: 'otra@correo.example', until: String } },
    security: { knownBrowsers: Number, failures: [{ factor: 'password', count: 1, last: String }] },
  })
  t.ok(data.messages.length > 0)
  const names = new Set(data.messages.flatMap((message) => Object.keys(message)))
  t.same(
    [...names].filter((name) => !['channel', 'state', 'made', 'sent'].includes(name)),
    [],
  )
  const pdf = await person.browser.bytes(`${s.sandbox.url}/account/download/data.pdf`)
  const text = readPdfLines(pdf).join(' ').replace(/\s+/g, ' ')
  for (const said of ['otra@correo.example', 'Fallos con la contraseña', 'Mensajes que le hemos enviado'])
    t.match(text, said)
})

t.test('a HEAD of the data downloads nothing, and tells of nothing', async (t) => {
  const s = await fresh()
  const person = await s.person(carmen)
  for (const format of ['json', 'pdf'])
    t.equal(await person.browser.head(`${s.sandbox.url}/account/download/data.${format}`), 404, format)
  t.same(await s.told(await idOf(s, carmen), ['data-downloaded']), [])
})

t.test('the PDF of many events has many pages, every accent, and text that can be copied', async (t) => {
  const s = await fresh()
  const person = await s.person('99999998T')
  await s.rows(
    `insert into audit_event (at, kind, citizen_id, relying_party, data)
     select '2026-10-01'::timestamptz + n * interval '1 minute', 'login', $1, 'sepe',
       '{"method":"pin","level":"low","factors":["sms"],"session":"x","address":"192.0.2.7"}'::jsonb
     from generate_series(1, 600) as n`,
    [await idOf(s, '99999998T')],
  )
  const pdf = await person.browser.bytes(`${s.sandbox.url}/account/download/data.pdf`)
  const text = readPdfLines(pdf).join(' ').replace(/\s+/g, ' ')
  t.match(text, /JOSÉ LUIS/)
  t.match(text, /MUÑOZ PEÑA/)
  t.match(text, 'Accesos y cambios de los dos últimos años')
  t.equal(text.match(/192\.0\.2\.7/g)?.length, 600)
  t.ok((pdf.toString('latin1').match(/\/Type \/Page\b/g)?.length ?? 0) > 10)
  const data = await person.browser.json<{ events: unknown[] }>(`${s.sandbox.url}/account/download/data.json`)
  t.ok(data.events.length >= 600)
})

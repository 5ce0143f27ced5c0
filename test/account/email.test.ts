import t from 'tap'
import { actsScene, headingOf, textOf, type ActsScene, type Person } from './acts-scene.ts'
import { until } from '../support/until.ts'

t.setTimeout(120_000)

const shared = await actsScene(t)
/** Back to the catalogue. */
const fresh = async (): Promise<ActsScene> => {
  await shared.sandbox.reset()
  return shared
}

const josé = { document: '99999998T', id: '' }
const field = /id="(email|code)-error"/

/** The codes sent to an address, oldest first. */
const codesTo = async ({ sandbox }: ActsScene, address: string, least = 1): Promise<readonly string[]> => {
  let codes: string[] = []
  await until(async () => {
    const sent = await sandbox.messages()
    codes = sent.flatMap(({ channel, to, code }) => (channel === 'email' && to === address && code ? [code] : []))
    return codes.length >= least
  })
  return codes
}
const mailsTo = async ({ sandbox }: ActsScene, address: string, what: RegExp): Promise<string> => {
  let text: string | undefined
  await until(async () => {
    const sent = await sandbox.messages()
    text = sent.find((one) => one.channel === 'email' && one.to === address && what.test(one.text))?.text
    return text !== undefined
  })
  return text!
}
const idOf = async ({ rows }: ActsScene, document: string): Promise<string> =>
  (await rows<{ id: string }>('select id from citizen where document = $1', [document]))[0]!.id
const emailOf = async ({ rows }: ActsScene, document: string) =>
  (
    await rows<{ email: string; proven: boolean }>(
      'select email, email_proven_at is not null as proven from citizen where document = $1',
      [document],
    )
  )[0]

/** Asks for a code to this address. */
const ask = async (person: Person, email: string) =>
  person.send(await person.open('/email'), '/account/email', { email })
const wrong = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0')

t.test('an address is changed by the code sent to the new one; the former one is told', async (t) => {
  const s = await fresh()
  const person = await s.person(josé.document)
  const before = (await emailOf(s, josé.document))!
  const page = await person.open('/email')
  t.notMatch(page.body, before.email, 'masked')
  t.match(textOf(page), /···@/)
  t.match(textOf(page), 'Todavía no hemos comprobado')
  const code = await ask(person, 'nueva.direccion@correo.example')
  t.equal(code.at.pathname, '/account/email/code')
  t.match(textOf(code), 'nueva.direccion@correo.example')
  t.same(await emailOf(s, josé.document), before, 'nothing changes before the code')
  const [sent = ''] = await codesTo(s, 'nueva.direccion@correo.example')
  t.match(sent, /^\d{6}$/)
  const done = await person.send(code, '/account/email/code', { code: `${sent.slice(0, 3)} ${sent.slice(3)}` })
  t.match(textOf(done), 'Su dirección de correo está comprobada.')
  t.match(textOf(done), 'n···@correo.example')
  t.same(await emailOf(s, josé.document), { email: 'nueva.direccion@correo.example', proven: true })
  t.match(await mailsTo(s, before.email, /es ahora/), 'n···@correo.example', 'the old address is told')
  const told = (await s.told(await idOf(s, josé.document))).at(-1)
  t.match(told, { kind: 'email-changed', data: { to: 'n···@correo.example', from: /^.?···@/ } })
  t.notMatch(JSON.stringify(told), 'nueva.direccion')
})

t.test('the address that one has is proven the same way, and nobody is told of a change', async (t) => {
  const s = await fresh()
  const person = await s.person(josé.document)
  const { email } = (await emailOf(s, josé.document))!
  const code = await person.send(await person.open('/email'), '/account/email', { action: 'own' })
  t.match(textOf(code), email)
  const [sent = ''] = await codesTo(s, email)
  await person.send(code, '/account/email/code', { code: sent })
  t.same(await emailOf(s, josé.document), { email, proven: true })
  const page = await person.open('/email')
  t.match(textOf(page), 'Está comprobada')
  t.notMatch(page.body, 'value="own"')
  t.equal((await s.sandbox.messages()).filter(({ text }) => text.includes('es ahora')).length, 0)
  const again = await ask(person, email)
  t.match(textOf(again), 'Esa ya es su dirección y está comprobada')
})

t.test('what is no address is refused with what is wrong with it, and nothing is sent', async (t) => {
  const s = await fresh()
  const person = await s.person(josé.document)
  const cases: readonly (readonly [string, RegExp])[] = [
    ['', /Escriba la dirección nueva/],
    ['nadie', /debe tener la forma/],
    ['a@b', /debe tener la forma/],
    ['a@correo.example\r\nBcc: otro@correo.example', /debe tener la forma|letras sin acentos/],
    ['a@correo.example, b@correo.example', /debe tener la forma/],
    ['"a b"@correo.example', /debe tener la forma/],
    ['<a@correo.example>', /debe tener la forma/],
    ['josé@correo.example', /letras sin acentos/],
    ['jose@сorreo.example', /letras sin acentos/],
    ['jose@correo.example\u202E', /letras sin acentos/],
    [`${'a'.repeat(64)}@${'b.'.repeat(120)}example`, /más de 254/],
    [`${'a'.repeat(1_990)}@b.es`, /más de 254/],
  ]
  for (const [email, said] of cases) {
    const answer = await ask(person, email)
    t.equal(answer.status, 422, JSON.stringify(email).slice(0, 60))
    t.match(textOf(answer), said, JSON.stringify(email).slice(0, 60))
    t.match(answer.body, field)
  }
  const oversize = await ask(person, 'a'.repeat(5_000))
  t.equal(oversize.status, 400)
  t.same(await s.rows('select 1 from account_email_code'), [])
})

t.test('three wrong codes kill it, and another one takes its place', async (t) => {
  const s = await fresh()
  const person = await s.person(josé.document)
  const page = await ask(person, 'otra@correo.example')
  const [first = ''] = await codesTo(s, 'otra@correo.example')
  const type = (code: string) => person.send(page, '/account/email/code', { code })
  t.match(textOf(await type('12')), 'Escriba las 6 cifras')
  t.match(textOf(await type(wrong(first))), 'Le quedan 2 intentos')
  t.match(textOf(await type(wrong(first))), 'Le queda 1 intento')
  const dead = await type(wrong(first))
  t.equal(headingOf(dead), 'Este código ya no sirve')
  t.equal(headingOf(await type(first)), 'Este código ya no sirve', 'the right one too')
  await person.send(dead, '/account/email/code', { action: 'another' })
  const second = (await codesTo(s, 'otra@correo.example', 2))[1]!
  t.equal((await emailOf(s, josé.document))?.proven, false)
  await type(second)
  t.equal((await emailOf(s, josé.document))?.email, 'otra@correo.example')
})

t.test('a code lives ten minutes; asking for another does not make the older one live longer', async (t) => {
  const s = await fresh()
  const person = await s.person(josé.document)
  const page = await ask(person, 'otra@correo.example')
  const [first = ''] = await codesTo(s, 'otra@correo.example')
  await s.sandbox.advance('PT9M')
  await person.identify()
  await person.send(await person.open('/email/code'), '/account/email/code', { action: 'another' })
  const second = (await codesTo(s, 'otra@correo.example', 2))[1]!
  t.match(textOf(await person.send(page, '/account/email/code', { code: first })), /no es el que esperábamos/)
  await s.sandbox.advance('PT10M')
  await person.identify()
  const over = await person.open('/email/code')
  t.equal(headingOf(over), 'Este código ya no sirve', 'the page says so before anything is typed')
  t.equal(headingOf(await person.send(page, '/account/email/code', { code: second })), 'Este código ya no sirve')
  t.equal((await emailOf(s, josé.document))?.proven, false)
})

t.test('of 20 redemptions at once one proves it; the code is worth nothing in another browser', async (t) => {
  const s = await fresh()
  const [person, other] = [await s.person(josé.document), await s.person(josé.document)]
  const page = await ask(person, 'otra@correo.example')
  const [code = ''] = await codesTo(s, 'otra@correo.example')
  t.equal((await other.open('/email/code')).at.pathname, '/account/email')
  const form = await other.open('/email')
  t.equal(headingOf(await other.send(form, '/account/email/code', { code })), headingOf(form))
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => person.send(page, '/account/email/code', { code })),
  )
  t.ok(answers.every(({ at, status }) => at.pathname === '/account/email' && status === 200))
  t.equal(answers.filter((one) => textOf(one).includes('está comprobada.')).length, 1)
  t.equal((await s.told(await idOf(s, josé.document))).filter(({ kind }) => kind === 'email-changed').length, 1)
})

t.test('five codes an hour, and logins have theirs apart; the owner waits and goes on', async (t) => {
  const s = await fresh()
  const person = await s.person(josé.document)
  for (let nth = 0; nth < 5; nth++)
    t.equal((await ask(person, `n${nth}@correo.example`)).at.pathname, '/account/email/code')
  const [sixth, ...others] = await Promise.all(
    Array.from({ length: 4 }, (_, nth) => ask(person, `m${nth}@correo.example`)),
  )
  for (const one of [sixth!, ...others]) {
    t.equal(one.status, 429)
    t.match(textOf(one), /demasiados códigos en una hora. Espere \d+ minutos/)
  }
  const elsewhere = await s.person(josé.document)
  t.match(textOf(await elsewhere.open('/email')), 'Su correo electrónico', 'a login by PIN goes on')
  await s.sandbox.advance('PT1H')
  await person.identify()
  t.equal((await ask(person, 'otra@correo.example')).at.pathname, '/account/email/code')
})

t.test('what lies in the table cannot be read', async (t) => {
  const s = await fresh()
  const person = await s.person(josé.document)
  await ask(person, 'secreta@correo.example')
  const [code = ''] = await codesTo(s, 'secreta@correo.example')
  const rows = JSON.stringify(await s.rows('select account_email_code::text as row from account_email_code'))
  t.notMatch(rows, 'secreta')
  t.notMatch(rows, code)
})

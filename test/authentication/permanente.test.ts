import { hash } from '@node-rs/argon2'
import t from 'tap'
import { blockPassword, putPassword, type Login, type StepAnswer } from '../../src/authentication/index.ts'
import { findPassword } from '../../src/authentication/permanente/password-table.ts'
import { sandboxPassword } from '../../src/sandbox/catalogue.ts'
import {
  citizen,
  codeOf,
  dataOf,
  loginWith,
  notThis,
  printed,
  saysOf,
  scene,
  stepOf,
  substantial,
  type Scene,
} from './scene.ts'

const carmen = citizen('99999999R')
const basic = citizen('99999998T')
const day = 86_400

const enter = (s: Scene, document: string, password: string, login: Login = loginWith()): Promise<StepAnswer> =>
  stepOf(s.permanente, 'permanente.password').submit(login, undefined, { document, password })
const enterCode = (s: Scene, login: Login, data: unknown, form: Record<string, string>): Promise<StepAnswer> =>
  stepOf(s.permanente, 'permanente.code').submit(login, data, form)

/** A login whose password was right and which waits for the code that was sent. */
async function steppedUp(s: Scene, over: Partial<Login> = {}) {
  const login = loginWith({ ...substantial, ...over })
  const data = dataOf(await enter(s, carmen.document, sandboxPassword, login))
  return { login, data, code: codeOf(s.sent.at(-1)) }
}

const byPassword = { method: 'permanente', factors: ['pwd'], level: 'low' }
const byCode = {
  proven: {
    citizen: carmen.id,
    method: 'permanente',
    factors: ['pwd', 'otp', 'sms'],
    level: 'substantial',
    registrationLevel: 'advanced',
  },
}
const wrong = ['refusal:PERMANENTE-01-wrong.body', 'refusal:PERMANENTE-01-wrong.remedy']
const paused = 'refusal:CITIZEN-02-too-many-tries.body'

t.test('where low is enough, document and password prove, in four statements and one hash', async (t) => {
  const s = await scene(t)
  const answer = await enter(s, ' 99.999.999-r', sandboxPassword)
  t.same(answer, { proven: { ...byPassword, citizen: carmen.id, registrationLevel: 'advanced' } })
  const selects = ['citizen.by-document', 'known-browser.standing', 'permanente-password.of-document']
  t.same(s.trace.slice(0, 3).sort(), selects, 'at the same time')
  t.same(s.trace.slice(3), ['argon2.verify', 'known-browser.complete-unflushed'])
  t.match(await enter(s, basic.document, sandboxPassword), { proven: { ...byPassword, registrationLevel: 'basic' } })
})

t.test('a wrong password hears the same whoever it is', async (t) => {
  const s = await scene(t)
  for (const document of ['99999999R', '99999995C', '99999992V', '99999990S', '99999991Q', '99999988J', '11111111H']) {
    const answer = await enter(s, document, 'not this one')
    t.same(saysOf(answer), wrong, document)
    t.match(answer, { status: 422, values: { document } })
    t.notOk(JSON.stringify(answer).includes('not this one'))
  }
})

t.test('a password counts to the letter, however the keyboard made it', async (t) => {
  const s = await scene(t)
  const set = async (password: string) => {
    const hashed = await s.parts.hashes.hash(password)
    if (typeof hashed !== 'string') throw new Error('busy')
    await putPassword(s.db, { citizen: carmen.id, hash: hashed, set: s.clock.now(), expires: s.clock.in(700 * day) })
  }
  await set(' Señal 2026 ')
  t.match(await enter(s, carmen.document, ' Sen\u0303al 2026 '), { proven: byPassword }, 'the tilde apart')
  t.same(saysOf(await enter(s, carmen.document, 'Señal 2026')), wrong, 'spaces are part of it')
  t.same(saysOf(await enter(s, carmen.document, ' señal 2026 ')), wrong, 'so are capitals')
})

t.test('nothing, or what no password can be, says what to mend', async (t) => {
  const s = await scene(t)
  t.same(saysOf(await enter(s, '', '')), ['authentication:document.empty', 'permanente:password.empty'])
  t.match(await enter(s, '99999999R', 'x'.repeat(129)), { again: [{ field: 'password', details: { most: 128 } }] })
  t.same(s.trace, [])
  t.same(saysOf(await enter(s, '99999999R', '😀'.repeat(128))), wrong, 'characters are counted, not bytes')
})

t.test('5 wrong passwords from unknown browsers refuse such browsers for 15 minutes, then 30', async (t) => {
  const s = await scene(t)
  const fail = async (times: number) => {
    let last: StepAnswer = { moved: true }
    for (let nth = 0; nth < times; nth++)
      last = await enter(s, carmen.document, 'wrong', loginWith({ browser: `b${nth}` }))
    return last
  }
  t.same(saysOf(await fail(4)), wrong)
  t.match(await fail(1), { again: [{ text: paused, details: { count: 15 } }, {}], status: 429 })
  t.same(saysOf(await enter(s, carmen.document, sandboxPassword))[0], paused, 'the right one is not heard')
  s.clock.advance(15 * 60)
  t.match(await fail(5), { again: [{ details: { count: 30 } }, {}] })
  s.clock.advance(30 * 60)
  t.match(await enter(s, carmen.document, sandboxPassword), { proven: byPassword }, 'nothing was blocked')
})

t.test('5 wrong passwords from a known browser block the password; the right one then says so', async (t) => {
  const s = await scene(t)
  const home = loginWith({ browser: 'at home' })
  t.match(await enter(s, carmen.document, sandboxPassword, home), { proven: byPassword })
  for (let nth = 1; nth <= 4; nth++) t.same(saysOf(await enter(s, carmen.document, 'wrong', home)), wrong)
  t.equal((await findPassword(s.db, carmen.id))?.blocked, false)
  await enter(s, carmen.document, 'wrong', home)
  t.equal((await findPassword(s.db, carmen.id))?.blocked, true)
  t.same(await enter(s, carmen.document, sandboxPassword, home), { refused: 'PERMANENTE-02-blocked' })
  t.same(await enter(s, carmen.document, sandboxPassword), { refused: 'PERMANENTE-02-blocked' }, 'elsewhere, too')
  t.same(await s.permanente.admits(carmen.id), { refused: 'PERMANENTE-02-blocked' })
})

t.test('of 50 wrong passwords at once from a known browser the fifth blocks, once', async (t) => {
  const s = await scene(t)
  const home = loginWith({ browser: 'at home' })
  await enter(s, carmen.document, sandboxPassword, home)
  s.trace.length = 0
  await Promise.all(Array.from({ length: 50 }, () => enter(s, carmen.document, 'wrong', home)))
  t.equal(s.trace.filter((name) => name === 'permanente-password.block-and-tell').length, 1)
  t.equal((await findPassword(s.db, carmen.id))?.blocked, true)
})

t.test('knowing a DNI is not enough to block its owner', async (t) => {
  const s = await scene(t)
  const home = loginWith({ browser: 'at home' })
  await enter(s, carmen.document, sandboxPassword, home)
  for (let nth = 0; nth < 12; nth++) await enter(s, carmen.document, 'wrong', loginWith({ browser: `stranger ${nth}` }))
  t.equal((await findPassword(s.db, carmen.id))?.blocked, false)
  t.match(await enter(s, carmen.document, sandboxPassword, home), { proven: byPassword })
})

t.test('of many guesses sent at once only the first 5 are heard', async (t) => {
  const s = await scene(t)
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, nth) => enter(s, carmen.document, nth === 20 ? sandboxPassword : `guess ${nth}`)),
  )
  t.equal(answers.filter((answer) => saysOf(answer)[0] === wrong[0]).length, 4)
  t.equal(answers.filter((answer) => saysOf(answer)[0] === paused).length, 26)
})

t.test('a password expires after 2 years and is warned of 30 days ahead', async (t) => {
  const s = await scene(t)
  s.clock.advance(700 * day - 1)
  t.match(await enter(s, carmen.document, sandboxPassword), { proven: byPassword }, 'a second before')
  s.clock.advance(1)
  const login = loginWith()
  const warned = dataOf(await enter(s, carmen.document, sandboxPassword, login))
  const warning = stepOf(s.permanente, 'permanente.warning')
  t.match(await warning.show(login, warned), { days: 30, day: /^\d{1,2} de [a-z]+ de \d{4}$/ })
  t.match(await warning.show({ ...login, locale: 'en' }, warned), { day: /^\d{1,2} [A-Z][a-z]+ \d{4}$/ })
  t.match(await warning.submit(login, warned, {}), { proven: byPassword })
  s.clock.advance(30 * day - 1)
  const last = dataOf(await enter(s, carmen.document, sandboxPassword))
  t.match(await warning.show(login, last), { days: 1 })
  s.clock.advance(1)
  t.same(await enter(s, carmen.document, sandboxPassword), { refused: 'PERMANENTE-03-expired' })
  t.same(await s.permanente.admits(carmen.id), { refused: 'PERMANENTE-03-expired' })
  t.same(saysOf(await enter(s, carmen.document, 'wrong')), wrong, 'whoever guesses does not learn it')
})

t.test('the warning comes before the code, and the code is sent after it', async (t) => {
  const s = await scene(t)
  s.clock.advance(710 * day)
  const login = loginWith(substantial)
  const warned = await enter(s, carmen.document, sandboxPassword, login)
  t.match(warned, { next: 'permanente.warning' })
  t.equal(s.sent.length, 0)
  const asked = await stepOf(s.permanente, 'permanente.warning').submit(login, dataOf(warned), {})
  t.match(asked, { next: 'permanente.code' })
  t.match(await enterCode(s, login, dataOf(asked), { code: codeOf(s.sent.at(-1)) }), byCode)
})

t.test('a renuncia while the warning is read counts', async (t) => {
  const s = await scene(t)
  s.clock.advance(710 * day)
  const login = loginWith()
  const warned = dataOf(await enter(s, carmen.document, sandboxPassword, login))
  const record = await s.parts.citizens.byDocument(carmen.document)
  if (!record) throw new Error('no citizen')
  const gone = { ...record.citizen, registration: undefined, phone: undefined, renouncedAt: s.clock.now() }
  await s.parts.citizens.put({ ...record, citizen: gone })
  const answer = await stepOf(s.permanente, 'permanente.warning').submit(login, warned, {})
  t.same(answer, { refused: 'CITIZEN-04-renounced' })
})

t.test('what stands in the way is said once the password is right', async (t) => {
  const s = await scene(t)
  const hashed = await s.parts.hashes.hash(sandboxPassword)
  if (typeof hashed !== 'string') throw new Error('busy')
  const expected = {
    '99999992V': 'CITIZEN-05-deceased',
    '99999990S': 'CITIZEN-04-renounced',
    '99999991Q': 'PERMANENTE-02-blocked',
  }
  for (const [document, refused] of Object.entries(expected)) {
    const { id } = citizen(document)
    if (document !== '99999991Q') {
      await putPassword(s.db, { citizen: id, hash: hashed, set: s.clock.now(), expires: s.clock.in(700 * day) })
    }
    t.same(await enter(s, document, sandboxPassword), { refused }, document)
    t.same(await s.permanente.admits(id), { refused }, document)
  }
})

t.test('a basic registration is refused before any SMS where substantial is asked', async (t) => {
  const s = await scene(t)
  const refused = await enter(s, basic.document, sandboxPassword, loginWith(substantial))
  t.same(refused, { refused: 'LEVEL-01-registration-too-low' })
  t.same(await enter(s, carmen.document, sandboxPassword, loginWith({ asked: ['high'] })), {
    refused: 'LEVEL-02-method-too-low',
  })
  t.equal(s.sent.length, 0)
})

t.test('where substantial is asked, a code by SMS steps the login up', async (t) => {
  const s = await scene(t)
  const { login, data, code } = await steppedUp(s)
  t.match(s.sent, [{ to: carmen.phone, citizen: carmen.id, text: { kind: 'code', agency: 'Agencia Tributaria' } }])
  t.match(code, /^[0-9]{6}$/)
  const step = stepOf(s.permanente, 'permanente.code')
  t.match(printed(await step.show(login, data)), {
    way: 'sms',
    digits: 6,
    phone: carmen.phone?.slice(-3),
    until: /^\d\d:\d\d$/,
  })
  t.match(await enterCode(s, login, data, { code: `${code.slice(0, 3)} ${code.slice(3)}` }), byCode)
  t.same(await enterCode(s, login, data, { code }), { moved: true })
})

t.test('a code: 3 tries, 10 minutes, this login and browser, one of 50 at once', async (t) => {
  const s = await scene(t, { limits: { codesPerHour: 100 } })
  const tries = await steppedUp(s)
  t.match(await enterCode(s, tries.login, tries.data, { code: notThis(tries.code) }), {
    again: [{ field: 'code', text: 'refusal:CODE-01-wrong.body', details: { count: 2 } }],
  })
  await enterCode(s, tries.login, tries.data, { code: notThis(tries.code) })
  await enterCode(s, tries.login, tries.data, { code: notThis(tries.code) })
  t.match(saysOf(await enterCode(s, tries.login, tries.data, { code: tries.code })), ['refusal:CODE-02-dead.body'])
  t.same(saysOf(await enterCode(s, tries.login, tries.data, { code: 'abc' })), ['authentication:code.form'])

  const late = await steppedUp(s)
  s.clock.advance(600)
  t.match(saysOf(await enterCode(s, late.login, late.data, { code: late.code })), ['refusal:CODE-02-dead.body'])

  const bound = await steppedUp(s)
  const elsewhere = { ...bound.login, browser: 'another browser' }
  t.match(saysOf(await enterCode(s, elsewhere, bound.data, { code: bound.code })), ['refusal:CODE-01-wrong.body'])

  const many = await steppedUp(s)
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => enterCode(s, many.login, many.data, { code: many.code })),
  )
  t.equal(answers.filter((answer) => 'proven' in answer).length, 1)
  t.equal(answers.filter((answer) => 'moved' in answer).length, 49)
})

t.test('a code proves the citizen whom it was sent to, whoever the login was taken for meanwhile', async (t) => {
  const s = await scene(t)
  const wei = citizen('X9999999J')
  const hashed = await s.parts.hashes.hash(sandboxPassword)
  if (typeof hashed !== 'string') throw new Error('busy')
  await putPassword(s.db, { citizen: wei.id, hash: hashed, set: s.clock.now(), expires: s.clock.in(700 * day) })
  const { login, data } = await steppedUp(s)
  const own = dataOf(await enter(s, wei.document, sandboxPassword, login))
  const code = codeOf(s.sent.at(-1))
  t.equal(s.sent.at(-1)?.to, wei.phone)
  t.match(saysOf(await enterCode(s, login, data, { code })), ['refusal:CODE-02-dead.body'])
  t.match(await enterCode(s, login, own, { code }), { proven: { citizen: wei.id } })
})

t.test('a password that was blocked while the code was on its way proves nothing any more', async (t) => {
  const s = await scene(t)
  const { login, data, code } = await steppedUp(s)
  await blockPassword(s.db, carmen.id, s.clock.now())
  t.match(await enterCode(s, login, data, { code }), { refused: 'PERMANENTE-02-blocked' })
})

t.test('another code kills the older one; 5 an hour', async (t) => {
  const s = await scene(t)
  const { login, data, code } = await steppedUp(s)
  const again = dataOf(await enterCode(s, login, data, { action: 'sms' }))
  t.match(again, { another: true })
  t.match(saysOf(await enterCode(s, login, again, { code })), ['refusal:CODE-01-wrong.body'])
  for (let nth = 3; nth <= 5; nth++) await enterCode(s, login, again, { action: 'sms' })
  const sixth = await enterCode(s, login, again, { action: 'sms' })
  t.match(sixth, { again: [{ text: 'refusal:CODE-03-too-many.body', details: { count: 60 } }, {}], status: 429 })
  t.match(await enterCode(s, login, again, { code: codeOf(s.sent[4]) }), byCode, 'the last one still counts')
})

t.test('a PIN is no code of Permanente, and the other way round', async (t) => {
  const s = await scene(t)
  const login = loginWith(substantial)
  const asked = dataOf(await enter(s, carmen.document, sandboxPassword, login))
  const pin = await stepOf(s.pin, 'pin.identify').submit(login, undefined, {
    document: carmen.document,
    contrast: '30/06/2031',
  })
  t.match(saysOf(await enterCode(s, login, asked, { code: codeOf(s.sent[1]) })), ['refusal:CODE-01-wrong.body'])
  const other = await stepOf(s.pin, 'pin.code').submit(login, dataOf(pin), { code: codeOf(s.sent[0]) })
  t.match(saysOf(other), ['refusal:PIN-01-wrong.body'])
})

t.test('without a phone on record and without an app there is no code', async (t) => {
  const s = await scene(t)
  const { id, document } = citizen('99999987N')
  const hashed = await s.parts.hashes.hash(sandboxPassword)
  if (typeof hashed !== 'string') throw new Error('busy')
  await putPassword(s.db, { citizen: id, hash: hashed, set: s.clock.now(), expires: s.clock.in(700 * day) })
  t.same(await enter(s, document, sandboxPassword, loginWith(substantial)), { refused: 'PIN-04-no-phone' })
})

t.test('a hash made at another cost is made again once the password is known', async (t) => {
  const s = await scene(t)
  const old = await hash(sandboxPassword, { memoryCost: 4_096, timeCost: 1, parallelism: 1 })
  await putPassword(s.db, { citizen: carmen.id, hash: old, set: s.clock.now(), expires: s.clock.in(700 * day) })
  await enter(s, carmen.document, 'wrong')
  t.equal((await findPassword(s.db, carmen.id))?.hash, old)
  t.match(await enter(s, carmen.document, sandboxPassword), { proven: byPassword })
  t.match((await findPassword(s.db, carmen.id))?.hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  t.match(await enter(s, carmen.document, sandboxPassword), { proven: byPassword })
  t.equal(s.trace.filter((work) => work === 'argon2.hash').length, 1)
})

t.test('admits: a password that is there, alive and not blocked', async (t) => {
  const s = await scene(t)
  t.same(await s.permanente.admits(carmen.id), { registrationLevel: 'advanced', best: 'substantial' })
  t.same(await s.permanente.admits(basic.id), { registrationLevel: 'basic', best: 'low' })
  t.same(await s.permanente.admits(citizen('99999988J').id), { refused: 'PERMANENTE-04-not-active' })
  t.same(await s.permanente.admits(citizen('99999995C').id), { refused: 'CITIZEN-03-not-registered' })
  t.equal(s.permanente.reach('advanced'), 'substantial')
  t.equal(s.permanente.reach(undefined), undefined)
})

t.test('the agency’s hint fills the document in', async (t) => {
  const s = await scene(t)
  const step = stepOf(s.permanente, 'permanente.password')
  t.same(await step.show(loginWith({ hint: '99999999R' }), undefined), { values: { document: '99999999R' } })
  t.same(await step.show(loginWith(), undefined), { values: {} })
})

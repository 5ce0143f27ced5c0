import t from 'tap'
import type { Login, StepAnswer } from '../../src/authentication/index.ts'
import { defaultLimits } from '../../src/lockout/index.ts'
import { statement, systemRandom } from '../../src/platform/index.ts'
import { typedContrast } from '../../src/sandbox/catalogue.ts'
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
import { until } from '../support/until.ts'

const carmen = citizen('99999999R')
const basic = citizen('99999998T')

function identify(s: Scene, login: Login, who = carmen, prefix?: string): Promise<StepAnswer> {
  const form = { document: who.document, contrast: typedContrast(who), ...(prefix === undefined ? {} : { prefix }) }
  return stepOf(s.pin, 'pin.identify').submit(login, undefined, form)
}

const enter = (s: Scene, login: Login, data: unknown, form: Record<string, string>): Promise<StepAnswer> =>
  stepOf(s.pin, 'pin.code').submit(login, data, form)

/** A login in which a PIN was sent. */
async function sentTo(s: Scene, over: Partial<Login> = {}, who = carmen, prefix?: string) {
  const login = loginWith(over)
  const data = dataOf(await identify(s, login, who, prefix))
  return { login, data, code: codeOf(s.sent.at(-1)) }
}

/** Wrong codes of Carmen's from browsers that nobody knows. */
async function failCode(s: Scene, times = 1) {
  let failed
  for (let time = 0; time < times; time++) failed = await s.parts.lockout.failed(s.db, 'code', carmen.document, false)
  return failed
}

const waiting = statement<{ count: number }>(
  'test.waiting',
  `select count(*) as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
)

const evidence = {
  proven: {
    citizen: carmen.id,
    method: 'pin',
    factors: ['otp', 'sms'],
    level: 'substantial',
    registrationLevel: 'advanced',
  },
}

t.test('the right document and contrast send a PIN of 6 digits to the registered mobile; the PIN proves', async (t) => {
  const s = await scene(t)
  const { login, data, code } = await sentTo(s)
  t.match(code, /^[0-9]{6}$/)
  t.equal(s.sent.length, 1)
  t.match(s.sent[0], {
    to: carmen.phone,
    citizen: carmen.id,
    locale: 'es',
    text: { kind: 'pin', agency: 'Agencia Tributaria', prefix: false },
  })
  t.equal(s.sent[0]?.expires.getTime(), s.clock.in(600).getTime(), 'the message dies with the PIN')
  t.equal(data['phone'], carmen.phone?.slice(-3), 'the page knows the last three digits only')
  const model = printed(await stepOf(s.pin, 'pin.code').show(login, data))
  t.match(model, { phone: carmen.phone?.slice(-3), until: /^\d\d:\d\d$/, digits: 6, prefixed: false })
  t.same(await enter(s, login, data, { code }), evidence)
})

t.test('a basic registration reaches low; where more is asked it is refused before any SMS', async (t) => {
  const s = await scene(t)
  const { login, data, code } = await sentTo(s, {}, basic)
  t.match(await enter(s, login, data, { code }), { proven: { level: 'low', registrationLevel: 'basic' } })
  t.same(await identify(s, loginWith(substantial), basic), { refused: 'LEVEL-01-registration-too-low' })
  t.same(await identify(s, loginWith({ asked: ['high'] })), { refused: 'LEVEL-02-method-too-low' })
  t.equal(s.sent.length, 1)
})

t.test('a PIN is pasted with spaces, dashes or full-width digits', async (t) => {
  const s = await scene(t)
  const { login, data, code } = await sentTo(s)
  const fullWidth = [...code].map((digit) => String.fromCodePoint(0xff10 + Number(digit))).join('')
  t.match(await enter(s, login, data, { code: ` ${fullWidth.slice(0, 3)} - ${fullWidth.slice(3)} ` }), evidence)
})

t.test('what is no PIN at all is not counted as a wrong one', async (t) => {
  const s = await scene(t)
  const { login, data, code } = await sentTo(s)
  for (const typed of ['', '12345', '1234567', 'abcdef', code.slice(1)]) {
    t.same(saysOf(await enter(s, login, data, { code: typed })), ['authentication:code.form'])
  }
  t.match(await enter(s, login, data, { code }), evidence)
})

t.test('a PIN is used once: entered again, the login is led to where it stands', async (t) => {
  const s = await scene(t)
  const { login, data, code } = await sentTo(s)
  t.match(await enter(s, login, data, { code }), evidence)
  t.same(await enter(s, login, data, { code }), { moved: true })
  t.same(await enter(s, login, data, { code: notThis(code) }), { moved: true })
})

t.test(
  'of 50 parallel submissions of the right PIN one proves, the others are led to where the login stands',
  async (t) => {
    const s = await scene(t)
    const { login, data, code } = await sentTo(s)
    const answers = await Promise.all(Array.from({ length: 50 }, () => enter(s, login, data, { code })))
    t.equal(answers.filter((answer) => 'proven' in answer).length, 1)
    t.equal(answers.filter((answer) => 'moved' in answer).length, 49)
  },
)

t.test('of 50 parallel wrong PINs 3 are counted, and the PIN is dead', async (t) => {
  const s = await scene(t)
  const { login, data, code } = await sentTo(s)
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, nth) => enter(s, login, data, { code: notThis(code, nth + 1) })),
  )
  const says = answers.map((answer) => saysOf(answer)[0])
  t.equal(says.filter((text) => text === 'refusal:PIN-01-wrong.body').length, 2)
  t.equal(says.filter((text) => text === 'refusal:PIN-02-dead.body').length, 48)
  t.match(await s.parts.lockout.failed(s.db, 'code', carmen.document, false), { failures: 4 }, 'three for the citizen')
  t.same(saysOf(await enter(s, login, data, { code }))[0], 'refusal:PIN-02-dead.body', 'the right one comes too late')
})

t.test('a wrong PIN says how many tries are left, the third kills it, another one works', async (t) => {
  const s = await scene(t)
  const { login, data, code } = await sentTo(s)
  const wrong = { code: notThis(code) }
  t.match(await enter(s, login, data, wrong), {
    again: [{ field: 'code', text: 'refusal:PIN-01-wrong.body', details: { count: 2 } }],
    status: 422,
  })
  t.match(await enter(s, login, data, wrong), { again: [{ details: { count: 1 } }] })
  t.match(saysOf(await enter(s, login, data, wrong)), ['refusal:PIN-02-dead.body', 'refusal:PIN-02-dead.remedy'])
  t.match(saysOf(await enter(s, login, data, { code })), ['refusal:PIN-02-dead.body'])
  const again = dataOf(await enter(s, login, data, { action: 'another', code: '' }))
  t.match(await enter(s, login, again, { code: codeOf(s.sent.at(-1)) }), evidence)
})

t.test('a PIN dies after 10 minutes', async (t) => {
  const s = await scene(t)
  const first = await sentTo(s)
  s.clock.advance(599)
  t.match(await enter(s, first.login, first.data, { code: first.code }), evidence)
  const second = await sentTo(s)
  s.clock.advance(600)
  t.match(saysOf(await enter(s, second.login, second.data, { code: second.code })), ['refusal:PIN-02-dead.body'])
})

t.test('a PIN counts in its own login and its own browser only', async (t) => {
  const s = await scene(t)
  const a = await sentTo(s)
  const b = await sentTo(s)
  t.match(saysOf(await enter(s, b.login, b.data, { code: a.code })), ['refusal:PIN-01-wrong.body'])
  const elsewhere = { ...a.login, browser: 'another browser' }
  t.match(saysOf(await enter(s, elsewhere, a.data, { code: a.code })), ['refusal:PIN-01-wrong.body'])
  t.match(await enter(s, a.login, a.data, { code: a.code }), evidence)
})

t.test('a PIN proves the citizen whom it was sent to, and nobody whom the login took for it meanwhile', async (t) => {
  const s = await scene(t)
  // Two forms sent at once in one login: the PIN that counts is the later one's, the place is the earlier one's.
  const { login, data } = await sentTo(s)
  const own = dataOf(await identify(s, login, basic))
  const code = codeOf(s.sent.at(-1))
  t.equal(s.sent.at(-1)?.to, basic.phone)
  t.match(saysOf(await enter(s, login, data, { code })), ['refusal:PIN-02-dead.body'])
  t.match(await enter(s, login, own, { code }), { proven: { citizen: basic.id, level: 'low' } })
  t.same(await enter(s, login, data, { code }), { moved: true })
})

t.test('another PIN kills the older one and says so', async (t) => {
  const s = await scene(t)
  const { login, data, code } = await sentTo(s)
  const again = dataOf(await enter(s, login, data, { action: 'another' }))
  t.equal(again['another'], true)
  t.match(saysOf(await enter(s, login, again, { code })), ['refusal:PIN-01-wrong.body'])
  t.match(await enter(s, login, again, { code: codeOf(s.sent.at(-1)) }), evidence)
})

t.test('"change my data" leads back to the first page', async (t) => {
  const s = await scene(t)
  const { login, data } = await sentTo(s)
  t.same(await enter(s, login, data, { action: 'change' }), { next: 'pin.identify', data: undefined })
})

t.test('5 PINs an hour per citizen, over all logins; the sixth says when', async (t) => {
  const s = await scene(t)
  const { login, data } = await sentTo(s)
  for (let nth = 2; nth <= 5; nth++) {
    s.clock.advance(60)
    await sentTo(s)
  }
  const sixth = await identify(s, loginWith())
  t.match(sixth, { again: [{ text: 'refusal:PIN-03-too-many.body', details: { count: 56 } }, {}], status: 429 })
  t.match(saysOf(await enter(s, login, data, { action: 'another' })), ['refusal:PIN-03-too-many.body'])
  t.equal(await s.laid(), 5)
  await sentTo(s, {}, basic)
  t.pass('another citizen has an hour of their own')
  s.clock.advance(3_600 - 4 * 60)
  await sentTo(s)
  t.match(saysOf(await identify(s, loginWith())), ['refusal:PIN-03-too-many.body'], 'the hour slides: one, not five')
})

t.test('of 50 requests for a PIN at once 5 get one', async (t) => {
  const s = await scene(t)
  const answers = await Promise.all(Array.from({ length: 50 }, () => identify(s, loginWith())))
  t.equal(answers.filter((answer) => 'next' in answer).length, 5)
  t.equal(await s.laid(), 5)
})

t.test('a PIN refused for its number leaves the older one alive', async (t) => {
  const s = await scene(t, { limits: { pinsPerHour: 1 } })
  const { login, data, code } = await sentTo(s)
  t.match(saysOf(await enter(s, login, data, { action: 'another' })), ['refusal:PIN-03-too-many.body'])
  t.match(await enter(s, login, data, { code }), evidence)
})

t.test('the citizen may choose 4 characters that are typed before the PIN, for this PIN only', async (t) => {
  const s = await scene(t)
  const { login, data, code } = await sentTo(s, {}, carmen, 'aB3x')
  t.match(s.sent.at(-1)?.text, { prefix: true })
  t.notOk(JSON.stringify(data).includes('aB3x'), 'only a digest of them stays')
  t.match(await stepOf(s.pin, 'pin.code').show(login, data), { prefixed: true })
  t.match(saysOf(await enter(s, login, data, { code })), ['refusal:PIN-01-wrong.body'], 'without them')
  t.match(saysOf(await enter(s, login, data, { code, prefix: 'aB3y' })), ['refusal:PIN-01-wrong.body'])
  const again = dataOf(await enter(s, login, data, { action: 'another' }))
  t.match(await enter(s, login, again, { code: codeOf(s.sent.at(-1)), prefix: ' Ab3X ' }), evidence, 'in any case')
})

t.test('own characters are 4 letters or digits, or none', async (t) => {
  const s = await scene(t)
  for (const prefix of ['abc', 'abcde', 'ab d', 'ñandú', '<b>x']) {
    t.match(await identify(s, loginWith(), carmen, prefix), { again: [{ field: 'prefix' }] }, prefix)
  }
  t.equal(s.sent.length, 0)
  t.match(await identify(s, loginWith(), carmen, ''), { next: 'pin.code' })
})

t.test('a form that says nothing readable says what to mend, and keeps what was typed', async (t) => {
  const s = await scene(t)
  const submit = (document: string, contrast: string) =>
    stepOf(s.pin, 'pin.identify').submit(loginWith(), undefined, { document, contrast })
  t.same(saysOf(await submit('', '')), ['authentication:document.empty', 'authentication:contrast.empty'])
  t.same(saysOf(await submit('99999999A', '30/06/2031')), ['authentication:document.letter'])
  t.match(await submit('99999999R', '30/02/2031'), {
    again: [{ field: 'contrast', text: 'authentication:contrast.dni.calendar' }],
    values: { document: '99999999R', contrast: '30/02/2031', kind: 'dni' },
  })
  t.same(saysOf(await submit('99999999R', '01/01/9999')), ['authentication:contrast.dni.permanent'])
  t.match(await submit('X9999999J', 'soporte'), {
    again: [{ field: 'contrast', text: 'authentication:contrast.nie.form' }],
    values: { kind: 'nie' },
  })
  t.same(s.trace, [], 'nobody was asked')
})

t.test('the agency’s hint fills the document in', async (t) => {
  const s = await scene(t)
  const show = (login: Login) => stepOf(s.pin, 'pin.identify').show(login, undefined)
  t.same(await show(loginWith({ hint: 'x9999999j' })), { values: { document: 'x9999999j', contrast: '', kind: 'nie' } })
  t.same(await show(loginWith()), { values: {} })
})

t.test('wrong codes count per citizen over all PINs, and a new PIN never resets them', async (t) => {
  const s = await scene(t)
  for (let dead = 1; dead <= 2; dead++) {
    const { login, data, code } = await sentTo(s)
    for (let nth = 1; nth <= 3; nth++) await enter(s, login, data, { code: notThis(code, nth) })
  }
  const { login, data, code } = await sentTo(s)
  const other = await sentTo(s)
  await enter(s, login, data, { code: notThis(code, 1) })
  await enter(s, login, data, { code: notThis(code, 2) })
  const ninth = await enter(s, login, data, { code: notThis(code, 3) })
  t.match(ninth, { again: [{ text: 'refusal:CITIZEN-02-too-many-tries.body', details: { count: 15 } }, {}] })
  const right = await enter(s, other.login, other.data, { code: other.code })
  t.match(right, { again: [{ text: 'refusal:CITIZEN-02-too-many-tries.body' }, {}] }, 'the right one is not heard')
})

t.test('a success forgets the failures of the factors it used and makes the browser known', async (t) => {
  const s = await scene(t)
  const { login, data, code } = await sentTo(s)
  await enter(s, login, data, { code: notThis(code) })
  await enter(s, login, data, { code })
  t.match(await s.parts.lockout.standing(s.db, carmen.document, login.browser, ['contrast', 'code']), { known: true })
  t.match(await s.parts.lockout.failed(s.db, 'code', carmen.document, false), { failures: 1 })
})

t.test(
  'the right PIN of a document that is refused by then is not heard: nothing is forgotten, and it is used',
  async (t) => {
    const s = await scene(t)
    const { login, data, code } = await sentTo(s)
    await failCode(s, defaultLimits.codeFailures)
    t.match(saysOf(await enter(s, login, data, { code })), ['refusal:CITIZEN-02-too-many-tries.body'])
    const standing = () => s.parts.lockout.standing(s.db, carmen.document, login.browser, ['code'])
    t.match(await standing(), { known: false, refusedUntil: Date })
    t.same(await enter(s, login, data, { code }), { moved: true })
    s.clock.advance(15 * 60)
    t.match(await failCode(s), { failures: defaultLimits.codeFailures + 1 })
  },
)

t.test(
  'a refusal that begins while the right PIN waits for its failure to be counted is never forgotten',
  async (t) => {
    const s = await scene(t)
    const { login, data, code } = await sentTo(s)
    await failCode(s, defaultLimits.codeFailures - 1)
    const entered = await s.db.transaction(async (tx) => {
      t.ok((await s.parts.lockout.failed(tx, 'code', carmen.document, false)).refusedUntil)
      const entering = enter(s, login, data, { code })
      await until(async () => (await s.db.row(waiting))?.count === 1)
      return { entering }
    })
    t.same(await entered.entering, evidence, 'it was heard before the fifth wrong one was')
    const { refusedUntil } = await s.parts.lockout.standing(s.db, carmen.document, 'elsewhere', ['code'])
    t.ok(refusedUntil)
  },
)

t.test('a right PIN that reaches too little by now completes nothing', async (t) => {
  const s = await scene(t)
  const { login, data, code } = await sentTo(s, substantial)
  await s.db.rows(statement('test.lower', `update citizen set registration_level = 'basic' where id = $1`), [carmen.id])
  await failCode(s)
  t.match(await enter(s, login, data, { code }), { refused: 'LEVEL-01-registration-too-low' })
  t.equal((await s.parts.lockout.standing(s.db, carmen.document, login.browser, ['code'])).known, false)
  t.match(await failCode(s), { failures: 2 })
})

t.test('a renuncia, or a death, between the PIN and its entry counts', async (t) => {
  const s = await scene(t)
  const record = await s.parts.citizens.byDocument(carmen.document)
  if (!record) throw new Error('no citizen')
  const first = await sentTo(s)
  const second = await sentTo(s)
  const gone = { ...record.citizen, registration: undefined, phone: undefined, renouncedAt: s.clock.now() }
  await s.parts.citizens.put({ ...record, citizen: gone })
  t.same(await enter(s, first.login, first.data, { code: first.code }), { refused: 'CITIZEN-04-renounced' })
  t.same(await enter(s, first.login, first.data, { action: 'another' }), { refused: 'CITIZEN-04-renounced' })
  await s.parts.citizens.put({ ...record, citizen: { ...record.citizen, deceased: true } })
  t.same(await enter(s, second.login, second.data, { code: second.code }), { refused: 'CITIZEN-05-deceased' })
})

t.test('admits: registered, alive, with a phone', async (t) => {
  const s = await scene(t)
  const admits = (document: string) => s.pin.admits(citizen(document).id)
  t.same(await admits('99999999R'), { registrationLevel: 'advanced', best: 'substantial' })
  t.same(await admits('99999998T'), { registrationLevel: 'basic', best: 'low' })
  t.same(await admits('99999987N'), { refused: 'PIN-04-no-phone' })
  t.same(await admits('99999992V'), { refused: 'CITIZEN-05-deceased' })
  t.same(await admits('99999990S'), { refused: 'CITIZEN-04-renounced' })
  t.same(await admits('99999995C'), { refused: 'CITIZEN-03-not-registered' })
  t.equal(s.pin.reach('advanced'), 'substantial')
  t.equal(s.pin.reach('basic'), 'low')
  t.equal(s.pin.reach(undefined), undefined)
})

t.test('without a phone on record there is no PIN', async (t) => {
  const s = await scene(t)
  t.same(await identify(s, loginWith(), citizen('99999987N')), { refused: 'PIN-04-no-phone' })
})

t.test('PINs are drawn evenly, leading zeros kept', async (t) => {
  const drawn = Array.from({ length: 20_000 }, () => systemRandom.digits(6))
  t.ok(drawn.every((pin) => /^[0-9]{6}$/.test(pin)))
  for (let place = 0; place < 6; place++) {
    const counts = Array.from({ length: 10 }, (_, digit) => drawn.filter((pin) => Number(pin[place]) === digit).length)
    const chiSquare = counts.reduce((sum, count) => sum + (count - 2_000) ** 2 / 2_000, 0)
    // 9 degrees of freedom: beyond 45 once in a million draws.
    t.ok(chiSquare < 45, `place ${place + 1}: ${chiSquare}`)
  }
})

t.test('only a digest of a PIN is stored', async (t) => {
  const s = await scene(t)
  const { code } = await sentTo(s)
  const rows = await s.db.rows({ name: 'test.rows', text: 'select one_time_code::text as row from one_time_code' })
  t.notOk(JSON.stringify(rows).includes(code))
})

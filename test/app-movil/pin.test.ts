import t from 'tap'
import { endPhone } from '../../src/authentication/movil/end-phone.ts'
import { answers } from '../../src/app-movil/schemas.ts'
import { statement } from '../../src/platform/index.ts'
import { basic, carmen, other } from '../authentication/movil-scene.ts'
import { notThis, saysOf } from '../authentication/scene.ts'
import { apiScene, phoneOf, pinAsked, pinLogin, unfit, type ApiScene } from './api-scene.ts'

const wrong = { status: 422, refused: 'MOVIL-02-not-genuine' }
const blockPin = statement('test.block-pin', `update citizen set blocked_methods = array['pin'] where id = $1`)
const counter = statement<{ counter: number }>(
  'test.counter',
  'select credential_counter as counter from device where id = $1',
)
const indexes = statement<{ 'QUERY PLAN': string }>(
  'test.plan',
  `explain select login from one_time_code where citizen_id = '00000000-0000-4000-8000-000000000000' and kind = 'pin'`,
)
const noSeqScan = statement('test.no-seqscan', 'set enable_seqscan = off')

const ask = (s: ApiScene, phone: Parameters<typeof pinAsked>[1], over = {}) =>
  s.call(phone, 'POST', '/pin', pinAsked(s, phone, over))

t.test('the phone shows a PIN in the place of the SMS, which is dead; the login says so', async (t) => {
  const s = await apiScene(t)
  const phone = await phoneOf(s)
  const one = await pinLogin(s)
  const shown = await ask(s, phone)
  t.match(shown, { status: 200, body: { pin: /^\d{6}$/, agency: 'Agencia Tributaria' } })
  t.equal(unfit(answers.pin, shown.body), undefined)
  t.equal(shown.body['until'], s.sent.at(-1)?.expires.toISOString(), 'its time is that of the SMS')
  t.match(saysOf(await one.enter(one.sms)), ['refusal:PIN-01-wrong.body'])
  t.same(await one.enter(String(shown.body['pin'])), {
    proven: {
      ...{ citizen: carmen.id, method: 'pin', factors: ['otp', 'hwk', 'user'] },
      ...{ level: 'substantial', registrationLevel: 'advanced' },
    },
  })
  t.match((await s.told(carmen.id)).at(-1), {
    ...{ kind: 'pin-shown', relying_party: 'aeat' },
    data: { device: phone.device, address: '127.0.0.1' },
  })
  t.equal((await ask(s, phone)).status, 204, 'used: nothing waits any more')
})

t.test('a PIN by SMS afterwards is one by SMS again', async (t) => {
  const s = await apiScene(t)
  const phone = await phoneOf(s)
  const one = await pinLogin(s)
  const { body } = await ask(s, phone)
  const sms = await one.again()
  t.match(saysOf(await one.enter(String(body['pin']))), ['refusal:PIN-01-wrong.body'])
  t.match(await one.enter(sms), { proven: { factors: ['otp', 'sms'] } })
})

t.test("the citizen's own characters still go before it", async (t) => {
  const s = await apiScene(t)
  const phone = await phoneOf(s)
  const one = await pinLogin(s, { prefix: 'Ab12' })
  const pin = String((await ask(s, phone)).body['pin'])
  t.match(saysOf(await one.enter(pin, 'xx12')), ['refusal:PIN-01-wrong.body'])
  t.match(await one.enter(pin, 'aB12'), { proven: { factors: ['otp', 'hwk', 'user'] } })
})

t.test('tries that were made stay made: a shown PIN is no new chance to guess', async (t) => {
  const s = await apiScene(t)
  const phone = await phoneOf(s)
  const one = await pinLogin(s)
  await one.enter(notThis(one.sms))
  await one.enter(notThis(one.sms))
  const pin = String((await ask(s, phone)).body['pin'])
  t.match(saysOf(await one.enter(notThis(pin))), ['refusal:PIN-02-dead.body'])
  t.equal((await ask(s, phone)).status, 204, 'and a dead one is not shown')
})

t.test('it is the newest login that waits, of this citizen, in its time', async (t) => {
  const s = await apiScene(t)
  const phone = await phoneOf(s)
  t.equal((await ask(s, phone)).status, 204)
  await pinLogin(s, { who: other })
  t.equal((await ask(s, phone)).status, 204, "another's")
  const older = await pinLogin(s)
  s.clock.advance(1)
  const newer = await pinLogin(s)
  const pin = String((await ask(s, phone)).body['pin'])
  t.match(saysOf(await older.enter(pin)), ['refusal:PIN-01-wrong.body'])
  t.match(await newer.enter(pin), { proven: {} })
  const next = String((await ask(s, phone)).body['pin'])
  t.match(await older.enter(next), { proven: {} }, 'then the older one')
  await pinLogin(s)
  s.clock.advance(s.parts.limits.pinLifetime)
  t.equal((await ask(s, phone)).status, 204, 'expired')
})

t.test('only the phone with its own unlock, proven for exactly this, is shown one', async (t) => {
  const s = await apiScene(t)
  const phone = await phoneOf(s)
  const theirs = await phoneOf(s, other)
  const one = await pinLogin(s)
  const iat = Math.floor(s.parts.clock.wire().getTime() / 1000)
  const good = pinAsked(s, phone)
  const cases: Record<string, { word: string; assertion: Record<string, unknown> }> = {
    'the unlock of another word': { word: good.word, assertion: pinAsked(s, phone).assertion },
    "another phone's unlock": { word: good.word, assertion: theirs.prove(good.word) },
    'not unlocked': { word: good.word, assertion: phone.prove(good.word, { flags: 1 }) },
    'in a frame': { word: good.word, assertion: phone.prove(good.word, { crossOrigin: true }) },
    'for another site': { word: good.word, assertion: phone.prove(good.word, { origin: 'https://evil.example' }) },
    stale: pinAsked(s, phone, { iat: iat - 310 }),
    'for another service': pinAsked(s, phone, { aud: 'https://evil.example' }),
    'without a name': pinAsked(s, phone, { jti: 'short' }),
    'with more': pinAsked(s, phone, { more: 1 }),
    "another phone's word": pinAsked(s, theirs),
    'the kind of a decision': (() => {
      const word = phone.word('clave-movil-decision+jwt', { aud: 'https://clave.example', jti: 'x'.repeat(20), iat })
      return { word, assertion: phone.prove(word) }
    })(),
  }
  for (const [what, said] of Object.entries(cases)) t.match(await s.call(phone, 'POST', '/pin', said), wrong, what)
  const bare = await phoneOf(s, basic, false)
  t.match(await ask(s, bare), { status: 403, refused: 'MOVIL-04-unlock-needed' })
  t.match(await one.enter(one.sms), { proven: { factors: ['otp', 'sms'] } }, 'the SMS still counts')
})

t.test('one proof shows one PIN, once, and no older counter after it', async (t) => {
  const s = await apiScene(t)
  const phone = await phoneOf(s)
  await pinLogin(s)
  const early = pinAsked(s, phone)
  const said = pinAsked(s, phone)
  const shown = await Promise.all(Array.from({ length: 10 }, () => s.call(phone, 'POST', '/pin', said)))
  t.same(shown.map(({ status }) => status).sort(), [200, ...Array.from({ length: 9 }, () => 422)])
  t.match(await s.call(phone, 'POST', '/pin', said), wrong, 'replayed')
  t.match(await s.call(phone, 'POST', '/pin', early), wrong, 'of a copy of the authenticator')
  t.equal((await s.db.row(counter, [phone.device]))?.counter, phone.unlock.counter)
  t.equal((await ask(s, phone)).status, 200)
})

t.test('asked at once, every one shown but the last is dead, and the allowance holds', async (t) => {
  const s = await apiScene(t, { limits: { pinsPerHour: 3 } })
  const phone = await phoneOf(s)
  const one = await pinLogin(s)
  const asked = Array.from({ length: 6 }, () => pinAsked(s, phone))
  const said = await Promise.all(asked.map((body) => s.call(phone, 'POST', '/pin', body)))
  const shown = said.filter(({ status }) => status === 200)
  t.ok(shown.length >= 1 && shown.length <= 3)
  const right = []
  for (const { body } of shown) {
    const answer = await one.enter(String(body['pin']))
    if ('proven' in answer) right.push(body)
  }
  t.equal(right.length, 1)
})

t.test('so many an hour are shown, whatever was sent by SMS, and the citizen hears until when', async (t) => {
  const s = await apiScene(t, { limits: { pinsPerHour: 2 } })
  const phone = await phoneOf(s)
  const one = await pinLogin(s)
  await one.again()
  t.equal((await ask(s, phone)).status, 200)
  t.equal((await ask(s, phone)).status, 200)
  t.match(await ask(s, phone), { status: 429, refused: 'PIN-03-too-many', body: { detail: /60 minutos/ } })
  s.clock.advance(3_600)
  await pinLogin(s)
  t.equal((await ask(s, phone)).status, 200)
})

t.test('what the rules say of the citizen holds here too', async (t) => {
  const s = await apiScene(t)
  const phone = await phoneOf(s)
  await pinLogin(s)
  await s.db.rows(blockPin, [carmen.id])
  t.match(await ask(s, phone), { refused: 'CITIZEN-07-method-blocked' })
})

t.test('an ended phone is shown nothing, even while it asks', async (t) => {
  const s = await apiScene(t)
  const phone = await phoneOf(s)
  const one = await pinLogin(s)
  const [shown] = await Promise.all([
    ask(s, phone),
    s.db.transaction((tx) => endPhone(tx, s.parts, carmen.id, { why: 'not-me' })),
  ])
  t.match(await ask(s, phone), { refused: 'MOVIL-10-device-unknown' })
  const before = shown.status === 200 ? String(shown.body['pin']) : one.sms
  t.match(await one.enter(before), { proven: {} })
})

t.test("a citizen's PIN is found by an index", async (t) => {
  const s = await apiScene(t)
  const plan = await s.db.transaction(async (tx) => {
    await tx.rows(noSeqScan)
    return tx.rows(indexes)
  })
  t.match(JSON.stringify(plan), /one_time_code_citizen/)
})

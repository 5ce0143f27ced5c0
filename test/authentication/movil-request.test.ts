import t from 'tap'
import { askPhone } from '../../src/authentication/movil/ask-by-document.ts'
import { openPending, openScanned } from '../../src/authentication/movil/claim-request.ts'
import { endPhone } from '../../src/authentication/movil/end-phone.ts'
import { leaveRequest } from '../../src/authentication/movil/leave-request.ts'
import { openRound, renewRound, tokenOf } from '../../src/authentication/movil/round.ts'
import { putSubscription } from '../../src/authentication/movil/subscription-table.ts'
import { movilSweeps } from '../../src/authentication/movil/sweeps.ts'
import { standingOf } from '../../src/authentication/movil/waiting-table.ts'
import { statement } from '../../src/platform/index.ts'
import { isRefusal } from '../../src/refusal/index.ts'
import {
  activePhone,
  asked,
  basic,
  callOf,
  carmen,
  decided,
  movilScene,
  other,
  refusedWith,
  requested,
  right,
  scanned,
  type MovilScene,
} from './movil-scene.ts'
import { loginWith, substantial } from './scene.ts'

const open = statement<{ id: string; device_id: string | null }>(
  'test.open-requests',
  'select id, device_id from movil_request where decision is null and ended_at is null',
)
const rows = statement<{ count: number }>('test.requests', 'select count(*) as count from movil_request')
const allowances = statement<{ count: number }>('test.allowances', 'select count(*) as count from movil_allowance')

const scan = async (s: MovilScene, phone: Parameters<typeof callOf>[1], token: string, browser?: string) =>
  openScanned(s.parts, await callOf(s, phone), { token, browser })

t.test('a scanned QR shows who asks, from where, which service and the code; nobody was asked before', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const agent = 'Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0'
  const login = loginWith({ application: 'Renta', agent, ...substantial })
  const round = await openRound(s.parts, login)
  t.same(await openRound(s.parts, login), round, 'a refreshed page shows the same')
  t.equal(await standingOf(s.db, round.id, s.clock.now()), 'waiting')
  const shown = right(await scan(s, phone, tokenOf(s.parts, round)))
  t.match(shown, {
    id: round.id,
    path: 'qr',
    agency: 'Agencia Tributaria',
    application: 'Renta',
    host: 'clave.example',
    place: { address: login.address, browser: 'Firefox, Windows', elsewhere: true },
    code: /^\d{6}$/,
    relyingParty: 'aeat',
    level: 'substantial high',
    nonce: /^[\w-]{22}$/,
    expires: new Date(round.expires).toISOString(),
  })
  t.same(await scan(s, phone, tokenOf(s.parts, round)), shown, 'scanned again by the same phone')
  t.same(await openPending(s.parts, await callOf(s, phone)), shown)
  t.equal(await standingOf(s.db, round.id, s.clock.now()), 'scanned')
})

t.test('128 random bits: tokens and requests of many logins share nothing', async (t) => {
  const s = await movilScene(t)
  const rounds = await Promise.all(Array.from({ length: 50 }, () => openRound(s.parts, loginWith())))
  t.equal(new Set(rounds.map(({ id }) => id)).size, 50)
  t.ok(rounds.every(({ id }) => Buffer.from(id, 'base64url').length === 16))
  const tokens = rounds.map((round) => tokenOf(s.parts, round))
  t.equal(new Set(tokens.map((token) => token.split('.')[2])).size, 50)
  t.notOk(tokens.some((token, nth) => token.includes(rounds[nth]!.id) || token.includes(rounds[nth]!.login)))
})

t.test('a QR is worth nothing after its renewal but one, its round, or with a bit of it changed', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const login = loginWith()
  const round = await openRound(s.parts, login)
  const token = tokenOf(s.parts, round)
  const [handle = '', step = '', mac = ''] = token.split('.')
  const elsewhere = tokenOf(s.parts, await openRound(s.parts, loginWith()))
  const later = (Number.parseInt(step, 36) + 1).toString(36)
  const guesses = [
    ...['', 'x', `${handle}.${step}`, `${handle}.${step}.${'A'.repeat(22)}`, `${handle}.${later}.${mac}`],
    ...[`${handle}.${step.toUpperCase()}.${mac} `, `${elsewhere.split('.')[0]}.${step}.${mac}`, `${token}.${mac}`],
    ...[`${handle}.${step}.${elsewhere.split('.')[2]}`, `${handle}.${step}.${mac.slice(1)}`, `${handle}.0.${mac}`],
  ]
  for (const guess of guesses) t.equal(refusedWith(await scan(s, phone, guess)), 'MOVIL-06-qr-old', guess)
  s.clock.advance(2 * s.parts.limits.movilQrLifetime)
  t.equal(refusedWith(await scan(s, phone, token)), 'MOVIL-06-qr-old', 'two renewals ago')
  const fresh = tokenOf(s.parts, round)
  await renewRound(s.parts, login)
  t.equal(refusedWith(await scan(s, phone, fresh)), 'MOVIL-06-qr-old', 'of an older round')
  const now = tokenOf(s.parts, await openRound(s.parts, login))
  s.clock.advance(s.parts.limits.movilQrLifetime)
  right(await scan(s, phone, now))
})

t.test('a QR dies with its round after 5 minutes, and when the login goes another way', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const login = loginWith()
  const round = await openRound(s.parts, login)
  s.clock.advance(s.parts.limits.movilLifetime)
  t.equal(refusedWith(await scan(s, phone, tokenOf(s.parts, round))), 'MOVIL-06-qr-old')
  const next = await openRound(s.parts, login)
  t.not(next.id, round.id)
  await leaveRequest(s.parts, login, next.id)
  t.equal(refusedWith(await scan(s, phone, tokenOf(s.parts, next))), 'MOVIL-06-qr-old')
})

t.test('of phones that scan one QR at once one gets the request', async (t) => {
  const s = await movilScene(t)
  const phones = [await activePhone(s), await activePhone(s, other), await activePhone(s, basic)]
  const token = tokenOf(s.parts, await openRound(s.parts, loginWith()))
  const answers = await Promise.all(Array.from({ length: 12 }, (_, nth) => scan(s, phones[nth % 3]!, token)))
  const got = new Set(answers.flatMap((answer, nth) => (isRefusal(answer) ? [] : [nth % 3])))
  t.equal(got.size, 1)
  t.equal(answers.filter((answer) => refusedWith(answer) === 'MOVIL-07-taken').length, 8)
})

t.test('on the phone that logs in nothing is elsewhere; only its own browser says so', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const mine = loginWith({ browser: 'this phone' })
  const token = tokenOf(s.parts, await openRound(s.parts, mine))
  t.match(await scan(s, phone, token, 'this phone'), { path: 'same', place: { elsewhere: false } })
  const theirs = tokenOf(s.parts, await openRound(s.parts, loginWith({ browser: 'that computer' })))
  t.match(await scan(s, phone, theirs, 'this phone'), { path: 'qr', place: { elsewhere: true } })
})

t.test("another network's place is told from the phone's own: /24 and /48", async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['198.51.100.7', '198.51.100.200', false],
    ['198.51.100.7', '::ffff:198.51.100.9', false],
    ['198.51.100.7', '198.51.101.7', true],
    ['2001:db8:1:2::1', '2001:0DB8:0001:ffff::', false],
    ['2001:db8:1::1', '2001:db8:2::1', true],
    ['2001:db8::1', '2001:db8:0:7::1', false],
    ['::1', '2001:db8::1', true],
  ]
  for (const [here, there, elsewhere] of cases) {
    const token = tokenOf(s.parts, await openRound(s.parts, loginWith({ address: there })))
    const call = { ...(await callOf(s, phone)), address: here }
    t.match(
      await openScanned(s.parts, call, { token, browser: undefined }),
      { place: { elsewhere } },
      `${here} ${there}`,
    )
  }
})

t.test('what the rules refuse is refused when scanned, and the login hears it', async (t) => {
  const s = await movilScene(t)
  const low = await activePhone(s, basic)
  const round = await openRound(s.parts, loginWith(substantial))
  t.equal(refusedWith(await scan(s, low, tokenOf(s.parts, round))), 'LEVEL-01-registration-too-low')
  t.equal(await standingOf(s.db, round.id, s.clock.now()), 'refused')
  const bare = await activePhone(s, carmen, false)
  const again = await openRound(s.parts, loginWith(substantial))
  t.equal(refusedWith(await scan(s, bare, tokenOf(s.parts, again))), 'LEVEL-02-method-too-low', 'without an unlock')
})

t.test('by document the phone is pushed to, without anything personal, and is not told the code', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const subscription = { endpoint: 'https://push.example/1', p256dh: 'p', auth: 'a' }
  await putSubscription(s.parts, phone.device, subscription, 'digest')
  const login = loginWith()
  const { request, code, until } = right(await asked(s, login))
  t.equal(until, s.clock.in(s.parts.limits.movilLifetime).toISOString())
  t.match(s.pushes, [{ to: subscription, text: { kind: 'request' } }])
  const shown = await openPending(s.parts, await callOf(s, phone))
  t.match(shown, { id: request, path: 'document', code: undefined, agency: 'Agencia Tributaria' })
  t.notMatch(JSON.stringify(shown), code)
  t.match(code, /^\d{6}$/)
})

t.test('the same is answered and done whether or not there is a phone, or one that must scan', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  await putSubscription(s.parts, phone.device, { endpoint: 'https://push.example/1', p256dh: 'p', auth: 'a' }, 'digest')
  const shape = async (who: typeof carmen) => {
    const found = await s.parts.citizens.find(who.id)
    s.trace.length = 0
    const answer = right(await askPhone(s.parts, loginWith(), found))
    return { did: [...s.trace], says: Object.keys(answer), code: answer.code.length, id: answer.request.length }
  }
  const withPhone = await shape(carmen)
  t.same(await shape(other), withPhone, 'no phone')
  for (const decision of ['deny', 'report'] as const) {
    const { shown } = await requested(s, phone)
    t.equal(await decided(s, phone, shown, decision), decision)
  }
  s.pushes.length = 0
  t.same(await shape(carmen), withPhone, 'a phone that must scan')
  t.match(s.pushes, [{ to: undefined }], 'which is not pushed to')
  t.equal(await openPending(s.parts, await callOf(s, phone)), undefined)
  t.ok(
    (await s.db.rows(open)).every(({ device_id }) => device_id === null),
    'it is a decoy',
  )
})

t.test('after two denials in a row the citizen must scan, until an approval', async (t) => {
  const s = await movilScene(t, { limits: { movilRequests: 100 } })
  const phone = await activePhone(s)
  const byDocument = async () => {
    right(await asked(s, loginWith()))
    return openPending(s.parts, await callOf(s, phone))
  }
  const deny = async () => {
    const shown = await byDocument()
    t.ok(shown)
    if (shown) t.equal(await decided(s, phone, shown, 'deny'), 'deny')
  }
  const approve = async () => t.equal(await decided(s, phone, (await requested(s, phone)).shown, 'approve'), 'approve')
  await deny()
  await approve()
  await deny()
  t.equal((await callOf(s, phone)).device.mustScan, false, 'not in a row')
  await deny()
  t.equal((await callOf(s, phone)).device.mustScan, true)
  t.equal(await byDocument(), undefined)
  await approve()
  t.ok(await byDocument())
})

t.test('3 requests in 10 minutes: of 20 sent at once exactly 3, and scanning goes on', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const answers = await Promise.all(Array.from({ length: 20 }, () => asked(s, loginWith())))
  t.equal(answers.filter((answer) => !isRefusal(answer)).length, 3)
  t.ok(answers.filter((one) => isRefusal(one)).every((one) => refusedWith(one) === 'MOVIL-08-too-many'))
  t.equal((await s.db.row(rows))?.count, 3)
  right(await asked(s, loginWith(), other))
  await requested(s, phone)
  s.clock.advance(599)
  t.equal(refusedWith(await asked(s, loginWith())), 'MOVIL-08-too-many')
  s.clock.advance(1)
  right(await asked(s, loginWith()))
})

t.test('one request waits in a phone, however many are asked and scanned at once', async (t) => {
  const s = await movilScene(t, { limits: { movilRequests: 100 } })
  const phone = await activePhone(s)
  const logins = Array.from({ length: 16 }, () => loginWith())
  await Promise.all(logins.map((login, nth) => (nth % 2 ? asked(s, login) : scanned(s, login, phone))))
  const left = await s.db.rows(open)
  t.equal(left.length, 1)
  t.equal((await openPending(s.parts, await callOf(s, phone)))?.id, left[0]?.id)
})

t.test('what waited before waits no more, and its login hears so', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const { shown } = await requested(s, phone)
  const { request } = right(await asked(s, loginWith()))
  t.equal(await standingOf(s.db, shown.id, s.clock.now()), 'gone')
  t.equal(refusedWith(await decided(s, phone, shown, 'approve')), 'MOVIL-01-gone')
  t.equal(await standingOf(s.db, request, s.clock.now()), 'waiting')
})

t.test('by document the rules are asked first, and nothing is sent where they refuse', async (t) => {
  const s = await movilScene(t)
  t.equal(refusedWith(await asked(s, loginWith(substantial), basic)), 'LEVEL-01-registration-too-low')
  t.equal(refusedWith(await asked(s, loginWith({ asked: ['high'] }))), 'LEVEL-02-method-too-low')
  t.equal(refusedWith(await askPhone(s.parts, loginWith(), undefined)), 'CITIZEN-03-not-registered')
  t.equal((await s.db.row(rows))?.count, 0)
  t.same(s.pushes, [])
})

t.test("an ended phone's request ends with it", async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const { shown } = await requested(s, phone)
  await s.db.transaction((tx) => endPhone(tx, s.parts, carmen.id, { why: 'not-me' }))
  t.equal(await standingOf(s.db, shown.id, s.clock.now()), 'gone')
})

t.test('requests are swept a day after their time, and with them when citizens were asked', async (t) => {
  const s = await movilScene(t)
  right(await asked(s, loginWith()))
  const [sweep] = movilSweeps(s.parts)
  s.clock.advance(s.parts.limits.movilLifetime + 86_399)
  right(await asked(s, loginWith(), other))
  await sweep?.run()
  t.equal((await s.db.row(rows))?.count, 2)
  s.clock.advance(2)
  await sweep?.run()
  t.equal((await s.db.row(rows))?.count, 1)
  t.equal((await s.db.row(allowances))?.count, 1)
})

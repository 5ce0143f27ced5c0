import { createHmac } from 'node:crypto'
import t from 'tap'
import { decideRequest } from '../../src/authentication/movil/decide-request.ts'
import { endPhone } from '../../src/authentication/movil/end-phone.ts'
import { leaveRequest } from '../../src/authentication/movil/leave-request.ts'
import { openPending } from '../../src/authentication/movil/claim-request.ts'
import { openRound } from '../../src/authentication/movil/round.ts'
import { settleRequest } from '../../src/authentication/movil/settle-request.ts'
import { standingOf } from '../../src/authentication/movil/waiting-table.ts'
import type { Login } from '../../src/authentication/index.ts'
import { endRegistration } from '../../src/citizen/index.ts'
import { statement } from '../../src/platform/index.ts'
import { isRefusal } from '../../src/refusal/index.ts'
import type { AssertionOver, Forged } from '../support/phone.ts'
import {
  activePhone,
  asked,
  basic,
  callOf,
  carmen,
  decided,
  movilScene,
  newPhone,
  other,
  refusedWith,
  requested,
  right,
  type MovilScene,
} from './movil-scene.ts'
import { loginWith, notThis, substantial } from './scene.ts'

const block = statement('test.block-movil-after', `update citizen set blocked_methods = '{movil}' where id = $1`)
const settle = (s: MovilScene, login: Login, request: string) =>
  settleRequest(s.parts, login, { request, known: false })
const evidence = {
  proven: {
    citizen: carmen.id,
    method: 'movil',
    factors: ['hwk', 'user'],
    level: 'substantial',
    registrationLevel: 'advanced',
  },
}

t.test("an approval with the phone's own unlock proves, substantial for an advanced registration", async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const { login, shown } = await requested(s, phone, substantial)
  t.equal(await settle(s, login, shown.id), undefined, 'nothing was decided yet')
  t.equal(await decided(s, phone, shown, 'approve'), 'approve')
  t.equal(await standingOf(s.db, shown.id, s.clock.now()), 'approved')
  t.match(await settle(s, login, shown.id), evidence)
  t.match((await callOf(s, phone)).device, { credential: { counter: 1 }, lastUsedAt: s.clock.now() })
})

t.test(
  'without the unlock low is reached, and where more is asked the unlock is needed before it counts',
  async (t) => {
    const s = await movilScene(t)
    const bare = await activePhone(s, carmen, false)
    const low = await requested(s, bare)
    t.equal(await decided(s, bare, low.shown, 'approve'), 'approve')
    t.match(await settle(s, low.login, low.shown.id), { proven: { level: 'low', factors: ['swk'] } })
    const phone = await activePhone(s)
    const { login, shown } = await requested(s, phone, substantial)
    const jws = phone.decide(shown, 'approve')
    const call = await callOf(s, phone)
    const bareSaid = { request: shown.id, jws, assertion: undefined }
    t.equal(refusedWith(await decideRequest(s.parts, call, bareSaid)), 'MOVIL-04-unlock-needed')
    t.equal(await decided(s, phone, shown, 'approve'), 'approve', 'it still waits')
    t.match(await settle(s, login, shown.id), evidence)
  },
)

t.test('a basic registration reaches low', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s, basic)
  const { login, shown } = await requested(s, phone)
  t.equal(await decided(s, phone, shown, 'approve'), 'approve')
  t.match(await settle(s, login, shown.id), { proven: { level: 'low', registrationLevel: 'basic' } })
})

t.test('a denial and a report end the login, and are told in the audit with what decided', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const first = await requested(s, phone)
  t.equal(await decided(s, phone, first.shown, 'deny', { code: '' }), 'deny', 'no code is needed for that')
  t.same(await settle(s, first.login, first.shown.id), { refused: 'MOVIL-05-denied' })
  const second = await requested(s, phone)
  t.equal(await decided(s, phone, second.shown, 'report'), 'report')
  t.same(await settle(s, second.login, second.shown.id), { refused: 'MOVIL-09-reported' })
  const third = await requested(s, phone)
  t.equal(await decided(s, phone, third.shown, 'approve'), 'approve')
  const about = { kind: 'movil-denied', relying_party: 'aeat' }
  const data = (reported: string) => ({ device: phone.device, reported, address: '198.51.100.7' })
  t.match((await s.told(carmen.id)).slice(1), [
    { ...about, data: data('no') },
    { ...about, data: data('yes') },
  ])
  t.equal((await s.told(carmen.id)).length, 3, 'an approval is told by the login')
})

t.test('of 50 decisions at once one counts, and one is told', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const { login, shown } = await requested(s, phone)
  const kinds = ['approve', 'deny', 'report'] as const
  const answers = await Promise.all(Array.from({ length: 50 }, (_, nth) => decided(s, phone, shown, kinds[nth % 3]!)))
  const counted = answers.filter((answer) => !isRefusal(answer))
  t.equal(counted.length, 1)
  t.ok(answers.every((answer) => !isRefusal(answer) || answer.refused === 'MOVIL-01-gone'))
  t.equal((await s.told(carmen.id)).length, counted[0] === 'approve' ? 1 : 2)
  const taken = await Promise.all(Array.from({ length: 50 }, () => settle(s, login, shown.id)))
  t.equal(taken.filter((answer) => answer && 'moved' in answer).length, 49, 'and the login takes it once')
})

t.test('of 50 approvals at once, each with its own unlock, one counts', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const { login, shown } = await requested(s, phone)
  const answers = await Promise.all(Array.from({ length: 50 }, () => decided(s, phone, shown, 'approve')))
  t.equal(answers.filter((answer) => answer === 'approve').length, 1)
  const taken = await Promise.all(Array.from({ length: 50 }, () => settle(s, login, shown.id)))
  t.equal(taken.filter((answer) => answer && 'proven' in answer).length, 1)
})

t.test('what is signed is what stands here: nothing of it can be another', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const theirs = await activePhone(s, other)
  const former = await requested(s, phone)
  await decided(s, phone, former.shown, 'deny')
  const { shown } = await requested(s, phone)
  const code = shown.code ?? ''
  const iat = Math.floor(s.clock.wire().getTime() / 1000)
  const attempts: Readonly<Record<string, readonly [over: Readonly<Record<string, unknown>>, forged?: Forged]>> = {
    'another service': [{ aud: 'https://clave.example.org' }],
    'the service with a slash': [{ aud: 'https://clave.example/' }],
    'another request': [{ request: former.shown.id }],
    'another agency': [{ rp: 'dgt' }],
    'a lower level': [{ level: 'low' }],
    'a higher level': [{ level: 'high' }],
    'levels in another order': [{ level: 'high substantial low' }],
    'another nonce': [{ nonce: former.shown.nonce }],
    'no nonce': [{ nonce: undefined }],
    'another decision': [{ decision: 'Approve' }],
    'no decision': [{ decision: null }],
    'a list for a decision': [{ decision: ['approve'] }],
    'a number for a code': [{ code: Number(code) }],
    old: [{ iat: iat - 301 }],
    'from the future': [{ iat: iat + 400 }],
    'a broken second': [{ iat: iat + 0.5 }],
    'one claim more': [{ extra: true }],
    'an activation word': [{}, { header: { typ: 'clave-movil-activation+jwt' } }],
    'a call': [{}, { header: { typ: 'clave-movil-call+jwt' } }],
    'a JWT': [{}, { header: { typ: 'JWT' } }],
    "another device's name": [{}, { header: { kid: theirs.device } }],
    'no name': [{}, { header: { kid: undefined } }],
    none: [{}, { header: { alg: 'none' } }],
    HS256: [
      {},
      { header: { alg: 'HS256' }, signer: (input) => createHmac('sha512', phone.key.x).update(input).digest() },
    ],
    'an embedded key': [{}, { header: { jwk: phone.key } }],
    'a code twice': [
      {},
      {
        claimsText: JSON.stringify({
          ...{ aud: 'https://clave.example', request: shown.id, rp: 'aeat', code: '000000' },
          ...{ level: shown.level, nonce: shown.nonce, decision: 'approve', iat },
        }).replace('"code":"000000"', `"code":"000000","code":"${code}"`),
      },
    ],
  }
  const call = await callOf(s, phone)
  for (const [what, [over, forged]] of Object.entries(attempts)) {
    const jws = phone.decide(shown, 'approve', over, forged)
    const said = { request: shown.id, jws, assertion: phone.prove(jws) }
    t.equal(refusedWith(await decideRequest(s.parts, call, said)), 'MOVIL-02-not-genuine', what)
  }
  const stranger = newPhone()
  stranger.device = phone.device
  for (const [who, forger] of Object.entries({ stranger, theirs })) {
    const said = { request: shown.id, jws: forger.decide(shown, 'approve'), assertion: undefined }
    t.equal(refusedWith(await decideRequest(s.parts, call, said)), 'MOVIL-02-not-genuine', who)
  }
  t.equal(await decided(s, phone, shown, 'approve'), 'approve', 'none of them did harm')
})

t.test('another phone decides nothing, nor does a guessed request', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const theirs = await activePhone(s, other)
  const { shown } = await requested(s, phone)
  t.equal(refusedWith(await decided(s, theirs, shown, 'approve')), 'MOVIL-01-gone')
  for (const id of ['', 'x', `${shown.id.slice(1)}A`, 'A'.repeat(22), '\0'.repeat(22), shown.id.toLowerCase()]) {
    t.equal(refusedWith(await decided(s, phone, { ...shown, id }, 'approve')), 'MOVIL-01-gone', JSON.stringify(id))
  }
})

t.test('the assertion is of this phone, here, unlocked, for exactly this decision (WebAuthn 7.2)', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const theirs = await activePhone(s, other)
  const former = await requested(s, phone, substantial)
  const formerJws = phone.decide(former.shown, 'approve')
  const used = phone.prove(formerJws)
  const call = await callOf(s, phone)
  const said = { request: former.shown.id, jws: formerJws, assertion: used }
  t.match(await decideRequest(s.parts, call, said), { decision: 'approve' })
  const { shown } = await requested(s, phone, substantial)
  const jws = phone.decide(shown, 'approve')
  const now = await callOf(s, phone)
  const attempts: Readonly<Record<string, AssertionOver>> = {
    'not unlocked': { flags: 1 },
    'nobody there': { flags: 4 },
    'another site': { origin: 'https://clave.example.org' },
    'plain http': { origin: 'http://clave.example' },
    'another RP id': { rpId: 'example' },
    'the same counter again': { counter: 1 },
    'a counter gone back': { counter: 0 },
    'a registration': { type: 'webauthn.create' },
    "in a frame of another's page": { crossOrigin: true },
    'a credential by another name': { id: 'AAAAAAAAAAAAAAAAAAAAAA' },
    'another challenge': { challenge: Buffer.alloc(32).toString('base64url') },
  }
  const decideWith = (assertion: Record<string, unknown>) =>
    decideRequest(s.parts, now, { request: shown.id, jws, assertion })
  for (const [what, over] of Object.entries(attempts)) {
    t.equal(refusedWith(await decideWith(phone.prove(jws, over))), 'MOVIL-02-not-genuine', what)
  }
  t.equal(refusedWith(await decideWith(used)), 'MOVIL-02-not-genuine', 'replayed')
  t.equal(refusedWith(await decideWith(theirs.prove(jws))), 'MOVIL-02-not-genuine', "another phone's")
  const id = now.device.credential?.id ?? ''
  t.equal(refusedWith(await decideWith(theirs.prove(jws, { id }))), 'MOVIL-02-not-genuine', "another phone's key")
  const denied = phone.prove(phone.decide(shown, 'deny'))
  t.equal(refusedWith(await decideWith(denied)), 'MOVIL-02-not-genuine', 'for a denial')
  for (const nothing of [{}, { id }, { id, rawId: id, type: 'public-key', response: {} }]) {
    t.equal(refusedWith(await decideWith(nothing)), 'MOVIL-02-not-genuine')
  }
  t.match(await decideWith(phone.prove(jws)), { decision: 'approve' })
})

t.test('a counter counts once: a copied authenticator does not approve with one that was used meanwhile', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const call = await callOf(s, phone)
  const { shown } = await requested(s, phone, substantial)
  const jws = phone.decide(shown, 'approve')
  const stale = phone.prove(jws, { counter: 5 })
  const next = await requested(s, phone, substantial)
  const [, newer] = [await callOf(s, phone), phone.decide(next.shown, 'approve')]
  const said = { request: next.shown.id, jws: newer, assertion: phone.prove(newer, { counter: 5 }) }
  t.match(await decideRequest(s.parts, call, said), { decision: 'approve' })
  const third = await requested(s, phone, substantial)
  const last = phone.decide(third.shown, 'approve')
  // `call` is what another process read before that approval.
  const again = { request: third.shown.id, jws: last, assertion: phone.prove(last, { counter: 5 }) }
  t.equal(refusedWith(await decideRequest(s.parts, call, again)), 'MOVIL-01-gone')
  t.equal(
    refusedWith(await decideRequest(s.parts, call, { request: shown.id, jws, assertion: stale })),
    'MOVIL-01-gone',
  )
})

t.test('a phone without a credential proves no unlock', async (t) => {
  const s = await movilScene(t)
  const bare = await activePhone(s, carmen, false)
  const { shown } = await requested(s, bare)
  const jws = bare.decide(shown, 'approve')
  const said = { request: shown.id, jws, assertion: bare.prove(jws) }
  t.equal(refusedWith(await decideRequest(s.parts, await callOf(s, bare), said)), 'MOVIL-02-not-genuine')
})

t.test('by document the code is typed: the third wrong one kills the request, whoever types at once', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const login = loginWith()
  const { code } = right(await asked(s, login))
  const shown = (await openPending(s.parts, await callOf(s, phone)))!
  t.match(await decided(s, phone, shown, 'approve', { code: notThis(code) }), {
    refused: 'MOVIL-03-wrong-code',
    details: { count: 2 },
  })
  t.equal(await decided(s, phone, shown, 'approve', { code }), 'approve')
  t.match(await settle(s, login, shown.id), { proven: { citizen: carmen.id } })
  const second = loginWith()
  const again = right(await asked(s, second))
  const next = (await openPending(s.parts, await callOf(s, phone)))!
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, nth) => decided(s, phone, next, 'approve', { code: notThis(again.code, nth + 1) })),
  )
  t.equal(answers.filter((answer) => refusedWith(answer) === 'MOVIL-03-wrong-code').length, 2)
  t.equal(answers.filter((answer) => refusedWith(answer) === 'MOVIL-01-gone').length, 18)
  t.equal(refusedWith(await decided(s, phone, next, 'approve', { code: again.code })), 'MOVIL-01-gone')
  t.equal(await standingOf(s.db, next.id, s.clock.now()), 'gone')
  t.same(await settle(s, second, next.id), { refused: 'MOVIL-01-gone' })
})

t.test('nothing is decided after its time, after cancelling, or on another request', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const late = await requested(s, phone)
  s.clock.advance(s.parts.limits.movilLifetime)
  t.equal(refusedWith(await decided(s, phone, late.shown, 'approve')), 'MOVIL-01-gone')
  t.equal(await standingOf(s.db, late.shown.id, s.clock.now()), 'gone')
  t.same(await settle(s, late.login, late.shown.id), { refused: 'MOVIL-11-expired' })
  const left = await requested(s, phone)
  await leaveRequest(s.parts, left.login, left.shown.id)
  t.equal(refusedWith(await decided(s, phone, left.shown, 'approve')), 'MOVIL-01-gone')
  t.same(await settle(s, left.login, left.shown.id), { refused: 'MOVIL-01-gone' })
  const theirs = await requested(s, phone)
  await leaveRequest(s.parts, { ...theirs.login, browser: 'another' }, theirs.shown.id)
  await leaveRequest(s.parts, loginWith(), theirs.shown.id)
  t.equal(await decided(s, phone, theirs.shown, 'approve'), 'approve', 'only its own login cancels it')
})

t.test("a decision is taken in the login's own browser, once, and not after the login went another way", async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const one = await requested(s, phone)
  await decided(s, phone, one.shown, 'approve')
  t.equal(await settle(s, { ...one.login, browser: "the attacker's" }, one.shown.id), undefined)
  t.equal(await settle(s, loginWith({ browser: one.login.browser }), one.shown.id), undefined)
  t.match(await settle(s, one.login, one.shown.id), evidence)
  t.same(await settle(s, one.login, one.shown.id), { moved: true })
  const two = await requested(s, phone)
  await decided(s, phone, two.shown, 'approve')
  await leaveRequest(s.parts, two.login, two.shown.id)
  t.same(await settle(s, two.login, two.shown.id), { refused: 'MOVIL-01-gone' })
})

t.test('an ended phone decides nothing, and what it approved is not taken any more', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const call = await callOf(s, phone)
  const approved = await requested(s, phone)
  await decided(s, phone, approved.shown, 'approve')
  const { shown } = await requested(s, phone)
  await s.db.transaction((tx) => endPhone(tx, s.parts, carmen.id, { why: 'by-citizen' }))
  const jws = phone.decide(shown, 'approve')
  const said = { request: shown.id, jws, assertion: phone.prove(jws) }
  t.equal(refusedWith(await decideRequest(s.parts, call, said)), 'MOVIL-01-gone')
  t.same(await settle(s, approved.login, approved.shown.id), { refused: 'MOVIL-01-gone' })
})

t.test('approvals and the end of the phone at once: nothing is taken after the end', async (t) => {
  const s = await movilScene(t)
  for (let nth = 0; nth < 5; nth += 1) {
    const phone = await activePhone(s)
    const { login, shown } = await requested(s, phone)
    const [answer] = await Promise.all([
      decided(s, phone, shown, 'approve').catch(() => 'no such phone'),
      s.db.transaction((tx) => endPhone(tx, s.parts, carmen.id, { why: 'by-citizen' })),
    ])
    t.match(await settle(s, login, shown.id), { refused: 'MOVIL-01-gone' }, JSON.stringify(answer))
    s.clock.advance(3_600)
  }
})

t.test('who renounced, or blocked Cl@ve Móvil, after approving is not let in', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const one = await requested(s, phone)
  await decided(s, phone, one.shown, 'approve')
  await s.db.rows(block, [carmen.id])
  t.same(await settle(s, one.login, one.shown.id), { refused: 'CITIZEN-07-method-blocked' })
  const theirs = await activePhone(s, other)
  const two = await requested(s, theirs)
  await decided(s, theirs, two.shown, 'approve')
  await s.db.transaction((tx) => endRegistration(tx, other.id, s.clock.now()))
  t.same(await settle(s, two.login, two.shown.id), { refused: 'CITIZEN-04-renounced' })
})

t.test('what the rules refused at the scan is what the login is told', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s, basic)
  const login = loginWith(substantial)
  await requested(s, phone, login).catch(() => undefined)
  const { id } = await openRound(s.parts, login)
  t.same(await settle(s, login, id), { refused: 'LEVEL-01-registration-too-low' })
})

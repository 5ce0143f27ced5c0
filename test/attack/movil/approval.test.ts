import t from 'tap'
import { baseUrl, carmen, other } from '../../authentication/movil-scene.ts'
import { newsOf, outcomeIn, type Waiting } from '../../authentication/movil-service.ts'
import { makePhone } from '../../support/phone.ts'
import { attackScene, shownIn, type AttackScene, type Decided } from './scene.ts'

const gone = { status: 410, refused: 'MOVIL-01-gone' }
const forged = { status: 422, refused: 'MOVIL-02-not-genuine' }

async function scanned(t: Parameters<typeof attackScene>[0], request: Parameters<AttackScene['atQr']>[0] = {}) {
  const s = await attackScene(t)
  const phone = await s.phoneOf()
  const at = await s.atQr(request)
  return { s, phone, at, shown: await s.scan(phone, at.page) }
}

/** The login has gone on to nobody. */
async function isOpen(s: AttackScene, { browser, login }: Waiting): Promise<boolean> {
  return (
    (await s.app.inject({ url: `${login}/movil/news`, cookies: Object.fromEntries(browser.cookies) })).statusCode ===
    200
  )
}

t.test('approve after cancel', async (t) => {
  const { s, phone, at, shown } = await scanned(t)
  await at.browser.post(`${at.login}/cancel`)
  t.match(await s.decide(phone, shown), gone)
})

t.test('cancel after approve: the login is over, and the approval with it', async (t) => {
  const { s, phone, at, shown } = await scanned(t)
  t.match(await s.decide(phone, shown), { status: 200 })
  t.match(outcomeIn(await at.browser.submit(`${at.login}/cancel`)), { refused: 'LOGIN-01-cancelled' })
  t.match(outcomeIn(await at.browser.submit(`${at.login}/movil`)), { refused: 'LOGIN-01-cancelled' })
})

t.test('approve after expiry: of the request, and of the login', async (t) => {
  const { s, phone, at, shown } = await scanned(t)
  s.clock.advance(301)
  t.match(await s.decide(phone, shown), gone)
  t.ok(await isOpen(s, at))
  t.match(await newsOf(at), { standing: 'gone', decided: false })
  const late = await s.atQr()
  await s.decide(phone, await s.scan(phone, late.page))
  s.clock.advance(s.parts.limits.loginLifetime + 1)
  t.match(await late.browser.post(`${late.login}/movil`), { status: 410 }, 'approved in time, the login is over')
  t.notOk(late.browser.cookies.has('clave-session'))
})

t.test('approve twice, with another signature and the unlock anew; deny what was approved', async (t) => {
  const { s, phone, shown } = await scanned(t)
  t.match(await s.decide(phone, shown), { status: 200 })
  t.match(await s.decide(phone, shown), gone)
  t.match(await s.decide(phone, shown, 'deny'), gone)
})

t.test('approve in parallel: of 20 at once one', async (t) => {
  const { s, phone, at, shown } = await scanned(t)
  const all = await Promise.all(Array.from({ length: 20 }, () => s.decide(phone, shown)))
  t.equal(all.filter(({ status }) => status === 200).length, 1)
  const ends = await Promise.all(Array.from({ length: 20 }, () => at.browser.post(`${at.login}/movil`)))
  t.equal(ends.filter(({ cookies }) => cookies.includes('clave-session')).length, 1, 'and one session')
  t.match(outcomeIn(await at.browser.submit(`${at.login}/movil`)), { method: 'movil' })
  t.equal((await s.told(carmen.id)).filter(({ kind }) => kind === 'login').length, 1)
})

t.test(
  'approve from another device: its citizen’s former one, another citizen’s, one that nobody activated',
  async (t) => {
    const { s, phone, at, shown } = await scanned(t)
    const theirs = await s.phoneOf(other)
    t.match(await s.decide(theirs, shown), gone, "another citizen's")
    const nobody = makePhone(baseUrl, s.parts.clock.wire)
    nobody.device = phone.device
    t.match(await s.decide(nobody, shown), { status: 401, refused: 'MOVIL-10-device-unknown' }, 'in its name')
    const jws = nobody.decide(shownIn(shown), 'approve')
    t.match(
      await s.decide(phone, shown, 'approve', { jws, assertion: phone.prove(jws) }),
      forged,
      'its decision in another call',
    )
    const newer = await s.phoneOf()
    t.match(await s.decide(newer, shown), gone, 'the newer one of the same citizen')
    t.match(await s.decide(phone, shown), { status: 401 }, 'the former one')
    t.ok(await isOpen(s, at))
  },
)

t.test('approve for another login: each decision fits its own request', async (t) => {
  const { s, phone, at, shown } = await scanned(t)
  const jws = phone.decide(shownIn(shown), 'approve')
  const others = await s.atQr()
  const next = await s.scan(phone, others.page)
  t.match(await s.decide(phone, next, 'approve', { jws, assertion: phone.prove(jws) }), forged)
  t.match(await s.decide(phone, next, 'approve', { request: shownIn(shown).id }), gone, 'the older waits no more')
  t.ok(await isOpen(s, at))
  t.ok(await isOpen(s, others))
})

t.test('approve with a changed agency, level, code, nonce, audience, time or decision', async (t) => {
  const { s, phone, at, shown } = await scanned(t, { asked: ['substantial', 'high'] })
  const now = Math.floor(s.parts.clock.wire().getTime() / 1000)
  const changes: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    ...{ agency: { rp: 'dgt' }, level: { level: 'low substantial high' }, 'lower level': { level: 'low' } },
    ...{ nonce: { nonce: 'x'.repeat(22) }, audience: { aud: 'https://clave.example.evil.example' } },
    ...{ request: { request: 'x'.repeat(22) }, decision: { decision: 'APPROVE' }, list: { decision: ['approve'] } },
    ...{ old: { iat: now - 301 }, future: { iat: now + 302 }, text: { iat: String(now) }, more: { admin: true } },
    ...{ 'a number as code': { code: 123456 }, none: { code: null } },
  }
  for (const [what, claims] of Object.entries(changes))
    t.match(await s.decide(phone, shown, 'approve', { claims }), forged, what)
  t.match(await s.decide(phone, shown, 'approve', { claims: { code: 'x' } }), { refused: 'MOVIL-03-wrong-code' })
  t.match(await s.decide(phone, shown, 'approve', { assertion: 'none' }), { refused: 'MOVIL-04-unlock-needed' })
  t.ok(await isOpen(s, at))
  t.match(await s.decide(phone, shown), { status: 200 }, 'what is right still counts')
})

t.test('an unlock that was for another decision, another call, or another page proves nothing', async (t) => {
  const { s, phone, shown } = await scanned(t)
  const jws = phone.decide(shownIn(shown), 'approve')
  const deny = phone.decide(shownIn(shown), 'deny')
  const wrong: Readonly<Record<string, Decided>> = {
    'of a denial': { jws, assertion: phone.prove(deny) },
    'of another site': { jws, assertion: phone.prove(jws, { origin: 'https://evil.example' }) },
    nothing: { jws, assertion: { id: '', rawId: '', type: 'public-key', response: { clientDataJSON: '' } } },
  }
  for (const [what, how] of Object.entries(wrong)) t.match(await s.decide(phone, shown, 'approve', how), forged, what)
  t.match(await s.decide(phone, shown, 'approve', { jws }), { status: 200 })
})

t.test('guessing request ids: none but the phone’s own is there', async (t) => {
  const { s, phone, shown } = await scanned(t)
  const { id } = shownIn(shown)
  const theirs = await s.phoneOf(other)
  const next = id.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
  for (const request of [
    next,
    '',
    '0',
    "' or 1=1 --",
    '../..',
    id.toLowerCase() === id ? id.toUpperCase() : id.toLowerCase(),
  ])
    t.match(await s.decide(phone, shown, 'approve', { request }), gone, request)
  t.match(await s.call(theirs, 'GET', '/request'), { status: 204 })
  t.match(await s.decide(phone, shown), { status: 200 })
})

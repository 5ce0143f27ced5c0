import t from 'tap'
import { fakeMethod } from './fake-method.ts'
import { begin, gateway, identify, type Gateway } from './gateway.ts'
import type { TestBrowser } from './test-browser.ts'

const minutes = (count: number) => count * 60

/** Whether the browser's session still answers an agency that it has answered before. */
const isAlive = async (gate: Gateway, browser: TestBrowser): Promise<boolean> =>
  'citizen' in (await gate.passive(browser))

t.test('a session that nobody uses ends after 15 minutes', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  await identify(gate, browser)
  gate.clock.advance(minutes(15) - 1)
  t.ok(await gate.session(browser))
  gate.clock.advance(1)
  t.notOk(await gate.session(browser))
  t.same(await gate.passive(browser), { refused: 'LOGIN-05-page-needed' })
})

t.test('each use gives 15 minutes anew, up to 60 from the proof', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  await identify(gate, browser)
  for (const at of [14, 28, 42, 56]) {
    gate.clock.advance(minutes(14))
    t.ok(await isAlive(gate, browser), `after ${at} minutes`)
  }
  gate.clock.advance(minutes(4) - 1)
  t.ok(await isAlive(gate, browser))
  gate.clock.advance(1)
  t.notOk(await isAlive(gate, browser))
})

t.test('looking at a session is no use of it, and use is written down once a minute', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  await identify(gate, browser)
  const seen = (await gate.session(browser))?.seen
  gate.clock.advance(59)
  t.ok(await isAlive(gate, browser))
  t.equal((await gate.session(browser))?.seen, seen)
  gate.clock.advance(1)
  t.ok(await gate.session(browser))
  t.equal((await gate.session(browser))?.seen, seen)
  t.ok(await isAlive(gate, browser))
  t.equal((await gate.session(browser))?.seen, gate.clock.now().getTime())
})

t.test('a login begins a session under a new name: one planted before it is worth nothing after it', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  const planted = 'p'.repeat(43)
  browser.cookies.set('clave-session', planted)
  await identify(gate, browser)
  const first = browser.cookies.get('clave-session')
  t.not(first, planted)
  const thief = gate.browser()
  thief.cookies.set('clave-session', planted)
  t.notOk(await gate.session(thief))

  await identify(gate, browser, { force: true })
  t.not(browser.cookies.get('clave-session'), first)
  thief.cookies.set('clave-session', first ?? '')
  t.notOk(await gate.session(thief), 'the former one is gone')
})

t.test('the cookie is not the name under which a session is kept', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  await identify(gate, browser)
  const session = await gate.session(browser)
  const thief = gate.browser()
  thief.cookies.set('clave-session', session?.id ?? '')
  t.notOk(await gate.session(thief))
})

t.test("a login of another citizen replaces the session, with nothing left of the former one's", async (t) => {
  const pin = fakeMethod('pin')
  const gate = await gateway(t, [pin, fakeMethod('permanente')])
  const browser = gate.browser()
  await identify(gate, browser)
  await identify(gate, browser, { relyingParty: 'dgt', force: true })
  t.match(await gate.session(browser), {
    citizen: 'carmen',
    reached: { aeat: String, dgt: String },
    confirmed: ['aeat', 'dgt'],
  })
  pin.evidence = { ...pin.evidence, citizen: 'jose', level: 'low' }
  await identify(gate, browser, { relyingParty: 'sepe', force: true })
  const session = await gate.session(browser)
  t.match(session, { citizen: 'jose', reached: { sepe: String }, confirmed: ['sepe'] })
  t.match(session?.proofs, [{ method: 'pin', level: 'low' }])
  t.equal(session?.proofs.length, 1)
})

t.test('the same citizen proving more steps the session up', async (t) => {
  const pin = fakeMethod('pin', { advanced: 'low' })
  const gate = await gateway(t, [pin, fakeMethod('permanente')])
  const browser = gate.browser()
  await identify(gate, browser)
  t.same(await gate.passive(browser, { asked: ['substantial', 'high'] }), { refused: 'LOGIN-05-page-needed' })

  const login = await begin(browser, gate.ask({ asked: ['substantial', 'high'] }))
  t.match(await browser.get(`${login}/choose`), { body: /AEAT pide un nivel de seguridad más alto/ })
  await browser.post(`${login}/choose`, { method: 'permanente' })
  gate.clock.advance(30)
  await browser.submit(`${login}/permanente/identify`, { say: 'proven' })
  const session = await gate.session(browser)
  t.match(session?.proofs, [{ method: 'permanente', level: 'substantial' }])
  t.equal(session?.proofs.length, 1, 'the lesser proof is forgotten')
  t.match(await gate.passive(browser, { asked: ['substantial', 'high'] }), {
    level: 'substantial',
    method: 'permanente',
  })
})

t.test('proving less keeps what was proven before, each with its own time', async (t) => {
  const pin = fakeMethod('pin', { advanced: 'low' })
  const gate = await gateway(t, [fakeMethod('permanente'), pin])
  const browser = gate.browser()
  const login = await begin(browser, gate.ask())
  await browser.post(`${login}/choose`, { method: 'permanente' })
  await browser.submit(`${login}/permanente/identify`, { say: 'proven' })
  gate.clock.advance(minutes(10))
  await identify(gate, browser, { force: true })
  t.match((await gate.session(browser))?.proofs, [{ method: 'pin', level: 'low' }, { method: 'permanente' }])
  t.match(await gate.passive(browser), { method: 'pin', level: 'low' }, 'the newest that satisfies')
  t.match(await gate.passive(browser, { asked: ['substantial'] }), { method: 'permanente', level: 'substantial' })
  t.match(await gate.passive(browser, { maxAge: 60, asked: ['substantial'] }), { refused: 'LOGIN-05-page-needed' })
  t.match(await gate.passive(browser, { maxAge: 60 }), { method: 'pin' })

  for (let uses = 0; uses < 5; uses++) {
    gate.clock.advance(minutes(10))
    await gate.passive(browser)
  }
  t.match(await gate.passive(browser), { method: 'pin' })
  t.match(
    await gate.passive(browser, { asked: ['substantial'] }),
    { refused: 'LOGIN-05-page-needed' },
    'each lives 60 minutes',
  )
})

t.test('a session can be ended: by its id, by its browser, and with all others of its citizen', async (t) => {
  const gate = await gateway(t)
  const [one, two, three] = [gate.browser(), gate.browser(), gate.browser()]
  for (const browser of [one, two, three]) await identify(gate, browser)
  await gate.engine.endSession((await gate.session(one))?.id ?? '', 'by-citizen')
  t.notOk(await gate.session(one))
  t.ok(await gate.session(two))

  const left = JSON.parse((await two.get('/leave')).body) as object
  t.match(left, { session: { citizen: 'carmen', reached: { aeat: String } } }, 'and tells what it was')
  t.notOk(two.cookies.has('clave-session'))
  t.same(JSON.parse((await two.get('/leave')).body), {})
  t.ok(await gate.session(three))

  await gate.engine.endSessionsOf('jose', 'not-me')
  t.ok(await gate.session(three))
  await gate.engine.endSessionsOf('carmen', 'not-me')
  t.notOk(await gate.session(three))
})

t.test('many uses at once are all written down', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  await identify(gate, browser)
  const agencies = ['dgt', 'sepe', 'dgt', 'sepe']
  const answers = await Promise.all(
    agencies.map((relyingParty) => gate.passive(browser, { relyingParty, passive: true })),
  )
  t.ok(answers.every((answer) => 'citizen' in answer))
  t.same(Object.keys((await gate.session(browser))?.reached ?? {}).sort(), ['aeat', 'dgt', 'sepe'])
})

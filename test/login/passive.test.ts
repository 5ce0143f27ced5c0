import t from 'tap'
import type { Admission } from '../../src/authentication/index.ts'
import type { LoginRequest } from '../../src/login/index.ts'
import { refusal } from '../../src/refusal/index.ts'
import { fakeMethod } from './fake-method.ts'
import { begin, gateway, identify, outcomeOf } from './gateway.ts'

const pageNeeded = { refused: 'LOGIN-05-page-needed' }
const noMethod = { refused: 'LOGIN-06-no-method' }

t.test('what a session answers without a page', async (t) => {
  const pin = fakeMethod('pin')
  const gate = await gateway(t, [pin, fakeMethod('permanente')])
  const browser = gate.browser()
  const who = await identify(gate, browser)
  gate.clock.advance(100)
  const rows: readonly [string, Partial<LoginRequest>, object][] = [
    ['the same agency again', {}, who],
    ['prompt=none at the same agency', { passive: true }, who],
    ['a lower level than reached', { asked: ['low'] }, { level: 'low', citizen: 'carmen' }],
    ['a higher level than reached', { asked: ['high'] }, pageNeeded],
    ['prompt=login', { force: true }, pageNeeded],
    ['prompt=none and ForceAuthn', { force: true, passive: true }, pageNeeded],
    ['max_age not passed', { maxAge: 100 }, who],
    ['max_age passed', { maxAge: 99 }, pageNeeded],
    ['max_age=0', { maxAge: 0 }, pageNeeded],
    ['max_age=0 with prompt=none', { maxAge: 0, passive: true }, pageNeeded],
    ['the method is switched off', { excluded: ['pin'] }, pageNeeded],
    ['prompt=none, and another method would do', { excluded: ['pin'], passive: true }, pageNeeded],
    ['prompt=none for a level that no method reaches', { asked: ['high'], passive: true }, noMethod],
    ['prompt=none, and every method is switched off', { excluded: ['pin', 'permanente'], passive: true }, noMethod],
    ['prompt=none and ForceAuthn for such a level', { asked: ['high'], force: true, passive: true }, noMethod],
    ['another method is switched off', { excluded: ['permanente'] }, who],
    ['the citizen of the id_token_hint', { citizen: 'carmen' }, who],
    ['another citizen in the id_token_hint', { citizen: 'jose', passive: true }, pageNeeded],
    ['prompt=select_account', { choose: true }, pageNeeded],
    ['an agency where nobody has agreed yet', { relyingParty: 'dgt' }, pageNeeded],
    ['prompt=none at such an agency', { relyingParty: 'dgt', passive: true }, who],
    ['which is still not agreed to', { relyingParty: 'dgt' }, pageNeeded],
    ['an agency that is gone', { relyingParty: 'nobody', passive: true }, pageNeeded],
  ]
  for (const [name, request, expected] of rows) t.match(await gate.passive(browser, request), expected, name)
  t.same(
    Object.keys((await gate.session(browser))?.reached ?? {}),
    ['aeat', 'dgt'],
    'those answered are to hear of the logout',
  )
  t.same((await gate.session(browser))?.confirmed, ['aeat'])
  t.same(await gate.passive(gate.browser(), { passive: true }), pageNeeded, 'a browser without a session')
})

t.test('what cannot be reached is said to a passive request too, whether there is a session or none', async (t) => {
  const gate = await gateway(t, [fakeMethod('movil')])
  const browser = gate.browser()
  for (const request of [{ asked: ['high'] }, { relyingParty: 'dgt' }] as const) {
    t.same(outcomeOf(await browser.get(gate.ask({ ...request, passive: true }))), noMethod, JSON.stringify(request))
    t.same(outcomeOf(await browser.get(gate.ask(request))), noMethod, 'as where pages are allowed')
  }
  t.same(outcomeOf(await browser.get(gate.ask({ passive: true }))), pageNeeded)
  t.same(gate.audit.events, [], 'nobody was named, nothing was tried')
})

t.test('what the rules say of the citizen today counts, not what they said at the login', async (t) => {
  const pin = fakeMethod('pin')
  const gate = await gateway(t, [pin, fakeMethod('permanente')])
  const browser = gate.browser()
  await identify(gate, browser)
  const admitted = pin.admission as Admission

  for (const code of ['CITIZEN-04-renounced', 'CITIZEN-05-deceased', 'PIN-04-no-phone'] as const) {
    pin.admission = refusal(code)
    t.same(await gate.passive(browser), pageNeeded, code)
    t.same(await gate.passive(browser, { passive: true }), pageNeeded, code)
  }
  pin.admission = { registrationLevel: 'basic', best: 'low' }
  t.match(await gate.passive(browser), { level: 'low', registrationLevel: 'basic' }, 'a registration lowered since')
  t.same(await gate.passive(browser, { asked: ['substantial'] }), pageNeeded)
  pin.admission = { ...admitted, best: 'high' }
  t.match(await gate.passive(browser), { level: 'substantial' }, 'one raised since proves no more than was proven')
})

t.test('a renuncia between the question and the answer ends it', async (t) => {
  const pin = fakeMethod('pin')
  const gate = await gateway(t, [pin, fakeMethod('permanente')])
  const browser = gate.browser()
  await identify(gate, browser)
  const admits = pin.admits.bind(pin)
  pin.admits = async (citizen) => {
    await gate.engine.endSessionsOf(citizen, 'renuncia')
    return admits(citizen)
  }
  t.same(await gate.passive(browser, { relyingParty: 'dgt', passive: true }), pageNeeded)
})

t.test('a passive request at the door is answered at once', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  t.same(outcomeOf(await browser.get(gate.ask({ passive: true }))), pageNeeded)
  const who = await identify(gate, browser)
  t.same(outcomeOf(await browser.get(gate.ask({ passive: true }))), who)
})

t.test('an agency that the citizen agreed to is answered at the door without a page', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  const who = await identify(gate, browser)
  const answer = await browser.get(gate.ask())
  t.same(outcomeOf(answer), who)
  t.equal(gate.endings.length, 2)
})

t.test('where a session does not satisfy, the login goes through a method, and its proof counts', async (t) => {
  const gate = await gateway(t)
  for (const request of [{ force: true }, { maxAge: 0 }, { maxAge: 10 }, { excluded: ['pin'] }] as const) {
    const browser = gate.browser()
    await identify(gate, browser)
    gate.clock.advance(20)
    const login = await begin(browser, gate.ask(request))
    t.notMatch(await browser.get(`${login}/choose`), { body: /pide un nivel de seguridad más alto/ })
    await browser.post(`${login}/choose`, { method: 'permanente' })
    const proven = await browser.submit(`${login}/permanente/identify`, { say: 'proven' })
    t.match(outcomeOf(proven), { citizen: 'carmen', method: 'permanente' })
  }
})

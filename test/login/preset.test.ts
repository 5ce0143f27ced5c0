import t from 'tap'
import type { LoginRequest } from '../../src/login/index.ts'
import { refusal } from '../../src/refusal/index.ts'
import { fakeMethod } from './fake-method.ts'
import { gateway, identify, outcomeOf } from './gateway.ts'

t.test('a login that waits completes without a page, with a session, by the real rules', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  gate.preset = { citizen: 'jose', method: 'permanente' }
  const door = gate.ask()
  const answer = await browser.get(door)
  t.match(outcomeOf(answer), {
    citizen: 'jose',
    method: 'permanente',
    factors: ['pwd', 'otp', 'sms'],
    level: 'substantial',
    registrationLevel: 'advanced',
  })
  t.match(await gate.session(browser), { citizen: 'jose', confirmed: ['aeat'] })
  t.same(outcomeOf(await browser.get(door)), outcomeOf(answer), 'the same at the next visit of the door')
  t.match(await browser.open(gate.ask({ force: true })), { at: /choose$/ }, 'and the next login needs its page again')
})

t.test('the rules refuse as they would refuse the citizen', async (t) => {
  const pin = fakeMethod('pin')
  const gate = await gateway(t, [pin, fakeMethod('permanente', { advanced: 'low' })])
  const substantial = { asked: ['substantial', 'high'] } as const
  const basic = { registrationLevel: 'basic', best: 'low' } as const
  const rows: readonly [string, Partial<LoginRequest>, typeof pin.admission, 'pin' | 'permanente', string][] = [
    ['renounced', {}, refusal('CITIZEN-04-renounced'), 'pin', 'CITIZEN-04-renounced'],
    ['registration too low', substantial, basic, 'pin', 'LEVEL-01-registration-too-low'],
    ['method too low', substantial, pin.admission, 'permanente', 'LEVEL-02-method-too-low'],
    ['switched off', { excluded: ['pin'] }, pin.admission, 'pin', 'LOGIN-06-no-method'],
    ['another citizen expected', { citizen: 'jose' }, pin.admission, 'pin', 'LOGIN-07-other-citizen'],
  ]
  for (const [name, request, admission, method, code] of rows) {
    pin.admission = admission
    gate.preset = { citizen: 'carmen', method }
    const browser = gate.browser()
    t.same(outcomeOf(await browser.get(gate.ask(request))), { refused: code }, name)
    t.notOk(await gate.session(browser), 'and no session begins')
  }
})

t.test('a refusal that waits is the outcome', async (t) => {
  const gate = await gateway(t)
  gate.preset = refusal('PIN-03-too-many')
  const door = gate.ask()
  const browser = gate.browser()
  t.same(outcomeOf(await browser.get(door)), { refused: 'PIN-03-too-many' })
  t.same(outcomeOf(await browser.get(door)), { refused: 'PIN-03-too-many' })
  t.match(gate.endings, [{ result: 'PIN-03-too-many' }])
})

t.test('a session does not answer while a login waits', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  await identify(gate, browser)
  gate.preset = { citizen: 'jose', method: 'pin' }
  t.same(await gate.passive(browser), { refused: 'LOGIN-05-page-needed' })
  t.match(await gate.passive(browser, { passive: true }), { citizen: 'carmen' }, 'but prompt=none never makes a login')
  t.match(outcomeOf(await browser.get(gate.ask())), { citizen: 'jose' })
  t.match(await gate.passive(browser), { citizen: 'jose' })
})

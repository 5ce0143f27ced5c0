import t from 'tap'
import type { LevelsAsked, Loa, RegistrationLevel } from '../../src/citizen/index.ts'
import { fakeMethod, type FakeMethod } from './fake-method.ts'
import { begin, gateway, identify, outcomeOf } from './gateway.ts'
import type { TestBrowser } from './test-browser.ts'

/** To the last page of the PIN. */
async function toCode(browser: TestBrowser, door: string): Promise<string> {
  const login = await begin(browser, door)
  await browser.post(`${login}/choose`, { method: 'pin' })
  await browser.post(`${login}/pin/identify`, { say: 'next' })
  return login
}

t.test('a proven citizen goes to the agency with who, how, when and how surely', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  const door = gate.ask()
  const login = await toCode(browser, door)
  gate.clock.advance(30)
  const before = Date.now()
  const answer = await browser.submit(`${login}/pin/code`, { say: 'proven' })
  t.equal(answer.at, door)
  const { at, session, ...who } = outcomeOf(answer) as unknown as Record<string, string>
  t.same(who, {
    citizen: 'carmen',
    method: 'pin',
    factors: ['pin-factor'],
    level: 'substantial',
    registrationLevel: 'advanced',
  })
  t.ok(
    Date.parse(at ?? '') >= before && Date.parse(at ?? '') <= Date.now(),
    'the time is real, though our clock was moved',
  )
  t.equal(session, (await gate.session(browser))?.id)
  t.match(gate.endings, [{ relyingParty: 'aeat', method: 'pin', result: 'identified', seconds: 30 }])
  t.same(outcomeOf(await browser.open(door)), outcomeOf(answer), 'the door hears the same again')
})

t.test('at its end a login forgets what only its pages needed', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  const login = await toCode(browser, gate.ask({ hint: '99999999R' }))
  const kept = async () => JSON.stringify(await gate.store.get(`login:${login.split('.')[1] ?? ''}`))
  t.match(await kept(), /99999999R.*"from":"identify"/)
  await browser.post(`${login}/pin/code`, { say: 'proven' })
  t.match(await kept(), /"page":"done"/)
  t.notMatch(await kept(), /99999999R|"from"/)
})

t.test('the agency is told the highest level that it asked for and that was reached', async (t) => {
  const rows: readonly [LevelsAsked, Loa, string][] = [
    [['low', 'substantial', 'high'], 'low', 'low'],
    [['low', 'substantial', 'high'], 'substantial', 'substantial'],
    [['low'], 'substantial', 'low'],
    [['low', 'high'], 'substantial', 'low'],
    [['substantial'], 'high', 'substantial'],
  ]
  const pin = fakeMethod('pin', { advanced: 'high' })
  const gate = await gateway(t, [pin])
  for (const [asked, level, told] of rows) {
    pin.evidence = { ...pin.evidence, level }
    const browser = gate.browser()
    const login = await begin(browser, gate.ask({ asked }))
    const answer = await browser.submit(`${login}/pin/identify`, { say: 'proven' })
    t.match(outcomeOf(answer), { level: told }, `${level} for ${asked.join()}`)
  }
})

t.test('a level not reached is never answered with a lower one', async (t) => {
  const rows: readonly [string, Loa, RegistrationLevel | undefined, string][] = [
    ['the registration bounds it', 'low', 'basic', 'LEVEL-01-registration-too-low'],
    ['not registered', 'low', undefined, 'LEVEL-01-registration-too-low'],
    ['the method was not used in full', 'low', 'advanced', 'LEVEL-02-method-too-low'],
  ]
  const pin = fakeMethod('pin')
  const gate = await gateway(t, [pin, fakeMethod('permanente')])
  for (const [name, level, registrationLevel, code] of rows) {
    pin.evidence = { ...pin.evidence, level, registrationLevel }
    const browser = gate.browser()
    const door = gate.ask({ asked: ['substantial', 'high'] })
    const login = await toCode(browser, door)
    const page = await browser.submit(`${login}/pin/code`, { say: 'proven' })
    t.match(page, { at: `${login}/refused`, status: 403 }, name)
    t.same(outcomeOf(await browser.submit(`${login}/refused`)), { refused: code })
    t.equal(await gate.session(browser), undefined, 'and no session begins')
  }
})

t.test('another citizen than the agency expects is refused', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  const login = await toCode(browser, gate.ask({ citizen: 'jose' }))
  t.match(await browser.submit(`${login}/pin/code`, { say: 'proven' }), {
    status: 403,
    body: /Se ha identificado otra persona/,
  })
  t.same(outcomeOf(await browser.submit(`${login}/refused`)), { refused: 'LOGIN-07-other-citizen' })
  t.match(await identify(gate, gate.browser(), { citizen: 'carmen' }), { citizen: 'carmen' })
})

t.test('a refusal is explained, with what to do, before it goes to the agency', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  const door = gate.ask()
  const login = await toCode(browser, door)
  const page = await browser.submit(`${login}/pin/code`, { say: 'PIN-04-no-phone' })
  t.match(page, { at: `${login}/refused`, status: 403, body: /No tenemos su teléfono móvil/ })
  t.match(page.body, /Añada su teléfono/)
  t.match(page.body, 'Volver a AEAT')
  t.match(page.body, 'PIN-04-no-phone', 'with its code, for the help desk')
  t.match(page.body, `href="${login}/choose"`, 'another method may do')
  const back = await browser.submit(`${login}/refused`)
  t.match(back, { at: door })
  t.same(outcomeOf(back), { refused: 'PIN-04-no-phone' })
})

t.test('after a refusal of one method another one can be used', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  const login = await toCode(browser, gate.ask())
  await browser.post(`${login}/pin/code`, { say: 'PIN-04-no-phone' })
  t.match(await browser.get(`${login}/choose`), { status: 200 })
  await browser.post(`${login}/choose`, { method: 'permanente' })
  t.match(outcomeOf(await browser.submit(`${login}/permanente/identify`, { say: 'proven' })), { method: 'permanente' })
})

t.test('no other method is offered where the refusal is about the person, or where there is none', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  const login = await toCode(browser, gate.ask())
  const page = await browser.submit(`${login}/pin/code`, { say: 'CITIZEN-04-renounced' })
  t.match(page, { status: 403, body: /Renunció a Cl@ve/ })
  t.notMatch(page.body, '/choose')

  const single = await begin(browser, gate.ask({ excluded: ['permanente'] }))
  const refused = await browser.submit(`${single}/pin/identify`, { say: 'PIN-04-no-phone' })
  t.notMatch(refused.body, '/choose')
})

t.test('cancelling where a refusal stands tells the agency the refusal', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  const login = await toCode(browser, gate.ask())
  await browser.post(`${login}/pin/code`, { say: 'CITIZEN-04-renounced' })
  t.same(outcomeOf(await browser.submit(`${login}/cancel`)), { refused: 'CITIZEN-04-renounced' })
})

t.test('of 50 submissions of the right code at once one settles the login', async (t) => {
  for (const say of ['once', 'proven']) {
    const pin: FakeMethod = fakeMethod('pin')
    const gate = await gateway(t, [pin, fakeMethod('permanente')])
    const browser = gate.browser()
    const door = gate.ask()
    const login = await toCode(browser, door)
    const answers = await Promise.all(Array.from({ length: 50 }, () => browser.post(`${login}/pin/code`, { say })))
    t.ok(answers.every(({ status }) => status === 303))
    const sessions = answers.filter(({ cookies }) => cookies.includes('clave-session'))
    t.equal(sessions.length, 1, `${say}: one gets the session`)
    t.equal(sessions[0]?.location, door)
    t.ok(
      answers.every(({ location }) => location === door || location === `${login}/pin/code`),
      'the others are led on',
    )
    const led = await Promise.all(answers.map(({ location = '' }) => browser.open(location)))
    t.ok(
      led.every(({ at }) => at === door),
      'to the end',
    )
    t.equal(new Set(led.map(({ body }) => body)).size, 1, 'and all find the same outcome')
    t.equal(gate.endings.length, 1)
    t.match(outcomeOf(await browser.open(door)), { session: (await gate.session(browser))?.id ?? 'none' })
  }
})

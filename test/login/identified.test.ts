import t from 'tap'
import { refusal } from '../../src/refusal/index.ts'
import { fakeMethod } from './fake-method.ts'
import { begin, gateway, identify, outcomeOf } from './gateway.ts'

/** The session that the page shows. */
const shown = (body: string): string => /name="session" value="([^"]+)"/.exec(body)?.[1] ?? ''

t.test('another agency: the citizen is asked whether to go on as who they are', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  const who = await identify(gate, browser)
  const door = gate.ask({ relyingParty: 'dgt' })
  const page = await browser.open(door)
  t.match(page, { status: 200, at: /\/identified$/ })
  t.match(page.body, /<h1[^>]*>¿Quiere continuar como CARMEN PRUEBA\?<\/h1>/)
  t.match(page.body, /con Cl@ve PIN, a las \d{1,2}:\d{2}/)
  t.match(page.body, /DGT sabrá quién es usted/)
  t.same(Object.keys((await gate.session(browser))?.reached ?? {}), ['aeat'], 'until then the agency learns nothing')

  const answer = await browser.submit(page.at, { answer: 'go-on', session: shown(page.body) })
  t.equal(answer.at, door)
  t.same(outcomeOf(answer), who)
  t.match(await gate.session(browser), { reached: { aeat: String, dgt: String }, confirmed: ['aeat', 'dgt'] })
  t.match(await gate.passive(browser, { relyingParty: 'dgt' }), { citizen: 'carmen' }, 'asked once a session')
})

t.test('prompt=select_account asks again', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  await identify(gate, browser)
  t.match(await browser.open(gate.ask({ choose: true })), { status: 200, at: /\/identified$/ })
})

t.test('someone else identifies with a method; the session stays until they have', async (t) => {
  const pin = fakeMethod('pin')
  const gate = await gateway(t, [pin, fakeMethod('permanente')])
  const browser = gate.browser()
  await identify(gate, browser)
  const login = await begin(browser, gate.ask({ relyingParty: 'dgt' }))
  t.match(await browser.post(`${login}/identified`, { answer: 'someone-else', session: 'any' }), {
    location: `${login}/choose`,
  })
  t.match(await gate.session(browser), { citizen: 'carmen' })
  await browser.post(`${login}/choose`, { method: 'pin' })
  pin.evidence = { ...pin.evidence, citizen: 'jose' }
  t.match(outcomeOf(await browser.submit(`${login}/pin/identify`, { say: 'proven' })), { citizen: 'jose' })
  t.match(await gate.session(browser), { citizen: 'jose', reached: { dgt: String } })
})

t.test('someone else, where one method is left: straight to it; where none is, back to the agency', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  await identify(gate, browser)
  const one = await begin(browser, gate.ask({ relyingParty: 'dgt', excluded: ['permanente'] }))
  t.match(await browser.post(`${one}/identified`, { answer: 'someone-else', session: 'any' }), {
    location: `${one}/pin/identify`,
  })
})

t.test('a session that ended, or satisfies no more, is not gone on with', async (t) => {
  const pin = fakeMethod('pin')
  const gate = await gateway(t, [pin, fakeMethod('permanente')])
  const admission = pin.admission
  const end = async () => {
    await gate.engine.endSessionsOf('carmen', 'not-me')
  }
  const renounce = async () => {
    pin.admission = refusal('CITIZEN-04-renounced')
  }
  for (const happens of [end, renounce]) {
    pin.admission = admission
    const browser = gate.browser()
    await identify(gate, browser)
    const page = await browser.open(gate.ask({ relyingParty: 'dgt' }))
    const login = page.at.replace('/identified', '')
    await happens()
    t.match(await browser.get(page.at), { status: 303, location: `${login}/choose` })
    t.match(await browser.post(page.at, { answer: 'go-on', session: shown(page.body) }), {
      location: `${login}/choose`,
    })
    t.match(await browser.get(login), { location: `${login}/choose` })
  }
})

t.test('the page of one citizen is not an answer for another one who identified in another tab', async (t) => {
  const pin = fakeMethod('pin')
  const gate = await gateway(t, [pin, fakeMethod('permanente')])
  const browser = gate.browser()
  await identify(gate, browser)
  const page = await browser.open(gate.ask({ relyingParty: 'dgt' }))
  pin.evidence = { ...pin.evidence, citizen: 'jose' }
  await identify(gate, browser, { force: true })
  t.match(await browser.post(page.at, { answer: 'go-on', session: shown(page.body) }), {
    status: 303,
    location: page.at,
  })
  t.match(await browser.get(page.at), { body: /¿Quiere continuar como JOSE PRUEBA\?/ })
})

t.test('going on twice at once is going on once', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  await identify(gate, browser)
  const door = gate.ask({ relyingParty: 'dgt' })
  const page = await browser.open(door)
  const form = { answer: 'go-on', session: shown(page.body) }
  const answers = await Promise.all(Array.from({ length: 10 }, () => browser.post(page.at, form)))
  t.ok(answers.every(({ location }) => location === door))
  t.equal(gate.endings.length, 2)
})

t.test('neither a session nor another tab can confirm an agency for a login that has ended', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  await identify(gate, browser)
  const door = gate.ask({ relyingParty: 'dgt' })
  const page = await browser.open(door)
  await browser.post(page.at.replace('identified', 'cancel'))
  t.match(await browser.post(page.at, { answer: 'go-on', session: shown(page.body) }), { location: door })
  t.same((await gate.session(browser))?.confirmed, ['aeat'])
  t.same(outcomeOf(await browser.open(door)), { refused: 'LOGIN-01-cancelled' })
})

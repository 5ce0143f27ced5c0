import t from 'tap'
import { fakeMethod } from './fake-method.ts'
import { begin, gateway, outcomeOf } from './gateway.ts'

t.test('a login belongs to the browser that began it: another one learns nothing and moves nothing', async (t) => {
  const pin = fakeMethod('pin')
  const gate = await gateway(t, [pin, fakeMethod('permanente')])
  const browser = gate.browser()
  const door = gate.ask({ application: 'Renta Web' })
  const login = await begin(browser, door)
  await browser.post(`${login}/choose`, { method: 'pin' })

  const other = gate.browser()
  await other.open(gate.ask())
  for (const answer of [
    await other.get(login),
    await other.get(`${login}/pin/identify`),
    await other.post(`${login}/pin/identify`, { say: 'proven' }),
    await other.post(`${login}/cancel`),
    await other.open(door),
    await gate.browser().get(`${login}/choose`),
  ]) {
    t.match(answer, { status: 403, body: /Esta identificación empezó en otro navegador/ })
    t.notMatch(answer.body, /AEAT|Renta|door/)
  }
  t.same(pin.submitted, [])
  t.match(await browser.get(login), { location: `${login}/pin/identify` })
})

t.test('a form without the token of this browser is not taken', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  const door = gate.ask()
  const login = await begin(browser, door)
  const stranger = gate.browser()
  stranger.cookies.set('clave-browser', 'x'.repeat(43))
  const cookie = browser.cookies.get('clave-browser') ?? ''
  const forged = await gate.app.inject({
    method: 'POST',
    url: `${login}/cancel`,
    cookies: { 'clave-browser': cookie },
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: '_csrf=forged',
  })
  t.equal(forged.statusCode, 403)
  t.match(await browser.get(login), { location: `${login}/choose` })
})

t.test('two tabs share a login: each is led to where it stands', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  const door = gate.ask()
  const first = await begin(browser, door)
  const second = await begin(browser, door)
  t.equal(first, second)
  await browser.post(`${first}/choose`, { method: 'pin' })
  await browser.post(`${first}/pin/identify`, { say: 'next' })
  t.match(await browser.get(`${second}/pin/identify`), { status: 303, location: `${second}/pin/code` })
  t.match(await browser.open(door), { at: `${second}/pin/code`, status: 200 })
  await browser.post(`${second}/choose`, { method: 'permanente' })
  t.match(await browser.post(`${first}/pin/code`, { say: 'proven' }), {
    status: 303,
    location: `${first}/permanente/identify`,
  })
})

t.test('back, refresh and a form sent twice do nothing', async (t) => {
  const pin = fakeMethod('pin')
  const gate = await gateway(t, [pin, fakeMethod('permanente')])
  const browser = gate.browser()
  const door = gate.ask()
  const login = await begin(browser, door)
  await browser.post(`${login}/choose`, { method: 'pin' })
  await browser.post(`${login}/pin/identify`, { say: 'next' })
  t.match(await browser.get(`${login}/pin/code`), { status: 200 })
  t.match(await browser.get(`${login}/pin/code`), { status: 200 }, 'refresh')
  t.match(await browser.get(`${login}/pin/identify`), { location: `${login}/pin/code` }, 'back')
  t.match(await browser.post(`${login}/pin/identify`, { say: 'next' }), { location: `${login}/pin/code` }, 'sent again')
  t.match(await browser.get(`${login}/choose`), { status: 200 }, 'back to the choice of method')
  t.match(await browser.get(login), { location: `${login}/pin/code` }, 'loses nothing')
  t.same(pin.submitted, ['pin.identify:next'])

  t.match(await browser.post(`${login}/pin/code`, { say: 'proven' }), { location: door })
  t.match(await browser.post(`${login}/pin/code`, { say: 'proven' }), { location: door }, 'sent again after the end')
  t.match(await browser.get(`${login}/pin/code`), { location: door }, 'back after the end')
  t.same(pin.submitted, ['pin.identify:next', 'pin.code:proven'])
})

t.test('choosing a method again begins it afresh', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  const login = await begin(browser, gate.ask())
  await browser.post(`${login}/choose`, { method: 'pin' })
  await browser.post(`${login}/pin/identify`, { say: 'next' })
  t.match(await browser.post(`${login}/choose`, { method: 'pin' }), { location: `${login}/pin/identify` })
  t.match(await browser.get(login), { location: `${login}/pin/identify` })
})

t.test('many visits of the door at once make one login', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  await browser.open(gate.ask())
  const door = gate.ask()
  const answers = await Promise.all(Array.from({ length: 10 }, () => browser.get(door)))
  t.equal(new Set(answers.map(({ location }) => location)).size, 1)
  t.ok(answers.every(({ status }) => status === 303))
})

t.test('cancel goes straight back to the agency', async (t) => {
  const gate = await gateway(t)
  for (const walk of [[], ['/choose', '/pin/identify']]) {
    const browser = gate.browser()
    const door = gate.ask()
    const login = await begin(browser, door)
    for (const path of walk) await browser.post(`${login}${path}`, { method: 'pin', say: 'next' })
    const answer = await browser.submit(`${login}/cancel`)
    t.match(answer, { at: door })
    t.same(outcomeOf(answer), { refused: 'LOGIN-01-cancelled' })
  }
  t.match(gate.endings, [
    { relyingParty: 'aeat', method: undefined, result: 'LOGIN-01-cancelled', seconds: 0 },
    { result: 'LOGIN-01-cancelled' },
  ])
})

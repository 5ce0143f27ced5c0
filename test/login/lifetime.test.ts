import t from 'tap'
import { begin, gateway, outcomeOf } from './gateway.ts'

const minutes = (count: number) => count * 60

t.test('a login lives 20 minutes', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  const door = gate.ask()
  const login = await begin(browser, door)
  gate.clock.advance(minutes(20) - 1)
  t.match(await browser.get(`${login}/choose`), { status: 200, body: /Le queda 1 minuto/ })
  gate.clock.advance(1)
  for (const path of ['', '/choose', '/pin/identify', '/refused']) {
    const page = await browser.get(`${login}${path}`)
    t.match(page, { status: 410, body: /Se ha agotado el tiempo/ })
    t.match(page.body, `href="${door}"`, 'with the way back to the agency')
    t.match(page.body, 'AEAT')
  }
})

t.test('an expired login takes no form any more, and its agency hears that it expired', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  const door = gate.ask()
  const login = await begin(browser, door)
  gate.clock.advance(minutes(20))
  for (const path of ['/choose', '/cancel', '/more-time']) {
    t.match(await browser.post(`${login}${path}`, { method: 'pin' }), { status: 410 })
  }
  t.same(outcomeOf(await browser.open(door)), { refused: 'LOGIN-02-expired' })
  t.same(outcomeOf(await browser.open(door)), { refused: 'LOGIN-02-expired' }, 'each time it asks')
})

t.test(
  'until 90 minutes after its beginning an expired login can be answered; later the page leads to the agency',
  async (t) => {
    const gate = await gateway(t)
    const browser = gate.browser()
    const door = gate.ask()
    const login = await begin(browser, door)
    gate.clock.advance(minutes(90) - 1)
    t.match(await browser.get(login), { status: 410 })
    t.same(outcomeOf(await browser.open(door)), { refused: 'LOGIN-02-expired' })
    gate.clock.advance(1)
    const page = await browser.get(login)
    t.match(page, { status: 404, body: /Esta identificación ya no está disponible/ })
    t.match(page.body, 'href="https://aeat.example/"')
  },
)

t.test('"I need more time" gives 20 minutes anew, and 60 in all', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  const login = await begin(browser, gate.ask())
  for (const at of [19, 38]) {
    gate.clock.advance(minutes(19))
    t.match((await browser.get(`${login}/choose`)).body, /Necesito más tiempo/, `after ${at} minutes`)
    t.match(await browser.post(`${login}/more-time`), { status: 303, location: `${login}/choose` })
    t.match((await browser.get(`${login}/choose`)).body, /Le quedan 20 minutos/)
  }
  gate.clock.advance(minutes(10))
  t.match(await browser.post(`${login}/more-time`), { status: 303 })
  const page = await browser.get(`${login}/choose`)
  t.match(page.body, /Le quedan 12 minutos/)
  t.notMatch(page.body, /Necesito más tiempo/, 'nothing more can be given')
  t.match(await browser.post(`${login}/more-time`), { status: 303 }, 'and asking does no harm')
  t.match((await browser.get(`${login}/choose`)).body, /Le quedan 12 minutos/)
  gate.clock.advance(minutes(12))
  t.match(await browser.get(`${login}/choose`), { status: 410 })
})

t.test('more time leads back to the page where it was asked for, or to where the login stands', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  const login = await begin(browser, gate.ask())
  await browser.post(`${login}/choose`, { method: 'pin' })
  t.match(await browser.post(`${login}/more-time?page=choose`), { location: `${login}/choose` })
  t.match(await browser.post(`${login}/more-time?page=pin.identify`), { location: `${login}/pin/identify` })
  for (const page of ['pin.code', 'cancel', 'https://elsewhere.example/', 'x&page=y']) {
    t.match(await browser.post(`${login}/more-time?page=${page}`), { status: 303, location: `${login}/pin/identify` })
  }
})

t.test('a script that asks for more time hears how many seconds there are', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  const login = await begin(browser, gate.ask())
  gate.clock.advance(minutes(5))
  const answer = await browser.post(`${login}/more-time?page=choose`, {}, { accept: 'application/json' })
  t.match(answer, { status: 200, body: '{"seconds":1200}' })
})

t.test('more time in one tab does not undo what another tab does at the same moment', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  const login = await begin(browser, gate.ask())
  await browser.post(`${login}/choose`, { method: 'pin' })
  const answers = await Promise.all([
    browser.post(`${login}/pin/identify`, { say: 'next' }),
    ...Array.from({ length: 5 }, () => browser.post(`${login}/more-time`)),
  ])
  t.match(answers[0], { status: 303, location: `${login}/pin/code` })
  t.match(await browser.get(login), { location: `${login}/pin/code` })
})

t.test('a refusal that nobody took to the agency in time is still what the agency hears', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  const door = gate.ask()
  const login = await begin(browser, door)
  await browser.post(`${login}/choose`, { method: 'permanente' })
  await browser.post(`${login}/permanente/identify`, { say: 'PERMANENTE-02-blocked' })
  gate.clock.advance(minutes(20))
  t.match(await browser.get(`${login}/refused`), { status: 410 })
  t.same(outcomeOf(await browser.open(door)), { refused: 'PERMANENTE-02-blocked' })
})

t.test('the end does not expire: its agency hears it again as long as it can ask', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  const door = gate.ask()
  const login = await begin(browser, door)
  await browser.post(`${login}/cancel`)
  gate.clock.advance(minutes(60))
  t.match(await browser.get(`${login}/choose`), { status: 303, location: door })
  t.same(outcomeOf(await browser.open(door)), { refused: 'LOGIN-01-cancelled' })
})

t.test('what is no login at all gets a page that explains', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  const unknown = [
    'x',
    'aeat.short',
    `aeat.${'x'.repeat(22)}`,
    `nobody.${'x'.repeat(22)}`,
    `sepe.${'x'.repeat(22)}`,
    '%00.x',
    'ñ',
  ]
  for (const id of unknown) {
    t.match(
      await browser.get(`/login/${id}/choose`),
      { status: 404, body: /Esta identificación ya no está disponible/ },
      id,
    )
  }
  const door = gate.ask({ relyingParty: 'dgt' })
  const login = await begin(browser, door)
  t.match(await browser.get(login.replace('dgt.', 'aeat.')), { status: 404 }, "another agency's name does not open it")
})

t.test('a door that has lost its own transaction says that it is over, and where the agency is', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  const door = gate.ask()
  const login = await begin(browser, door)
  await browser.post(`${login}/cancel`)
  gate.forget(door)
  const back = await browser.open(`${login}/choose`)
  t.match(back, { at: door, status: 404, body: /Esta identificación ya no está disponible/ })
  t.match(back.body, 'href="https://aeat.example/"')
  const other = await gate.browser().open(door)
  t.match(other, { status: 404 })
  t.notMatch(other.body, /aeat/i, 'another browser is not told whose login it was')
  t.match(await browser.open('/door/unknown'), { status: 404 })
})

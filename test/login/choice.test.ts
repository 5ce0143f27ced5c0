import t from 'tap'
import { fakeMethod } from './fake-method.ts'
import { begin, gateway, outcomeOf } from './gateway.ts'

const substantial = ['substantial', 'high'] as const

const tilesOf = (body: string) =>
  [...body.matchAll(/class="clave-tile" href="[^"]*\/(\w+)\/identify"/g)].map(([, name]) => name)

t.test('one tile a method, in their order, each a link to its first page', async (t) => {
  const gate = await gateway(t)
  const page = await gate.browser().open(gate.ask())
  t.match(page, { status: 200, body: /<h1[^>]*>¿Cómo quiere identificarse\?<\/h1>/ })
  t.same(tilesOf(page.body), ['pin', 'permanente'])
  t.notMatch(page.body, /clave-tile--off/)
})

t.test('a method that the agency switched off is absent', async (t) => {
  const gate = await gateway(t, [fakeMethod('pin'), fakeMethod('permanente'), fakeMethod('movil')])
  const browser = gate.browser()
  const login = await begin(browser, gate.ask({ excluded: ['movil'] }))
  const page = await browser.get(`${login}/choose`)
  t.same(tilesOf(page.body), ['pin', 'permanente'])
  t.match(await browser.post(`${login}/choose`, { method: 'movil' }), { status: 303, location: `${login}/choose` })
  t.match(await browser.get(`${login}/movil/identify`), { status: 303, location: `${login}/choose` })
  t.match(await browser.post(`${login}/movil/identify`, { say: 'proven' }), {
    status: 303,
    location: `${login}/choose`,
  })
})

t.test('so is one that the agency never takes, whatever its request says', async (t) => {
  const gate = await gateway(t, [fakeMethod('pin'), fakeMethod('permanente'), fakeMethod('movil')])
  const page = await gate.browser().open(gate.ask({ relyingParty: 'dgt' }))
  t.same(tilesOf(page.body), ['pin', 'permanente'])
})

t.test('a method whose best stays below what is asked is greyed: to be read, not to be chosen', async (t) => {
  const weak = fakeMethod('permanente', { advanced: 'low' })
  const gate = await gateway(t, [weak, fakeMethod('pin')])
  const browser = gate.browser()
  const login = await begin(browser, gate.ask({ asked: substantial }))
  browser.cookies.set('clave-lang', 'en')
  const page = await browser.get(`${login}/choose`)
  const off = /<div class="clave-tile clave-tile--off">(.*?)<\/div>/s.exec(page.body)?.[1] ?? ''
  t.match(off, /Cl@ve Permanente/)
  t.match(off, /This does not reach the level of security that AEAT asks for/)
  t.match(off, /your registration in Cl@ve must be an advanced one/, 'the way to reach it')
  t.notMatch(off, /<a |<button|tabindex/)
  t.ok(page.body.indexOf('clave-tile--off') > page.body.indexOf('/pin/identify"'), 'after those that can be chosen')
  t.match(await browser.post(`${login}/choose`, { method: 'permanente' }), { location: `${login}/pin/identify` })
})

t.test('looking at a method moves nothing; from within one, a tile begins the other afresh', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  const login = await begin(browser, gate.ask())
  for (const method of ['pin', 'permanente', 'pin']) {
    t.match(await browser.get(`${login}/${method}/identify`), { status: 200 })
    t.match(await browser.get(login), { location: `${login}/choose` })
  }
  t.match(await browser.post(`${login}/pin/identify`, { say: 'next' }), { location: `${login}/pin/code` })
  t.match(await browser.get(`${login}/permanente/identify`), { location: `${login}/pin/code` })
  const { body } = await browser.get(`${login}/choose`)
  t.same(
    [...body.matchAll(/<button type="submit" name="method" value="(\w+)"/g)].map(([, name]) => name),
    ['pin', 'permanente'],
  )
  t.match(await browser.get(login), { location: `${login}/pin/code` }, 'nothing is lost by looking')
})

t.test('one usable method left: straight to its first page, without a way to another', async (t) => {
  const gate = await gateway(t, [fakeMethod('permanente', { advanced: 'low' }), fakeMethod('pin')])
  for (const request of [{ asked: substantial }, { excluded: ['permanente'] }] as const) {
    const browser = gate.browser()
    t.match((await browser.get(gate.ask(request))).location, /\/pin\/identify$/, 'the greyed one does not count')
  }
})

t.test('none left: the agency hears it at once', async (t) => {
  const gate = await gateway(t)
  for (const request of [{ asked: ['high'] }, { excluded: ['pin', 'permanente'] }] as const) {
    const answer = await gate.browser().get(gate.ask(request))
    t.equal(answer.status, 200)
    t.same(outcomeOf(answer), { refused: 'LOGIN-06-no-method' })
  }
})

t.test("the page speaks the agency's language, unless the citizen chose one", async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  const login = await begin(browser, gate.ask({ locale: 'en' }))
  t.match((await browser.get(`${login}/choose`)).body, /How do you want to prove your identity\?/)
  const switched = await browser.open(`${login}/choose?lang=es`)
  t.match(switched, { at: `${login}/choose`, body: /¿Cómo quiere identificarse\?/ })
})

t.test('every page says who asks, with the name of the application where there is one', async (t) => {
  const gate = await gateway(t)
  const page = await gate.browser().open(gate.ask({ application: 'Renta Web' }))
  t.match(page.body, 'AEAT')
  t.match(page.body, 'Renta Web')
})

t.test('its forms may lead to the agency', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  const login = await begin(browser, gate.ask())
  const { headers } = await gate.app.inject({ url: `${login}/choose`, cookies: Object.fromEntries(browser.cookies) })
  t.match(headers['content-security-policy'], /form-action 'self' https:/)
})

import t from 'tap'
import { fakeMethod } from './fake-method.ts'
import { begin, gateway, identify, type Gateway } from './gateway.ts'
import type { TestBrowser } from './test-browser.ts'

/** Every place where a login may stand, how to bring one there, and its address below the login's (the end: the door). */
const places = {
  choose: { path: '/choose', walk: [] },
  'pin.identify': { path: '/pin/identify', walk: [['/choose', { method: 'pin' }]] },
  'pin.code': {
    path: '/pin/code',
    walk: [
      ['/choose', { method: 'pin' }],
      ['/pin/identify', { say: 'next' }],
    ],
  },
  'permanente.identify': { path: '/permanente/identify', walk: [['/choose', { method: 'permanente' }]] },
  refused: {
    path: '/refused',
    walk: [
      ['/choose', { method: 'permanente' }],
      ['/permanente/identify', { say: 'PERMANENTE-02-blocked' }],
    ],
  },
  identified: { path: '/identified', walk: [], identified: true },
  done: { path: undefined, walk: [['/cancel', {}]] },
} as const satisfies Record<
  string,
  { path: string | undefined; walk: readonly (readonly [string, object])[]; identified?: true }
>

type Place = keyof typeof places
const names = Object.keys(places) as Place[]
const open = names.filter((place) => place !== 'done')

/** Every page with a form that fits it: where it may be seen and taken, and where its form leads from there. */
const pages: readonly {
  path: string
  form: Record<string, string>
  from: readonly Place[]
  leads: string
  button?: true
}[] = [
  { path: '/choose', form: { method: 'permanente' }, from: open, leads: '/permanente/identify' },
  { path: '/identified', form: { answer: 'someone-else', session: '' }, from: ['identified'], leads: '/choose' },
  { path: '/pin/identify', form: { say: 'next' }, from: ['choose', 'pin.identify'], leads: '/pin/code' },
  { path: '/pin/code', form: { say: 'proven' }, from: ['pin.code'], leads: 'door' },
  {
    path: '/permanente/identify',
    form: { say: 'next' },
    from: ['choose', 'permanente.identify'],
    leads: '/permanente/code',
  },
  { path: '/permanente/code', form: { say: 'proven' }, from: [], leads: 'door' },
  { path: '/refused', form: {}, from: ['refused'], leads: 'door' },
  { path: '/cancel', form: {}, from: open, leads: 'door', button: true },
  { path: '/more-time', form: {}, from: open, leads: 'here', button: true },
]

async function bring(gate: Gateway, place: Place): Promise<{ browser: TestBrowser; login: string; door: string }> {
  const browser = gate.browser()
  if ('identified' in places[place]) await identify(gate, browser, { relyingParty: 'dgt' })
  const door = gate.ask()
  const login = await begin(browser, door)
  for (const [path, form] of places[place].walk) await browser.post(`${login}${path}`, form)
  return { browser, login, door }
}

t.test('no page out of order: each page at each place, seen and sent', async (t) => {
  const pin = fakeMethod('pin')
  const permanente = fakeMethod('permanente')
  const gate = await gateway(t, [pin, permanente])
  for (const place of names) {
    for (const page of pages) {
      const { browser, login, door } = await bring(gate, place)
      const { path: standing } = places[place]
      const stands = standing === undefined ? door : `${login}${standing}`
      const may = page.from.includes(place)

      if (!page.button) {
        const seen = await browser.get(`${login}${page.path}`)
        const shown = { status: place === 'refused' && page.path === '/refused' ? 403 : 200, location: undefined }
        t.match(seen, may ? shown : { status: 303, location: stands }, `at ${place}, GET ${page.path}`)
      }
      t.match(await browser.get(login), { status: 303, location: stands }, `at ${place}, its own address leads there`)

      const before = pin.submitted.length + permanente.submitted.length
      const sent = await browser.post(`${login}${page.path}`, page.form)
      const leads = page.leads === 'door' ? door : page.leads === 'here' ? stands : `${login}${page.leads}`
      t.match(sent, { status: 303, location: may ? leads : stands }, `at ${place}, POST ${page.path}`)
      if (!may)
        t.equal(pin.submitted.length + permanente.submitted.length, before, `at ${place}, ${page.path} is not executed`)
      t.match(await browser.get(login), { location: may ? leads : stands }, `at ${place}, after POST ${page.path}`)
    }
  }
})

t.test('a page that is none of the table is not found', async (t) => {
  const gate = await gateway(t)
  const { browser, login } = await bring(gate, 'choose')
  t.equal((await browser.get(`${login}/pin`)).status, 404)
  t.equal((await browser.get(`${login}/cancel`)).status, 404)
})

t.test(
  'a method that names a page of another method is a fault of the method, not a way round the table',
  async (t) => {
    const gate = await gateway(t, [fakeMethod('pin', { pages: ['identify'] }), fakeMethod('permanente')])
    const { browser, login } = await bring(gate, 'pin.identify')
    t.equal((await browser.post(`${login}/pin/identify`, { say: 'next' })).status, 500)
    t.match(await browser.get(login), { location: `${login}/pin/identify` })
  },
)

t.test('two pages cannot have the same name', async (t) => {
  await t.rejects(gateway(t, [fakeMethod('pin', { pages: ['code', 'code'] })]), { message: /same name/ })
})

t.test('a form that does not fit its page is refused, and not executed', async (t) => {
  const pin = fakeMethod('pin')
  const gate = await gateway(t, [pin, fakeMethod('permanente')])
  const { browser, login } = await bring(gate, 'pin.identify')
  t.equal((await browser.post(`${login}/pin/identify`, { other: 'x' })).status, 400)
  t.equal((await browser.post(`${login}/choose`, { method: 'fax' })).status, 400)
  t.same(pin.submitted, [])
  t.match(await browser.post(`${login}/pin/code`, { other: 'x' }), { status: 303, location: `${login}/pin/identify` })
})

t.test('the same page again: with what is wrong, what was typed, and what it is to remember', async (t) => {
  const gate = await gateway(t)
  const { browser, login } = await bring(gate, 'pin.identify')
  for (const say of ['again', 'remember']) {
    const again = await browser.submit(`${login}/pin/identify`, { say })
    t.match(again, { status: 422, location: undefined })
    t.match(again.body, /El PIN que ha escrito no es el que le enviamos/)
    t.match(await browser.get(login), { location: `${login}/pin/identify` })
  }
})

t.test('a page that says what was wrong is loaded again without sending the form again', async (t) => {
  const pin = fakeMethod('pin')
  const gate = await gateway(t, [pin])
  const { browser, login } = await bring(gate, 'pin.identify')
  const again = await browser.submit(`${login}/pin/identify`, { say: 'again' })
  const [submitted, wrong] = [pin.submitted.length, /El PIN que ha escrito no es el que le enviamos/]
  t.match(await browser.get(again.at), { status: 422, body: wrong })
  t.match((await browser.submit(`${login}/pin/identify`, { say: 'next' })).at, `${login}/pin/code`)
  t.match(await browser.get(again.at), { status: 303, location: `${login}/pin/code` }, 'and "back" leads on')
  t.equal(pin.submitted.length, submitted + 1)
  const [said] = /said=[\w-]+/.exec(again.at) ?? []
  t.notMatch((await browser.open(`${login}/pin/code?${said}`)).body, wrong, 'on its own page only')
  const other = await bring(gate, 'pin.identify')
  t.notMatch((await other.browser.open(`${other.login}/pin/identify?${said}`)).body, wrong, 'in its own browser only')
})

t.test('a refusal that does not end the login is said on the page where it came up', async (t) => {
  const gate = await gateway(t)
  const { browser, login } = await bring(gate, 'pin.code')
  const again = await browser.submit(`${login}/pin/code`, { say: 'CITIZEN-02-too-many-tries' })
  t.match(again, { status: 429, location: undefined })
  t.match(again.body, /hemos detenido por un tiempo los intentos/)
  t.match(again.body, /use un navegador con el que ya se haya identificado/)
})

t.test('another request did it already: led to where the login stands', async (t) => {
  const gate = await gateway(t)
  const { browser, login } = await bring(gate, 'pin.code')
  t.match(await browser.post(`${login}/pin/code`, { say: 'moved' }), { status: 303, location: `${login}/pin/code` })
})

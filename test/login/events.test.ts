import t from 'tap'
import type { LoginRequest } from '../../src/login/index.ts'
import { refusal } from '../../src/refusal/index.ts'
import { fakeMethod } from './fake-method.ts'
import { begin, gateway, identify, outcomeOf, type Gateway } from './gateway.ts'
import type { TestBrowser } from './test-browser.ts'

const minutes = (count: number) => count * 60
const shown = (body: string): string => /name="session" value="([^"]+)"/.exec(body)?.[1] ?? ''
const address = '127.0.0.1'
const kindsOf = ({ audit }: Gateway) => audit.events.map(({ kind }) => kind)

/** To the page of the PIN's code. */
async function toCode(browser: TestBrowser, door: string): Promise<string> {
  const login = await begin(browser, door)
  await browser.post(`${login}/choose`, { method: 'pin' })
  await browser.post(`${login}/pin/identify`, { say: 'next' })
  return login
}

/** Digest of the browser's cookie, as a login remembers it. */
async function browserOf(gate: Gateway, login: string): Promise<string> {
  const kept = await gate.store.get<{ browser: string }>(`login:${login.split('.')[1] ?? ''}`)
  return kept?.value.browser ?? 'none'
}

t.test(
  'an identification is one event, with how, how surely, from where and the session that came of it',
  async (t) => {
    const gate = await gateway(t)
    const browser = gate.browser()
    const login = await toCode(browser, gate.ask({ application: 'Renta' }))
    gate.clock.advance(30)
    await browser.submit(`${login}/pin/code`, { say: 'proven' })
    t.strictSame(gate.audit.events, [
      {
        kind: 'login',
        at: gate.clock.now(),
        citizen: 'carmen',
        relyingParty: 'aeat',
        data: {
          application: 'Renta',
          browser: await browserOf(gate, login),
          address,
          method: 'pin',
          factors: ['pin-factor'],
          level: 'substantial',
          registrationLevel: 'advanced',
          session: (await gate.session(browser))?.id,
        },
      },
    ])
  },
)

t.test('each answer out of a session is an event: at once, by the page, without a page, by the door', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  await identify(gate, browser)
  const session = (await gate.session(browser))?.id
  const answers: readonly [string, () => Promise<unknown>][] = [
    ['aeat', () => browser.open(gate.ask())],
    ['aeat', () => gate.passive(browser)],
    ['dgt', () => gate.passive(browser, { relyingParty: 'dgt', passive: true })],
    ['sepe', () => browser.get(gate.ask({ relyingParty: 'sepe', passive: true }))],
    [
      'sepe',
      async () => {
        const page = await browser.open(gate.ask({ relyingParty: 'sepe' }))
        t.equal(gate.audit.events.length, 0, 'the page itself tells nobody anything')
        await browser.submit(page.at, { answer: 'go-on', session: shown(page.body) })
      },
    ],
  ]
  for (const [relyingParty, answer] of answers) {
    gate.audit.events.length = 0
    await answer()
    t.match(gate.audit.events, [{ kind: 'login', citizen: 'carmen', relyingParty, data: { session, method: 'pin' } }])
    t.equal(gate.audit.events.length, 1)
  }
})

t.test('where a page is needed, or a page of ours asks who is there, nobody was identified', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  t.match(await gate.passive(browser, { passive: true }), { refused: 'LOGIN-05-page-needed' })
  await identify(gate, browser)
  gate.audit.events.length = 0
  await gate.passive(browser, { relyingParty: 'dgt' })
  await gate.passive(browser, { asked: ['high'], passive: true })
  t.strictSame(gate.audit.events, [])
})

t.test(
  'a refused login is one event: its code, the method that was tried, nobody where nobody was proven',
  async (t) => {
    const other: Partial<LoginRequest> = { citizen: 'jose' }
    const rows: readonly [string, Partial<LoginRequest>, string, string, object][] = [
      ['cancelled at a code', {}, 'again', 'cancel', { code: 'LOGIN-01-cancelled', method: 'pin' }],
      ['refused by the method', {}, 'PIN-04-no-phone', 'refused', { code: 'PIN-04-no-phone', method: 'pin' }],
      ['cancelled where a refusal stands', {}, 'PIN-04-no-phone', 'cancel', { code: 'PIN-04-no-phone', method: 'pin' }],
      ['another citizen', other, 'proven', 'refused', { code: 'LOGIN-07-other-citizen', method: 'pin' }],
    ]
    const gate = await gateway(t)
    for (const [name, request, say, way, told] of rows) {
      gate.audit.events.length = 0
      const browser = gate.browser()
      const door = gate.ask({ ...request, application: 'Renta' })
      const login = await toCode(browser, door)
      await browser.post(`${login}/pin/code`, { say })
      t.strictSame(gate.audit.events, [], `${name}: nothing before it ends`)
      await Promise.all(Array.from({ length: 5 }, () => browser.post(`${login}/${way}`)))
      await browser.open(door)
      t.strictSame(
        gate.audit.events,
        [
          {
            kind: 'login-refused',
            at: gate.clock.now(),
            citizen: say === 'proven' ? 'carmen' : undefined,
            relyingParty: 'aeat',
            data: { application: 'Renta', browser: await browserOf(gate, login), address, ...told },
          },
        ],
        name,
      )
    }
  },
)

t.test('a login in which nobody was named and nothing was tried is nobody’s act', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  const door = gate.ask()
  await browser.post(`${await begin(browser, door)}/cancel`)
  await browser.open(door)
  await gate.browser().open(gate.ask({ excluded: ['pin', 'permanente'] }))
  gate.preset = refusal('PIN-02-dead')
  await gate.browser().open(gate.ask())
  t.strictSame(gate.audit.events, [])
})

t.test('a level not reached, after the proof, tells whose it was', async (t) => {
  const pin = fakeMethod('pin')
  pin.evidence = { ...pin.evidence, level: 'low', registrationLevel: 'basic' }
  const gate = await gateway(t, [pin, fakeMethod('permanente')])
  const browser = gate.browser()
  const login = await toCode(browser, gate.ask({ asked: ['substantial'] }))
  await browser.post(`${login}/pin/code`, { say: 'proven' })
  await browser.post(`${login}/refused`)
  const data = { code: 'LEVEL-01-registration-too-low', method: 'pin' }
  t.match(gate.audit.events, [{ kind: 'login-refused', citizen: 'carmen', data }])
  t.equal(gate.audit.events.length, 1)
})

t.test('logins without a page: identified, refused by the rules', async (t) => {
  const pin = fakeMethod('pin')
  const gate = await gateway(t, [pin, fakeMethod('permanente')])
  const carmen = { citizen: 'carmen', method: 'pin' } as const
  gate.preset = carmen
  await gate.browser().open(gate.ask())
  pin.admission = refusal('CITIZEN-04-renounced')
  gate.preset = carmen
  await gate.browser().open(gate.ask())
  t.match(gate.audit.events, [
    { kind: 'login', citizen: 'carmen', data: { method: 'pin' } },
    { kind: 'login-refused', citizen: 'carmen', data: { code: 'CITIZEN-04-renounced', method: 'pin' } },
  ])
  t.equal(gate.audit.events.length, 2)
})

t.test('an expired login is an event when its agency is answered, once; one that nobody answers is none', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  const answered = gate.ask()
  await toCode(browser, answered)
  const forgotten = await begin(browser, gate.ask())
  gate.clock.advance(minutes(21))
  await browser.get(forgotten)
  t.strictSame(gate.audit.events, [])
  const answers = await Promise.all(Array.from({ length: 5 }, () => browser.open(answered)))
  for (const answer of answers) t.same(outcomeOf(answer), { refused: 'LOGIN-02-expired' })
  t.match(gate.audit.events, [{ kind: 'login-refused', data: { code: 'LOGIN-02-expired', method: 'pin' } }])
  t.equal(gate.audit.events.length, 1)
})

t.test('of any number of requests that end a login at once, one event tells', async (t) => {
  for (const say of ['once', 'proven']) {
    const gate = await gateway(t)
    const browser = gate.browser()
    const door = gate.ask()
    const login = await toCode(browser, door)
    await Promise.all(Array.from({ length: 50 }, () => browser.post(`${login}/pin/code`, { say })))
    const session = (await gate.session(browser))?.id ?? 'none'
    t.match(gate.audit.events, [{ kind: 'login', data: { session } }], `${say}: of the session that there is`)
    t.equal(gate.audit.events.length, 1)

    gate.audit.events.length = 0
    const page = await browser.open(gate.ask({ relyingParty: 'dgt' }))
    const form = { answer: 'go-on', session: shown(page.body) }
    await Promise.all(Array.from({ length: 10 }, () => browser.post(page.at, form)))
    t.match(gate.audit.events, [{ kind: 'login', relyingParty: 'dgt', data: { session } }])
    t.equal(gate.audit.events.length, 1)

    gate.audit.events.length = 0
    const again = gate.ask()
    await Promise.all(Array.from({ length: 10 }, () => browser.open(again)))
    t.equal(gate.audit.events.length, 1, 'and of single sign-on at one door')
  }
})

t.test('an identification that cannot be written down does not end the login, which can be tried again', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  const door = gate.ask()
  const login = await toCode(browser, door)
  gate.audit.failing = 1
  const failed = await browser.post(`${login}/pin/code`, { say: 'proven' })
  t.match(failed, { status: 503, cookies: [] })
  t.equal(await gate.session(browser), undefined)
  t.match(await browser.get(door), { location: `${login}/pin/code` }, 'the agency hears nothing')
  t.match(outcomeOf(await browser.submit(`${login}/pin/code`, { say: 'proven' })), { citizen: 'carmen' })

  const page = await browser.open(gate.ask({ relyingParty: 'dgt' }))
  const form = { answer: 'go-on', session: shown(page.body) }
  const asks = [
    () => browser.post(page.at, form),
    () => browser.get(gate.ask()),
    () => browser.get(gate.ask({ passive: true })),
    () => browser.get(gate.ask().replace('door', 'passive')),
  ]
  for (const ask of asks) {
    gate.audit.failing = 1
    t.match(await ask(), { status: 503 })
  }
  t.match(await browser.submit(page.at, form), { status: 200 })
  t.strictSame(kindsOf(gate), ['login', 'login'])
})

t.test('who is killed between the event and the end tries again, and it is told once', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  const login = await toCode(browser, gate.ask())
  const { swap } = gate.store
  gate.store.swap = () => Promise.reject(new Error('killed'))
  t.match(await browser.post(`${login}/pin/code`, { say: 'proven' }), { status: 500 })
  gate.store.swap = swap
  gate.clock.advance(10)
  await browser.submit(`${login}/pin/code`, { say: 'proven' })
  t.equal(gate.audit.events.length, 1)
  t.match(gate.audit.events, [{ data: { session: (await gate.session(browser))?.id ?? 'none' } }])
})

t.test('the event of whoever moved the login first stays, and the slower one is led on', async (t) => {
  const gate = await gateway(t)
  const browser = gate.browser()
  const door = gate.ask()
  const login = await toCode(browser, door)
  gate.audit.meanwhile = () => browser.post(`${login}/cancel`)
  t.match(await browser.post(`${login}/pin/code`, { say: 'proven' }), { location: door, cookies: [] })
  t.same(outcomeOf(await browser.open(door)), { refused: 'LOGIN-01-cancelled' })
  t.strictSame(kindsOf(gate), ['login-refused', 'login'], 'both happened')
})

t.test('logging out, and ending a session otherwise, is told before it is done', async (t) => {
  const gate = await gateway(t)
  const [one, two, three, four] = [gate.browser(), gate.browser(), gate.browser(), gate.browser()]
  for (const browser of [one, two, three, four]) await identify(gate, browser)
  const ids = await Promise.all([one, two, three].map(async (browser) => (await gate.session(browser))?.id ?? ''))
  const [first = '', second = '', third = ''] = ids
  gate.audit.events.length = 0
  gate.audit.failing = 1
  t.match(await one.get('/leave'), { status: 503 })
  t.ok(await gate.session(one), 'nothing ends that was not told')
  await one.get('/leave')
  await one.get('/leave')
  await gate.engine.endSession(second, 'by-citizen', '192.0.2.1')
  await gate.engine.endSession(second, 'by-citizen', '192.0.2.1')
  await gate.engine.endSessionsOf('carmen', 'password', four.cookies.get('clave-session'))
  await gate.engine.endSessionsOf('jose', 'renuncia')
  const about = { at: gate.clock.now(), citizen: 'carmen' }
  t.strictSame(gate.audit.events, [
    { kind: 'logout', ...about, relyingParty: 'aeat', data: { session: first, address } },
    { kind: 'session-ended', ...about, data: { session: second, why: 'by-citizen', address: '192.0.2.1' } },
    { kind: 'session-ended', ...about, data: { session: third, why: 'password', address: undefined } },
  ])
  t.ok(await gate.session(four))
  t.notOk(await gate.session(three))
})

t.test('the login before is told on the page of who is identified already', async (t) => {
  const gate = await gateway(t)
  const first = gate.browser()
  await identify(gate, first, { relyingParty: 'sepe' })
  t.notMatch((await first.open(gate.ask({ relyingParty: 'dgt' }))).body, /Su acceso anterior/, 'where there is none')
  gate.clock.advance(minutes(5))
  const browser = gate.browser()
  await identify(gate, browser)
  const page = await browser.open(gate.ask({ relyingParty: 'dgt' }))
  t.match(
    page.body,
    /Su acceso anterior con Cl@ve fue el \d+ de \w+ de \d{4} a las \d{1,2}:\d{2}, en SEPE, con Cl@ve PIN\./,
  )
})

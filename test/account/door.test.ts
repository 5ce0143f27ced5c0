import t from 'tap'
import { actsScene, headingOf, textOf } from './acts-scene.ts'
import { visitor, type Arrived } from '../sandbox/visitor.ts'

t.setTimeout(120_000)
const scene = await actsScene(t)
const { sandbox } = scene
t.beforeEach(() => sandbox.reset())

const next = (document: string, more: object = {}) =>
  sandbox.api('next-login', { citizen: document, method: 'pin', ...more })
const pathOf = ({ at }: Arrived) => at.pathname
const account = (path: string) => `${sandbox.url}/account${path}`

t.test('whoever comes to a page identifies, and comes back to that page', async (t) => {
  const browser = visitor()
  const led = await browser.open(account('/sessions'))
  t.match(pathOf(led), /^\/login\/_mi-clave\.[\w-]{22}\/choose$/)
  t.match(led.body, 'Mi Cl@ve')
  await next('99999999R')
  const back = await browser.open(account('/methods/block/pin'))
  t.equal(pathOf(back), '/account/methods/block/pin')
  t.equal(back.status, 200)
  t.equal(pathOf(await browser.open(account(''))), '/account', 'and stays')
})

t.test('it leads to no other address than one of its own pages', async (t) => {
  const { browser } = await scene.person('99999999R')
  for (const [path, status] of [
    ['//evil.example', 404],
    ['/not-me/..%2F..%2Fevil.example', 400],
    ['/methods/block/https:%2F%2Fevil.example', 400],
    ['/enter/https:%2F%2Fevil.example', 404],
    ['/enter/nothing', 404],
  ] as const) {
    const arrived = await browser.open(account(path))
    t.equal(arrived.status, status, path)
    t.equal(arrived.at.host, new URL(sandbox.url).host)
  }
  const stranger = visitor()
  await next('99999999R')
  const back = await stranger.open(account('/data?to=https://evil.example&told=emailProven~x'))
  t.equal(back.at.href, account('/data'))
  t.notMatch(back.body, 'clave-told', 'nobody else can make a page say that something was done')
})

t.test('a login that is refused explains, and the page is one press away', async (t) => {
  const browser = visitor()
  await sandbox.api('next-login', { citizen: '99999999R', method: 'pin', outcome: 'LOGIN-01-cancelled' })
  const cancelled = await browser.open(account('/activity'))
  t.match(pathOf(cancelled), /^\/account\/enter\//)
  t.equal(headingOf(cancelled), 'No ha entrado en Mi Cl@ve')
  t.match(cancelled.body, 'href="/account/activity"')
  await sandbox.api('next-login', { citizen: '99999990S', method: 'pin' })
  const renounced = await browser.open(account(''))
  t.equal(renounced.status, 403)
  t.match(textOf(renounced), 'Renunció a Cl@ve')
})

t.test('an expired session: a page leads to a login, a form too, and what it asked is not done', async (t) => {
  const { browser, open, send } = await scene.person('99999999R')
  const page = await open('/methods/block/permanente')
  await sandbox.advance('PT16M')
  t.match(pathOf(await open('/data')), /^\/login\//)
  await next('99999999R')
  const back = await send(page, '/account/methods/block/permanente', { consequence: 'nothing' })
  t.equal(pathOf(back), '/account/methods/block/permanente', 'back to the page of the form')
  t.match(await scene.rows('select blocked_methods from citizen where document = $1', ['99999999R']), [
    { blocked_methods: [] },
  ])
  t.equal((await browser.open(account('/data'))).status, 200)
})

t.test('another citizen who logs in midway: a form of the former one’s page does nothing', async (t) => {
  const { browser, open, send } = await scene.person('99999999R')
  const page = await open('/methods/block/permanente')
  await next('99999998T')
  await browser.open(`${sandbox.agenciesUrl}/aeat/login?prompt=login`)
  const asked = await send(page, '/account/methods/block/permanente', { consequence: 'no-way-in' })
  t.match(pathOf(asked), /\/identified$/, 'who it is has to be said first')
  const session = /name="session" value="([^"]+)"/.exec(asked.body)?.[1] ?? ''
  const theirs = await browser.submit(asked, { answer: 'go-on', session })
  t.equal(pathOf(theirs), '/account/methods/block/permanente')
  t.match(theirs.body, 'José Luis')
  const told = await send(page, '/account/methods/block/permanente', { consequence: 'no-way-in' })
  t.match(textOf(told), 'Se había identificado otra persona')
  const blocked = await scene.rows<{ blocked_methods: string[] }>('select blocked_methods from citizen')
  t.ok(blocked.every(({ blocked_methods: methods }) => methods.length === 0))
})

t.test('logging out ends the session everywhere and tells an agency', async (t) => {
  const { browser, open, send } = await scene.person('99999999R')
  await browser.open(`${sandbox.agenciesUrl}/aeat/login?prompt=none`)
  const there = await browser.json<{ authenticated: boolean }>(`${sandbox.agenciesUrl}/aeat/session`)
  t.ok(there.authenticated)
  const left = await send(await open('/data'), '/account/leave')
  t.equal(pathOf(left), '/account/left')
  t.equal(headingOf(left), 'Ha salido de Mi Cl@ve')
  t.match(pathOf(await open('/data')), /^\/login\//)
  await browser.open(`${sandbox.agenciesUrl}/dgt/login?prompt=none`)
  t.match(await browser.json(`${sandbox.agenciesUrl}/dgt/session`), { authenticated: false, error: 'login_required' })
})

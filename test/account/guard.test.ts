import t from 'tap'
import { addressOf, tableOf } from '../../src/account/pages.ts'
import type { AccountParts } from '../../src/account/index.ts'
import { actsScene } from './acts-scene.ts'
import { visitor, type Arrived } from '../sandbox/visitor.ts'

t.setTimeout(240_000)
const scene = await actsScene(t)
const { sandbox } = scene

const table = tableOf({} as AccountParts)
const filled = (path: string) => addressOf(path, { event: '1', method: 'pin', id: 'x', receipt: 'x', key: 'x' })
const surety = new Map(table.pages.map((page) => [page.path, page.surety]))
const gets = [...table.pages, ...table.downloads].map(({ path, surety }) => ({ path: filled(path), surety }))
const posts = table.forms.map(({ path, page }) => ({
  path: filled(path),
  back: filled(page),
  surety: surety.get(page),
}))

/** A form as a page of ours in this browser would send it. */
const form = (page: Arrived, action: string, token = true): Arrived => ({
  ...page,
  body: `<form method="post" action="${action}"></form> ${token ? (/name="_csrf" value="[^"]+"/.exec(page.body)?.[0] ?? '') : ''}`,
})

t.test('without a session every page and every form leads to a login', async (t) => {
  t.ok(gets.length > 15 && posts.length > 8)
  const browser = visitor()
  const login = await browser.open(`${sandbox.url}/account`)
  for (const { path } of gets)
    t.match((await browser.open(sandbox.url + path)).at.pathname, /^\/login\/_mi-clave\./, `GET ${path}`)
  const page = await browser.open(`${login.at.href.replace(/choose$/, 'pin')}`)
  for (const { path } of posts)
    t.match((await browser.submit(form(page, path), {})).at.pathname, /^\/login\/_mi-clave\./, `POST ${path}`)
})

t.test('with a session, but without the browser’s token, no form is taken', async (t) => {
  const { browser, open } = await scene.person('99999999R')
  const page = await open('/sessions')
  for (const { path } of [...posts, { path: '/account/leave' }]) {
    const arrived = await browser.submit(form(page, path, false), {})
    t.equal(arrived.status, 403, path)
    t.equal(arrived.at.pathname, path)
  }
})

t.test('with the token, but not from a page of this citizen’s, no form is taken', async (t) => {
  const { browser, open } = await scene.person('99999999R')
  const page = await open('/sessions')
  for (const { path, back } of posts) {
    const arrived = await browser.submit(form(page, path), { _for: 'somebody else', method: 'pin' })
    t.ok(arrived.status === 200, path)
    t.notSame(arrived.at.pathname.startsWith('/login'), true, path)
    t.ok(arrived.at.pathname === back || arrived.at.search === '', path)
  }
})

t.test('what asks for a recent second factor leads to a login once the proof is five minutes old', async (t) => {
  const { browser, open } = await scene.person('99999999R')
  const again = gets.filter(({ surety }) => surety === 'again')
  t.ok(again.length > 4)
  for (const { path } of again)
    t.notMatch((await browser.open(sandbox.url + path)).at.pathname, /^\/login/, `${path}: just proven`)
  await sandbox.advance('PT5M1S')
  for (const { path, surety } of gets) {
    const { pathname } = (await browser.open(sandbox.url + path)).at
    t.equal(pathname.startsWith('/login'), surety === 'again', `${path}: ${surety}`)
  }
  const page = await open('/sessions')
  for (const { path } of posts.filter(({ surety }) => surety === 'again'))
    t.match((await browser.submit(form(page, path), {})).at.pathname, /^\/login/, `POST ${path}`)
})

t.test('a password alone is no second factor, however recent', async (t) => {
  const browser = visitor()
  const page = await browser.open(`${sandbox.url}/account`)
  const login = page.at.href.replace(/choose$/, 'permanente')
  const first = await browser.open(login)
  const { password } = { password: 'Clave-Sandbox-2026' }
  const home = await browser.submit(form(first, new URL(login).pathname), { document: '99999999R', password })
  t.equal(home.at.pathname, '/account')
  t.match((await browser.open(`${sandbox.url}/account/email`)).at.pathname, /^\/login/)
  t.equal((await browser.open(`${sandbox.url}/account/data`)).status, 200)
})

t.test('whoever has no registration any more is not let in', async (t) => {
  const { browser, open } = await scene.person('99999998T')
  const page = await open('/sessions')
  await scene.rows(
    `update citizen set registration_level = null, registration_channel = null, registered_at = null where document = $1`,
    ['99999998T'],
  )
  for (const { path } of gets) t.match((await browser.open(sandbox.url + path)).at.pathname, /^\/login/, path)
  for (const { path } of posts)
    t.match((await browser.submit(form(page, path), {})).at.pathname, /^\/login/, `POST ${path}`)
})

t.test('an API caller hears problem+json, and nothing is kept by a cache', async (t) => {
  for (const { path } of gets) {
    const answer = await fetch(sandbox.url + path, { headers: { accept: 'application/json' }, redirect: 'manual' })
    t.equal(answer.status, 401, path)
    t.match(answer.headers.get('content-type'), /^application\/problem\+json/, path)
    t.equal(answer.headers.get('cache-control'), 'no-store', path)
    t.match(await answer.json(), { type: 'urn:clave:refusal:LOGIN-05-page-needed', status: 401 })
  }
})

import * as client from 'openid-client'
import t from 'tap'
import { historyOf, type EventKind } from '../../src/audit/index.ts'
import { oidcAgency, type OidcAgency } from '../support/oidc-agency.ts'
import type { Browser, Page } from './browser.ts'
import { identityProvider, issuer, type IdentityProvider } from './identity-provider.ts'
import { comesBack, errorAt, technicalOf, titleOf } from './steps.ts'

const question = '¿Quiere cerrar su sesión en Cl@ve?'
const bye = (agency: OidcAgency) => `https://${agency.id}.test/bye`

/** Answers the question whether to log out. */
async function answer(browser: Browser, page: Page, logout: boolean): Promise<Page> {
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
  const action = /action="([^"]+)"/.exec(page.body)?.[1] ?? ''
  return browser.submit(action, { xsrf, ...(logout ? { logout: 'yes' } : {}) })
}

const eventsOf = (idp: IdentityProvider, kind: EventKind) =>
  historyOf(idp.db, idp.carmen, { from: new Date(0), most: 100, kinds: [kind] })

const isIdentified = async (agency: OidcAgency, browser: Browser) =>
  'code' in errorAt(await browser.open((await agency.begin({ prompt: 'none' })).url))

async function setUp(t: Parameters<typeof identityProvider>[0]) {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer)
  const { begun, at, browser } = await comesBack(idp, agency)
  const tokens = await agency.finish(begun, at)
  const url = (parameters: Record<string, string>) => client.buildEndSessionUrl(agency.config, parameters)
  return { idp, agency, browser, hint: tokens.id_token ?? '', url }
}

t.test(
  'an agency asks, the citizen answers, the session ends for every agency, and the agency learns its state',
  async (t) => {
    const { idp, agency, browser, hint, url } = await setUp(t)
    const other = await oidcAgency(idp, issuer)
    const parameters = { id_token_hint: hint, post_logout_redirect_uri: bye(agency), state: 'where+was&i' }
    const page = await browser.open(url(parameters))
    t.match([page.status, titleOf(page.body)], [200, question])
    t.match(page.body, `Ha salido de Agency ${agency.id}`)
    t.match(page.headers['content-security-policy'], /form-action 'self' https:/)
    t.ok(await isIdentified(agency, browser), 'nothing happens before the answer')
    const done = await answer(browser, page, true)
    t.equal(done.location?.href, `${bye(agency)}?state=where%2Bwas%26i`)
    t.notOk(await isIdentified(agency, browser))
    t.notOk(await isIdentified(other, browser))
    t.match(await eventsOf(idp, 'logout'), [
      { citizen: idp.carmen, relyingParty: agency.id, data: { session: String } },
    ])
    t.notOk(
      browser.cookies.some(({ name }) => name.includes('session') || name.includes('logout')),
      'no cookie of it is left',
    )
  },
)

t.test('a logout that cannot be accepted says that nobody was signed out, not that a login cannot begin', async (t) => {
  const { browser } = await setUp(t)
  for (const wrong of ['id_token_hint=abc', 'client_id=x&post_logout_redirect_uri=https://evil.test/']) {
    const page = await browser.open(`/oidc/logout?${wrong}`)
    t.match([page.status, titleOf(page.body)], [400, 'No hemos podido cerrar su sesión'], wrong)
  }
})

t.test('the citizen may stay', async (t) => {
  const { agency, browser, hint, url } = await setUp(t)
  const page = await browser.open(url({ id_token_hint: hint, post_logout_redirect_uri: bye(agency) }))
  t.equal((await answer(browser, page, false)).location?.href, bye(agency))
  t.ok(await isIdentified(agency, browser))
  const stayed = await answer(browser, await browser.open(url({ id_token_hint: hint })), false)
  t.equal(titleOf(stayed.body), 'Su sesión en Cl@ve sigue abierta')
  t.ok(await isIdentified(agency, browser))
})

t.test('without an agency to go back to, a page says that it is done', async (t) => {
  const { idp, agency, browser } = await setUp(t)
  const done = await answer(browser, await browser.open('/oidc/logout'), true)
  t.match([done.status, titleOf(done.body)], [200, 'Ha cerrado su sesión en Cl@ve'])
  t.notOk(await isIdentified(agency, browser))
  t.equal(
    titleOf((await answer(browser, await browser.open('/oidc/logout'), true)).body),
    'Ha cerrado su sesión en Cl@ve',
    'twice',
  )
  const events = await eventsOf(idp, 'logout')
  t.match(events, [{ citizen: idp.carmen, relyingParty: undefined }])
  t.equal(events.length, 1)
})

t.test(
  'the return address is registered character by character, and without client or hint there is none',
  async (t) => {
    const { agency, browser, hint, url } = await setUp(t)
    for (const wrong of [
      `${bye(agency)}/`,
      `${bye(agency)}?x=1`,
      'https://evil.test/',
      bye(agency).replace('https', 'http'),
    ]) {
      const page = await browser.open(url({ id_token_hint: hint, post_logout_redirect_uri: wrong }))
      t.match([page.status, page.location], [400, undefined], wrong)
      t.match(technicalOf(page.body), { error: 'invalid_request' })
    }
    const anonymous = await browser.open(`/oidc/logout?post_logout_redirect_uri=${encodeURIComponent(bye(agency))}`)
    t.equal((await answer(browser, anonymous, true)).location, undefined, 'a page of ours instead')
  },
)

t.test('a hint must be an ID token of ours, of that client; an expired one is fine', async (t) => {
  const { idp, agency, browser, hint, url } = await setUp(t)
  const other = await oidcAgency(idp, issuer)
  const [head, body, signature = ''] = hint.split('.')
  for (const wrong of [
    { id_token_hint: `${head}.${body}.${signature.replace(/^./, (sign) => (sign === 'A' ? 'B' : 'A'))}` },
    { id_token_hint: 'x' },
    { id_token_hint: hint, client_id: other.id },
    { client_id: 'nobody' },
  ])
    t.match(await browser.open(url(wrong)), { status: 400, location: undefined }, Object.keys(wrong).join())
  const { begun } = { begun: await agency.begin() }
  t.ok(begun)
})

t.test('nobody else can answer the question', async (t) => {
  const { idp, agency, browser, hint, url } = await setUp(t)
  const page = await browser.open(url({ id_token_hint: hint }))
  for (const xsrf of ['', 'guessed'])
    t.match(await browser.submit('/oidc/logout/confirm', { xsrf, logout: 'yes' }), { status: 400 })
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
  t.match(
    await idp.browser().submit('/oidc/logout/confirm', { xsrf, logout: 'yes' }),
    { status: 400 },
    'another browser',
  )
  t.ok(await isIdentified(agency, browser))
})

t.test('by POST from the agency’s page it is taken up by GET', async (t) => {
  const { agency, browser, hint } = await setUp(t)
  const sent = new URLSearchParams({ id_token_hint: hint, post_logout_redirect_uri: bye(agency) })
  const posted = await browser.postRaw('/oidc/logout', sent.toString())
  t.match([posted.status, posted.location?.pathname], [303, '/oidc/logout'])
  t.equal(titleOf((await browser.open(posted.location!)).body), question)
})

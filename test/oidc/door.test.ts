import t from 'tap'
import { oidcAgency } from '../support/oidc-agency.ts'
import type { Browser, Page } from './browser.ts'
import { by, identityProvider, issuer } from './identity-provider.ts'
import { codeOf, errorAt, flush, redeem, titleOf } from './steps.ts'

const gone = 'Esta identificación ya no está disponible'

/** Takes a browser through the pages of the PIN, from the choice to the door. */
async function identify(browser: Browser, chosen: Page): Promise<URL> {
  const login = chosen.at.pathname.replace(/\/[^/]*$/, '')
  await browser.post(`${login}/choose`, { method: 'pin' })
  const { location, body } = await browser.post(`${login}/pin/identify`, { say: 'proven' })
  if (location?.pathname.startsWith('/oidc/authorize/')) return location
  throw new Error(`no door: ${location?.href} ${titleOf(body)}`)
}

const doorOf = async (browser: Browser, url: URL): Promise<URL> => identify(browser, await browser.open(url))

const setUp = async (t: Parameters<typeof identityProvider>[0]) => {
  const idp = await identityProvider(t)
  idp.methods.pin.evidence = { ...idp.methods.pin.evidence, citizen: idp.carmen }
  return { idp, agency: await oidcAgency(idp, issuer), browser: idp.browser() }
}

t.test('two tabs of one browser do not mix', async (t) => {
  const { idp, agency, browser } = await setUp(t)
  const [one, two] = [await agency.begin({ scope: 'openid' }), await agency.begin({ scope: 'openid document' })]
  const pages = { one: await browser.open(one.url), two: await browser.open(two.url) }
  const doors = { two: await identify(browser, pages.two), one: await identify(browser, pages.one) }
  const [atOne, atTwo] = [(await browser.open(doors.one)).location!, (await browser.open(doors.two)).location!]
  t.equal((await agency.finish(one, atOne)).scope, 'openid')
  t.equal((await agency.finish(two, atTwo)).scope, 'openid document')
  t.match(await redeem(idp, agency, { ...codeOf(agency, one, atOne), code_verifier: two.verifier }), { status: 400 })
})

t.test('the door leads back into a login that is under way', async (t) => {
  const { agency, browser } = await setUp(t)
  const page = await browser.open((await agency.begin()).url)
  const door = browser.cookies.find(({ path }) => path.startsWith('/oidc/authorize/'))?.path ?? ''
  t.match((await browser.open(door)).at.pathname, page.at.pathname)
})

t.test('what the door answers itself is all that is said', async (t) => {
  const { idp, agency, browser } = await setUp(t)
  await browser.open((await agency.begin()).url)
  const door = browser.cookies.find(({ path }) => path.startsWith('/oidc/authorize/'))?.path ?? ''
  t.equal((await browser.get(door)).status, 303, 'into the login')
  t.equal((await idp.browser().get(door)).status, 404, 'another browser')
  t.equal((await browser.get('/oidc/authorize/nothing')).status, 404)
  t.same(
    idp.lines.filter((line) => /"level":"(warn|error)"/.test(line)),
    [],
  )
})

t.test(
  'an outcome is answered once: the back button, a bookmark, and another browser find a page that explains',
  async (t) => {
    const { idp, agency, browser } = await setUp(t)
    const begun = await agency.begin()
    const door = await doorOf(browser, begun.url)
    const stranger = idp.browser()
    const seen = await stranger.open(door)
    t.match([seen.status, titleOf(seen.body), seen.location], [404, gone, undefined])
    t.notMatch(seen.body, `https://${agency.id}.test`, 'a stranger is not told whose it is')

    const kept = [...browser.cookies]
    t.ok((await browser.open(door)).location?.searchParams.get('code'))
    t.notOk(
      browser.cookies.some(({ path }) => path.startsWith('/oidc/authorize/')),
      'its cookie is gone',
    )
    const back = await browser.open(door)
    t.match([back.status, titleOf(back.body), back.location], [404, gone, undefined])
    t.match(back.body, `href="https://${agency.id}.test/"`)
    browser.cookies = kept
    t.match(await browser.open(door), { status: 404, location: undefined }, 'with the cookie kept')
  },
)

t.test('of eight requests that bring one outcome back, one gets a code', async (t) => {
  const { idp, agency, browser } = await setUp(t)
  const door = await doorOf(browser, (await agency.begin()).url)
  const kept = [...browser.cookies]
  const pages = await Promise.all(
    Array.from({ length: 8 }, () => {
      const same = idp.browser()
      same.cookies = [...kept]
      return same.get(door)
    }),
  )
  t.equal(pages.filter(({ location }) => location?.searchParams.has('code')).length, 1)
  for (const page of pages.filter(({ location }) => !location)) t.match(page.status, 404)
})

t.test(
  'a login that expired is still told to the agency; after the transaction itself, a page leads there',
  async (t) => {
    const { idp, agency, browser } = await setUp(t)
    const begun = await agency.begin()
    const page = await browser.open(begun.url)
    idp.clock.advance(20 * 60)
    const late = await browser.open(page.at)
    t.equal(titleOf(late.body), 'Se ha agotado el tiempo')
    const door = /href="(\/oidc\/authorize\/[^"]+)"/.exec(late.body)?.[1] ?? ''
    t.match(errorAt(await browser.open(door)), { error: 'access_denied', state: begun.state })

    const other = await browser.open((await agency.begin()).url)
    idp.clock.advance(90 * 60)
    const ended = await browser.open(other.at)
    t.match([ended.status, titleOf(ended.body)], [404, gone])
    t.match(ended.body, `href="https://${agency.id}.test/"`)
  },
)

t.test('a store that was lost costs a login, not more', async (t) => {
  const { idp, agency, browser } = await setUp(t)
  const door = await doorOf(browser, (await agency.begin()).url)
  await flush(idp)
  t.match([(await browser.open(door)).status, titleOf((await browser.open(door)).body)], [404, gone])
  idp.next(agency.id, by(idp.carmen))
  t.ok((await browser.open((await agency.begin()).url)).location?.searchParams.get('code'))
})

/** What a browser with a window says of a navigation that a page of ours began. */
const fromOurPage = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }

t.test('a window is told on the way back when the citizen identified before', async (t) => {
  const { agency, browser } = await setUp(t)
  const first = await browser.get(await doorOf(browser, (await agency.begin({ prompt: 'login' })).url), fromOurPage)
  t.match(first, { status: 303, body: '' }, 'nothing to tell at the first login ever')

  const begun = await agency.begin({ prompt: 'login', ui_locales: 'en' })
  const page = await browser.get(await doorOf(browser, begun.url), fromOurPage)
  t.match([page.status, titleOf(page.body)], [200, `Taking you back to Agency ${agency.id}`])
  t.match(page.body, /Your last login with Cl@ve was on .* at .*, at Agency [-\w]+, with Cl@ve PIN\./)
  t.notOk(page.location, 'one way only')
  t.match(page.headers['cache-control'], 'no-store')
  const [to = '', button = ''] = [...page.body.matchAll(/(?:; url=|href=")(https:\/\/agency[^"]+)"/g)].map(
    ([, url]) => url,
  )
  t.equal(to, button)
  const tokens = await agency.finish(begun, new URL(to.replaceAll('&amp;', '&')))
  t.ok(tokens.claims()?.sub, 'and the agency gets its answer by it')
})

t.test('who has no window, or was asked nothing, is led back by redirects alone', async (t) => {
  const { idp, agency, browser } = await setUp(t)
  await browser.open(await doorOf(browser, (await agency.begin()).url))
  const led = async (headers: Record<string, string>): Promise<number> =>
    (await browser.get(await doorOf(browser, (await agency.begin({ prompt: 'login' })).url), headers)).status
  t.equal(await led({}), 303, 'a plain client')
  for (const [name, other] of [
    ['sec-fetch-site', 'cross-site'],
    ['sec-fetch-site', 'none'],
    ['sec-fetch-mode', 'cors'],
    ['sec-fetch-dest', 'iframe'],
  ] as const)
    t.equal(await led({ ...fromOurPage, [name]: other }), 303, `${name}: ${other}`)

  idp.next(agency.id, by(idp.carmen))
  const silent = await browser.get((await agency.begin()).url, { ...fromOurPage, 'sec-fetch-site': 'cross-site' })
  t.match(silent.status, 303)
  t.match((await browser.get(silent.location!, { ...fromOurPage, 'sec-fetch-site': 'cross-site' })).status, 303)
})

t.test('a refusal after an earlier login is told to the agency without a page', async (t) => {
  const { agency, browser } = await setUp(t)
  await browser.open(await doorOf(browser, (await agency.begin()).url))
  const chosen = await browser.open((await agency.begin({ prompt: 'login' })).url)
  const login = chosen.at.pathname.replace(/\/[^/]*$/, '')
  const { location } = await browser.post(`${login}/cancel`)
  t.match(errorAt(await browser.get(location!, fromOurPage)), { error: 'access_denied' })
})

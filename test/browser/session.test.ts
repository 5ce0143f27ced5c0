import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { closeBrowser } from '../support/chromium.ts'
import { testSandbox } from '../support/sandbox.ts'
import { byTurns, desktop, journey, type Journey, leads, onBothScreens, type Screen } from './journey.ts'

t.setTimeout(240_000)
t.teardown(closeBrowser)
const sandbox = await testSandbox(t)
t.beforeEach(() => sandbox.reset())

/** Whoever identified at aeat with Cl@ve PIN. */
async function identified(t: Test, document = '99999999R', screen: Screen = desktop): Promise<Journey> {
  const citizen = await journey(t, sandbox, screen)
  await citizen.begin('aeat')
  await citizen.choose('pin')
  await citizen.identify(document)
  await citizen.enterPin(await sandbox.codeFor(document))
  t.match(await citizen.session('aeat'), { authenticated: true })
  return citizen
}

const authTime = async (citizen: Journey, agency: string): Promise<number> =>
  Number((await citizen.session(agency)).claims?.['auth_time'])

onBothScreens('at the next agency a citizen is asked whether to go on, and then is in', async (t, screen) => {
  const citizen = await identified(t, '99999999R', screen)
  await citizen.begin('dgt')
  t.equal(citizen.where(), 'identified')
  await citizen.look()
  t.match(await citizen.heading(), 'CARMEN PRUEBA FICTICIA')
  t.strictSame(await citizen.session('dgt'), { agency: 'dgt', protocol: 'oidc', authenticated: false }, 'not told yet')
  await citizen.press('login:identified.goOn')
  t.match(await citizen.session('dgt'), { authenticated: true, method: 'pin', level: 'substantial' })
  t.equal(await authTime(citizen, 'dgt'), await authTime(citizen, 'aeat'), 'the agency learns when it was proven')
  t.not((await citizen.session('dgt')).claims?.['sub'], (await citizen.session('aeat')).claims?.['sub'])
  await citizen.begin('dgt')
  t.equal(citizen.where(), `${sandbox.agenciesUrl}/dgt`, 'which is not asked a second time')
})

onBothScreens('on the way back from the next login, when the one before it was', async (t, screen) => {
  const citizen = await identified(t, '99999999R', screen)
  const { page } = citizen
  await citizen.begin('dgt', { prompt: 'login' })
  await citizen.choose('pin')
  await citizen.identify('99999999R')
  await page.fill('#code', await sandbox.codeFor('99999999R'))
  // An agency that does not answer leaves the citizen on this page.
  await page.route('**/dgt/callback?*', (route) => route.fulfill({ status: 204 }))
  await page.getByRole('button', { name: citizen.say('pin:code.continue'), exact: true }).click()
  await page.getByText(/Your last login with Cl@ve was on|Su acceso anterior con Cl@ve fue el/).waitFor()
  t.match(await citizen.heading(), citizen.say('oidc:back.title', { agency: 'Dirección General de Tráfico' }))
  await citizen.look()
  const button = page.getByRole('button', { name: citizen.say('oidc:back.button') })
  t.notOk(await button.isVisible(), 'who pressed it now would interrupt the answer and bring it twice')
  await page.evaluate(() => document.getAnimations().forEach((animation) => animation.finish()))
  await citizen.look()
  await page.unroute('**/dgt/callback?*')
  await leads(page, () => button.click())
  t.equal(citizen.where(), `${sandbox.agenciesUrl}/dgt`)
  t.match(await citizen.session('dgt'), { authenticated: true, method: 'pin' })
})

t.test('without scripts the way back goes on by itself, too', async (t) => {
  await identified(t)
  const citizen = await journey(t, sandbox, desktop, { javaScriptEnabled: false })
  await citizen.begin('aeat')
  await citizen.choose('pin')
  await citizen.identify('99999999R')
  await citizen.enterPin(await sandbox.codeFor('99999999R'))
  t.equal(citizen.where(), `${sandbox.agenciesUrl}/aeat`)
  t.match(await citizen.session('aeat'), { authenticated: true })
  await leads(citizen.page, () => citizen.page.goBack())
  t.not(
    await citizen.heading(),
    citizen.say('oidc:back.title', { agency: 'Agencia Tributaria' }),
    'no step to go back to',
  )
})

t.test('someone else at the same computer identifies anew, and the former session is over', async (t) => {
  const citizen = await identified(t)
  await citizen.begin('dgt')
  await citizen.press('login:identified.someoneElse')
  t.equal(citizen.where(), 'choose')
  await citizen.choose('pin')
  await citizen.identify('X9999999J')
  await citizen.enterPin(await sandbox.codeFor('X9999999J'))
  t.match(await citizen.session('dgt'), { authenticated: true, person: { document: 'X9999999J' } })
  await citizen.begin('aeat')
  t.match(await citizen.heading(), 'WEI ZHANG')
})

t.test('prompt=none: a silent answer where there is a session, an error where there is none', async (t) => {
  const stranger = await journey(t, sandbox)
  await stranger.begin('aeat', { prompt: 'none' })
  t.match(await stranger.session('aeat'), { authenticated: false, error: 'login_required' })
  const citizen = await identified(t)
  await citizen.begin('dgt', { prompt: 'none' })
  t.match(await citizen.session('dgt'), { authenticated: true, level: 'substantial' })
})

t.test('prompt=login: the citizen proves again who it is', async (t) => {
  const citizen = await identified(t)
  const before = (await citizen.session('aeat')).claims
  await citizen.begin('aeat', { prompt: 'login' })
  t.equal(citizen.where(), 'choose')
  await citizen.choose('permanente')
  await citizen.enterPassword('99999999R')
  const { claims, method } = await citizen.session('aeat')
  t.equal(method, 'permanente')
  t.not(claims?.['nonce'], before?.['nonce'])
})

t.test('prompt=select_account: always asked as whom to go on', async (t) => {
  const citizen = await identified(t)
  await citizen.begin('aeat', { prompt: 'select_account' })
  t.equal(citizen.where(), 'identified')
  await citizen.press('login:identified.goOn')
  t.match(await citizen.session('aeat'), { authenticated: true, method: 'pin' })
})

t.test('max_age: a proof that is older has to be made again', async (t) => {
  const citizen = await identified(t)
  await sandbox.advance('PT5M')
  await citizen.begin('aeat', { max_age: '600' })
  t.equal(citizen.where(), `${sandbox.agenciesUrl}/aeat`)
  await citizen.begin('aeat', { max_age: '60' })
  t.equal(citizen.where(), 'choose')
  await citizen.choose('permanente')
  await citizen.enterPassword('99999999R')
  t.match(await citizen.session('aeat'), { authenticated: true, method: 'permanente' })
})

t.test('a session that nobody uses ends after a quarter of an hour, any after one', async (t) => {
  const citizen = await identified(t)
  for (let quarter = 0; quarter < 4; quarter++) {
    await sandbox.advance('PT13M')
    await citizen.begin('aeat', { prompt: 'none' })
    t.match(await citizen.session('aeat'), { authenticated: true }, `${13 * (quarter + 1)} minutes`)
  }
  await sandbox.advance('PT9M')
  await citizen.begin('aeat', { prompt: 'none' })
  t.match(await citizen.session('aeat'), { error: 'login_required' }, '61 minutes')
  const idle = await identified(t)
  await sandbox.advance('PT15M')
  await idle.begin('aeat', { prompt: 'none' })
  t.match(await idle.session('aeat'), { error: 'login_required' })
})

byTurns('a session that shows too little is stepped up: the page says why', async (t, screen) => {
  const citizen = await journey(t, sandbox, screen)
  await citizen.begin('aeat')
  await citizen.choose('permanente')
  await citizen.enterPassword('99999999R')
  t.match(await citizen.session('aeat'), { level: 'low' })
  await citizen.begin('dgt')
  t.equal(citizen.where(), 'choose')
  await citizen.look()
  const why = citizen.say('login:choose.stepUp', { agency: 'Dirección General de Tráfico' })
  t.equal(await citizen.page.getByText(why).count(), 1)
  await citizen.choose('pin')
  await citizen.identify('99999999R')
  await citizen.enterPin(await sandbox.codeFor('99999999R'))
  t.match(await citizen.session('dgt'), { level: 'substantial' })
})

onBothScreens('logging out at the agency: Cl@ve asks, ends its session and leads back', async (t, screen) => {
  const citizen = await identified(t, '99999999R', screen)
  const logOut = () => leads(citizen.page, () => citizen.page.getByRole('link', { name: 'Log out' }).click())
  await logOut()
  await citizen.look()
  await citizen.press('oidc:logout.no')
  await citizen.look()
  await citizen.begin('aeat', { prompt: 'none' })
  t.match(await citizen.session('aeat'), { authenticated: true }, 'who stays is still known')
  await logOut()
  await citizen.press('oidc:logout.yes')
  t.equal(citizen.where(), `${sandbox.agenciesUrl}/aeat`)
  t.match(await citizen.session('aeat'), { authenticated: false })
  await citizen.begin('aeat', { prompt: 'none' })
  t.match(await citizen.session('aeat'), { error: 'login_required' })
})

onBothScreens('logging out at Cl@ve itself', async (t, screen) => {
  const citizen = await identified(t, '99999999R', screen)
  await citizen.page.goto(`${sandbox.url}/oidc/logout`)
  await citizen.look()
  await citizen.press('oidc:logout.yes')
  await citizen.look()
  await citizen.begin('aeat', { prompt: 'none' })
  t.match(await citizen.session('aeat'), { error: 'login_required' })
})

t.test('an agency whose return address redirects on to a third host works under the policy of our forms', async (t) => {
  // One server is the agency by its address and the third host by a name of its own.
  const server = createServer(({ url = '', headers }, answer) => {
    const { port } = server.address() as AddressInfo
    const third = headers.host?.startsWith('third.')
    if (third) answer.setHeader('content-type', 'text/plain').end(`arrived at ${url}`)
    else answer.writeHead(302, { location: `http://third.localhost:${port}${url}` }).end()
  }).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const callback = `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`
  const registered = await sandbox.api<{ client_id: string }>('relying-parties', {
    oidc: { redirect_uris: [callback] },
  })
  t.equal(registered.status, 201)
  const citizen = await journey(t, sandbox)
  const request = new URLSearchParams({
    client_id: registered.body.client_id,
    redirect_uri: callback,
    response_type: 'code',
    scope: 'openid',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  })
  await citizen.page.goto(`${sandbox.url}/oidc/authorize?${request.toString()}`)
  await citizen.choose('pin')
  await citizen.identify('99999999R')
  await citizen.enterPin(await sandbox.codeFor('99999999R'))
  t.match(citizen.page.url(), /^http:\/\/third\.localhost:\d+\/callback\?code=/)
  t.match(await citizen.page.innerText('body'), /^arrived at \/callback\?code=/)
})

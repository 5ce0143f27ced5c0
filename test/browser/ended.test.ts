import t from 'tap'
import { closeBrowser } from '../support/chromium.ts'
import { testSandbox } from '../support/sandbox.ts'
import { desktop, journey, leads, onBothScreens } from './journey.ts'
import { arriveAt, pages } from './pages.ts'

t.setTimeout(240_000)
t.teardown(closeBrowser)
const sandbox = await testSandbox(t)
t.beforeEach(() => sandbox.reset())

onBothScreens('an expired login: a page says so, and the agency is told', async (t, screen) => {
  const citizen = await arriveAt(t, sandbox, 'pin', screen)
  await sandbox.advance('PT20M')
  await citizen.identify('99999999R')
  await citizen.look()
  t.equal(await citizen.heading(), citizen.say('refusal:LOGIN-02-expired.title'))
  t.strictSame(await sandbox.messages(), [])
  await leads(citizen.page, () => citizen.page.locator('main a.govuk-button').click())
  const told = {
    authenticated: false,
    error: 'access_denied',
    error_description: 'The login was not finished in time.',
  }
  t.match(await citizen.session('aeat'), told)
})

t.test('a login expired for long: the agency cannot be told any more, the way to it is shown', async (t) => {
  const citizen = await arriveAt(t, sandbox, 'pin')
  await sandbox.advance('PT91M')
  await citizen.page.reload()
  t.equal(await citizen.heading(), citizen.say('refusal:LOGIN-04-unknown.title'))
  await leads(citizen.page, () => citizen.page.locator('main a.govuk-button').click())
  t.equal(citizen.where(), `${sandbox.agenciesUrl}/aeat`)
})

onBothScreens('another browser cannot go on with a login, nor somebody without cookies', async (t, screen) => {
  const citizen = await arriveAt(t, sandbox, 'pin', screen)
  const other = await journey(t, sandbox, screen)
  await other.page.goto(citizen.page.url())
  await other.look()
  t.equal(await other.heading(), other.say('refusal:LOGIN-03-other-browser.title'))
  await citizen.page.context().clearCookies()
  await citizen.identify('99999999R')
  await citizen.look()
  t.equal(await citizen.heading(), citizen.say('platform:error.forged.title'))
  t.strictSame(await sandbox.messages(), [])
})

onBothScreens('an address that names no login, and one that names nothing', async (t, screen) => {
  const citizen = await journey(t, sandbox, screen)
  await citizen.page.goto(`${sandbox.url}/login/somebody`)
  await citizen.look()
  t.equal(await citizen.heading(), citizen.say('refusal:LOGIN-04-unknown.title'))
  await citizen.page.goto(`${sandbox.url}/nowhere`)
  await citizen.look()
  t.equal(await citizen.heading(), citizen.say('platform:error.notFound.title'))
})

onBothScreens(
  'a request that cannot be answered gets a page that names the agency only where it is known',
  async (t, screen) => {
    const citizen = await journey(t, sandbox, screen)
    await citizen.page.goto(`${sandbox.url}/oidc/authorize?client_id=aeat&redirect_uri=http://127.0.0.1:1/`)
    await citizen.page.locator('summary').click()
    await citizen.look()
    t.equal(await citizen.heading(), citizen.say('oidc:error.title'))
    await citizen.follow('platform:layout.backTo', { name: 'Agencia Tributaria' })
    t.equal(citizen.where(), `${sandbox.agenciesUrl}/aeat`)
  },
)

t.test('at interior, which asks for level high, no method can be used yet: the agency is told at once', async (t) => {
  const citizen = await journey(t, sandbox)
  await citizen.begin('interior')
  await citizen.look()
  t.equal(citizen.where(), `${sandbox.agenciesUrl}/interior`)
  t.match(await citizen.session('interior'), {
    authenticated: false,
    error: 'unmet_authentication_requirements',
    error_description: 'No method that the request allows reaches the level asked.',
  })
})

onBothScreens('time runs short: a warning, and more time without leaving the page', async (t, screen) => {
  const citizen = await arriveAt(t, sandbox, 'permanente', screen)
  const warning = citizen.page.locator('.clave-timeout')
  t.notOk(await warning.isVisible(), 'as long as there is time, it is out of the way')
  await sandbox.advance('PT17M5S')
  await citizen.page.reload()
  await warning.waitFor()
  await citizen.look()
  t.match(await warning.innerText(), citizen.say('platform:timeout.left', { count: 2 }))
  await citizen.type('document', '99999999R')
  await citizen.page.getByRole('button', { name: citizen.say('platform:timeout.more') }).click()
  await warning.waitFor({ state: 'hidden' })
  t.equal(await citizen.page.inputValue('#document'), '99999999R', 'what was typed is still there')
  await sandbox.advance('PT15M')
  await citizen.enterPassword('99999999R')
  await citizen.enterCode(await sandbox.codeFor('99999999R'))
  t.match(await citizen.session('dgt'), { authenticated: true })
})

t.test('the warning comes by itself while the page is open, counts down and says the end', async (t) => {
  const citizen = await journey(t, sandbox)
  await citizen.page.clock.install()
  await pages.pin.go(citizen, sandbox)
  const warning = citizen.page.locator('.clave-timeout')
  t.notOk(await warning.isVisible())
  await citizen.page.clock.fastForward('17:05')
  await warning.waitFor()
  t.match(await warning.innerText(), citizen.say('platform:timeout.left', { count: 2 }))
  await citizen.page.clock.fastForward('02:00')
  await citizen.page.getByText(citizen.say('platform:timeout.seconds')).first().waitFor()
  await citizen.page.clock.fastForward('01:00')
  await citizen.page.getByText(citizen.say('platform:timeout.ended')).first().waitFor()
  await citizen.look()
})

t.test('more time is given for an hour in all', async (t) => {
  const citizen = await arriveAt(t, sandbox, 'permanente', desktop, { javaScriptEnabled: false })
  for (const [minutes, left] of [
    [15, 20],
    [15, 20],
    [15, 15],
  ] as const) {
    await sandbox.advance(`PT${minutes}M`)
    await citizen.press('platform:timeout.more')
    t.equal(citizen.where(), 'permanente', 'the same page')
    t.match(
      await citizen.page.locator('.clave-timeout').innerText(),
      citizen.say('platform:timeout.left', { count: left }),
    )
  }
  t.equal(await citizen.page.locator('.clave-timeout button').count(), 0, 'now there is no more to ask for')
  await sandbox.advance('PT15M')
  await citizen.page.reload()
  t.equal(await citizen.heading(), citizen.say('refusal:LOGIN-02-expired.title'))
})

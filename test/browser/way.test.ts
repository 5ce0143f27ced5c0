import t, { type Test } from 'tap'
import { closeBrowser } from '../support/chromium.ts'
import { testSandbox } from '../support/sandbox.ts'
import { desktop, journey, leads, onBothScreens, wrong, type Journey, type Screen } from './journey.ts'

t.setTimeout(240_000)
t.teardown(closeBrowser)
const sandbox = await testSandbox(t)
t.beforeEach(() => sandbox.reset())

const cancelled = {
  authenticated: false,
  error: 'access_denied',
  error_description: 'The citizen cancelled the login.',
}

/** Each page that a login can stand on, and how a citizen gets there. */
const pages: Readonly<Record<string, { readonly agency: string; go(citizen: Journey): Promise<void> }>> = {
  choose: { agency: 'aeat', go: (citizen) => citizen.begin('aeat') },
  pin: {
    agency: 'aeat',
    async go(citizen) {
      await citizen.begin('aeat')
      await citizen.choose('pin')
    },
  },
  'pin/code': {
    agency: 'aeat',
    async go(citizen) {
      await pages['pin']?.go(citizen)
      await citizen.identify('99999999R')
    },
  },
  permanente: {
    agency: 'dgt',
    async go(citizen) {
      await citizen.begin('dgt')
      await citizen.choose('permanente')
    },
  },
  'permanente/code': {
    agency: 'dgt',
    async go(citizen) {
      await pages['permanente']?.go(citizen)
      await citizen.enterPassword('99999999R')
    },
  },
  'permanente/warning': {
    agency: 'dgt',
    async go(citizen) {
      await sandbox.advance('P701D')
      await pages['permanente/code']?.go(citizen)
    },
  },
  identified: {
    agency: 'dgt',
    async go(citizen) {
      await loginByPin(citizen)
      await citizen.begin('dgt')
    },
  },
}

async function loginByPin(citizen: Journey, document = '99999999R'): Promise<void> {
  await citizen.begin('aeat')
  await citizen.choose('pin')
  await citizen.identify(document)
  await citizen.enterPin(await sandbox.codeFor(document))
}

async function at(t: Test, page: string, screen: Screen = desktop, options = {}): Promise<Journey> {
  const citizen = await journey(t, sandbox, screen, options)
  await pages[page]?.go(citizen)
  t.equal(citizen.where(), page)
  return citizen
}

for (const [page, { agency }] of Object.entries(pages)) {
  t.test(`"cancel" on the page "${page}" leads back to the agency, which is told`, async (t) => {
    const citizen = await at(t, page)
    const name = agency === 'aeat' ? 'Agencia Tributaria' : 'Dirección General de Tráfico'
    await citizen.press('platform:layout.cancel', { name })
    t.equal(citizen.where(), `${sandbox.agenciesUrl}/${agency}`)
    t.match(await citizen.session(agency), cancelled)
  })

  t.test(`the page "${page}" can be read again, and in the other language`, async (t) => {
    const citizen = await at(t, page)
    await citizen.page.reload()
    t.equal(citizen.where(), page)
    const heading = await citizen.heading()
    await leads(citizen.page, () => citizen.page.getByRole('link', { name: 'English' }).click())
    t.equal(citizen.where(), page)
    t.not(await citizen.heading(), heading)
    t.equal(await citizen.page.getAttribute('html', 'lang'), 'en')
    await leads(citizen.page, () => citizen.page.getByRole('link', { name: 'Castellano' }).click())
    t.equal(await citizen.heading(), heading)
  })
}

t.test('the agency may suggest a language; what the citizen chose goes before', async (t) => {
  const citizen = await journey(t, sandbox)
  const language = () => citizen.page.getAttribute('html', 'lang')
  await citizen.begin('aeat', { ui_locales: 'fr en es' })
  t.equal(await language(), 'en')
  await leads(citizen.page, () => citizen.page.getByRole('link', { name: 'Castellano' }).click())
  await citizen.begin('aeat', { ui_locales: 'en' })
  t.equal(await language(), 'es')
})

t.test('the back button: a page that is over leads to where the login stands, and nothing is sent twice', async (t) => {
  const citizen = await at(t, 'pin/code')
  await citizen.page.goBack()
  t.equal(citizen.where(), 'pin/code', 'the form that was sent is not shown again')
  t.equal((await sandbox.messages()).length, 1)
  await citizen.page.goBack()
  await leads(citizen.page, () => citizen.page.goto(`${citizen.page.url().replace(/\/pin.*|\/choose/, '/choose')}`))
  t.equal(citizen.where(), 'choose', 'the choice of method can be made again')
  await citizen.choose('permanente')
  await citizen.enterPassword('99999999R')
  t.match(await citizen.session('aeat'), { authenticated: true, method: 'permanente' })
})

t.test('the back button after the end leads back to the agency: the login is not repeated', async (t) => {
  const citizen = await at(t, 'pin/code')
  const page = citizen.page.url()
  await citizen.enterPin(await sandbox.codeFor('99999999R'))
  const { claims } = await citizen.session('aeat')
  await citizen.page.goBack()
  await citizen.page.goto(page)
  await citizen.look()
  t.equal(await citizen.heading(), citizen.say('refusal:LOGIN-04-unknown.title'), 'an answered login is over')
  t.equal(await citizen.page.getByRole('button', { name: 'Volver a Agencia Tributaria' }).count(), 1)
  await leads(citizen.page, () => citizen.page.getByRole('button', { name: 'Volver a Agencia Tributaria' }).click())
  t.strictSame((await citizen.session('aeat')).claims, claims, 'the agency’s session is as it was')
})

t.test(
  'a form sent again by a reload counts once: a wrong PIN costs one try each time, a right one logs in once',
  async (t) => {
    const citizen = await at(t, 'pin/code')
    const pin = await sandbox.codeFor('99999999R')
    await citizen.enterPin(wrong(pin))
    await citizen.page.reload()
    t.strictSame(await citizen.problems(), [citizen.say('refusal:PIN-01-wrong.body', { count: 1 })])
    await citizen.enterPin(pin)
    t.match(await citizen.session('aeat'), { authenticated: true })
    await citizen.page.reload()
    t.match(await citizen.session('aeat'), { authenticated: true })
  },
)

t.test('two tabs of one login: what one does the other follows, and the end is answered once', async (t) => {
  const one = await at(t, 'pin')
  const two = await one.tab()
  await two.page.goto(one.page.url())
  await one.identify('99999999R')
  await two.identify('X9999999J')
  t.equal(two.where(), 'pin/code', 'the slower tab is led to where the login stands')
  t.match(await two.page.locator('main').innerText(), '001', 'of the first one’s citizen')
  t.strictSame(await sandbox.messages('X9999999J'), [], 'and no other SMS goes out')
  const pin = await sandbox.codeFor('99999999R')
  await one.enterPin(pin)
  t.match(await one.session('aeat'), { authenticated: true, person: { document: '99999999R' } })
  await two.enterPin(pin)
  await two.look()
  t.equal(await two.heading(), two.say('refusal:LOGIN-04-unknown.title'))
})

t.test('two logins in two tabs: each agency gets its own answer', async (t) => {
  const one = await at(t, 'pin/code')
  const two = await one.tab()
  await pages['permanente/code']?.go(two)
  await one.enterPin(await sandbox.codeFor('99999999R'))
  await two.enterCode(await sandbox.codeFor('99999999R'))
  t.match(await one.session('aeat'), { authenticated: true, method: 'pin' })
  t.match(await one.session('dgt'), { authenticated: true, method: 'permanente' })
})

t.test('two logins of one agency in two tabs: both come back', async (t) => {
  const one = await at(t, 'pin/code')
  const two = await one.tab()
  await two.begin('aeat')
  await two.cancel()
  t.match(await two.session('aeat'), cancelled)
  await one.enterPin(await sandbox.codeFor('99999999R'))
  t.match(await one.session('aeat'), { authenticated: true })
})

onBothScreens('an expired login: a page says so, and the agency is told', async (t, screen) => {
  const citizen = await at(t, 'pin', screen)
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
  const citizen = await at(t, 'pin')
  await sandbox.advance('PT91M')
  await citizen.page.reload()
  t.equal(await citizen.heading(), citizen.say('refusal:LOGIN-04-unknown.title'))
  await leads(citizen.page, () => citizen.page.locator('main a.govuk-button').click())
  t.equal(citizen.where(), `${sandbox.agenciesUrl}/aeat`)
})

onBothScreens('another browser cannot go on with a login, nor somebody without cookies', async (t, screen) => {
  const citizen = await at(t, 'pin', screen)
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
  const citizen = await at(t, 'permanente', screen)
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
  await pages['pin']?.go(citizen)
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
  const citizen = await at(t, 'permanente', desktop, { javaScriptEnabled: false })
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

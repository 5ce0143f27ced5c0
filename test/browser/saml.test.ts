import t, { type Test } from 'tap'
import type saml from '../../locales/es/saml.json'
import { closeBrowser } from '../support/chromium.ts'
import { testSandbox } from '../support/sandbox.ts'
import { desktop, journey, leads, onBothScreens, type Journey, type Screen } from './journey.ts'

declare module '../../src/platform/i18n.ts' {
  interface Texts {
    saml: typeof saml
  }
}

t.setTimeout(240_000)
t.teardown(closeBrowser)
const sandbox = await testSandbox(t)
t.beforeEach(() => sandbox.reset())

type Agency = 'seguridad-social' | 'sepe' | 'aeat'
const home = (agency: Agency) => `${sandbox.agenciesUrl}/${agency}`

/** From the agency to a page of Cl@ve, over the forms that send themselves. */
async function begin(citizen: Journey, agency: Agency, wishes: Readonly<Record<string, string>> = {}) {
  await citizen.begin(agency, wishes)
  await citizen.page.waitForURL(/\/login\/[^/]+\/|\/(seguridad-social|sepe|aeat)$/)
}

/** Back at the agency, over the form that sends itself. */
const back = (citizen: Journey, agency: Agency) => citizen.page.waitForURL(home(agency))

async function identifyByPin(citizen: Journey, agency: Agency, document = '99999999R') {
  await begin(citizen, agency)
  await citizen.choose('pin')
  await citizen.identify(document)
  await citizen.enterPin(await sandbox.codeFor(document))
  await back(citizen, agency)
}

async function identified(t: Test, agency: Agency, screen: Screen = desktop): Promise<Journey> {
  const citizen = await journey(t, sandbox, screen)
  await identifyByPin(citizen, agency)
  t.match(await citizen.session(agency), { authenticated: true })
  return citizen
}

const logOut = (citizen: Journey) =>
  leads(citizen.page, () => citizen.page.getByRole('link', { name: 'Log out' }).click())

onBothScreens('at sepe with Cl@ve PIN: the assertion comes encrypted and is read', async (t, screen) => {
  const citizen = await journey(t, sandbox, screen)
  await identifyByPin(citizen, 'sepe')
  await citizen.look()
  t.match(await citizen.session('sepe'), {
    authenticated: true,
    protocol: 'saml',
    level: 'substantial',
    method: 'PIN24H',
    encrypted: true,
    person: { document: '99999999R', name: 'CARMEN PRUEBA FICTICIA' },
  })
})

onBothScreens('at seguridad-social with Cl@ve Permanente and its code', async (t, screen) => {
  const citizen = await journey(t, sandbox, screen)
  await begin(citizen, 'seguridad-social')
  t.match(await citizen.page.locator('main').innerText(), 'Seguridad Social')
  await citizen.look()
  await citizen.choose('permanente')
  await citizen.enterPassword('99999999R')
  await citizen.enterCode(await sandbox.codeFor('99999999R'))
  await back(citizen, 'seguridad-social')
  await citizen.look()
  t.match(await citizen.session('seguridad-social'), {
    authenticated: true,
    level: 'substantial',
    method: 'SEGSOC',
    name_id: '99999999R',
  })
})

onBothScreens('who cancels is back at the agency, which says so', async (t, screen) => {
  for (const agency of ['seguridad-social', 'sepe'] as const) {
    const citizen = await journey(t, sandbox, screen)
    await begin(citizen, agency)
    await citizen.cancel()
    await back(citizen, agency)
    await citizen.look()
    t.match(await citizen.session(agency), {
      authenticated: false,
      error: 'AuthnFailed',
      error_description: /^003002 - /,
      status: 'Responder',
    })
  }
})

t.test('who is refused learns why, and then the agency does', async (t) => {
  const citizen = await journey(t, sandbox)
  await begin(citizen, 'seguridad-social')
  await citizen.choose('pin')
  await citizen.identify('99999998T')
  t.equal(await citizen.heading(), citizen.say('refusal:LEVEL-01-registration-too-low.title'))
  await leads(citizen.page, () => citizen.page.locator('main .govuk-button').first().click())
  await back(citizen, 'seguridad-social')
  t.match(await citizen.session('seguridad-social'), { error: 'NoAuthnContext', error_description: /^003007 - / })
})

t.test('with one method left there is no choice to make; with none the agency is told', async (t) => {
  const citizen = await journey(t, sandbox)
  await begin(citizen, 'sepe')
  t.equal(citizen.where(), 'choose')
  await begin(citizen, 'seguridad-social', { exclude: 'GISSIdP' })
  t.equal(citizen.where(), 'movil')
  await begin(citizen, 'seguridad-social', { level: 'high' })
  t.match(await citizen.session('seguridad-social'), { error: 'NoAuthnContext', status: 'Responder' })
})

t.test('at the next agency a citizen is asked whether to go on, whichever protocol it speaks', async (t) => {
  const citizen = await identified(t, 'aeat')
  for (const agency of ['sepe', 'seguridad-social'] as const) {
    await begin(citizen, agency)
    t.equal(citizen.where(), 'identified')
    await citizen.press('login:identified.goOn')
    await back(citizen, agency)
    t.match(await citizen.session(agency), { authenticated: true, method: 'PIN24H' })
  }
  await begin(citizen, 'sepe', { passive: 'true' })
  t.match(await citizen.session('sepe'), { authenticated: true }, 'silently, now that it was agreed to')
  await begin(citizen, 'sepe', { force: 'true' })
  t.equal(citizen.where(), 'choose', 'ForceAuthn: the citizen proves again who it is')
})

t.test('one logout, begun at any agency, ends the session at all of them', async (t) => {
  for (const start of ['seguridad-social', 'sepe', 'aeat'] as const) {
    const citizen = await identified(t, 'aeat')
    for (const agency of ['sepe', 'seguridad-social'] as const) {
      await begin(citizen, agency)
      await citizen.press('login:identified.goOn')
      await back(citizen, agency)
    }
    await citizen.page.goto(home(start))
    await logOut(citizen)
    if (start === 'aeat') await citizen.press('oidc:logout.yes')
    await back(citizen, start)
    await citizen.look()
    for (const agency of [start, 'sepe', 'aeat'] as const)
      t.match(await citizen.session(agency), { authenticated: false }, `begun at ${start}: ${agency}`)
    await begin(citizen, 'sepe', { passive: 'true' })
    t.match(await citizen.session('sepe'), { error: 'NoPassive' })
  }
})

t.test('without JavaScript every form has its button', async (t) => {
  const citizen = await journey(t, sandbox, desktop, { javaScriptEnabled: false })
  const { page } = citizen
  const goOn = () => leads(page, () => page.getByRole('button', { name: 'Continue to Cl@ve' }).click())
  await citizen.begin('seguridad-social')
  await goOn()
  await citizen.choose('pin')
  await citizen.identify('99999999R')
  await citizen.enterPin(await sandbox.codeFor('99999999R'))
  await citizen.press('saml:post.button')
  t.equal(page.url(), home('seguridad-social'))
  t.match(await citizen.session('seguridad-social'), { authenticated: true, level: 'substantial' })
  await logOut(citizen)
  await goOn()
  await citizen.press('saml:post.button')
  t.equal(page.url(), home('seguridad-social'))
  t.match(await citizen.session('seguridad-social'), { authenticated: false })
})

onBothScreens('the page that reads a message, with a good one and with a bad one', async (t, screen) => {
  const citizen = await journey(t, sandbox, screen)
  const { page, say } = citizen
  await page.goto(`${sandbox.url}/sandbox/saml`)
  await citizen.look()
  const begun = await (await fetch(`${home('seguridad-social')}/login`)).text()
  const request = /name="SAMLRequest" value="([^"]+)"/.exec(begun)?.[1] ?? ''
  await citizen.type('message', request)
  await citizen.press('sandbox:saml.go')
  await citizen.look()
  t.equal(await page.locator('#result').innerText(), say('sandbox:saml.clean'))
  const xml = Buffer.from(request, 'base64').toString().replace('LoA/substantial', 'LoA/huge')
  await citizen.type('message', xml)
  await citizen.press('sandbox:saml.go')
  await citizen.look()
  t.equal(await page.locator('#result').innerText(), say('sandbox:saml.faults', { count: 2 }))
})

onBothScreens(
  'where no logout is under way the page says that the session stands, and leads out',
  async (t, screen) => {
    const citizen = await identified(t, 'sepe', screen)
    await citizen.page.goto(`${sandbox.url}/saml/logout/over`)
    t.equal(await citizen.heading(), citizen.say('saml:loggedOut.stayed.title'))
    await citizen.look()
    await leads(citizen.page, () =>
      citizen.page.getByRole('button', { name: citizen.say('saml:loggedOut.stayed.out') }).click(),
    )
    await citizen.press('oidc:logout.yes')
    await citizen.page.goto(`${sandbox.url}/saml/logout/over`)
    t.equal(await citizen.heading(), citizen.say('saml:loggedOut.title'))
    await citizen.look()
  },
)

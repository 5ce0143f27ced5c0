import t, { type Test } from 'tap'
import type { TextKey } from '../../src/platform/index.ts'
import { desktop, journey, leads, onBothScreens, type Journey, type Screen } from '../browser/journey.ts'
import { closeBrowser } from '../support/chromium.ts'
import { contrastOf, testSandbox } from '../support/sandbox.ts'
import { visitor } from './visitor.ts'

// From outside: what somebody has who started the sandbox, that is a browser, HTTP, and the JSON for tests.

t.setTimeout(240_000)
t.teardown(closeBrowser)
const sandbox = await testSandbox(t)
t.beforeEach(() => sandbox.reset())

const document = '99999989Z'
const aeat = `${sandbox.agenciesUrl}/aeat`

async function pinOf(wanted: string): Promise<string> {
  const { body } = await sandbox.api<Readonly<Record<string, string | null>>[]>('citizens')
  return body.find((one) => one['document'] === wanted)?.['pin24h'] ?? ''
}

/** Enters the Tax Agency by its own older login. */
async function enter(citizen: Journey): Promise<void> {
  await citizen.page.goto(`${aeat}/pin24h`)
  await citizen.type('document', document)
  await citizen.type('pin', await pinOf(document))
  await citizen.press('sandbox:pin24h.enter')
}

/** From the notice to the page with the receipt; `at`: what is done on each page on the way. */
async function migrate(t: Test, citizen: Journey, at = async (_page: string): Promise<void> => {}): Promise<void> {
  await at('notice')
  await citizen.follow('sandbox:pin24h.notice.register')
  t.equal(citizen.page.url(), `${sandbox.url}/register`)
  t.equal(await citizen.heading(), citizen.say('register:start.title'), 'in the language of the notice')
  await citizen.type('document', document)
  await citizen.press('register:continue')
  await citizen.type('contrast', contrastOf(document))
  await citizen.press('register:continue')
  await at('channels')
  await citizen.press('register:pin24h.choose')
  await at('contact')
  await citizen.press('register:contact.send')
  await at('phone')
  await citizen.type('code', await sandbox.codeFor(document))
  await citizen.press('register:continue')
  await citizen.page.getByLabel(citizen.say('register:confirm.terms')).check()
  await at('confirm')
  await citizen.press('register:confirm.register')
  t.equal(await citizen.heading(), citizen.say('register:done.title'))
  await at('done')
}

/** Logs in with Cl@ve PIN. Answers what the agency got: an identification, or, after the page that explains, why not. */
async function logIn(t: Test, agency: string, refused?: TextKey) {
  const citizen = await journey(t, sandbox)
  const there = `${sandbox.agenciesUrl}/${agency}`
  await citizen.begin(agency)
  if (agency !== 'interior') {
    await citizen.page.waitForURL(/\/login\/[^/]+\//)
    await citizen.choose('pin')
    await citizen.identify(document)
    if (refused === undefined) await citizen.enterPin(await sandbox.codeFor(document))
    else {
      t.equal(await citizen.heading(), citizen.say(refused), agency)
      await leads(citizen.page, () => citizen.page.locator('main .govuk-button').first().click())
    }
  }
  await citizen.page.waitForURL(there)
  return citizen.session(agency)
}

onBothScreens('from PIN 24h at aeat over the notice into Cl@ve, every page looked at', async (t, screen) => {
  const citizen = await journey(t, sandbox, screen)
  await citizen.page.goto(aeat)
  await citizen.look()
  await leads(citizen.page, () => citizen.page.getByRole('link', { name: 'PIN 24 horas' }).click())
  await citizen.look()
  await citizen.type('document', document)
  await citizen.type('pin', '000000')
  await citizen.press('sandbox:pin24h.enter')
  t.match(await citizen.page.getByRole('alert').innerText(), citizen.say('sandbox:pin24h.wrong'))
  await citizen.look()
  t.match(await citizen.session('aeat'), { authenticated: false })
  await citizen.type('pin', await pinOf(document))
  await citizen.press('sandbox:pin24h.enter')
  t.equal(await citizen.page.locator('html').getAttribute('lang'), screen.locale)
  await migrate(t, citizen, () => citizen.look())
})

t.test('a migrated citizen logs in at each agency, and each gets what a basic registration gives', async (t) => {
  const citizen = await journey(t, sandbox)
  await enter(citizen)
  await migrate(t, citizen)
  const person = { document, given_name: 'TOMÁS', phone_number_verified: true }
  t.match(await logIn(t, 'aeat'), {
    ...{ authenticated: true, level: 'low', method: 'pin', person, registration_level: 'basic' },
  })
  t.match(await logIn(t, 'sepe'), { authenticated: true, level: 'low', protocol: 'saml', person: { document } })
  const tooLow = 'refusal:LEVEL-01-registration-too-low.title'
  t.match(await logIn(t, 'dgt', tooLow), { authenticated: false, error: 'unmet_authentication_requirements' })
  t.match(await logIn(t, 'seguridad-social', tooLow), { authenticated: false, error_description: /^003007 - / })
  t.match(await logIn(t, 'interior'), { authenticated: false, error: 'unmet_authentication_requirements' })
})

t.test(
  '“at another time” leads on into the agency, and the notice comes again; who migrated is left alone',
  async (t) => {
    const citizen = await journey(t, sandbox)
    for (let time = 1; time <= 2; time++) {
      await enter(citizen)
      t.equal(await citizen.heading(), citizen.say('sandbox:pin24h.notice.title'))
      await citizen.follow('sandbox:pin24h.notice.later')
      t.equal(citizen.page.url(), aeat)
      t.match(await citizen.session('aeat'), {
        ...{
          authenticated: true,
          level: 'low',
          method: 'pin24h',
          person: { document, name: 'TOMÁS VEINTICUATRO HORAS' },
        },
      })
      await citizen.look()
      await leads(citizen.page, () => citizen.page.getByRole('link', { name: 'Log out' }).click())
      t.same((await citizen.session('aeat')).authenticated, false)
    }
    await citizen.page.goto(`${aeat}/pin24h/notice`)
    t.equal(await citizen.heading(), citizen.say('sandbox:pin24h.title'), 'who is not inside is not told')
    await enter(citizen)
    await migrate(t, citizen)
    await enter(citizen)
    t.equal(citizen.page.url(), aeat)
    t.match(await citizen.session('aeat'), { method: 'pin24h' })
    await sandbox.reset()
    await enter(citizen)
    t.equal(await citizen.heading(), citizen.say('sandbox:pin24h.notice.title'), 'a reset puts the record back')
  },
)

t.test('without JavaScript, and on a phone', async (t) => {
  const screen: Screen = { ...desktop, width: 360 }
  const citizen = await journey(t, sandbox, screen, { javaScriptEnabled: false })
  await enter(citizen)
  await migrate(t, citizen)
})

t.test('by keyboard alone', async (t) => {
  const citizen = await journey(t, sandbox)
  const { page } = citizen
  const to = async (key: TextKey) => {
    for (let presses = 0; presses < 40; presses++) {
      await page.keyboard.press('Tab')
      const text = await page.evaluate(() => (globalThis.document.activeElement as HTMLElement).innerText)
      if (text.trim() === citizen.say(key)) return leads(page, () => page.keyboard.press('Enter'))
    }
    throw new Error(`${key} is not reached`)
  }
  await page.goto(`${aeat}/pin24h`)
  await page.locator('#document').focus()
  await page.keyboard.type(document)
  await page.keyboard.press('Tab')
  await page.keyboard.type(await pinOf(document))
  await leads(page, () => page.keyboard.press('Enter'))
  await to('sandbox:pin24h.notice.register')
  await page.locator('#document').focus()
  await page.keyboard.type(document)
  await leads(page, () => page.keyboard.press('Enter'))
  await page.locator('#contrast').focus()
  await page.keyboard.type(contrastOf(document))
  await leads(page, () => page.keyboard.press('Enter'))
  await to('register:pin24h.choose')
  await to('register:pin24h.otherWay')
  await to('register:pin24h.choose')
  await page.locator('#email').focus()
  await leads(page, () => page.keyboard.press('Enter'))
  t.equal(await citizen.heading(), citizen.say('register:phone.title'), 'Enter sends the code, and nothing else')
})

t.test('nobody enters with anything else, and a page out of its order leads to the login', async (t) => {
  const by = visitor()
  for (const fields of [
    {},
    { document },
    { document, pin: '' },
    { document: '99999999R', pin: await pinOf(document) },
  ]) {
    const answer = await by.post(`${aeat}/pin24h`, fields)
    t.equal(answer.status, 422)
    t.match(await by.json(`${aeat}/session`), { authenticated: false })
  }
  const nasty = await by.post(`${aeat}/pin24h`, { document: '"><script>alert(1)</script>', pin: 'x'.repeat(500_000) })
  t.notMatch(nasty.body, '<script>alert')
  t.equal((await by.open(`${aeat}/pin24h/notice`)).at.pathname, '/aeat/pin24h')
  t.equal((await by.open(`${sandbox.agenciesUrl}/dgt/pin24h`)).status, 404, 'only the Tax Agency has it')
})

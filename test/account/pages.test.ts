import t, { type Test } from 'tap'
import type account from '../../locales/es/account.json'
import { desktop, journey, leads, onBothScreens, phone, type Journey, type Screen } from '../browser/journey.ts'
import { closeBrowser } from '../support/chromium.ts'
import { testSandbox } from '../support/sandbox.ts'

declare module '../../src/platform/i18n.ts' {
  interface Texts {
    account: typeof account
  }
}

t.setTimeout(300_000)
t.teardown(closeBrowser)
const sandbox = await testSandbox(t)
t.beforeEach(() => sandbox.reset())

const go = (citizen: Journey, path = '') => citizen.page.goto(`${sandbox.url}/account${path}`)

async function identify(citizen: Journey, document: string, method: 'pin' | 'permanente' = 'pin'): Promise<void> {
  await citizen.choose(method)
  if (method === 'permanente') return citizen.enterPassword(document)
  await citizen.identify(document)
  await citizen.enterPin(await sandbox.codeFor(document))
}

async function atHome(t: Test, document: string, screen: Screen, options = {}): Promise<Journey> {
  const citizen = await journey(t, sandbox, screen, options)
  await go(citizen)
  await identify(citizen, document)
  t.equal(citizen.where(), `${sandbox.url}/account`)
  return citizen
}

onBothScreens('every page, for a basic citizen and an advanced one', async (t, screen) => {
  const document = screen === desktop ? '99999999R' : '99999998T'
  const other = await journey(t, sandbox, screen)
  await other.begin('aeat')
  await identify(other, document)
  const citizen = await atHome(t, document, screen)
  await citizen.look()
  const home = citizen.page.locator('main')
  t.match(await home.innerText(), /Agencia Tributaria/, 'the login before is told')
  for (const path of ['data', 'registration', 'activity', 'sessions', 'methods', 'methods/block/permanente']) {
    await go(citizen, `/${path}`)
    await citizen.look()
  }
  await citizen.press('account:block.confirm')
  await citizen.look()
  await go(citizen)
  await citizen.look()
  await go(citizen, '/methods/lift/permanente')
  await citizen.look()
  await citizen.press('account:lift.confirm')
  await citizen.look()
  await go(citizen, '/sessions')
  await leads(citizen.page, () => citizen.page.locator('main form button').first().click())
  await citizen.look()
  await go(citizen, '/activity')
  await leads(citizen.page, () => citizen.page.locator('.clave-event__report a').first().click())
  await citizen.look()
  await leads(citizen.page, () => citizen.page.locator('.govuk-button--warning').click())
  await citizen.look()
  await go(citizen)
  await citizen.look()
})

onBothScreens('what is refused at the door, the way back, and logging out', async (t, screen) => {
  const citizen = await journey(t, sandbox, screen)
  await go(citizen, '/registration')
  await citizen.cancel()
  await citizen.look()
  await citizen.press('account:refused.again')
  await identify(citizen, '99999998T', 'permanente')
  t.equal(citizen.where(), `${sandbox.url}/account/registration`)
  await go(citizen, '/methods/lift/permanente')
  t.match(citizen.where(), /^movil$|^pin$|choose/, 'a password alone does not lift anything')
  await citizen.cancel()
  await citizen.look()
  await citizen.follow('account:refused.home')
  t.equal(citizen.where(), `${sandbox.url}/account`)
  await citizen.press('account:frame.leave')
  t.equal(citizen.where(), `${sandbox.url}/account/left`)
  await citizen.look()
})

for (const screen of [desktop, phone])
  t.test(`without JavaScript (${screen.name})`, async (t) => {
    const citizen = await atHome(t, '99999999R', screen, { javaScriptEnabled: false })
    if (screen === phone) await citizen.page.locator('.clave-account__summary').click()
    const nav = citizen.page.locator('nav .clave-account__link:visible', {
      hasText: citizen.say('account:nav.methods'),
    })
    await leads(citizen.page, () => nav.click())
    t.equal(await citizen.heading(), citizen.say('account:methods.title'))
    await citizen.follow('account:methods.block', { method: 'Cl@ve Permanente' })
    await citizen.press('account:block.confirm')
    t.match(await citizen.page.locator('.clave-told').innerText(), 'Cl@ve Permanente')
    await citizen.press('account:frame.leave')
    t.equal(await citizen.heading(), citizen.say('account:left.title'))
  })

t.test('by keyboard: to a page, to its button, and out', async (t) => {
  const { page, say, ...citizen } = await atHome(t, '99999999R', desktop)
  const tabTo = async (name: string) => {
    for (let stops = 0; stops < 40; stops++) {
      await page.keyboard.press('Tab')
      const focused = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement
        const style = getComputedStyle(element)
        const seen = style.outlineStyle !== 'none' || style.boxShadow !== 'none'
        return { text: element.innerText.trim(), seen }
      })
      if (!focused.seen) t.fail(`the focus cannot be seen on "${focused.text}"`)
      if (focused.text === name) return
    }
    t.fail(`Tab does not reach "${name}"`)
  }
  await tabTo(say('account:nav.methods'))
  await leads(page, () => page.keyboard.press('Enter'))
  await tabTo(say('account:methods.block', { method: 'Cl@ve Permanente' }))
  await leads(page, () => page.keyboard.press('Enter'))
  await tabTo(say('account:block.confirm'))
  await leads(page, () => page.keyboard.press('Enter'))
  t.equal(citizen.where().replace(/\?.*/, ''), `${sandbox.url}/account/methods`)
  await tabTo(say('account:frame.leave'))
  await leads(page, () => page.keyboard.press('Enter'))
  t.equal(citizen.where(), `${sandbox.url}/account/left`)
})

t.test('a script that asks with the citizen’s cookies gets problem+json where it has to identify again', async (t) => {
  const citizen = await atHome(t, '99999999R', desktop)
  await sandbox.advance('PT6M')
  const headers = { accept: 'application/json' }
  const answer = await citizen.page.request.get(`${sandbox.url}/account/methods/lift/pin`, { headers })
  t.equal(answer.status(), 401)
  t.match(answer.headers()['content-type'], /^application\/problem\+json/)
})

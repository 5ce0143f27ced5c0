import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import type { TextDetails, TextKey } from '../../src/platform/index.ts'
import { loadI18n } from '../../src/platform/index.ts'
import { fresh, goodPassword, lifeScene, blocked, type LifeScene } from '../authentication/life-scene.ts'
import { codeOf } from '../authentication/scene.ts'
import { browserPage, closeBrowser } from '../support/chromium.ts'
import { desktop, leads, onBothScreens, type Screen } from './journey.ts'
import { look } from './look.ts'

t.setTimeout(240_000)
t.teardown(closeBrowser)

const i18n = loadI18n({ strict: true })

interface Walk {
  readonly s: LifeScene
  readonly page: Page
  readonly base: string
  say(key: TextKey, details?: TextDetails): string
  go(path: string): Promise<void>
  type(field: string, text: string): Promise<void>
  press(key: TextKey): Promise<void>
  heading(): Promise<string>
  problems(): Promise<string[]>
  look(): Promise<void>
  /** The code of the SMS that was sent last. */
  code(): string
}

/** One citizen before the pages of Permanente's life. */
async function walk(t: Test, screen: Screen = desktop, options: Parameters<typeof browserPage>[1] = {}): Promise<Walk> {
  const s = await lifeScene(t)
  await s.app.listen({ port: 0, host: '127.0.0.1' })
  const base = `http://127.0.0.1:${(s.app.server.address() as AddressInfo).port}`
  const locale = screen.locale === 'es' ? 'es-ES' : 'en-GB'
  const page = await browserPage(t, { locale, viewport: { width: screen.width, height: 800 }, ...options })
  const say = i18n.translator(screen.locale)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text())
  })
  return {
    ...{ s, page, base, say },
    go: async (path) => void (await page.goto(base + path)),
    type: (field, text) => page.fill(`#${field}`, text),
    press: (key) => leads(page, () => page.getByRole('button', { name: say(key), exact: true }).click()),
    heading: () => page.locator('h1').innerText(),
    problems: () => page.locator('.govuk-error-summary__list li').allInnerTexts(),
    look: () => look(t, page, () => complaints.splice(0)),
    code: () => codeOf(s.sent.at(-1)),
  }
}

/** To the page of the password, by activation. */
async function atPassword(t: Test, screen?: Screen, options?: Parameters<typeof browserPage>[1]): Promise<Walk> {
  const w = await walk(t, screen, options)
  await w.go('/permanente/activate')
  await w.type('document', fresh.document)
  await w.type('email', fresh.email)
  await w.type('activation', await w.s.activationFor(fresh.document))
  await w.press('permanente:activation.send')
  await w.type('code', w.code())
  await w.press('permanente:code.continue')
  return w
}

const states = (page: Page) =>
  page
    .locator('[data-rule]')
    .evaluateAll((rules) =>
      rules.map((rule) => [rule.getAttribute('data-rule'), /--(\w+)$/.exec(rule.getAttribute('class') ?? '')?.[1]]),
    )

onBothScreens('activation, with everything that can be wrong on its way', async (t, screen) => {
  const w = await walk(t, screen)
  await w.go('/permanente/activate')
  await w.look()
  await w.page.getByText(w.say('permanente:activation.where')).click()
  await w.look()
  await w.press('permanente:activation.send')
  t.equal((await w.problems()).length, 3)
  await w.look()
  await w.type('document', fresh.document)
  await w.type('email', fresh.email)
  await w.type('activation', 'AAAAA-AAAAA')
  await w.press('permanente:activation.send')
  t.same(await w.problems(), [w.say('permanente:activation.wrong'), w.say('permanente:activation.wrongRemedy')])
  t.equal(await w.page.inputValue('#activation'), '')
  await w.look()
  await w.type('activation', (await w.s.activationFor(fresh.document)).toLowerCase())
  await w.press('permanente:activation.send')
  t.equal(await w.heading(), w.say('permanente:sms.title'))
  await w.look()
  await w.type('code', '1')
  await w.press('permanente:code.continue')
  await w.look()
  await w.page.getByText(w.say('permanente:code.notArrived')).click()
  await w.press('permanente:code.another')
  await w.look()
  await w.type('code', w.code())
  await w.press('permanente:code.continue')
  t.equal(await w.heading(), w.say('permanente:choose.title'))
  await w.look()
  await w.type('password', 'unica')
  await w.press('permanente:choose.save')
  t.same(await w.problems(), [w.say('permanente:rules.broken.several', { count: 3 })])
  await w.look()
  await w.type('password', goodPassword)
  await w.press('permanente:choose.save')
  t.equal(await w.heading(), w.say('permanente:done.activate'))
  await w.look()
})

onBothScreens('recovery of a blocked password, by contrast and SMS', async (t, screen) => {
  const w = await walk(t, screen)
  await w.go('/permanente/recover')
  await w.look()
  await leads(w.page, () => w.page.getByText(w.say('permanente:recover.withCode'), { exact: true }).click())
  await w.look()
  await w.page.goBack()
  await leads(w.page, () => w.page.getByText(w.say('permanente:recover.withDocument'), { exact: true }).click())
  await w.look()
  await w.type('document', blocked.document)
  await w.type('contrast', '01/02/2033')
  await w.press('permanente:contrast.send')
  await w.look()
  await w.type('contrast', '03/03/2031')
  await w.press('permanente:contrast.send')
  await w.type('code', w.code())
  await w.press('permanente:code.continue')
  await w.type('password', goodPassword)
  await w.press('permanente:choose.save')
  t.equal(await w.heading(), w.say('permanente:done.recover'))
  await w.look()
  await w.page.goBack()
  t.equal(await w.heading(), w.say('permanente:done.recover'), 'back leads to where it stands')
})

t.test('the rules answer while the password is typed, and say so when the typing rests', async (t) => {
  const w = await atPassword(t)
  t.same(await states(w.page), [
    ['length', 'open'],
    ['classes', 'open'],
    ['personal', 'open'],
    ['common', 'open'],
  ])
  const status = w.page.locator('[data-part="status"]')
  await w.page.locator('#password').pressSequentially('abc')
  t.same((await states(w.page)).slice(0, 2), [
    ['length', 'broken'],
    ['classes', 'broken'],
  ])
  await w.page.waitForFunction(() => document.querySelector('[data-part="status"]')?.textContent !== '')
  t.equal(await status.innerText(), w.say('permanente:rules.missingLength', { least: 8, most: 128 }))
  await w.type('password', 'a long phrase of one class')
  t.same(await states(w.page), [
    ['length', 'kept'],
    ['classes', 'kept'],
    ['personal', 'open'],
    ['common', 'open'],
  ])
  t.match(await w.page.locator('[data-rule="common"]').innerText(), w.say('permanente:rules.laterMark'))
  await w.look()
  await w.type('password', '')
  t.same((await states(w.page))[0], ['length', 'open'])
})

t.test('a password may be pasted, seen and hidden; a password manager knows whose it is', async (t) => {
  const w = await atPassword(t, desktop, { permissions: ['clipboard-read', 'clipboard-write'] })
  await w.page.evaluate((text) => navigator.clipboard.writeText(text), goodPassword)
  await w.page.locator('#password').press('Control+V')
  t.equal(await w.page.inputValue('#password'), goodPassword)
  const toggle = w.page.locator('.govuk-password-input__toggle')
  await toggle.click()
  t.equal(await w.page.getAttribute('#password', 'type'), 'text')
  await w.look()
  await toggle.click()
  t.equal(await w.page.getAttribute('#password', 'type'), 'password')
  t.equal(await w.page.getAttribute('#password', 'autocomplete'), 'new-password')
  t.equal(await w.page.getAttribute('input[autocomplete="username"]', 'value'), fresh.document)
})

t.test('by keyboard alone, from the first field to the end', async (t) => {
  const w = await walk(t)
  await w.go('/permanente/activate')
  const { keyboard } = w.page
  await w.page.locator('#document').focus()
  await keyboard.type(fresh.document)
  await keyboard.press('Tab')
  await keyboard.type(fresh.email)
  await keyboard.press('Tab')
  await keyboard.type(await w.s.activationFor(fresh.document))
  await leads(w.page, () => keyboard.press('Enter'))
  await w.page.locator('#code').focus()
  await keyboard.type(w.code())
  await leads(w.page, () => keyboard.press('Enter'))
  await w.page.locator('#password').focus()
  await keyboard.type(goodPassword)
  await leads(w.page, () => keyboard.press('Enter'))
  t.equal(await w.heading(), w.say('permanente:done.activate'))
})

t.test('without JavaScript the server answers rule by rule', async (t) => {
  const w = await atPassword(t, desktop, { javaScriptEnabled: false })
  t.equal(await w.page.locator('.govuk-password-input__toggle').isVisible(), false)
  await w.type('password', 'Password1!')
  await w.press('permanente:choose.save')
  t.match(await w.page.locator('[data-rule="common"]').innerText(), w.say('permanente:rules.brokenMark'))
  t.match(await w.page.locator('[data-rule="length"]').innerText(), w.say('permanente:rules.kept'))
  await w.type('password', goodPassword)
  await w.press('permanente:choose.save')
  t.equal(await w.heading(), w.say('permanente:done.activate'))
})

onBothScreens('out of time, in another browser, at an address that is none: each explained', async (t, screen) => {
  const w = await atPassword(t, screen)
  const here = new URL(w.page.url()).pathname
  w.s.clock.advance(1_300)
  await w.page.reload()
  t.equal(await w.heading(), w.say('permanente:ended.expired.title'))
  await w.look()
  await leads(w.page, () => w.page.getByRole('button', { name: w.say('permanente:ended.again') }).click())
  t.equal(new URL(w.page.url()).pathname, '/permanente/activate')
  await w.go('/permanente/AAAAAAAAAAAAAAAAAAAAAA/done')
  t.equal(await w.heading(), w.say('permanente:ended.unknown.title'))
  await w.look()
  await w.page.context().clearCookies()
  await w.go(here)
  t.equal(await w.heading(), w.say('permanente:ended.otherBrowser.title'))
  await w.look()
})

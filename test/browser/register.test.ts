import { readFile } from 'node:fs/promises'
import t, { type Test } from 'tap'
import type { Page } from 'playwright-core'
import { loadI18n, type TextDetails, type TextKey } from '../../src/platform/index.ts'
import { readPdfLines } from '../../src/sandbox/read-pdf.ts'
import { citizen, codeOf, contrastOf, scene, type Scene, type SceneOptions } from '../registration/scene.ts'
import { browserContext, closeBrowser } from '../support/chromium.ts'
import { desktop, leads, onBothScreens, phone, type Screen } from './journey.ts'
import { look } from './look.ts'

t.setTimeout(240_000)
t.teardown(closeBrowser)

const i18n = loadI18n({ strict: true })
const csv = citizen('99999994L').csv ?? ''

/** The registration in a server of its own, and a person before a screen. */
interface Person {
  readonly page: Page
  readonly s: Scene
  say(key: TextKey, details?: TextDetails): string
  go(path: string): Promise<void>
  type(field: string, text: string): Promise<void>
  press(key: TextKey): Promise<void>
  follow(key: TextKey): Promise<void>
  heading(): Promise<string>
  problems(): Promise<string[]>
  look(): Promise<void>
  identify(document: string, contrast?: string): Promise<void>
}

async function person(
  t: Test,
  screen: Screen,
  options: Parameters<typeof browserContext>[1] & SceneOptions = {},
): Promise<Person> {
  const { limits, ...context } = options
  const s = await scene(t, limits ? { limits } : {})
  await s.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = s.app.server.address() as { port: number }
  const locale = screen.locale === 'es' ? 'es-ES' : 'en-GB'
  const viewport = { width: screen.width, height: 800 }
  const page = await (await browserContext(t, { locale, viewport, ...context })).newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text())
  })
  const say: Person['say'] = i18n.translator(screen.locale)
  const press: Person['press'] = (key) =>
    leads(page, () => page.getByRole('button', { name: say(key), exact: true }).click())
  const type: Person['type'] = (field, text) => page.fill(`#${field}`, text)
  const self: Person = {
    ...{ page, s, say, press, type },
    go: async (path) => void (await page.goto(`http://127.0.0.1:${port}${path}`)),
    follow: (key) => leads(page, () => page.getByRole('link', { name: say(key), exact: true }).click()),
    heading: () => page.locator('h1').innerText(),
    problems: () => page.locator('.govuk-error-summary__list li').allInnerTexts(),
    look: () => look(t, page, () => complaints.splice(0)),
    async identify(document, contrast = contrastOf(document)) {
      await type('document', document)
      await press('register:continue')
      await type('contrast', contrast)
      await press('register:continue')
    },
  }
  await self.go('/register')
  return self
}

/** From the first page to the one with the button that registers. */
async function toConfirm(one: Person): Promise<void> {
  await one.identify('99999994L')
  await leads(one.page, () => one.page.getByRole('button', { name: one.say('register:letter.have') }).click())
  await one.type('csv', csv)
  await one.press('register:continue')
  await one.type('phone', '600 00 00 08')
  await one.type('email', 'breixo@example.es')
  await one.press('register:contact.send')
  await one.type('code', codeOf(one.s.sms.at(-1)))
  await one.press('register:continue')
}

onBothScreens('by letter: every page on the way, and the receipt at its end', async (t, screen) => {
  const one = await person(t, screen)
  const { page, say } = one
  await one.look()
  await one.type('document', '99999994L')
  await one.press('register:continue')
  await page.getByText(say('register:contrast.where')).click()
  await page.waitForFunction(() => [...document.images].every((image) => image.complete && image.naturalWidth > 0))
  await one.look()
  await one.type('contrast', '11/11/2029')
  await one.press('register:continue')
  await one.look()
  await leads(page, () => page.getByRole('button', { name: say('register:letter.have') }).click())
  await one.look()
  await one.type('csv', 'k7mq-2w9x r4tb 6hz3')
  await one.press('register:continue')
  await one.look()
  await one.type('phone', '600 00 00 08')
  await one.press('register:contact.send')
  await one.look()
  await one.type('code', codeOf(one.s.sms.at(-1)))
  await one.press('register:continue')
  await page.getByText(say('register:confirm.termsSummary'), { exact: true }).click()
  await one.look()
  await page.getByLabel(say('register:confirm.terms')).check()
  await one.press('register:confirm.register')
  await one.look()
  t.equal(await one.heading(), say('register:done.title'))
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: say('register:done.download') }).click(),
  ])
  t.equal(download.suggestedFilename(), say('register:receipt.file'))
  t.ok(readPdfLines(await readFile(await download.path())).some((line) => /^[0-9A-Z]{5} [0-9A-Z]{5}$/.test(line)))
  await one.go('/register/done')
  t.match(await page.locator('main').innerText(), say('register:done.downloaded'))
  await one.look()
})

onBothScreens('asking for the letter', async (t, screen) => {
  const one = await person(t, screen)
  await one.identify('99999995C')
  await leads(one.page, () =>
    one.page.getByRole('button', { name: one.say('register:letter.ask'), exact: true }).click(),
  )
  await one.look()
  t.match(await one.page.locator('.clave-address').innerText(), 'A··· k··· ·')
  await one.press('register:request.send')
  t.equal(await one.heading(), one.say('register:asked.title'))
  await one.look()
})

onBothScreens('each refused door has a page that reads well', async (t, screen) => {
  const one = await person(t, screen)
  for (const [document, code] of [
    ['99999996K', 'REGISTER-01-document-expired'],
    ['99999993H', 'REGISTER-02-minor'],
    ['99999992V', 'REGISTER-03-deceased'],
    ['99999999R', 'REGISTER-04-already-registered'],
    ['99999990S', 'REGISTER-05-renounced'],
  ] as const) {
    await one.go('/register')
    await one.identify(document)
    t.equal(await one.heading(), one.say(`refusal:${code}.title`))
    await one.look()
  }
  await one.page.context().clearCookies()
  await one.go('/register/contact')
  t.equal(await one.heading(), one.say('refusal:REGISTER-13-expired.title'))
  await one.look()
})

onBothScreens('what is wrong is said beside its field, and what was typed is still there', async (t, screen) => {
  const one = await person(t, screen)
  const { page, say } = one
  await one.type('document', '99999995A')
  await one.press('register:continue')
  t.same(await one.problems(), [say('register:document.letter')])
  await one.look()
  await one.type('document', 'Z9999999H')
  await one.press('register:continue')
  await page.getByText(say('register:contrast.where')).click()
  await one.look()
  await one.type('contrast', 'E1')
  await one.press('register:continue')
  t.equal((await one.problems()).length, 2)
  await one.look()
  await one.go('/register')
  await toConfirmWrongly(t, one)
})

async function toConfirmWrongly(t: Test, one: Person): Promise<void> {
  const { page, say } = one
  await one.identify('99999994L')
  await one.go('/register/letter')
  await one.type('csv', 'K7MQ')
  await one.press('register:continue')
  t.same(await one.problems(), [say('register:letter.form')])
  t.equal(await page.inputValue('#csv'), 'K7MQ')
  await one.look()
  await one.type('csv', csv)
  await one.press('register:continue')
  await one.type('phone', '91')
  await one.type('email', 'nobody')
  await one.press('register:contact.send')
  t.same(await one.problems(), [say('register:contact.phoneForm'), say('register:contact.emailForm')])
  t.equal(await page.inputValue('#email'), 'nobody')
  await one.look()
  await one.type('phone', '600000008')
  await one.type('email', '')
  await one.press('register:contact.send')
  await one.type('code', '000000')
  await one.press('register:continue')
  t.equal((await one.problems()).length, 1)
  await one.look()
  await one.type('code', codeOf(one.s.sms.at(-1)))
  await one.press('register:continue')
  await one.press('register:confirm.register')
  t.same(await one.problems(), [say('register:confirm.termsEmpty')])
  await one.look()
  await page.locator('.govuk-error-summary a').click()
  t.equal(await page.evaluate(() => document.activeElement?.id), 'terms', 'the summary leads into the field')
}

t.test('without JavaScript: the whole way', async (t) => {
  const one = await person(t, phone, { javaScriptEnabled: false })
  await toConfirm(one)
  await one.page.getByLabel(one.say('register:confirm.terms')).check()
  await one.press('register:confirm.register')
  t.equal(await one.heading(), one.say('register:done.title'))
})

t.test('with the keyboard only: the whole way', async (t) => {
  const one = await person(t, desktop)
  const { page, say } = one
  const enter = async (field: string, text: string) => {
    await tabTo(page, `#${field}`)
    await page.keyboard.type(text)
    await leads(page, () => page.keyboard.press('Enter'))
  }
  await enter('document', '99999994L')
  await enter('contrast', '11/11/2029')
  await tabTo(page, 'a[href="/register/letter"]')
  await leads(page, () => page.keyboard.press('Enter'))
  await enter('csv', csv)
  await enter('phone', '600000008')
  await enter('code', codeOf(one.s.sms.at(-1)))
  await tabTo(page, '#terms')
  await page.keyboard.press('Space')
  await leads(page, () => page.keyboard.press('Enter'))
  t.equal(await one.heading(), say('register:done.title'))
})

async function tabTo(page: Page, selector: string): Promise<void> {
  for (let tabs = 0; tabs < 40; tabs++) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) === true, selector)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`${selector} is not reached with the keyboard`)
}

t.test('what browsers may fill in by themselves is named for them', async (t) => {
  const one = await person(t, desktop)
  const filled = (field: string) => one.page.getAttribute(`#${field}`, 'autocomplete')
  t.equal(await filled('document'), 'username')
  await one.identify('99999994L')
  await one.go('/register/letter')
  t.equal(await filled('csv'), 'off')
  await one.type('csv', csv)
  await one.press('register:continue')
  t.equal(await filled('phone'), 'tel')
  t.equal(await filled('email'), 'email')
  await one.type('phone', '600000008')
  await one.press('register:contact.send')
  t.equal(await filled('code'), 'one-time-code')
})

t.test('the back button loses nothing, and a page that is over leads on', async (t) => {
  const one = await person(t, desktop)
  const { page, say } = one
  await one.identify('99999994L')
  await one.go('/register/letter')
  await one.type('csv', csv)
  await one.press('register:continue')
  await page.goBack()
  await page.reload()
  t.equal(await one.heading(), say('register:contact.title'))
  await one.type('phone', '600000008')
  await one.press('register:contact.send')
  await page.reload()
  t.equal(await one.heading(), say('register:phone.title'))
})

t.test('another person begins in a second tab: the first tab is told, and nothing is mixed up', async (t) => {
  const one = await person(t, desktop)
  await one.identify('99999994L')
  await one.go('/register/letter')
  await one.type('csv', csv)
  const second = await one.page.context().newPage()
  await second.goto(new URL('/register', one.page.url()).href)
  await second.fill('#document', '99999995C')
  await leads(second, () => second.getByRole('button', { name: one.say('register:continue') }).click())
  await one.press('register:continue')
  t.equal(await one.heading(), one.say('refusal:REGISTER-14-another-begun.title'))
  await one.look()
})

t.test('a warning comes before the time is over, and more of it without leaving the page', async (t) => {
  const one = await person(t, desktop)
  await one.identify('99999994L')
  one.s.clock.advance(18 * 60)
  await one.go('/register/letter')
  await one.type('csv', 'K7MQ')
  await one.page.locator('.clave-timeout--short').waitFor()
  await one.look()
  await one.page.getByRole('button', { name: one.say('platform:timeout.more') }).click()
  await one.page.locator('.clave-timeout--waiting').waitFor({ state: 'attached' })
  t.equal(await one.page.inputValue('#csv'), 'K7MQ')
})

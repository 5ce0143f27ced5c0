import type { BrowserContext, CDPSession, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { makeAppMovil } from '../../src/app-movil/index.ts'
import type { Login } from '../../src/authentication/index.ts'
import { askPhone, type Asked } from '../../src/authentication/movil/ask-by-document.ts'
import { openRound, tokenOf } from '../../src/authentication/movil/round.ts'
import { openPushKey } from '../../src/messaging/index.ts'
import {
  loadI18n,
  makeHttp,
  onceIn,
  systemTimers,
  type App,
  type Locale,
  type TextDetails,
  type TextKey,
} from '../../src/platform/index.ts'
import { refusalRow, type RefusalCode } from '../../src/refusal/index.ts'
import { typedContrast } from '../../src/sandbox/catalogue.ts'
import { freePort } from '../../src/sandbox/embedded-postgres/postmaster.ts'
import { carmen, movilScene, right, type MovilScene } from '../authentication/movil-scene.ts'
import { codeOf, loginWith } from '../authentication/scene.ts'
import { axe, browserContext } from '../support/chromium.ts'
import { quietLog } from '../support/log.ts'

/** Where a handset finds the app, and the SMS that it gets. */
export interface AppSite {
  readonly baseUrl: string
  /** The code of the newest SMS to Carmen. */
  codeSent(): Promise<string>
}

export interface AppScene extends MovilScene, AppSite {
  readonly app: App
  /** Starts or stops answering, as a network does. */
  readonly network: { up: boolean }
}

/** The app before the real acts and a real database, over HTTP, with the sandbox's citizens. */
export async function appScene(t: Test): Promise<AppScene> {
  const port = await freePort(0)
  const baseUrl = `http://localhost:${port}`
  const s = await movilScene(t)
  const parts = { ...s.parts, baseUrl }
  const { db, clock, random, digest, envelope } = parts
  const i18n = loadI18n({ strict: true })
  const network = { up: true }
  const app = makeHttp({
    ...{ i18n, random, digest, secure: false },
    refusalStatus: (code) => refusalRow(code as RefusalCode).http,
    log: quietLog(t, () => s.sent.map(codeOf)),
  })
  // A socket that is shut without an answer is what a browser sees where there is no network.
  app.addHook('onRequest', (request, _reply, done) => (network.up ? done() : request.raw.socket.destroy()))
  makeAppMovil({
    ...parts,
    ...{ once: onceIn(db), i18n, timers: systemTimers },
    pushKey: async () => (await openPushKey({ db, envelope, clock })).publicKey,
    push: { hosts: ['*'], allowHttp: true },
    failed: (error) => t.error(error),
  }).routes(app)
  await app.listen({ port, host: 'localhost' })
  t.teardown(() => app.close())
  return { ...s, parts, baseUrl, app, network, codeSent: async () => codeOf(s.sent.at(-1)) }
}

export interface Handset {
  readonly name: string
  readonly locale: Locale
  readonly width: number
  readonly height: number
}
export const small: Handset = { name: 'phone, Spanish', locale: 'es', width: 360, height: 640 }
export const wide: Handset = { name: 'desktop, English', locale: 'en', width: 1280, height: 800 }

/** The same for either, as two tests. */
export function onBothHandsets(name: string, walk: (t: Test, screen: Handset) => Promise<void>): void {
  for (const screen of [small, wide]) void t.test(`${name} (${screen.name})`, (t) => walk(t, screen))
}

/** A citizen's phone with the app open in it. */
export interface Phone {
  readonly page: Page
  readonly context: BrowserContext
  readonly unlock: Unlock
  say(key: TextKey, details?: TextDetails): string
  open(path?: string): Promise<void>
  /** Presses the button, or follows the link, that begins with this text. */
  press(key: TextKey, details?: TextDetails): Promise<void>
  type(field: string, text: string): Promise<void>
  /** Waits until the screen with this heading stands there. */
  sees(title: string): Promise<void>
  /** The lines of the summary of what is wrong. */
  faults(): Promise<string[]>
  /** Waits until the summary says this. */
  says(fault: string): Promise<void>
  /** What kind of element has the focus. */
  focused(): Promise<string | undefined>
  activate(): Promise<void>
  /** To the screen that asks for notifications: of a browser that allows them. */
  activateUpTo(screen: 'notify' | 'activated'): Promise<void>
  /** What holds of every screen. */
  look(): Promise<void>
}

/** The phone's own unlock: the browser's virtual platform authenticator. */
export interface Unlock {
  /** Whether the owner is recognised. */
  recognise(yes: boolean): Promise<void>
  remove(): Promise<void>
}

const i18n = loadI18n({ strict: true })

export async function handset(t: Test, s: AppSite, screen: Handset = small, given?: BrowserContext): Promise<Phone> {
  const { locale, width, height } = screen
  const mobile = { isMobile: width < 500, hasTouch: width < 500 }
  const languages = { locale: locale === 'es' ? 'es-ES' : 'en-GB' }
  const context = given ?? (await browserContext(t, { viewport: { width, height }, ...mobile, ...languages }))
  const page = await context.newPage()
  const complaints = complaintsOf(page)
  const unlock = await unlockOf(await context.newCDPSession(page))
  const say = i18n.translator(locale)
  const sees = (title: string) => page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor()
  const phone: Phone = {
    ...{ page, context, unlock, say, sees },
    async open(path = '/app') {
      await page.goto(s.baseUrl + path)
      await page.locator('#screen h1').waitFor()
    },
    async press(key, details) {
      const name = say(key, details)
      const tile = page.locator('.clave-tile', { hasText: name })
      const pressed = page.getByRole('button', { name, exact: true }).or(page.getByRole('link', { name, exact: true }))
      await pressed.or(tile).first().click()
    },
    type: (field, text) => page.fill(`#${field}`, text),
    async faults() {
      await page.locator('.govuk-error-summary').waitFor()
      return page.locator('.govuk-error-summary__list li').allInnerTexts()
    },
    says: (fault) => page.locator('.govuk-error-summary', { hasText: fault }).waitFor(),
    focused: () => page.evaluate(() => document.activeElement?.tagName),
    async activate() {
      // A browser without a window refuses notifications, so it is not asked.
      await phone.activateUpTo('activated')
      await phone.press('app-movil:activated.start')
      await sees(say('app-movil:home.title'))
    },
    async activateUpTo(screen) {
      await phone.open('/app/activate')
      await phone.type('document', carmen.document)
      await phone.type('contrast', typedContrast(carmen))
      await phone.press('app-movil:activate.send')
      await sees(say('app-movil:code.title'))
      await phone.type('code', await s.codeSent())
      await phone.press('app-movil:code.confirm')
      await sees(say('app-movil:unlock.title'))
      await phone.press('app-movil:unlock.protect')
      await sees(say(`app-movil:${screen}.title`))
    },
    look: () => look(t, page, complaints),
  }
  return phone
}

async function unlockOf(session: CDPSession): Promise<Unlock> {
  await session.send('WebAuthn.enable')
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...({ protocol: 'ctap2', transport: 'internal' } as const),
      ...{ hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
    },
  })
  return {
    async recognise(isUserVerified) {
      await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified })
    },
    async remove() {
      await session.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId })
    },
  }
}

/** A login that sends its request to Carmen's phone, as the page of document and contrast does. */
export async function askedByDocument(
  s: AppScene,
  over: Partial<Login> = {},
): Promise<Asked & { readonly login: Login }> {
  const login = loginWith({ agent: firefox, ...over })
  return { login, ...right(await askPhone(s.parts, login, await s.parts.citizens.find(carmen.id))) }
}

/** What the page of a login shows as a QR. */
export async function qrOf(
  s: AppScene,
  over: Partial<Login> = {},
): Promise<{ readonly login: Login; readonly address: string }> {
  const login = loginWith({ agent: firefox, ...over })
  const token = tokenOf(s.parts, await openRound(s.parts, login))
  return { login, address: `${s.baseUrl}/app/scan#${token}` }
}

const firefox = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0'

function complaintsOf(page: Page): () => string[] {
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text())
  })
  return () => complaints.splice(0)
}

/** axe finds nothing, the browser complains of nothing, nothing is wider than 320 pixels; one heading, which is the title. */
async function look(t: Test, page: Page, complaints: () => string[]): Promise<void> {
  const {
    title,
    headings,
    wrong,
    small: tiny,
  } = await page.evaluate(() => ({
    title: document.title,
    headings: [...document.querySelectorAll('h1')].map((heading) => heading.textContent?.trim() ?? ''),
    wrong: document.querySelector('.govuk-error-summary') !== null,
    // Of what is pressed, apart from links within a text (WCAG 2.5.8).
    small: [...document.querySelectorAll('main button, main a[role=button], main .clave-tile, main .clave-back')]
      .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < 38)
      .map((element) => element.outerHTML),
  }))
  const shots = process.env['SHOTS']
  if (shots)
    await page.screenshot({
      path: `/tmp/shots/${title.replace(/\W+/g, '-')}-${page.viewportSize()?.width}-${Date.now() % 100000}.png`,
      fullPage: true,
    })
  t.strictSame(await axe(page), [], `axe finds nothing: ${title}`)
  t.strictSame(complaints(), [], `the browser complains of nothing: ${title}`)
  t.equal(headings.length, 1, `one heading: ${title}`)
  t.equal(title, `${wrong ? i18nError(title) : ''}${headings[0]} – Cl@ve`, 'the title is the heading')
  t.strictSame(tiny, [], `all that is pressed is large enough for a finger: ${title}`)
  const size = page.viewportSize()
  await page.setViewportSize({ width: 320, height: 480 })
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  if (size) await page.setViewportSize(size)
  t.equal(over, 0, `fits into 320 pixels: ${title}`)
}

const i18nError = (title: string): string => (title.startsWith('Error: ') ? 'Error: ' : '')

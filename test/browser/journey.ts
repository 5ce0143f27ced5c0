import type { BrowserContext, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import type login from '../../locales/es/login.json'
import type oidc from '../../locales/es/oidc.json'
import type sandboxTexts from '../../locales/es/sandbox.json'
import { loadI18n, type Locale, type TextDetails, type TextKey } from '../../src/platform/index.ts'
import { sandboxPassword } from '../../src/sandbox/catalogue.ts'
import { browserContext } from '../support/chromium.ts'
import { contrastOf, type TestSandbox } from '../support/sandbox.ts'
import { look } from './look.ts'

declare module '../../src/platform/i18n.ts' {
  interface Texts {
    login: typeof login
    oidc: typeof oidc
    sandbox: typeof sandboxTexts
  }
}

type ContextOptions = NonNullable<Parameters<typeof browserContext>[1]>

/** Before what a citizen sits. Two of them together show every page in both languages and both widths. */
export interface Screen {
  readonly name: string
  readonly locale: Locale
  readonly width: number
}
export const desktop: Screen = { name: 'desktop, Spanish', locale: 'es', width: 1280 }
export const phone: Screen = { name: 'phone, English', locale: 'en', width: 360 }

/** What an agency says of its visitor (`GET /<agency>/session`). */
export interface AgencyAnswer {
  readonly authenticated: boolean
  readonly level?: string
  readonly method?: string
  readonly person?: Readonly<Record<string, unknown>>
  readonly claims?: Readonly<Record<string, unknown>>
  readonly error?: string
  readonly error_description?: string
}

/** One citizen, one tab. */
export interface Journey {
  readonly page: Page
  /** A text as this citizen reads it. */
  say(key: TextKey, details?: TextDetails): string
  /** From the agency's "log in" link to wherever Cl@ve leads first; `wishes` are parameters of the request. */
  begin(agency: string, wishes?: Readonly<Record<string, string>>): Promise<void>
  choose(method: 'movil' | 'pin' | 'permanente'): Promise<void>
  /** Types into the field with this id. */
  type(field: string, text: string): Promise<void>
  /** Presses a button that leads to another page. */
  press(key: TextKey, details?: TextDetails): Promise<void>
  follow(key: TextKey, details?: TextDetails): Promise<void>
  /** Opens what is folded below these words. */
  unfold(key: TextKey): Promise<void>
  identify(document: string, contrast?: string): Promise<void>
  enterPin(pin: string): Promise<void>
  enterPassword(document: string, password?: string): Promise<void>
  enterCode(code: string): Promise<void>
  cancel(): Promise<void>
  heading(): Promise<string>
  /** The lines of the summary of what is wrong; none where nothing is. */
  problems(): Promise<string[]>
  /** Below the login: 'pin/code'; elsewhere the whole address. */
  where(): string
  /** Everything that holds of any page in any state. */
  look(): Promise<void>
  session(agency: string): Promise<AgencyAnswer>
  /** Another tab of the same browser. */
  tab(): Promise<Journey>
}

const i18n = loadI18n({ strict: true })

export async function journey(
  t: Test,
  sandbox: TestSandbox,
  screen: Screen = desktop,
  options: ContextOptions = {},
): Promise<Journey> {
  const locale = screen.locale === 'es' ? 'es-ES' : 'en-GB'
  const viewport = { width: screen.width, height: 800 }
  return tabOf(t, sandbox, screen, await browserContext(t, { locale, viewport, ...options }))
}

/** The same for either screen, as two tests. */
export function onBothScreens(name: string, walk: (t: Test, screen: Screen) => Promise<void>): void {
  for (const screen of [desktop, phone]) void t.test(`${name} (${screen.name})`, (t) => walk(t, screen))
}

let turns = 0

/** On one of the screens, by turns: for what differs in words only from a page that is looked at on both. */
export function byTurns(name: string, walk: (t: Test, screen: Screen) => Promise<void>): void {
  const screen = turns++ % 2 === 0 ? desktop : phone
  void t.test(`${name} (${screen.name})`, (t) => walk(t, screen))
}

async function tabOf(t: Test, sandbox: TestSandbox, screen: Screen, context: BrowserContext): Promise<Journey> {
  const page = await context.newPage()
  const say: Journey['say'] = i18n.translator(screen.locale)
  const complaints = complaintsOf(page)
  const press: Journey['press'] = (key, details) =>
    leads(page, () => page.getByRole('button', { name: say(key, details), exact: true }).click())
  const type: Journey['type'] = (field, text) => page.fill(`#${field}`, text)
  return {
    ...{ page, say, press, type },
    begin: async (agency, wishes = {}) => {
      await page.goto(`${sandbox.agenciesUrl}/${agency}/login?${new URLSearchParams(wishes).toString()}`)
    },
    choose: (method) =>
      leads(page, () =>
        method === 'pin'
          ? page.locator('.clave-tile-within', { hasText: say('login:choose.within.pin') }).click()
          : page.locator('.clave-tile', { hasText: say(`login:method.${method}.name`) }).click(),
      ),
    follow: (key, details) =>
      leads(page, () => page.getByRole('link', { name: say(key, details), exact: true }).click()),
    unfold: (key) => page.getByText(say(key), { exact: true }).click(),
    async identify(document, contrast = contrastOf(document)) {
      await type('document', document)
      await type('contrast', contrast)
      await press('pin:identify.send')
    },
    async enterPin(pin) {
      await type('code', pin)
      await press('pin:code.continue')
    },
    async enterPassword(document, password = sandboxPassword) {
      await type('document', document)
      await type('password', password)
      await press('permanente:password.continue')
    },
    async enterCode(code) {
      await type('code', code)
      await press('permanente:code.continue')
    },
    cancel: () => leads(page, () => page.locator('.clave-way-out__button').click()),
    heading: () => page.locator('h1').innerText(),
    problems: () => page.locator('.govuk-error-summary__list li').allInnerTexts(),
    where: () => whereIs(page),
    look: () => look(t, page, complaints),
    session: async (agency) =>
      (await (await page.request.get(`${sandbox.agenciesUrl}/${agency}/session`)).json()) as AgencyAnswer,
    tab: () => tabOf(t, sandbox, screen, context),
  }
}

/** Does something that leads to another page, and waits for that. */
export async function leads(page: Page, act: () => Promise<unknown>): Promise<void> {
  const arrived = page.waitForEvent('framenavigated', (frame) => frame === page.mainFrame())
  await Promise.all([arrived, act()])
  await page.waitForLoadState()
  if (await goesOn(page)) await page.waitForURL(({ pathname }) => !pathname.startsWith('/oidc/authorize/'))
}

/** Whether this is the page on the way back to an agency, which nobody stays on. */
const goesOn = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.querySelector('meta[http-equiv="refresh"][content^="0;"]') !== null).catch(() => true)

/** What the browser complains of: blocked scripts, styles and forms, errors of ours. Not the status of an answer. */
function complaintsOf(page: Page): () => string[] {
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text())
  })
  return () => complaints.splice(0)
}

function whereIs(page: Page): string {
  const { pathname, href } = new URL(page.url())
  return /^\/login\/[^/]+\/(.+)$/.exec(pathname)?.[1] ?? href
}

/** Another code than this one. */
export const wrong = (code: string): string => String((Number(code) + 1) % 10 ** code.length).padStart(code.length, '0')

import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { loadI18n } from '../../src/platform/index.ts'
import { mortalScene } from '../registration/mortal-scene.ts'
import { browserPage, closeBrowser } from '../support/chromium.ts'
import type { Walk, State } from './door-walk.ts'
import { desktop, leads, phone, type Screen } from './journey.ts'
import { look } from './look.ts'
import { permanenteStates } from './permanente-states.ts'
import { registerStates } from './register-states.ts'

// Every state of the pages of /register and /permanente that is not on the straight way (those are in register.test.ts and
// permanente-life.test.ts): each refusal, each limit, each end.

t.setTimeout(400_000)
t.teardown(closeBrowser)

const i18n = loadI18n({ strict: true })
const s = await mortalScene(t)
await s.app.listen({ port: 0, host: '127.0.0.1' })

/** Every control of the page is reached with Tab, and no other is. */
async function byKeyboard(t: Test, page: Page): Promise<void> {
  const controls = 'main a[href], main button, main input:not([type=hidden]), main summary, main select'
  const wanted = await page.locator(controls).evaluateAll((all) => {
    const seen = all.filter((one) => one.checkVisibility())
    seen.forEach((one, nth) => one.setAttribute('data-nth', String(nth)))
    return seen.length
  })
  const reached = new Set<string>()
  for (let tabs = 0; tabs < wanted + 25 && reached.size < wanted; tabs++) {
    await page.keyboard.press('Tab')
    const nth = await page.evaluate(() => document.activeElement?.getAttribute('data-nth') ?? '')
    if (nth !== '') reached.add(nth)
  }
  t.equal(reached.size, wanted, 'every control is reached with the keyboard')
}

async function walk(
  t: Test,
  screen: Screen,
  javaScriptEnabled: boolean,
): Promise<{ w: Walk; look: () => Promise<void> }> {
  s.ask((ask) => ask())
  const { port } = s.app.server.address() as { port: number }
  const locale = screen.locale === 'es' ? 'es-ES' : 'en-GB'
  const page = await browserPage(t, { locale, viewport: { width: screen.width, height: 800 }, javaScriptEnabled })
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  const say = i18n.translator(screen.locale)
  const press: Walk['press'] = (key) =>
    leads(page, () => page.getByRole('button', { name: say(key), exact: true }).click())
  const w: Walk = {
    ...{ s, page, say, press },
    go: async (path) => void (await page.goto(`http://127.0.0.1:${port}${path}`)),
    async fill(fields, button) {
      for (const [field, text] of Object.entries(fields)) await page.fill(`#${field}`, text)
      if (button) await press(button)
    },
  }
  return { w, look: () => look(t, page, () => complaints.splice(0)) }
}

/** The heading, or what is wrong, in the language of the page. */
async function says(t: Test, { page, say }: Walk, state: State): Promise<void> {
  if (state.title) t.equal(await page.locator('h1').innerText(), say(state.title))
  if (!state.says) return
  const start = say(state.says, { count: 0 }).split(/\d/)[0] ?? ''
  t.match(await page.locator('.govuk-error-summary').innerText(), start)
  t.match(await page.title(), /^Error: /)
}

for (const [door, states] of Object.entries({ register: registerStates, permanente: permanenteStates }))
  for (const [nth, state] of states.entries()) {
    for (const screen of [desktop, phone])
      t.test(`/${door}, ${state.name} (${screen.name})`, async (t) => {
        const { w, look } = await walk(t, screen, true)
        await state.go(w)
        await says(t, w, state)
        await look()
        if (screen === desktop) await byKeyboard(t, w.page)
      })
    // The pages are the server's: of every third one it is seen that nothing of it waits for a script.
    if (nth % 3 !== 0) continue
    t.test(`/${door}, ${state.name} (without JavaScript)`, async (t) => {
      const { w } = await walk(t, phone, false)
      await state.go(w)
      await says(t, w, state)
      const ways = await w.page.locator('main a[href]:visible, main button:visible').count()
      t.ok(ways > 0, 'there is a way to go on')
    })
  }

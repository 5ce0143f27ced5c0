import AxeBuilder from '@axe-core/playwright'
import type { AddressInfo } from 'node:net'
import type { BrowserContext, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { browserContext, closeBrowser } from '../support/chromium.ts'
import { fakeMethod } from './fake-method.ts'
import { gateway, type Gateway } from './gateway.ts'

const languages = ['es', 'en'] as const
const screens = { desktop: { width: 1280, height: 900 }, phone: { width: 360, height: 740 } } as const

/** axe takes a second a page: each screen and each language once. */
const axeIn: Record<string, string> = { desktop: 'es', phone: 'en' }

interface Stage {
  readonly gate: Gateway
  readonly page: Page
  readonly open: (path: string) => Promise<unknown>
}

/** Ways to each page that the engine itself shows, and the question or the news in its heading. */
const scenes: readonly { name: string; es: RegExp; en: RegExp; play: (stage: Stage) => Promise<unknown> }[] = [
  {
    name: 'choose',
    es: /¿Cómo quiere identificarse\?/,
    en: /How do you want to prove your identity\?/,
    play: ({ gate, open }) => open(gate.ask({ application: 'Renta Web' })),
  },
  {
    name: 'choose-step-up',
    es: /¿Cómo quiere identificarse\?/,
    en: /How do you want to prove your identity\?/,
    async play({ gate, page, open }) {
      await identifyWithPin(gate, page, open)
      await open(gate.ask({ relyingParty: 'dgt', asked: ['high'] }))
      await open(`${new URL(page.url()).pathname.split('/').slice(0, 3).join('/')}/choose`)
    },
  },
  {
    name: 'identified',
    es: /¿Quiere continuar como CARMEN PRUEBA\?/,
    en: /Do you want to continue as CARMEN PRUEBA\?/,
    async play({ gate, page, open }) {
      await identifyWithPin(gate, page, open)
      await open(gate.ask({ relyingParty: 'dgt' }))
    },
  },
  {
    name: 'refused',
    es: /No tenemos su teléfono móvil/,
    en: /mobile/,
    async play({ gate, page, open }) {
      await open(gate.ask())
      await choosePin(page)
      await send(page, 'PIN-04-no-phone')
    },
  },
  {
    name: 'expired',
    es: /Se ha agotado el tiempo/,
    en: /Your time has run out/,
    async play({ gate, page, open }) {
      await open(gate.ask())
      gate.clock.advance(20 * 60)
      await page.reload()
    },
  },
  {
    name: 'gone',
    es: /Esta identificación ya no está disponible/,
    en: /This login is no longer available/,
    play: ({ open }) => open(`/login/aeat.${'x'.repeat(22)}`),
  },
  {
    name: 'other-browser',
    es: /Esta identificación empezó en otro navegador/,
    en: /This login was started in another browser/,
    async play({ gate, open }) {
      const { location = '' } = await gate.browser().get(gate.ask())
      await open(location)
    },
  },
]

/** The pages of a fake method have no fields: a form is sent as theirs would be. */
async function send(page: Page, say: string): Promise<void> {
  await page.evaluate((say) => {
    const form = document.querySelector<HTMLFormElement>('form')?.cloneNode(true) as HTMLFormElement
    form.action = location.pathname
    form.append(Object.assign(document.createElement('input'), { name: 'say', value: say }))
    document.body.append(form)
    form.submit()
  }, say)
  await page.waitForURL(/refused|door/)
}

async function choosePin(page: Page): Promise<void> {
  await page.locator('a[href$="/pin/identify"]').click()
  // What were evaluated before would send the form of the page before.
  await page.waitForURL(/\/pin\/identify$/)
}

async function identifyWithPin(gate: Gateway, page: Page, open: Stage['open']): Promise<void> {
  await open(gate.ask())
  await choosePin(page)
  await send(page, 'proven')
}

/** One gateway for all scenes: each has a browser of its own. */
async function makeStages(t: Test): Promise<(context: BrowserContext) => Promise<Stage>> {
  const gate = await gateway(t, [fakeMethod('pin'), fakeMethod('permanente', { advanced: 'high' })])
  await gate.app.listen({ port: 0, host: '127.0.0.1' })
  const origin = `http://127.0.0.1:${(gate.app.server.address() as AddressInfo).port}`
  return async (context) => {
    const page = await context.newPage()
    return { gate, page, open: (path) => page.goto(`${origin}${path}`) }
  }
}

for (const [screen, viewport] of Object.entries(screens)) {
  t.test(`on a ${screen}: each page has its own title and heading, fits, and axe finds nothing`, async (t) => {
    const stageIn = await makeStages(t)
    for (const scene of scenes) {
      for (const language of languages) {
        const context = await browserContext(t, { viewport, locale: language })
        const stage = await stageIn(context)
        await scene.play(stage)
        const { page } = stage
        const name = `${scene.name} in ${language}`
        t.match(await page.locator('h1').innerText(), scene[language], name)
        t.match(await page.title(), scene[language], `${name}: title`)
        t.equal(await page.locator('h1').count(), 1, `${name}: one heading`)
        const width = await page.evaluate(() => document.documentElement.scrollWidth)
        t.ok(width <= viewport.width, `${name}: nothing to scroll sideways`)
        if (axeIn[screen] === language) {
          const { violations } = await new AxeBuilder({ page }).analyze()
          const found = violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])
          t.same(found, [], `${name}: axe`)
        }
        await context.close()
      }
    }
  })
}

t.teardown(() => closeBrowser())

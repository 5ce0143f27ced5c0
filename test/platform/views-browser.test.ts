import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import nunjucks from 'nunjucks'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { loadI18n, type TextKey } from '../../src/platform/i18n.ts'
import type { PageModel } from '../../src/platform/http/reply.ts'
import { addComponents } from '../../src/platform/views/components.ts'
import { viewOptions } from '../../src/platform/views/loader.ts'
import { browserContext, closeBrowser } from '../support/chromium.ts'
import { httpApp } from './http-app.ts'

t.teardown(closeBrowser)

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const login: PageModel = {
  asking: { name: 'Agencia Tributaria', application: 'Renta 2026' },
  wayOut: { name: 'Agencia Tributaria', action: '/cancel' },
}

/** A server with one page of each kind. */
async function serve(t: Test) {
  const app = httpApp(t)
  const posts: string[] = []
  const held = Promise.withResolvers<void>()
  const show = (path: string, model: PageModel) =>
    app.get(path, (_request, reply) => reply.page('platform/views/accessibility.njk', { ...login, ...model }))
  show('/problems', { problems: [{ field: 'document', text: 'platform:error.whatNow' }] })
  show('/waiting', { timeout: { seconds: 900, extend: '/more' } })
  show('/short', { timeout: { seconds: 100, extend: '/more' } })
  show('/over', { timeout: { seconds: 0, extend: '/more' } })
  app.get('/refused', (_request, reply) => reply.refuse({ refused: 'LEVEL-01-registration-too-low' }, login))
  app.get('/broken', () => {
    throw new Error('broken on purpose')
  })
  app.get('/form', async (_request, reply) => reply.type('text/html').send(await formPage(app, reply.nonce)))
  app.post('/more', (request, reply) => {
    posts.push('more')
    return request.headers.accept === 'application/json'
      ? reply.send({ seconds: 900 })
      : reply.redirect('/waiting', 303)
  })
  app.post('/slow', { config: { csrf: false } }, async () => {
    posts.push('slow')
    await held.promise
    return 'done'
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return { base: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`, posts, release: held.resolve }
}

/** A form of components in the frame of the help page. */
async function formPage(app: ReturnType<typeof httpApp>, nonce: string): Promise<string> {
  const { body } = await app.inject({ url: '/help' })
  const environment = new nunjucks.Environment(new nunjucks.FileSystemLoader('src/platform/views'), viewOptions)
  const translate = loadI18n({ strict: true }).translator('es')
  environment.addGlobal('t', (key: string) => translate(key as TextKey))
  addComponents(environment)
  const form = environment.renderString(
    `<h1 class="govuk-heading-l">x</h1><form method="post" action="/slow">
    {{ govukInput({ name: 'document', label: { text: 'DNI' }, hint: { text: 'h' }, errorMessage: { text: 'mal' } }) }}
    {{ govukPasswordInput({ name: 'password', label: { text: 'Contraseña' } }) }}
    {{ govukRadios({ name: 'go', fieldset: { legend: { text: '¿Sigue?' } }, items: [{ value: 'a', text: 'Sí' }, { value: 'b', text: 'No' }] }) }}
    {{ govukInsetText({ text: 'i' }) }}{{ govukWarningText({ text: 'w' }) }}{{ govukDetails({ summaryText: 's', text: 'd' }) }}
    {{ govukButton({ text: 'Seguir' }) }}{{ govukButton({ text: 'Otra cosa', classes: 'govuk-button--secondary' }) }}</form>
    <ul class="clave-tiles"><li><button class="clave-tile"><span class="clave-tile__title">PIN</span></button></li>
    <li><div class="clave-tile clave-tile--off"><span class="clave-tile__title">No</span><span class="clave-tile__text">t</span>
    <span class="clave-tile__reason">r</span></div></li></ul>`,
    {},
  )
  return body
    .replace(/<div class="clave-column">[\s\S]*<\/main>/, `<div class="clave-column">${form}</div></main>`)
    .replace(/nonce="[^"]*"/, `nonce="${nonce}"`)
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  return page.evaluate(async () => {
    interface Violation {
      id: string
      nodes: { html: string }[]
    }
    const { axe } = window as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } }
    return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)
  })
}

const paths = [
  '/help',
  '/privacy',
  '/accessibility',
  '/problems',
  '/waiting',
  '/short',
  '/over',
  '/refused',
  '/broken',
  '/nowhere',
  '/form',
]
// As narrow as WCAG 1.4.10 asks. What a language changes is words: a page of each kind is enough for the second.
const screens = [
  { width: 1280, locale: 'es-ES', paths },
  { width: 320, locale: 'es-ES', paths },
  { width: 360, locale: 'en-GB', paths: ['/help', '/short', '/refused'] },
]

t.test('axe finds nothing on any page, and none scrolls sideways', async (t) => {
  const { base } = await serve(t)
  for (const { width, locale, paths } of screens) {
    // The policy would keep axe itself out.
    const context = await browserContext(t, { viewport: { width, height: 700 }, locale, bypassCSP: true })
    const page = await context.newPage()
    for (const path of paths) {
      await page.goto(base + path)
      t.strictSame(await violations(page), [], `${path} at ${width} in ${locale}`)
      const over = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      )
      t.equal(over, 0, `${path} at ${width} is no wider than the screen`)
    }
  }
})

t.test('the policy lets our own script and style through and the browser complains of nothing', async (t) => {
  const { base } = await serve(t)
  const page = await (await browserContext(t)).newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  await page.goto(`${base}/form`)
  t.ok(await page.evaluate(() => document.body.classList.contains('js-enabled')))
  t.equal(
    await page.evaluate(() => getComputedStyle(document.querySelector('.clave-header') as Element).backgroundColor),
    'rgb(20, 41, 61)',
  )
  t.strictSame(complaints, [])
})

t.test('a summary of problems is read first', async (t) => {
  const { base } = await serve(t)
  const page = await (await browserContext(t)).newPage()
  await page.goto(`${base}/problems`)
  t.ok(await page.evaluate(() => document.activeElement?.classList.contains('govuk-error-summary')))
})

t.test('a password can be shown, and is hidden again before it is sent', async (t) => {
  const { base } = await serve(t)
  const page = await (await browserContext(t)).newPage()
  await page.goto(`${base}/form`)
  const type = () => page.getAttribute('#password', 'type')
  await page.getByRole('button', { name: 'Mostrar la contraseña' }).click()
  t.equal(await type(), 'text')
  await page.getByRole('button', { name: 'Ocultar la contraseña' }).click()
  t.equal(await type(), 'password')
})

t.test('a form pressed twice is sent once', async (t) => {
  const { base, posts, release } = await serve(t)
  const page = await (await browserContext(t)).newPage()
  await page.goto(`${base}/form`)
  await page.getByRole('button', { name: 'Seguir' }).dblclick({ noWaitAfter: true })
  release()
  await page.waitForURL('**/slow')
  t.strictSame(posts, ['slow'])
})

t.test('the warning comes when time is short, and more time keeps the page', async (t) => {
  const { base, posts } = await serve(t)
  const page = await (await browserContext(t)).newPage()
  await page.goto(`${base}/waiting`)
  t.notOk(await page.isVisible('.clave-timeout'))
  await page.goto(`${base}/short`)
  t.match(await page.textContent('.clave-timeout [data-part=live]'), /Le queda 1 minuto/)
  await page.getByRole('button', { name: 'Necesito más tiempo' }).click()
  await page.waitForSelector('.clave-timeout', { state: 'hidden' })
  t.strictSame(posts, ['more'])
  t.match(page.url(), /\/short$/)
  await page.goto(`${base}/over`)
  t.match(await page.textContent('.clave-timeout__text'), /El tiempo se ha agotado/)
  t.equal(await page.locator('.clave-timeout form').count(), 0)
})

t.test('without JavaScript the time left is on the page, and more is a form', async (t) => {
  const { base, posts } = await serve(t)
  const page = await (await browserContext(t, { javaScriptEnabled: false })).newPage()
  await page.goto(`${base}/short`)
  t.match(await page.textContent('.clave-timeout'), /Le quedan 2 minutos/)
  await page.getByRole('button', { name: 'Necesito más tiempo' }).click()
  t.match(page.url(), /\/waiting$/)
  t.strictSame(posts, ['more'])
  await page.goto(`${base}/form`)
  t.notOk(await page.isVisible('.govuk-password-input__toggle'), 'a button that could do nothing is not there')
})

t.test('the keyboard reaches everything, the skip link first', async (t) => {
  const { base } = await serve(t)
  const page = await (await browserContext(t)).newPage()
  await page.goto(`${base}/waiting`)
  await page.keyboard.press('Tab')
  t.equal(await page.evaluate(() => document.activeElement?.textContent), 'Ir al contenido principal')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  t.match(await page.evaluate(() => document.activeElement?.textContent), /Cancelar y volver a Agencia Tributaria/)
})

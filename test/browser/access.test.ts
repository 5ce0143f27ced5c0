import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { sandboxPassword } from '../../src/sandbox/catalogue.ts'
import { closeBrowser } from '../support/chromium.ts'
import { contrastOf, testSandbox } from '../support/sandbox.ts'
import { desktop, journey, leads, onBothScreens, phone } from './journey.ts'

t.setTimeout(240_000)
t.teardown(closeBrowser)
const sandbox = await testSandbox(t)
t.beforeEach(() => sandbox.reset())

onBothScreens('the pages beside a login, the sandbox’s own among them', async (t, screen) => {
  const citizen = await journey(t, sandbox, screen)
  await citizen.begin('aeat')
  await citizen.choose('pin')
  await citizen.identify('99999999R')
  await sandbox.codeFor('99999999R')
  for (const path of ['/help', '/accessibility', '/privacy', '/', '/sandbox']) {
    await citizen.page.goto(sandbox.url + path)
    await citizen.look()
  }
  await citizen.page.goto(sandbox.agenciesUrl)
  await citizen.look()
})

for (const screen of [desktop, phone]) {
  t.test(`without JavaScript: Cl@ve PIN at aeat, Cl@ve Permanente at dgt (${screen.name})`, async (t) => {
    const citizen = await journey(t, sandbox, screen, { javaScriptEnabled: false })
    await citizen.begin('aeat')
    await citizen.choose('pin')
    t.match(
      await citizen.page.locator('.clave-timeout').innerText(),
      citizen.say('platform:timeout.left', { count: 20 }),
    )
    await citizen.identify('99999999R', '01/01/2029')
    t.equal((await citizen.problems()).length, 2)
    await citizen.unfold('pin:identify.ownCharacters')
    await citizen.type('prefix', 'abcd')
    await citizen.identify('99999999R')
    await citizen.unfold('pin:code.notArrived')
    await citizen.press('pin:code.another')
    await sandbox.codeFor('99999999R')
    await citizen.type('prefix', 'abcd')
    await citizen.enterPin(await sandbox.codeFor('99999999R'))
    t.match(await citizen.session('aeat'), { authenticated: true, method: 'pin' })
    await citizen.begin('dgt')
    await citizen.press('login:identified.someoneElse')
    await citizen.choose('permanente')
    t.notOk(
      await citizen.page.locator('.govuk-password-input__toggle').isVisible(),
      'what could do nothing is not there',
    )
    await citizen.enterPassword('99999999R')
    await citizen.enterCode(await sandbox.codeFor('99999999R'))
    t.match(await citizen.session('dgt'), { authenticated: true, method: 'permanente', level: 'substantial' })
  })
}

t.test('what a page looks like without our script is as accessible', async (t) => {
  const citizen = await journey(t, sandbox)
  // axe itself needs JavaScript: only ours stays away.
  await citizen.page.route('**/*.js', (route) => route.fulfill({ contentType: 'text/javascript', body: '' }))
  await citizen.begin('aeat')
  await citizen.look()
  await citizen.choose('pin')
  t.ok(await citizen.page.locator('.clave-timeout').isVisible())
  await citizen.look()
})

/** Presses Tab until the element has the focus; each stop on the way must be seen to have it. */
async function tabTo(t: Test, page: Page, selector: string): Promise<void> {
  for (let stops = 0; stops < 30; stops++) {
    await page.keyboard.press('Tab')
    const stop = await focusOf(page, selector)
    if (!stop.visible) t.fail(`the focus cannot be seen on ${stop.html}`)
    if (stop.here) return
  }
  t.fail(`Tab does not reach ${selector}`)
}

/** What has the focus: whether it is drawn as such, lies on the screen, and is not covered (WCAG 2.4.7, 2.4.11). */
function focusOf(page: Page, selector: string) {
  return page.evaluate((selector) => {
    const focused = document.activeElement ?? document.body
    const { outlineStyle, outlineWidth, boxShadow, backgroundColor } = getComputedStyle(focused)
    const outlined = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 3
    // govuk-frontend draws links in yellow with a black line below.
    const marked = backgroundColor === 'rgb(255, 221, 0)' && boxShadow !== 'none'
    const { left, right, top, bottom } = focused.getBoundingClientRect()
    const points = [top + 2, (top + bottom) / 2, bottom - 2].map(
      (y) => [Math.min((left + right) / 2, left + 20), y] as const,
    )
    const uncovered = points.some(([x, y]) => {
      const found = document.elementFromPoint(x, y)
      return found !== null && (focused.contains(found) || found.contains(focused))
    })
    return { visible: (outlined || marked) && uncovered, here: focused.matches(selector), html: focused.outerHTML }
  }, selector)
}

t.test('by keyboard alone, from the agency to the agency, and the focus is always seen', async (t) => {
  const citizen = await journey(t, sandbox)
  const { page } = citizen
  const enter = () => leads(page, () => page.keyboard.press('Enter'))
  await page.goto(`${sandbox.agenciesUrl}/aeat`)
  await tabTo(t, page, 'a.button')
  await enter()
  await page.keyboard.press('Tab')
  t.equal(await page.evaluate(() => document.activeElement?.textContent), citizen.say('platform:layout.skip'))
  await page.keyboard.press('Enter')
  await tabTo(t, page, 'a.clave-tile-within[href$="/pin"]')
  await enter()
  await tabTo(t, page, '#document')
  await page.keyboard.type('99999999R')
  await enter()
  t.ok(await page.evaluate(() => document.activeElement?.matches('.govuk-error-summary')), 'the summary has the focus')
  await tabTo(t, page, '.govuk-error-summary a')
  await page.keyboard.press('Enter')
  t.equal(await page.evaluate(() => document.activeElement?.id), 'contrast')
  await page.keyboard.type(contrastOf('99999999R'))
  await tabTo(t, page, 'summary')
  await page.keyboard.press('Space')
  t.ok((await page.locator('details').first().getAttribute('open')) !== null, 'what is folded opens')
  await tabTo(t, page, 'main form .govuk-button')
  await enter()
  await tabTo(t, page, '#code')
  await page.keyboard.type(await sandbox.codeFor('99999999R'))
  await enter()
  t.match(await citizen.session('aeat'), { authenticated: true })

  await citizen.begin('aeat', { prompt: 'login' })
  await tabTo(t, page, 'a.clave-tile[href$="/permanente"]')
  await enter()
  await tabTo(t, page, '#document')
  await page.keyboard.type('99999999R')
  await tabTo(t, page, '#password')
  await page.keyboard.type(sandboxPassword)
  await tabTo(t, page, '.govuk-password-input__toggle')
  await page.keyboard.press('Space')
  t.equal(await page.getAttribute('#password', 'type'), 'text')
  await tabTo(t, page, 'main form .govuk-button[type=submit]')
  await tabTo(t, page, '.clave-way-out__button')
  await enter()
  t.match(await citizen.session('aeat'), { authenticated: false, error: 'access_denied' })
})

t.test('at a zoom of 400 % the warning of little time covers nothing that has the focus', async (t) => {
  const citizen = await journey(t, sandbox, desktop, { viewport: { width: 320, height: 256 }, deviceScaleFactor: 4 })
  await citizen.begin('dgt')
  await citizen.choose('permanente')
  await sandbox.advance('PT18M')
  await citizen.page.reload()
  await citizen.page.locator('.clave-timeout--short').waitFor()
  await tabTo(t, citizen.page, '.clave-footer__link')
})

t.test('on a phone the warning of little time covers nothing that has the focus', async (t) => {
  const citizen = await journey(t, sandbox, phone, { viewport: { width: 360, height: 640 } })
  await citizen.begin('dgt')
  await citizen.choose('permanente')
  await sandbox.advance('PT18M')
  await citizen.page.reload()
  await citizen.page.locator('.clave-timeout--short').waitFor()
  await tabTo(t, citizen.page, '.clave-footer__link')
})

t.test('nothing moves for who asks for less motion', async (t) => {
  const citizen = await journey(t, sandbox, desktop, { reducedMotion: 'reduce' })
  await citizen.begin('aeat')
  await citizen.choose('permanente')
  const moving = await citizen.page.evaluate(
    () =>
      [...document.querySelectorAll('*')].filter((element) => {
        const { animationName, transitionDuration, scrollBehavior } = getComputedStyle(element)
        return animationName !== 'none' || parseFloat(transitionDuration) > 0 || scrollBehavior === 'smooth'
      }).length,
  )
  t.equal(moving, 0)
})

t.test('the sandbox’s page does by hand what its JSON does', async (t) => {
  const citizen = await journey(t, sandbox)
  const { page } = citizen
  await page.goto(`${sandbox.url}/sandbox`)
  await page.selectOption('#citizen', 'X9999999J')
  await page.selectOption('#method', 'pin')
  await citizen.press('sandbox:next.go')
  await citizen.begin('aeat')
  t.match(await citizen.session('aeat'), { authenticated: true, person: { document: 'X9999999J' } })

  await page.goto(`${sandbox.url}/sandbox`)
  await page.selectOption('#outcome', 'LEVEL-02-method-too-low')
  await page.selectOption('#rp', 'dgt')
  await citizen.press('sandbox:next.go')
  await citizen.begin('dgt')
  t.match(await citizen.session('dgt'), { error: 'unmet_authentication_requirements' })

  await page.goto(`${sandbox.url}/sandbox`)
  await citizen.press('sandbox:clock.hour')
  const secondsAhead = () => Math.round((sandbox.clock.now().getTime() - sandbox.clock.wire().getTime()) / 1_000)
  t.equal(secondsAhead(), 3_600)
  await citizen.press('sandbox:reset.go')
  t.equal(secondsAhead(), 0)
  t.match(await citizen.session('aeat'), { authenticated: false })
})

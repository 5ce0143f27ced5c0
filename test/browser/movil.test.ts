import t, { type Test } from 'tap'
import type movil from '../../locales/es/movil.json'
import { closeBrowser } from '../support/chromium.ts'
import { contrastOf, testSandbox } from '../support/sandbox.ts'
import { desktop, journey, leads, onBothScreens, phone, type Journey, type Screen } from './journey.ts'

declare module '../../src/platform/i18n.ts' {
  interface Texts {
    movil: typeof movil
  }
}

t.setTimeout(300_000)
t.teardown(closeBrowser)
const sandbox = await testSandbox(t)
t.beforeEach(() => sandbox.reset())

const carmen = '99999999R'
const home = (agency: string) => `${sandbox.agenciesUrl}/${agency}`

/** A citizen of this agency on the page with the QR. */
async function atQr(t: Test, agency: string, screen: Screen = desktop, options = {}): Promise<Journey> {
  const citizen = await journey(t, sandbox, screen, options)
  await citizen.begin(agency)
  await citizen.page.waitForURL(/\/choose$/)
  await citizen.choose('movil')
  return citizen
}

/** On the page with the code that is typed in the app. */
async function asked(t: Test, document = carmen, screen: Screen = desktop): Promise<Journey> {
  const citizen = await atQr(t, 'aeat', screen)
  await citizen.unfold('movil:wait.noScan')
  await citizen.press('movil:wait.document')
  await citizen.look()
  await citizen.type('document', document)
  await citizen.type('contrast', contrastOf(document))
  await citizen.press('movil:identify.send')
  return citizen
}

const qrOf = async (citizen: Journey) => (await citizen.page.getAttribute('[data-part="here"]', 'href')) ?? ''

/** The citizen's phone answers, having scanned where there is a QR. */
async function answer(t: Test, decision: 'approve' | 'deny' | 'report', qr?: string, document = carmen) {
  const { status, body } = await sandbox.api('movil/approve', { document, decision, ...(qr && { qr }) })
  t.equal(status, 200, JSON.stringify(body))
}

const answersOf = {
  aeat: { method: 'movil', level: 'substantial', claims: { amr: ['hwk', 'user'] } },
  dgt: { method: 'movil', level: 'substantial', claims: { amr: ['hwk', 'user'] } },
  'seguridad-social': { protocol: 'saml', method: 'CLVMOVIL', level: 'substantial' },
  sepe: { protocol: 'saml', method: 'CLVMOVIL', level: 'substantial', encrypted: true },
} as const

for (const [nth, [agency, expected]] of Object.entries(answersOf).entries()) {
  // Each protocol on both screens.
  const screen = nth % 2 === 0 ? desktop : phone
  t.test(`at ${agency}: scanned, confirmed, and the page goes on by itself (${screen.name})`, async (t) => {
    const citizen = await atQr(t, agency, screen)
    await citizen.look()
    await answer(t, 'approve', await qrOf(citizen))
    await citizen.page.waitForURL(home(agency))
    t.match(await citizen.session(agency), { authenticated: true, ...expected, person: { document: carmen } })
  })
}

onBothScreens('without a QR: document and contrast, the code typed in the app', async (t, screen) => {
  const citizen = await asked(t, carmen, screen)
  await citizen.look()
  t.equal(await citizen.heading(), citizen.say('movil:asked.title'))
  await answer(t, 'approve')
  await citizen.page.waitForURL(home('aeat'))
  t.match(await citizen.session('aeat'), { authenticated: true, ...answersOf.aeat })
})

onBothScreens('somebody without the app sees the same page, and gets a PIN after 60 seconds', async (t, screen) => {
  const citizen = await asked(t, '99999998T', screen)
  t.equal(await citizen.heading(), citizen.say('movil:asked.title'))
  t.equal(await citizen.page.locator('[data-part="offer"]').isVisible(), false)
  await sandbox.advance('PT61S')
  await citizen.page.reload()
  await citizen.look()
  await citizen.press('movil:pin')
  t.equal(citizen.where(), 'pin/code')
  await citizen.enterPin(await sandbox.codeFor('99999998T'))
  t.match(await citizen.session('aeat'), { method: 'pin', level: 'low', claims: { amr: ['otp', 'sms'] } })
})

onBothScreens('a denial and a report end the login, and the agency hears which it was', async (t, screen) => {
  for (const [decision, said] of [
    ['deny', 'The citizen denied the login in the app.'],
    ['report', 'The citizen reported that the login is not theirs.'],
  ] as const) {
    const citizen = await atQr(t, 'aeat', screen)
    await answer(t, decision, await qrOf(citizen))
    await citizen.page.waitForURL(/\/refused$/)
    await citizen.look()
    await citizen.press('login:refused.back', { agency: 'Agencia Tributaria' })
    const { authenticated, error_description } = await citizen.session('aeat')
    t.notOk(authenticated)
    t.equal(error_description, said)
  }
})

onBothScreens('after five minutes the page says that its time is over, and shows another code', async (t, screen) => {
  const citizen = await atQr(t, 'aeat', screen)
  const { page } = citizen
  const former = await page.locator('.clave-code').innerText()
  await sandbox.advance('PT5M')
  // As when the browser's tab is looked at again.
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
  await page.getByText(citizen.say('movil:status.over'), { exact: true }).waitFor()
  await citizen.look()
  await citizen.press('movil:again')
  t.not(await page.locator('.clave-code').innerText(), former)
  await answer(t, 'approve', await qrOf(citizen))
  await page.waitForURL(home('aeat'))
})

t.test('a request that another one replaced says so, and can be sent again', async (t) => {
  const first = await asked(t)
  await asked(t)
  await first.page.getByText(first.say('movil:status.over'), { exact: true }).waitFor()
  await first.look()
  await first.press('movil:asked.again')
  await answer(t, 'approve')
  await first.page.waitForURL(home('aeat'))
})

t.test('whoever cancels is back at the agency, and the QR is worth nothing', async (t) => {
  const citizen = await atQr(t, 'aeat')
  const qr = await qrOf(citizen)
  await citizen.cancel()
  t.match(await citizen.session('aeat'), { authenticated: false })
  const { status } = await sandbox.api('movil/approve', { document: carmen, decision: 'approve', qr })
  t.equal(status, 410)
})

t.test('without JavaScript the page is loaded again by itself, and a button goes on', async (t) => {
  const citizen = await atQr(t, 'aeat', phone, { javaScriptEnabled: false })
  t.equal(await citizen.page.locator('noscript meta[http-equiv="refresh"]').count(), 1)
  await answer(t, 'approve', await qrOf(citizen))
  await citizen.page.reload()
  await citizen.press('movil:goOn')
  t.match(await citizen.session('aeat'), { authenticated: true, method: 'movil' })
})

t.test('where a proxy lets no stream through the page asks instead, and goes on by itself', async (t) => {
  const citizen = await journey(t, sandbox)
  await citizen.page.route('**/movil/events', (route) => route.abort())
  await citizen.begin('aeat')
  await citizen.choose('movil')
  await answer(t, 'approve', await qrOf(citizen))
  await citizen.page.waitForURL(home('aeat'))
  t.match(await citizen.session('aeat'), { authenticated: true, method: 'movil' })
})

t.test('with the keyboard alone: from the tile to the code', async (t) => {
  const citizen = await journey(t, sandbox)
  const { page } = citizen
  await citizen.begin('aeat')
  const press = async (words: string) => {
    for (let tabs = 0; tabs < 40; tabs++) {
      await page.keyboard.press('Tab')
      const focused = await page.evaluate(() => document.activeElement?.textContent?.trim() ?? '')
      if (focused.includes(words)) return page.keyboard.press('Enter')
    }
    throw new Error(`"${words}" has no focus`)
  }
  await leads(page, () => press(citizen.say('login:method.movil.name')))
  await press(citizen.say('movil:wait.noScan'))
  await leads(page, () => press(citizen.say('movil:wait.document')))
  t.equal(citizen.where(), 'movil/document')
})

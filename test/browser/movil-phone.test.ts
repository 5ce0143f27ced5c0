import t, { type Test } from 'tap'
import { closeBrowser } from '../support/chromium.ts'
import { contrastOf, testSandbox } from '../support/sandbox.ts'
import { handset, small, type AppSite, type Phone } from './app-scene.ts'
import { browserWithCamera } from './camera.ts'
import { desktop, journey, type Journey } from './journey.ts'

// The computer and the phone, each a Chromium of its own, before the whole sandbox.

t.setTimeout(300_000)
t.teardown(closeBrowser)
const sandbox = await testSandbox(t)
t.beforeEach(() => sandbox.reset())

const carmen = '99999999R'
const site: AppSite = { baseUrl: sandbox.url, codeSent: () => sandbox.codeFor(carmen) }

/** Carmen's phone, activated, and what its camera sees. */
async function withPhone(t: Test) {
  const { browser, show } = await browserWithCamera(t)
  const context = await browser.newContext({
    ...{ viewport: { width: small.width, height: small.height }, isMobile: true, hasTouch: true },
    ...{ locale: 'es-ES', timezoneId: 'Europe/Madrid' },
  })
  const phone = await handset(t, site, small, context)
  await phone.activate()
  return { phone, show }
}

/** The computer, on the page with the QR. */
async function atQr(t: Test, agency: string): Promise<Journey> {
  const computer = await journey(t, sandbox, desktop)
  await computer.begin(agency)
  await computer.page.waitForURL(/\/choose$/)
  await computer.choose('movil')
  return computer
}

const qrOf = async (computer: Journey) => (await computer.page.getAttribute('[data-part="here"]', 'href')) ?? ''
const codeOn = async (computer: Journey) => (await computer.page.locator('.clave-code').innerText()).replace(/\D/g, '')
const home = (agency: string) => `${sandbox.agenciesUrl}/${agency}`

async function scan(phone: Phone): Promise<void> {
  await phone.open('/app')
  await phone.press('app-movil:home.scan')
  await phone.sees(phone.say('app-movil:request.title'))
}

t.test(
  'at each agency: the phone scans what the computer shows, both show the same code, and it goes on',
  async (t) => {
    const { phone, show } = await withPhone(t)
    for (const agency of ['aeat', 'dgt', 'seguridad-social', 'sepe']) {
      const computer = await atQr(t, agency)
      await show(await qrOf(computer))
      await scan(phone)
      const shown = (await phone.page.locator('.clave-digits').innerText()).replace(/\D/g, '').slice(-6)
      t.equal(shown, await codeOn(computer), `${agency}: the codes are the same`)
      await computer.page.getByText(computer.say('movil:status.scanned'), { exact: true }).waitFor()
      await phone.press('app-movil:request.approveSame')
      await computer.page.waitForURL(home(agency))
      t.match(await computer.session(agency), {
        authenticated: true,
        level: 'substantial',
        person: { document: carmen },
      })
    }
  },
)

t.test('by document and contrast: the request comes to the phone by itself, where the code is typed', async (t) => {
  const { phone } = await withPhone(t)
  const computer = await atQr(t, 'aeat')
  await computer.unfold('movil:wait.noScan')
  await computer.press('movil:wait.document')
  await computer.type('document', carmen)
  await computer.type('contrast', contrastOf(carmen))
  await computer.press('movil:identify.send')
  await phone.sees(phone.say('app-movil:request.title'))
  await phone.type('code', await codeOn(computer))
  await phone.press('app-movil:request.approve')
  await computer.page.waitForURL(home('aeat'))
  t.match(await computer.session('aeat'), { authenticated: true, method: 'movil', claims: { amr: ['hwk', 'user'] } })
})

t.test('denied in the app: the computer says so, and the agency hears it', async (t) => {
  const { phone, show } = await withPhone(t)
  const computer = await atQr(t, 'aeat')
  await show(await qrOf(computer))
  await scan(phone)
  await phone.press('app-movil:request.deny')
  await computer.page.waitForURL(/\/refused$/)
  await computer.look()
})

t.test('on the phone itself: a link opens the app, and it comes back to the agency', async (t) => {
  const { phone } = await withPhone(t)
  const { page } = phone
  await page.goto(`${sandbox.agenciesUrl}/aeat/login`)
  await page.locator('.clave-tile', { hasText: phone.say('login:method.movil.name') }).click()
  await page.getByRole('button', { name: phone.say('movil:wait.here') }).click()
  await phone.sees(phone.say('app-movil:request.title'))
  await phone.press('app-movil:request.approve')
  await phone.sees(phone.say('app-movil:result.approved.title'))
  await phone.press('app-movil:result.approved.back', { agency: 'Agencia Tributaria' })
  await page.waitForURL(home('aeat'))
  const answer = (await (await page.request.get(`${home('aeat')}/session`)).json()) as object
  t.match(answer, { authenticated: true, method: 'movil', level: 'substantial' })
})

t.test('a new phone: the former one says that it is none any more', async (t) => {
  const { phone: former } = await withPhone(t)
  const { phone: newer, show } = await withPhone(t)
  await former.sees(former.say('app-movil:ended.title'))
  await former.look()
  const computer = await atQr(t, 'aeat')
  await show(await qrOf(computer))
  await scan(newer)
  await newer.press('app-movil:request.approveSame')
  await computer.page.waitForURL(home('aeat'))
})

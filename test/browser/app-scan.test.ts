import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import qrcode from 'qrcode'
import t, { type Test } from 'tap'
import { codeOf as codeShown } from '../../src/authentication/movil/round.ts'
import { statement } from '../../src/platform/index.ts'
import { typedContrast } from '../../src/sandbox/catalogue.ts'
import { carmen } from '../authentication/movil-scene.ts'
import { codeOf, dataOf, loginWith, stepOf } from '../authentication/scene.ts'
import { browserContext, closeBrowser } from '../support/chromium.ts'
import { browserWithCamera } from './camera.ts'
import { appScene, handset, onBothHandsets, qrOf, small, wide, type AppScene, type Handset } from './app-scene.ts'

t.setTimeout(240_000)
t.teardown(closeBrowser)

const asked = statement<{ id: string }>('test.app-asked', 'select id from movil_request')
const blank = readFileSync(join(import.meta.dirname, '../../src/app-movil/views/images/icon-192.png'))

/** A phone before whose camera this QR is held. */
async function before(t: Test, s: AppScene, qr: string, screen: Handset = small) {
  const { browser, show } = await browserWithCamera(t)
  await show(qr)
  const viewport = { width: screen.width, height: screen.height }
  const context = await browser.newContext({ viewport, locale: screen.locale === 'es' ? 'es-ES' : 'en-GB' })
  return handset(t, s, screen, context)
}

for (const screen of [small, wide])
  t.test(`the camera reads the QR, the code is compared, and it is confirmed (${screen.name})`, async (t) => {
    const s = await appScene(t)
    const { address } = await qrOf(s, { address: '127.0.0.1' })
    const phone = await before(t, s, address, screen)
    const { say } = phone
    await phone.activate()
    await phone.press('app-movil:home.scan')
    await phone.sees(say('app-movil:request.title'))
    const text = await phone.page.locator('main').innerText()
    t.notMatch(text, say('app-movil:request.elsewhere'), 'it is in the phone’s own network')
    const { id } = (await s.db.row(asked))!
    const code = codeShown(s.parts.digest, id)
    t.equal((await phone.page.locator('.clave-digits').innerText()).replace(/\D/g, '').slice(-6), code)
    t.equal(await phone.page.locator('#code').count(), 0, 'there is nothing to type')
    await phone.look()
    await phone.press('app-movil:request.approveSame')
    await phone.sees(say('app-movil:result.approved.title'))
    t.match(await phone.page.locator('main').innerText(), say('app-movil:result.approved.there'))
  })

t.test('a QR that leads elsewhere is refused, and it is said where it leads', async (t) => {
  const s = await appScene(t)
  const { address } = await qrOf(s)
  const phone = await before(t, s, address.replace('localhost', 'clave.example'))
  await phone.activate()
  await phone.press('app-movil:home.scan')
  await phone.sees(phone.say('app-movil:scan.title'))
  const host = new URL(address.replace('localhost', 'clave.example')).host
  await phone.says(phone.say('app-movil:said.notOurs', { host }))
  await phone.look()
  await phone.press('app-movil:back')
  await phone.sees(phone.say('app-movil:home.title'))
  const live = () => phone.page.evaluate(() => document.querySelectorAll('video').length)
  t.equal(await live(), 0)
})

onBothHandsets('without a camera: a picture, or the pasted address', async (t, screen) => {
  const s = await appScene(t)
  const phone = await handset(t, s, screen)
  const { say } = phone
  await phone.activate()
  await phone.press('app-movil:home.scan')
  await phone.page.locator('[data-part=fault]').waitFor()
  await phone.look()
  await phone.press('app-movil:scan.open')
  await phone.says(say('app-movil:said.addressEmpty'))
  await phone.look()
  const { address } = await qrOf(s)
  const { host } = new URL(address)
  for (const [typed, leads] of [
    ['https://evil.example/app/scan#abc', 'evil.example'],
    [address.replace('localhost', 'localhost.evil.example'), host.replace('localhost', 'localhost.evil.example')],
    [address.replace('//', '//localhost@evil.example/'), 'evil.example'],
    [`${s.baseUrl}/help#abc`, say('app-movil:said.otherText')],
    ['hello', say('app-movil:said.otherText')],
  ] as const) {
    await phone.type('address', typed)
    await phone.press('app-movil:scan.open')
    await phone.says(say('app-movil:said.notOurs', { host: leads }))
  }
  await phone.type('address', `${s.baseUrl}/app/scan#${'a'.repeat(22)}.abc.${'b'.repeat(22)}`)
  await phone.press('app-movil:scan.open')
  await phone.says(say('refusal:MOVIL-06-qr-old.body'))
  const plain = await qrcode.toBuffer(address, { width: 900 })
  await phone.page.setInputFiles('#picture', { name: 'no.png', mimeType: 'image/png', buffer: blank })
  await phone.says(say('app-movil:said.noQr'))
  await phone.page.setInputFiles('#picture', { name: 'qr.png', mimeType: 'image/png', buffer: plain })
  await phone.sees(say('app-movil:request.title'))
})

t.test('the phone’s own camera opens the request; the token does not stay in the address', async (t) => {
  const s = await appScene(t)
  const phone = await handset(t, s)
  await phone.activate()
  const { address } = await qrOf(s)
  await phone.page.goto('about:blank')
  await phone.page.goto(address)
  await phone.sees(phone.say('app-movil:request.title'))
  t.equal(phone.page.url(), `${s.baseUrl}/app/request`)
  await phone.page.goBack()
  t.notMatch(phone.page.url(), '#')
})

onBothHandsets('on the same phone: approved, and back to the login', async (t, screen) => {
  const s = await appScene(t)
  const phone = await handset(t, s, screen)
  await phone.activate()
  const cookie = 'a-browser-that-logs-in'
  await phone.context.addCookies([{ name: 'clave-browser', value: cookie, url: s.baseUrl }])
  const browser = hash('sha256', cookie, 'base64url')
  const { login, address } = await qrOf(s, { browser })
  await phone.page.goto('about:blank')
  await phone.page.goto(address)
  await phone.sees(phone.say('app-movil:request.title'))
  t.match(await phone.page.locator('main').innerText(), phone.say('app-movil:request.here'))
  await phone.look()
  await phone.press('app-movil:request.approve')
  await phone.sees(phone.say('app-movil:result.approved.title'))
  await phone.look()
  const back = phone.page.getByRole('button', {
    name: phone.say('app-movil:result.approved.back', { agency: 'Agencia Tributaria' }),
  })
  t.equal(await back.getAttribute('href'), `/login/${login.id}`)
})

onBothHandsets('a link that finds no app in this browser says why, and leads back', async (t, screen) => {
  const s = await appScene(t)
  const phone = await handset(t, s, screen)
  const { address } = await qrOf(s)
  const login = { contentType: 'text/html', body: `<a href="${address}">Abrir</a>` }
  await phone.page.route('**/login/aeat.1', (route) => route.fulfill(login))
  await phone.page.goto(`${s.baseUrl}/login/aeat.1`)
  await phone.page.click('a')
  await phone.sees(phone.say('app-movil:noApp.title'))
  t.match(
    await phone.page.locator('main').innerText(),
    phone.say('app-movil:noApp.sameRemedy', { option: phone.say('movil:wait.noScan') }),
  )
  await phone.look()
  await phone.press('app-movil:noApp.back')
  await phone.page.waitForURL('**/login/aeat.1')

  await phone.page.goto('about:blank')
  await phone.page.goto(address)
  await phone.sees(phone.say('app-movil:noApp.title'))
  t.match(await phone.page.locator('main').innerText(), phone.say('app-movil:noApp.linkText'))
  await phone.look()
})

t.test('an iPhone is told to put the app on its home screen first', async (t) => {
  const s = await appScene(t)
  const userAgent =
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1'
  const phone = await handset(
    t,
    s,
    small,
    await browserContext(t, { userAgent, viewport: { width: 375, height: 667 } }),
  )
  await phone.open()
  t.match(await phone.page.locator('main').innerText(), phone.say('app-movil:welcome.iphone'))
  await phone.look()
})

onBothHandsets('My PIN: shown after the phone’s unlock, for the login that waits for it', async (t, screen) => {
  const s = await appScene(t)
  const phone = await handset(t, s, screen)
  const { say } = phone
  await phone.activate()
  const login = loginWith()
  const form = { document: carmen.document, contrast: typedContrast(carmen), prefix: '' }
  const data = dataOf(await stepOf(s.pin, 'pin.identify').submit(login, undefined, form))
  const sms = codeOf(s.sent.at(-1))
  const enter = (code: string) => stepOf(s.pin, 'pin.code').submit(login, data, { code })
  await phone.press('app-movil:home.pin')
  await phone.sees(say('app-movil:pin.title'))
  await phone.unlock.recognise(false)
  await phone.press('app-movil:pin.show')
  await phone.says(say('app-movil:said.pinNotUnlocked'))
  await phone.unlock.recognise(true)
  await phone.press('app-movil:pin.show')
  await phone.sees(say('app-movil:pin.shownTitle'))
  await phone.look()
  const pin = (await phone.page.locator('.clave-digits').innerText()).replace(/\D/g, '').slice(-6)
  t.match(await enter(sms), { again: [{ text: 'refusal:PIN-01-wrong.body' }] }, 'the one of the SMS is dead')
  t.match(await enter(pin), { proven: { citizen: carmen.id, method: 'pin' } })
})

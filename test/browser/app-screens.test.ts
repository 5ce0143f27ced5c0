import t from 'tap'
import { endPhone } from '../../src/authentication/index.ts'
import { carmen } from '../authentication/movil-scene.ts'
import { closeBrowser } from '../support/chromium.ts'
import { appScene, handset, onBothHandsets } from './app-scene.ts'

t.setTimeout(240_000)
t.teardown(closeBrowser)

onBothHandsets('every other screen', async (t, screen) => {
  const s = await appScene(t)
  const phone = await handset(t, s, screen)
  const { say } = phone
  await phone.activate()
  await phone.press('app-movil:home.gestiones')
  await phone.sees(say('app-movil:gestiones.title'))
  await phone.look()
  await phone.open('/app/pin')
  await phone.look()
  await phone.press('app-movil:pin.show')
  await phone.says(say('app-movil:said.noPin'))
  await phone.look()
  await phone.open('/app/settings')
  await phone.look()
  await phone.open('/app/help')
  for (const summary of await phone.page.locator('main summary').all()) await summary.click()
  await phone.look()
  await phone.open('/app/remove')
  await phone.look()
  await phone.press('app-movil:remove.keep')
  await phone.sees(say('app-movil:home.title'))
})

t.test('the app’s own screens change without loading, and the back button leads back through them', async (t) => {
  const s = await appScene(t)
  const phone = await handset(t, s)
  await phone.activate()
  let loads = 0
  phone.page.on('load', () => loads++)
  await phone.press('app-movil:home.gestiones')
  await phone.sees(phone.say('app-movil:gestiones.title'))
  t.equal(await phone.focused(), 'H1')
  t.equal(await phone.page.title(), `${phone.say('app-movil:gestiones.title')} – Cl@ve`)
  await phone.page.goBack()
  await phone.sees(phone.say('app-movil:home.title'))
  t.equal(loads, 0)
})

t.test('the language is changed in the settings, and stays', async (t) => {
  const s = await appScene(t)
  const phone = await handset(t, s)
  await phone.activate()
  await phone.open('/app/settings')
  await phone.page.locator('main').getByRole('link', { name: 'English' }).click()
  await phone.page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor()
  t.equal(await phone.page.getAttribute('html', 'lang'), 'en')
  await phone.open()
  await phone.page.getByRole('heading', { level: 1, name: 'Home' }).waitFor()
})

t.test('Cl@ve Móvil is removed from this phone: the server hears it, and the key is deleted', async (t) => {
  const s = await appScene(t)
  const phone = await handset(t, s)
  await phone.activate()
  await phone.open('/app/remove')
  await phone.press('app-movil:remove.button')
  await phone.sees(phone.say('app-movil:removed.title'))
  await phone.look()
  t.match((await s.told(carmen.id)).at(-1), { kind: 'device-ended' })
  await phone.open()
  await phone.sees(phone.say('app-movil:welcome.title'))
})

t.test('a phone that is ended elsewhere says so as soon as it hears', async (t) => {
  const s = await appScene(t)
  const phone = await handset(t, s)
  await phone.activate()
  await s.db.transaction((tx) => endPhone(tx, s.parts, carmen.id, { why: 'by-citizen', address: '192.0.2.1' }))
  await phone.sees(phone.say('app-movil:ended.title'))
})

t.test('without a connection: the app opens, says so, and goes on by itself when it is back', async (t) => {
  const s = await appScene(t)
  const phone = await handset(t, s)
  await phone.activate()
  await phone.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
  s.network.up = false
  await phone.open()
  await phone.sees(phone.say('app-movil:offline.title'))
  await phone.look()
  await phone.press('app-movil:trouble.again')
  await phone.sees(phone.say('app-movil:offline.title'))
  s.network.up = true
  await phone.press('app-movil:trouble.again')
  await phone.sees(phone.say('app-movil:home.title'))
})

t.test('the manifest, the worker and their headers', async (t) => {
  const s = await appScene(t)
  const get = (path: string, language = 'en') =>
    fetch(s.baseUrl + path, { headers: { 'accept-language': language }, redirect: 'manual' })
  const manifest = await get('/app/manifest.webmanifest')
  t.match(manifest.headers.get('content-type'), 'application/manifest+json')
  const told = (await manifest.json()) as { icons: { src: string; sizes: string }[]; lang: string; scope: string }
  t.match(told, { id: '/app', start_url: '/app', scope: '/app', display: 'standalone', lang: 'en' })
  for (const { src, sizes } of told.icons) {
    const icon = Buffer.from(await (await get(src)).arrayBuffer())
    t.equal(`${icon.readUInt32BE(16)}x${icon.readUInt32BE(20)}`, sizes, 'an icon is as large as it says')
    t.ok(icon.length <= 20_000)
  }
  const worker = await get('/app/worker.js')
  t.equal(worker.headers.get('service-worker-allowed'), '/app')
  t.match(worker.headers.get('content-type'), 'text/javascript')
  const page = await get('/app')
  t.match(page.headers.get('permissions-policy'), 'camera=(self)')
  t.match(page.headers.get('content-security-policy'), "worker-src 'self'")
  t.match((await get('/help')).headers.get('permissions-policy'), 'camera=()')
  t.equal((await get('/app/')).headers.get('location'), '/app')
  t.equal((await get('/app/nothing')).status, 404)
})

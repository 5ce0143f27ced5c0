import t, { type Test } from 'tap'
import type movil from '../../locales/es/movil.json'
import { closeBrowser } from '../support/chromium.ts'
import { contrastOf, testSandbox } from '../support/sandbox.ts'
import { handset } from './app-scene.ts'
import { journey, leads, type Journey, type Screen } from './journey.ts'
import { fitsAtAnySize } from './large-text.ts'
import { pages } from './pages.ts'

t.setTimeout(400_000)
t.teardown(closeBrowser)
const sandbox = await testSandbox(t)
t.beforeEach(() => sandbox.reset())

declare module '../../src/platform/i18n.ts' {
  interface Texts {
    movil: typeof movil
  }
}

// Spanish, whose words are the longer ones.
const small: Screen = { name: 'phone, Spanish', locale: 'es', width: 375 }
const carmen = '99999999R'
const start = (t: Test): Promise<Journey> => journey(t, sandbox, small)

async function visit(t: Test, citizen: Journey, origin: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const answer = await citizen.page.goto(origin + path)
    t.strictSame([answer?.status(), citizen.page.url()], [200, origin + path])
    await fitsAtAnySize(t, citizen.page)
  }
}

t.test('every page that a login can stand on', async (t) => {
  for (const [name, { go }] of Object.entries(pages))
    await t.test(name, async (t) => {
      await sandbox.reset()
      const citizen = await start(t)
      await go(citizen, sandbox)
      t.equal(citizen.where(), name)
      await fitsAtAnySize(t, citizen.page)
      if (name !== 'pin' && name !== 'permanente') return
      await leads(citizen.page, () => citizen.page.locator('main form .govuk-button[type=submit]').first().click())
      await fitsAtAnySize(t, citizen.page)
    })
})

/** On the page with the code that the phone asks for. */
async function askPhone(t: Test): Promise<Journey> {
  const citizen = await start(t)
  await citizen.begin('aeat')
  await citizen.choose('movil')
  await citizen.unfold('movil:wait.noScan')
  await fitsAtAnySize(t, citizen.page)
  await citizen.press('movil:wait.document')
  await fitsAtAnySize(t, citizen.page)
  await citizen.type('document', carmen)
  await citizen.type('contrast', contrastOf(carmen))
  await citizen.press('movil:identify.send')
  await fitsAtAnySize(t, citizen.page)
  return citizen
}

t.test('Cl@ve Móvil: the QR, the document, the code', async (t) => {
  const citizen = await askPhone(t)
  const denial = { document: carmen, decision: 'deny' }
  await leads(citizen.page, () => sandbox.api('movil/approve', denial))
  await fitsAtAnySize(t, citizen.page)
})

t.test('the ends of a login: expired, short of time, no such login', async (t) => {
  const citizen = await start(t)
  await citizen.begin('dgt')
  await citizen.choose('permanente')
  await sandbox.advance('PT18M')
  await citizen.page.reload()
  await citizen.page.locator('.clave-timeout--short').waitFor()
  await fitsAtAnySize(t, citizen.page)
  await sandbox.advance('PT3M')
  await citizen.page.reload()
  await fitsAtAnySize(t, citizen.page)
  for (const path of ['/login/somebody', '/nowhere']) {
    await citizen.page.goto(sandbox.url + path)
    await fitsAtAnySize(t, citizen.page)
  }
})

t.test('the pages beside a login, the sandbox’s own among them', async (t) => {
  const citizen = await start(t)
  await citizen.begin('aeat')
  await citizen.choose('pin')
  await citizen.identify(carmen)
  await sandbox.codeFor(carmen)
  await sandbox.api('next-login', { citizen: carmen, method: 'pin', rp: 'dgt' })
  await visit(t, citizen, sandbox.url, ['/help', '/accessibility', '/privacy', '/', '/sandbox', '/sandbox/saml'])
})

t.test('registration, and the activation of Cl@ve Permanente', async (t) => {
  const citizen = await start(t)
  const submit = async (fields: Readonly<Record<string, string>>) => {
    await fitsAtAnySize(t, citizen.page)
    for (const [field, text] of Object.entries(fields)) await citizen.type(field, text)
    await leads(citizen.page, () => citizen.page.locator('main form .govuk-button').first().click())
  }
  await citizen.page.goto(`${sandbox.url}/register`)
  await submit({ document: '99999995C' })
  await submit({ contrast: contrastOf('99999995C') })
  await fitsAtAnySize(t, citizen.page)
  await visit(t, citizen, sandbox.url, [
    '/register/letter/request',
    '/register/letter',
    '/permanente/activate',
    '/permanente/recover',
  ])
})

t.test('Mi Cl@ve', async (t) => {
  await sandbox.api('next-login', { citizen: carmen, method: 'pin' })
  const citizen = await start(t)
  await citizen.page.goto(`${sandbox.url}/account`)
  await fitsAtAnySize(t, citizen.page)
  const within = [
    '/data',
    '/registration',
    '/methods',
    '/methods/block/pin',
    '/activity',
    '/sessions',
    '/email',
    '/phone',
  ]
  const acts = ['/phone/end', '/password', '/authenticator', '/activation-code', '/download', '/renuncia']
  await visit(t, citizen, `${sandbox.url}/account`, [...within, ...acts])
})

t.test('the app', async (t) => {
  const site = { baseUrl: sandbox.url, codeSent: () => sandbox.codeFor(carmen) }
  const phone = await handset(t, site, { ...small, height: 640 })
  for (const path of ['', '/activate']) {
    await phone.open(`/app${path}`)
    await fitsAtAnySize(t, phone.page)
  }
  await phone.activate()
  await fitsAtAnySize(t, phone.page)
  for (const path of ['/scan', '/pin', '/gestiones', '/settings', '/remove', '/help']) {
    await phone.open(`/app${path}`)
    await fitsAtAnySize(t, phone.page)
  }
  await askPhone(t)
  await phone.open('/app/request')
  await fitsAtAnySize(t, phone.page)
})

t.test('the demo agencies, before and after a login', async (t) => {
  const citizen = await start(t)
  await visit(t, citizen, sandbox.agenciesUrl, ['/', '/aeat/pin24h'])
  for (const agency of ['aeat', 'seguridad-social', 'dgt', 'sepe']) {
    await visit(t, citizen, sandbox.agenciesUrl, [`/${agency}`])
    await sandbox.api('next-login', { citizen: carmen, method: 'permanente', rp: agency })
    await citizen.begin(agency)
    await citizen.page.waitForURL(`${sandbox.agenciesUrl}/${agency}`)
    t.match(await citizen.session(agency), { authenticated: true })
    for (const summary of await citizen.page.locator('summary').all()) await summary.click()
    await fitsAtAnySize(t, citizen.page)
  }
  await citizen.page.goto(`${sandbox.agenciesUrl}/interior/login`)
  await fitsAtAnySize(t, citizen.page)
})

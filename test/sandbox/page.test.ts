import t from 'tap'
import { loadI18n } from '../../src/platform/index.ts'
import { catalogue, sandboxPassword } from '../../src/sandbox/catalogue.ts'
import { journey, onBothScreens } from '../browser/journey.ts'
import { closeBrowser } from '../support/chromium.ts'
import { testSandbox } from '../support/sandbox.ts'
import { visitor } from './visitor.ts'

t.setTimeout(240_000)
t.teardown(closeBrowser)
const sandbox = await testSandbox(t)
t.beforeEach(() => sandbox.reset())

onBothScreens('every table of the page fits its screen, and each row says what its columns do', async (t, screen) => {
  const citizen = await journey(t, sandbox, screen)
  const { page } = citizen
  await citizen.begin('aeat')
  await citizen.choose('pin')
  await citizen.identify('99999999R')
  await sandbox.codeFor('99999999R')
  await sandbox.api('next-login', { citizen: '99999999R', method: 'pin' })
  for (const width of [screen.width, 1024, 640]) {
    await page.setViewportSize({ width, height: 800 })
    await page.goto(`${sandbox.url}/sandbox`)
    const cut = await page.evaluate(() =>
      [...document.querySelectorAll('table, tbody td, tbody th')]
        .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth + 1)
        .map(({ outerHTML }) => outerHTML.slice(0, 200)),
    )
    t.strictSame(cut, [], `nothing is cut at ${width} pixels`)
    const right = await page.evaluate(() => {
      const frame = document.querySelector('main')?.getBoundingClientRect().right ?? 0
      return [...document.querySelectorAll('td')].filter((cell) => cell.getBoundingClientRect().right > frame + 1)
        .length
    })
    t.equal(right, 0, `nothing stands out at ${width} pixels`)
    await citizen.look()
  }
  await page.setViewportSize({ width: screen.width, height: 800 })
  const labels = page.locator('section[aria-labelledby=citizens] .clave-rows__label')
  t.equal(await labels.first().isVisible(), screen.width < 992, 'a narrow screen names each value beside it')
  t.equal(await page.getByRole('table').count(), 4, 'and a table it stays for who hears it')
  t.equal(await page.getByRole('row').count(), 4 + catalogue.length + 1 + 1 + 5)
})

for (const locale of ['es', 'en'] as const)
  t.test(`the states of the citizens, and who has a password (${locale})`, async (t) => {
    const say = loadI18n({ strict: true }).translator(locale)
    const { body } = await visitor().open(`${sandbox.url}/sandbox?lang=${locale}`)
    const withPassword = catalogue.filter(({ permanente }) => permanente !== undefined).map(({ document }) => document)
    const documents = new Intl.ListFormat(locale).format(withPassword)
    t.match(body, say('sandbox:citizens.lead', { documents, password: sandboxPassword }))
    t.equal(body.split(`${say('sandbox:citizens.password')}: ${sandboxPassword}`).length - 1, withPassword.length)
    t.match(body, `<span>${say('sandbox:citizenState.99999996K')}</span>`)
    const [first] = (await sandbox.api<{ state: string }[]>('citizens')).body
    t.match(first, { state: 'advanced, in person; Móvil device; Permanente' }, 'the JSON stays English')
  })

onBothScreens('the next login: set, confirmed, listed, taken back', async (t, screen) => {
  const citizen = await journey(t, sandbox, screen)
  const { page } = citizen
  const status = () => page.getByRole('status').innerText()
  const rows = () => page.locator('section[aria-labelledby=next-login] tbody tr')
  await page.goto(`${sandbox.url}/sandbox`)
  t.ok(await page.getByText(citizen.say('sandbox:next.pending.none')).isVisible())
  await page.selectOption('#citizen', 'X9999999J')
  await page.selectOption('#method', 'pin')
  await page.selectOption('#rp', 'aeat')
  await citizen.press('sandbox:next.go')
  t.equal(await status(), citizen.say('sandbox:next.told.set'))
  await page.selectOption('#outcome', 'LEVEL-02-method-too-low')
  await citizen.press('sandbox:next.go')
  t.equal(await rows().count(), 2)
  const success = { name: 'WEI ZHANG', document: 'X9999999J', method: 'pin' }
  const texts = await rows().allInnerTexts()
  t.match(texts[0], citizen.say('sandbox:next.pending.success', success))
  t.match(texts[0], /\d{4}-\d\d-\d\dT\d\d:\d\d/)
  t.match(texts[1], 'LEVEL-02-method-too-low')
  t.match(texts[1], citizen.say('sandbox:next.any'))
  await citizen.look()

  const cancel = () => rows().last().getByRole('button')
  await cancel().focus()
  await Promise.all([page.waitForURL(/next=cancelled/), page.keyboard.press('Enter')])
  t.equal(await status(), citizen.say('sandbox:next.told.cancelled'))
  t.equal(await rows().count(), 1)
  await citizen.look()
  await sandbox.api(`next-login/${(await pending())[0]?.id}`, {}, 'DELETE')
  await Promise.all([page.waitForURL(/next=gone/), cancel().click()])
  t.equal(await status(), citizen.say('sandbox:next.told.gone'))
  t.equal(await rows().count(), 0)
})

const pending = async () => (await sandbox.api<{ id: string }[]>('next-login')).body

t.test('a next login of values that are not there sets nothing and says so', async (t) => {
  const by = visitor()
  const page = await by.open(`${sandbox.url}/sandbox?lang=en`)
  const token = { ...page, body: page.body.slice(page.body.indexOf('action="/sandbox/next-login"') - 20) }
  for (const wish of [{ rp: 'nobody' }, { citizen: '12345678Z' }, { method: 'smoke' }, { outcome: 'NOTHING-01' }]) {
    const fields = { citizen: '99999999R', method: 'pin', outcome: '', rp: '', ...wish }
    const { body } = await by.submit(token, fields)
    t.match(body, 'Nothing was set', JSON.stringify(wish))
  }
  t.strictSame(await pending(), [])
})

onBothScreens('what the SAML page says of a message, as it looks', async (t, screen) => {
  const citizen = await journey(t, sandbox, screen)
  const { page } = citizen
  const request = `<AuthnRequest xmlns="urn:oasis:names:tc:SAML:2.0:protocol"/>`
  await page.goto(`${sandbox.url}/sandbox/saml`)
  await page.fill('#message', request)
  await citizen.press('sandbox:saml.go')
  t.ok((await page.locator('svg.clave-verdict--bad').count()) > 0)
  t.ok((await page.locator('svg.clave-verdict--good').count()) > 0)
  const { height } = (await page.locator('svg.clave-verdict--bad').first().boundingBox()) ?? { height: 0 }
  t.ok(height >= 15, 'the sign is drawn')
  await citizen.look()
})

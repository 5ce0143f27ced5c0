import t from 'tap'
import { leaveRequest } from '../../src/authentication/movil/leave-request.ts'
import { statement } from '../../src/platform/index.ts'
import { notThis } from '../authentication/scene.ts'
import { closeBrowser } from '../support/chromium.ts'
import { appScene, askedByDocument, handset, onBothHandsets, type AppScene } from './app-scene.ts'

t.setTimeout(240_000)
t.teardown(closeBrowser)

const decided = statement<{ decision: string | null }>(
  'test.app-decided',
  'select decision from movil_request where login = $1',
)
/** What the login's side learns. */
const decisionOf = async (s: AppScene, login: { readonly id: string }): Promise<string | null> =>
  (await s.db.row(decided, [login.id]))?.decision ?? null

onBothHandsets('document path: the code is typed, and only then it can be confirmed', async (t, screen) => {
  const s = await appScene(t)
  const phone = await handset(t, s, screen)
  const { say } = phone
  await phone.activate()
  const { login, code } = await askedByDocument(s, { application: 'Renta 2026' })
  await phone.sees(say('app-movil:request.title'))
  const text = await phone.page.locator('main').innerText()
  for (const part of ['Agencia Tributaria', 'Renta 2026', '192.0.2.1', 'Firefox, Windows', new URL(s.baseUrl).host])
    t.match(text, part)
  t.match(text, say('app-movil:request.elsewhere'), 'it is in another network than the phone')
  t.notMatch(text, code, 'the phone is not told the code')
  await phone.look()
  await phone.press('app-movil:request.approve')
  await phone.says(say('app-movil:said.requestCodeForm'))
  await phone.look()
  await phone.type('code', notThis(code))
  await phone.press('app-movil:request.approve')
  await phone.says(say('refusal:MOVIL-03-wrong-code.body'))
  t.equal(await decisionOf(s, login), null)
  await phone.type('code', `${code.slice(0, 3)} ${code.slice(3)}`)
  await phone.press('app-movil:request.approve')
  await phone.sees(say('app-movil:result.approved.title'))
  t.equal(await phone.focused(), 'H1')
  await phone.look()
  t.equal(await decisionOf(s, login), 'approve')
  await phone.press('app-movil:toStart')
  await phone.sees(say('app-movil:home.title'))
})

onBothHandsets('an approval needs the phone’s unlock: without it nothing is sent', async (t, screen) => {
  const s = await appScene(t)
  const phone = await handset(t, s, screen)
  await phone.activate()
  const { login, code } = await askedByDocument(s)
  await phone.sees(phone.say('app-movil:request.title'))
  await phone.unlock.recognise(false)
  await phone.type('code', code)
  await phone.press('app-movil:request.approve')
  await phone.says(phone.say('app-movil:said.notUnlocked'))
  await phone.look()
  t.equal(await decisionOf(s, login), null)
  await phone.unlock.recognise(true)
  await phone.press('app-movil:request.approve')
  await phone.sees(phone.say('app-movil:result.approved.title'))
})

onBothHandsets('deny, and deny and report', async (t, screen) => {
  const s = await appScene(t)
  const phone = await handset(t, s, screen)
  const { say } = phone
  await phone.activate()
  const denied = await askedByDocument(s)
  await phone.sees(say('app-movil:request.title'))
  await phone.press('app-movil:request.deny')
  await phone.sees(say('app-movil:result.denied.title'))
  await phone.look()
  t.equal(await decisionOf(s, denied.login), 'deny')
  const reported = await askedByDocument(s)
  await phone.sees(say('app-movil:request.title'))
  await phone.press('app-movil:request.report')
  await phone.sees(say('app-movil:result.reported.title'))
  await phone.look()
  t.equal(await decisionOf(s, reported.login), 'report')
  await phone.press('app-movil:toStart')
  await phone.sees(say('app-movil:home.title'))
  await phone.page.reload()
  await phone.sees(say('app-movil:home.title'))
  t.match(await phone.page.locator('main').innerText(), say('app-movil:home.mustScan'), 'after two denials in a row')
  await phone.look()
})

t.test('a request that is cancelled at the other side, or expires, goes away by itself', async (t) => {
  const s = await appScene(t)
  const phone = await handset(t, s)
  await phone.activate()
  const { login, request } = await askedByDocument(s)
  await phone.sees(phone.say('app-movil:request.title'))
  await leaveRequest(s.parts, login, request)
  await phone.sees(phone.say('app-movil:result.gone.title'))
  await phone.look()
  await askedByDocument(s)
  await phone.sees(phone.say('app-movil:request.title'))
  s.clock.advance(300)
  await phone.sees(phone.say('app-movil:result.gone.title'))
})

t.test('a request that comes while the citizen is at something else is announced and does not interrupt', async (t) => {
  const s = await appScene(t)
  const phone = await handset(t, s)
  await phone.activate()
  await phone.press('app-movil:home.settings')
  await phone.sees(phone.say('app-movil:settings.title'))
  await askedByDocument(s)
  await phone.page.locator('#banner').waitFor()
  await phone.page.locator('#live', { hasText: phone.say('app-movil:said.waits') }).waitFor({ state: 'attached' })
  await phone.look()
  await phone.press('app-movil:banner.link')
  await phone.sees(phone.say('app-movil:request.title'))
  t.notOk(await phone.page.locator('#banner').isVisible())
  await phone.page.goBack()
  await phone.sees(phone.say('app-movil:settings.title'))
  t.ok(await phone.page.locator('#banner').isVisible())
  await phone.press('app-movil:back')
  await phone.sees(phone.say('app-movil:home.title'))
  t.match(
    await phone.page.locator('main').innerText(),
    phone.say('app-movil:home.waiting'),
    'it waits on the first screen',
  )
  await phone.look()
})

t.test('the app is opened while a request waits: it is shown at once', async (t) => {
  const s = await appScene(t)
  const phone = await handset(t, s)
  await phone.activate()
  await phone.page.goto('about:blank')
  await askedByDocument(s)
  await phone.open()
  await phone.sees(phone.say('app-movil:request.title'))
})

t.test('all of it works with the keyboard alone', async (t) => {
  const s = await appScene(t)
  const phone = await handset(t, s)
  await phone.activate()
  const { login, code } = await askedByDocument(s)
  await phone.sees(phone.say('app-movil:request.title'))
  await phone.page.keyboard.press('Tab')
  t.equal(await phone.page.evaluate(() => document.activeElement?.id), 'code')
  await phone.page.keyboard.type(code)
  await phone.page.keyboard.press('Enter')
  await phone.sees(phone.say('app-movil:result.approved.title'))
  t.equal(await decisionOf(s, login), 'approve')
})

t.test('a decision that finds no connection is not lost and not believed to have been taken', async (t) => {
  const s = await appScene(t)
  const phone = await handset(t, s)
  await phone.activate()
  const { login } = await askedByDocument(s)
  await phone.sees(phone.say('app-movil:request.title'))
  s.network.up = false
  await phone.press('app-movil:request.deny')
  await phone.says(phone.say('app-movil:said.offlineDetail'))
  t.equal(await decisionOf(s, login), null)
  s.network.up = true
  await phone.press('app-movil:request.deny')
  await phone.sees(phone.say('app-movil:result.denied.title'))
})

t.test('what the agency is called is text, whatever it holds', async (t) => {
  const s = await appScene(t)
  const phone = await handset(t, s)
  await phone.activate()
  const name = '<img src=x onerror=alert(1)> {host} {{7*7}}'
  await askedByDocument(s, { relyingParty: { id: 'aeat', name }, application: '</script><b>' })
  await phone.sees(phone.say('app-movil:request.title'))
  t.equal(await phone.page.locator('.clave-asks strong').innerText(), name)
  t.equal(await phone.page.locator('main img, main b').count(), 0)
})

import t from 'tap'
import { typedContrast } from '../../src/sandbox/catalogue.ts'
import { carmen } from '../authentication/movil-scene.ts'
import { citizen, codeOf, notThis } from '../authentication/scene.ts'
import { browserContext, closeBrowser } from '../support/chromium.ts'
import { appScene, handset, onBothHandsets, small, type Phone } from './app-scene.ts'

t.setTimeout(240_000)
t.teardown(closeBrowser)

async function identify(phone: Phone, document: string, contrast: string): Promise<void> {
  await phone.type('document', document)
  await phone.type('contrast', contrast)
  await phone.press('app-movil:activate.send')
}

/** At the screen where the code is typed. */
async function atCode(phone: Phone): Promise<void> {
  await phone.open('/app/activate')
  await identify(phone, carmen.document, typedContrast(carmen))
  await phone.sees(phone.say('app-movil:code.title'))
}

onBothHandsets('document, contrast, SMS code and the phone’s unlock activate a phone', async (t, screen) => {
  const s = await appScene(t)
  const phone = await handset(t, s, screen)
  const { say } = phone
  await phone.open()
  await phone.sees(say('app-movil:welcome.title'))
  await phone.look()
  await phone.press('app-movil:welcome.activate')
  await phone.sees(say('app-movil:activate.title'))
  t.equal(await phone.focused(), 'H1', 'a reader begins with the heading')
  await phone.look()
  await phone.page.getByText(say('pin:identify.where'), { exact: true }).click()
  await phone.look()
  await identify(phone, carmen.document, typedContrast(carmen))
  await phone.sees(say('app-movil:code.title'))
  await phone.look()
  t.equal(await phone.page.getAttribute('#code', 'autocomplete'), 'one-time-code')
  await phone.page.getByText(say('app-movil:code.notArrived'), { exact: true }).click()
  await phone.press('app-movil:code.another')
  await phone.page.getByText(say('app-movil:code.sentAnother', { phone: '001', until: '…' }).slice(0, 20)).waitFor()
  await phone.look()
  await phone.type('code', codeOf(s.sent.at(-1)))
  await phone.press('app-movil:code.confirm')
  await phone.sees(say('app-movil:unlock.title'))
  await phone.look()
  await phone.press('app-movil:unlock.protect')
  await phone.sees(say('app-movil:activated.title'))
  await phone.look()
  await phone.press('app-movil:activated.start')
  await phone.sees(say('app-movil:home.title'))
  await phone.look()
  await phone.page.reload()
  await phone.sees(say('app-movil:home.title'))
  t.match(await phone.page.locator('main').innerText(), /Carmen/i, 'it is still activated after a restart')
})

t.test('the contrast that is asked for fits the kind of document, as it is typed', async (t) => {
  const s = await appScene(t)
  const phone = await handset(t, s)
  await phone.open('/app/activate')
  const label = () => phone.page.locator('label[for=contrast]').innerText()
  t.equal(await label(), phone.say('pin:identify.contrast'))
  await phone.type('document', 'x99')
  t.equal(await label(), phone.say('pin:identify.support'))
  await phone.type('document', '9')
  t.equal(await label(), phone.say('pin:identify.validity'))
})

onBothHandsets('what is missing or wrong is said above and beside its field', async (t, screen) => {
  const s = await appScene(t)
  const phone = await handset(t, s, screen)
  const { say } = phone
  await phone.open('/app/activate')
  await identify(phone, '', '')
  t.strictSame(await phone.faults(), [say('authentication:document.empty'), say('authentication:contrast.empty')])
  t.equal(await phone.focused(), 'DIV', 'the summary has the focus')
  await phone.look()
  await phone.page.locator('.govuk-error-summary a').first().click()
  t.equal(await phone.page.evaluate(() => document.activeElement?.id), 'document', 'its lines lead into the fields')
  await identify(phone, '99999999A', typedContrast(carmen))
  await phone.says(say('authentication:document.letter'))
  await phone.look()
  await identify(phone, carmen.document, '31/06/2031')
  await phone.says(say('authentication:contrast.dni.calendar'))
  await identify(phone, carmen.document, '01/01/2029')
  await phone.says(say('refusal:CITIZEN-01-not-recognised.body'))
  t.equal(s.sent.length, 0, 'no SMS went out')
})

t.test('who is not registered is offered to register', async (t) => {
  const s = await appScene(t)
  const phone = await handset(t, s)
  const antoni = citizen('99999996K')
  await phone.open('/app/activate')
  await identify(phone, antoni.document, typedContrast(antoni))
  await phone.sees(phone.say('refusal:CITIZEN-03-not-registered.title'))
  t.equal(await phone.page.locator('main a[href="/register"]').count(), 1)
  await phone.look()
})

t.test('a wrong code is counted and said; one of other length is not sent', async (t) => {
  const s = await appScene(t)
  const phone = await handset(t, s)
  await atCode(phone)
  await phone.type('code', '12 34')
  await phone.press('app-movil:code.confirm')
  await phone.says(phone.say('app-movil:said.codeForm'))
  const code = codeOf(s.sent.at(-1))
  await phone.type('code', notThis(code))
  await phone.press('app-movil:code.confirm')
  await phone.says(phone.say('refusal:CODE-01-wrong.body', { count: 2 }))
  await phone.look()
  await phone.type('code', `${code.slice(0, 3)} ${code.slice(3)}`)
  await phone.press('app-movil:code.confirm')
  await phone.sees(phone.say('app-movil:unlock.title'))
})

t.test('without the phone’s unlock it is said plainly that only basic procedures will work', async (t) => {
  const s = await appScene(t)
  const declined = await handset(t, s)
  await atCode(declined)
  await declined.type('code', codeOf(s.sent.at(-1)))
  await declined.press('app-movil:code.confirm')
  await declined.sees(declined.say('app-movil:unlock.title'))
  await declined.unlock.recognise(false)
  await declined.press('app-movil:unlock.protect')
  await declined.says(declined.say('app-movil:said.unlockFailed'))
  await declined.look()
  await declined.press('app-movil:unlock.skip')
  await declined.sees(declined.say('app-movil:activated.title'))
  t.match(await declined.page.locator('main').innerText(), declined.say('app-movil:activated.basic'))
  await declined.look()
  await declined.press('app-movil:activated.start')
  await declined.sees(declined.say('app-movil:home.title'))
  t.match(await declined.page.locator('main').innerText(), declined.say('app-movil:home.basic'))
  await declined.look()

  const bare = await handset(t, s)
  await bare.unlock.remove()
  await atCode(bare)
  await bare.type('code', codeOf(s.sent.at(-1)))
  await bare.press('app-movil:code.confirm')
  await bare.sees(bare.say('app-movil:unlock.title'))
  t.match(await bare.page.locator('main').innerText(), bare.say('app-movil:unlock.noneBasic'))
  await bare.look()
})

onBothHandsets('another phone: the former one loses Cl@ve Móvil, and both say so', async (t, screen) => {
  const s = await appScene(t)
  const former = await handset(t, s, screen)
  await former.activate()
  const next = await handset(t, s, screen)
  await atCode(next)
  await next.type('code', codeOf(s.sent.at(-1)))
  await next.press('app-movil:code.confirm')
  await next.sees(next.say('app-movil:unlock.title'))
  await former.sees(former.say('app-movil:ended.title'))
  await former.look()
  await next.press('app-movil:unlock.protect')
  await next.sees(next.say('app-movil:activated.title'))
  t.match(await next.page.locator('main').innerText(), next.say('app-movil:activated.former'))
  await former.page.reload()
  await former.sees(former.say('app-movil:ended.title'))
  await former.press('app-movil:ended.again')
  await former.sees(former.say('app-movil:ended.title'))
  await former.press('app-movil:ended.activate')
  await former.sees(former.say('app-movil:activate.title'))
})

t.test('the key cannot be taken out of the browser, and nothing of the person is kept in it', async (t) => {
  const s = await appScene(t)
  const phone = await handset(t, s)
  await phone.activate()
  const kept = await phone.page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const opening = indexedDB.open('clave-movil')
      opening.onsuccess = () => resolve(opening.result)
    })
    const found = await new Promise<Record<string, unknown>>((resolve) => {
      const asked = database.transaction('phone').objectStore('phone').get('this') as IDBRequest<
        Record<string, unknown>
      >
      asked.onsuccess = () => resolve(asked.result)
    })
    const { extractable, usages } = found['key'] as CryptoKey
    return {
      extractable,
      usages,
      names: Object.keys(found).sort(),
      stored: localStorage.length + sessionStorage.length,
    }
  })
  t.strictSame(kept, {
    extractable: false,
    usages: ['sign'],
    names: ['baseUrl', 'credential', 'device', 'key', 'notifications'],
    stored: 0,
  })
})

t.test('a phone whose clock is wrong is activated all the same', async (t) => {
  const s = await appScene(t)
  const phone = await handset(t, s, small)
  await phone.page.addInitScript(() => {
    const real = Date.now
    Date.now = () => real() - 3 * 3_600_000
  })
  await phone.activate()
  await phone.page.reload()
  await phone.sees(phone.say('app-movil:home.title'))
  t.notOk(await phone.page.locator('.govuk-error-summary').count())
})

t.test('without JavaScript the page says what else there is', async (t) => {
  const s = await appScene(t)
  const phone = await handset(t, s, small, await browserContext(t, { javaScriptEnabled: false }))
  await phone.page.goto(`${s.baseUrl}/app`)
  t.match(await phone.page.locator('main').innerText(), phone.say('app-movil:scriptless.pin'))
})

import t, { type Test } from 'tap'
import { loadI18n, statement } from '../../src/platform/index.ts'
import { pushText } from '../../src/messaging/push/push-text.ts'
import { makePushDevice } from '../../src/sandbox/push-reading.ts'
import { closeBrowser } from '../support/chromium.ts'
import { until } from '../support/until.ts'
import { appScene, handset, onBothHandsets, small, type AppScene, type Handset, type Phone } from './app-scene.ts'

t.setTimeout(240_000)
t.teardown(closeBrowser)

const subscribed = statement<{ count: number }>(
  'test.app-subscribed',
  'select count(*)::int as count from device_subscription',
)
const subscriptions = async (s: AppScene) => (await s.db.row(subscribed))?.count

/** A phone that allows notifications: a browser without a window refuses them and has no push service. */
async function allowing(t: Test, s: AppScene, screen: Handset = small, service = true): Promise<Phone> {
  const phone = await handset(t, s, screen)
  await phone.page.addInitScript(() => {
    let permission: NotificationPermission = 'default'
    Object.defineProperty(Notification, 'permission', { get: () => permission })
    Notification.requestPermission = async () => (permission = 'granted')
  })
  if (!service) return phone
  const { p256dh, auth } = makePushDevice(s.parts.random)
  await phone.page.addInitScript(
    (keys) => {
      let current: object | null = null
      const subscription = {
        toJSON: () => ({ endpoint: 'https://push.example/one', expirationTime: null, keys }),
        unsubscribe: async () => {
          current = null
          return true
        },
      }
      Object.assign(PushManager.prototype, {
        subscribe: async () => (current = subscription),
        getSubscription: async () => current,
      })
    },
    { p256dh, auth },
  )
  return phone
}

onBothHandsets('notifications are asked for with a reason, can be allowed, and turned off again', async (t, screen) => {
  const s = await appScene(t)
  const phone = await allowing(t, s, screen)
  const { say } = phone
  await phone.activateUpTo('notify')
  await phone.look()
  await phone.press('app-movil:notify.allow')
  await phone.sees(say('app-movil:activated.title'))
  t.notMatch(await phone.page.locator('main').innerText(), say('app-movil:activated.quiet'))
  t.equal(await subscriptions(s), 1, 'the server knows where')
  await phone.press('app-movil:activated.start')
  await phone.sees(say('app-movil:home.title'))
  await phone.press('app-movil:home.settings')
  await phone.sees(say('app-movil:settings.title'))
  await phone.look()
  await phone.press('app-movil:settings.turnOff')
  await phone.page.getByRole('button', { name: say('app-movil:settings.turnOn') }).waitFor()
  t.equal(await subscriptions(s), 0)
  await phone.look()
  await phone.press('app-movil:settings.turnOn')
  await phone.page.getByRole('button', { name: say('app-movil:settings.turnOff') }).waitFor()
  t.equal(await subscriptions(s), 1)
})

t.test('they may be declined, and a browser without a push service is no obstacle', async (t) => {
  const s = await appScene(t)
  const phone = await allowing(t, s, small, false)
  await phone.activateUpTo('notify')
  await phone.press('app-movil:notify.skip')
  await phone.sees(phone.say('app-movil:activated.title'))
  t.match(await phone.page.locator('main').innerText(), phone.say('app-movil:activated.quiet'))
  await phone.press('app-movil:activated.start')
  await phone.sees(phone.say('app-movil:home.title'))
  await phone.press('app-movil:home.settings')
  await phone.sees(phone.say('app-movil:settings.title'))
  await phone.press('app-movil:settings.turnOn')
  await phone.says(phone.say('app-movil:said.pushFailed'))
})

t.test(
  'the service worker shows what is pushed, in the language of the message, and the open app looks at once',
  async (t) => {
    const s = await appScene(t)
    const phone = await allowing(t, s)
    await phone.activateUpTo('notify')
    await phone.press('app-movil:notify.allow')
    await phone.sees(phone.say('app-movil:activated.title'))
    const push = await pusherOf(phone, s.baseUrl)
    const shown = await shownBy(phone)
    const looked = phone.page.waitForRequest(`${s.baseUrl}/app/api/request`)
    for (const locale of ['es', 'en'] as const) {
      const text = loadI18n({ strict: true }).translator(locale)
      await push(pushText(text, { kind: 'request' }))
      const expected = `${text('push:request.title')}|${text('push:request.body')}`
      await until(async () => (await shown()).includes(expected))
    }
    await looked
    await push('nothing that we sent')
    await until(async () => (await shown()).includes('Cl@ve|'))
  },
)

/** What the worker shows, as `title|body`. */
async function shownBy({ context }: Phone): Promise<() => Promise<string[]>> {
  const [worker] = context.serviceWorkers()
  if (!worker) throw new Error('no service worker')
  await worker.evaluate(() => {
    const shown: string[] = []
    const { registration } = self as unknown as { registration: object }
    Object.assign(self, { shown })
    const showNotification = async (title: string, { body }: { body: string }) => void shown.push(`${title}|${body}`)
    Object.assign(registration, { showNotification })
  })
  return () => worker.evaluate(() => (self as unknown as { shown: string[] }).shown)
}

/** Delivers a push message to the app's service worker, as the browser does that got one. */
async function pusherOf({ context, page }: Phone, origin: string): Promise<(data: string) => Promise<void>> {
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
  const session = await context.newCDPSession(page)
  const found = new Promise<string>((resolve) =>
    session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      for (const { registrationId, scopeURL } of registrations)
        if (scopeURL === `${origin}/app`) resolve(registrationId)
    }),
  )
  await session.send('ServiceWorker.enable')
  const registrationId = await found
  return async (data) => {
    await session.send('ServiceWorker.deliverPushMessage', { origin, registrationId, data })
  }
}

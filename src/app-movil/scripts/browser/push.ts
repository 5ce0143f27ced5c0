import { call } from './api.ts'
import { fromBase64url } from './encode.ts'
import type { Phone } from './phone-store.ts'

/** Push messages: that something waits is told by the phone itself, with the app closed. */

export const canPush = (): boolean =>
  'Notification' in window && 'serviceWorker' in navigator && 'PushManager' in window

/** Whether the phone shows them: it was allowed, and this browser has a subscription. */
export async function hasPush(): Promise<boolean> {
  if (!canPush() || Notification.permission !== 'granted') return false
  const registration = await navigator.serviceWorker.getRegistration('/app')
  return Boolean(await registration?.pushManager.getSubscription())
}

/** Asks the phone's owner, and has the server send here; false: they may not be shown, or cannot be sent here. */
export async function turnOnPush(phone: Phone): Promise<boolean> {
  if (!canPush() || (await Notification.requestPermission()) !== 'granted') return false
  const registration = await Promise.race([navigator.serviceWorker.ready, after(10_000)])
  return registration ? subscribe(registration, phone) : false
}

/** Subscribes anew where that is needed, and tells the server; also called by the service worker. */
export async function subscribe(registration: ServiceWorkerRegistration, phone: Phone): Promise<boolean> {
  const key = await call<{ readonly key: string }>({ method: 'GET', path: '/push-key' })
  if (!key.ok) return false
  try {
    const applicationServerKey = fromBase64url(key.body.key)
    const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey })
    const { endpoint, keys } = subscription.toJSON()
    return (await call({ method: 'PUT', path: '/subscription', phone, body: { endpoint, keys } })).ok
  } catch {
    // No push service, as in some browsers that have only the names of it; or a subscription of another installation.
    await (await registration.pushManager.getSubscription())?.unsubscribe().catch(() => false)
    return false
  }
}

/** The server is told first: what it does not know it does not send. */
export async function turnOffPush(phone: Phone | undefined): Promise<void> {
  if (phone) await call({ method: 'DELETE', path: '/subscription', phone })
  if (!canPush()) return
  const registration = await navigator.serviceWorker.getRegistration('/app')
  const subscription = await registration?.pushManager.getSubscription()
  await subscription?.unsubscribe().catch(() => false)
}

const after = (milliseconds: number): Promise<undefined> =>
  new Promise((resolve) => setTimeout(() => resolve(undefined), milliseconds))

import { readPhone } from './browser/phone-store.ts'
import { subscribe } from './browser/push.ts'

/** The service worker: the app opens without a connection, and the phone tells what waits while the app is closed. */

interface Waiting extends Event {
  waitUntil(work: Promise<unknown>): void
}
interface Fetching extends Waiting {
  readonly request: Request
  respondWith(answer: Promise<Response>): void
}
interface Pushed extends Waiting {
  readonly data: { json(): unknown } | null
}
interface Clicked extends Waiting {
  readonly notification: Notification
}
interface Client {
  readonly url: string
  postMessage(message: unknown): void
  focus(): Promise<unknown>
}
/** As much of ServiceWorkerGlobalScope as is used: the types of pages and of workers do not go together. */
interface Scope {
  /** Written before this script by the server: what to keep, and the icons. */
  readonly kept: {
    readonly version: string
    readonly assets: readonly string[]
    readonly icon: string
    readonly badge: string
  }
  readonly registration: ServiceWorkerRegistration
  readonly clients: {
    claim(): Promise<void>
    matchAll(options: object): Promise<readonly Client[]>
    openWindow(url: string): Promise<unknown>
  }
  skipWaiting(): Promise<void>
  addEventListener<Kind extends keyof Events>(kind: Kind, act: (event: Events[Kind]) => void): void
}
interface Events {
  install: Waiting
  activate: Waiting
  fetch: Fetching
  push: Pushed
  notificationclick: Clicked
  pushsubscriptionchange: Waiting
}
const scope = self as unknown as Scope

const cacheName = `clave-movil-${scope.kept.version}`
const shell = '/app'
/** Milliseconds after which a page that does not come is taken from what was kept. */
const patience = 5_000

scope.addEventListener('install', (event) => {
  event.waitUntil(keepAll().then(() => scope.skipWaiting()))
})

scope.addEventListener('activate', (event) => {
  event.waitUntil(dropOld().then(() => scope.clients.claim()))
})

scope.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== location.origin) return
  if (request.mode === 'navigate' && isScreen(pathname)) event.respondWith(page(request))
  else if (pathname.startsWith('/assets/')) event.respondWith(asset(request))
})

scope.addEventListener('push', (event) => {
  event.waitUntil(showPush(event.data))
})

scope.addEventListener('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(openApp())
})

scope.addEventListener('pushsubscriptionchange', (event) => {
  event.waitUntil(readPhone().then((phone) => phone && subscribe(scope.registration, phone)))
})

const isScreen = (path: string): boolean => /^\/app(\/[a-z-]+)?$/.test(path)

async function keepAll(): Promise<void> {
  const cache = await caches.open(cacheName)
  await cache.addAll([shell, ...scope.kept.assets])
}

async function dropOld(): Promise<void> {
  const names = await caches.keys()
  await Promise.all(
    names.filter((name) => name.startsWith('clave-movil-') && name !== cacheName).map((name) => caches.delete(name)),
  )
}

/** From the network where there is one, so that it is today's and in today's language; all screens are one page. */
async function page(request: Request): Promise<Response> {
  const cache = await caches.open(cacheName)
  const kept = () => cache.match(shell, { ignoreVary: true })
  try {
    const answer = await Promise.race([fetch(request), tooLate()])
    if (answer.status >= 500) return (await kept()) ?? answer
    // Of a redirect (the choice of a language) nothing is kept.
    if (answer.ok && answer.type === 'basic' && !answer.redirected) await cache.put(shell, answer.clone())
    return answer
  } catch (error) {
    const found = await kept()
    if (!found) throw error
    return found
  }
}

const tooLate = (): Promise<never> =>
  new Promise((_resolve, reject) => setTimeout(() => reject(new Error('no answer')), patience))

/** Their names change with their content. */
async function asset(request: Request): Promise<Response> {
  const cache = await caches.open(cacheName)
  const kept = await cache.match(request, { ignoreVary: true })
  if (kept) return kept
  const answer = await fetch(request)
  if (answer.ok) await cache.put(request, answer.clone())
  return answer
}

/** Shows what was sent, which names nobody; something is always shown, as browsers demand. */
async function showPush(data: Pushed['data']): Promise<void> {
  const { kind, title, body } = readPush(data)
  const { icon, badge } = scope.kept
  await scope.registration.showNotification(title, { body, tag: kind, icon, badge })
  for (const client of await ownClients()) client.postMessage({ kind })
}

function readPush(data: Pushed['data']): Readonly<Record<'kind' | 'title' | 'body', string>> {
  const text = (value: unknown, otherwise: string) => (typeof value === 'string' ? value : otherwise)
  try {
    const { kind, title, body } = data?.json() as Readonly<Record<string, unknown>>
    return { kind: text(kind, 'request'), title: text(title, 'Cl@ve'), body: text(body, '') }
  } catch {
    return { kind: 'request', title: 'Cl@ve', body: '' }
  }
}

const ownClients = async (): Promise<readonly Client[]> => {
  const all = await scope.clients.matchAll({ type: 'window', includeUncontrolled: true })
  return all.filter(({ url }) => isScreen(new URL(url).pathname))
}

/** The app that is open, or else a new one: never an address that a message brought. */
async function openApp(): Promise<void> {
  const [open] = await ownClients()
  if (open) await open.focus()
  else await scope.clients.openWindow(shell)
}

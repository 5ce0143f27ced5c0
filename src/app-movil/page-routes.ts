import type appMovil from '../../locales/es/app-movil.json'
import { readAssets, type App, type Assets, type I18n, type Locale } from '../platform/index.ts'

declare module '../platform/i18n.ts' {
  interface Texts {
    'app-movil': typeof appMovil
  }
}

export interface PageParts {
  /** BASE_URL: what the phone signs for, and the host of the only QR codes that it takes. */
  readonly baseUrl: string
  readonly i18n: I18n
}

/** Each has its address, so that a reload and the back button stay where they are; all are one page. */
const screens = ['activate', 'unlock', 'request', 'scan', 'pin', 'gestiones', 'settings', 'remove', 'help']

const config = { camera: true } as const

/** Mounts the app for browsers: its page, its manifest and its service worker. */
export function mountPages({ baseUrl, i18n }: PageParts, app: App): void {
  const assets = readAssets()
  for (const path of ['/app', ...screens.map((name) => `/app/${name}`)])
    app.get(path, { config }, ({ locale }, reply) =>
      reply.page('app-movil/views/app.njk', { island: islandOf(baseUrl, i18n, assets, locale), slots }),
    )
  app.get('/app/', (_request, reply) => reply.redirect('/app', 308))
  app.get('/app/manifest.webmanifest', ({ locale }, reply) =>
    reply.type('application/manifest+json').send(JSON.stringify(manifestOf(i18n, assets, locale))),
  )
  const worker = workerOf(assets)
  app.get('/app/worker.js', (_request, reply) =>
    // Without the slash its scope would leave /app itself out, which is where the app begins.
    reply.header('service-worker-allowed', '/app').type('text/javascript; charset=utf-8').send(worker),
  )
}

/** What the browser fills in: a template's `{agency}` stands where the script puts the agency's name. */
const slots = Object.fromEntries(
  ['name', 'agency', 'host', 'address', 'phone', 'until', 'time', 'activated'].map((slot) => [slot, `{${slot}}`]),
)

/** Texts that the script says by itself. */
const said = [
  ...(['busy', 'activated', 'waits', 'left', 'codeForm', 'unlockFailed', 'requestCodeForm', 'notUnlocked'] as const),
  ...(['addressEmpty', 'notOurs', 'otherText', 'cameraRefused', 'cameraNone', 'noQr', 'pinNotUnlocked'] as const),
  ...(['noPin', 'pushFailed', 'pushOn', 'pushOff', 'offlineTitle', 'offlineDetail', 'brokenTitle'] as const),
  'brokenDetail',
] as const

function islandOf(baseUrl: string, i18n: I18n, assets: Assets, locale: Locale): string {
  const t = i18n.translator(locale)
  const texts = {
    errorPrefix: t('platform:layout.errorPrefix'),
    documentEmpty: t('authentication:document.empty'),
    'contrastEmpty.any': t('authentication:contrast.empty'),
    'contrastEmpty.dni': t('authentication:contrast.dni.empty'),
    'contrastEmpty.nie': t('authentication:contrast.nie.empty'),
    ...Object.fromEntries(said.map((name) => [name, t(`app-movil:said.${name}`, slots)])),
  }
  const island = { baseUrl, locale, qr: assets.url('app-movil/scripts/read-qr.ts'), texts }
  // Inside a script element nothing but this sign can end it.
  return JSON.stringify(island).replaceAll('<', '\\u003c')
}

const image = (name: string): string => `app-movil/views/images/${name}.png`

function manifestOf(i18n: I18n, assets: Assets, locale: Locale): object {
  const t = i18n.translator(locale)
  const icon = (name: string, sizes: string, purpose: string) => ({
    src: assets.url(image(name)),
    sizes,
    type: 'image/png',
    purpose,
  })
  const icons = [icon('icon-192', '192x192', 'any'), icon('icon-512', '512x512', 'any')]
  return {
    id: '/app',
    name: t('app-movil:name'),
    short_name: 'Cl@ve',
    description: t('app-movil:manifest.description'),
    lang: locale,
    dir: 'ltr',
    start_url: '/app',
    scope: '/app',
    display: 'standalone',
    background_color: '#ffffff',
    theme_color: '#14293d',
    categories: ['government', 'security'],
    icons: [...icons, icon('maskable-512', '512x512', 'maskable')],
    shortcuts: [{ name: t('app-movil:home.scan'), url: '/app/scan', icons: [icon('icon-192', '192x192', 'any')] }],
  }
}

/** With what it is to keep written before it: so a new page or script is a new service worker, too. */
function workerOf(assets: Assets): string {
  const source = assets.url('app-movil/scripts/worker.ts')
  const script = assets.file(source.slice(source.lastIndexOf('/') + 1))?.plain.toString() ?? ''
  const kept = [
    ...(['app-movil/scripts/app.ts', 'app-movil/scripts/read-qr.ts', 'app-movil/views/styles/main.scss'] as const),
    ...(['platform/views/styles/main.scss', 'platform/views/images/favicon.svg', image('icon-192')] as const),
  ].map((name) => assets.url(name))
  const version = [...kept, source].map((url) => /-([0-9a-f]{4})[0-9a-f]*\./.exec(url)?.[1] ?? '').join('')
  const told = { version, assets: kept, icon: assets.url(image('icon-192')), badge: assets.url(image('badge-96')) }
  return `self.kept=${JSON.stringify(told)};\n${script}`
}

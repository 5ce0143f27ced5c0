import { addRoutes, followLinks, go, render } from './browser/route.ts'
import { readPhone } from './browser/phone-store.ts'
import { subscribe, hasPush } from './browser/push.ts'
import { askAgain, showBanner } from './browser/requests.ts'
import { show } from './browser/screen.ts'
import { showActivate } from './browser/screens/activate.ts'
import { readAbout, showHome } from './browser/screens/home.ts'
import { showPin } from './browser/screens/pin.ts'
import { showRequest } from './browser/screens/request.ts'
import { showScan, takeToken } from './browser/screens/scan.ts'
import { showGestiones, showHelp, showRemove, showSettings } from './browser/screens/settings.ts'
import { showUnlock } from './browser/screens/unlock-screen.ts'
import { state, type InstallOffer } from './browser/state.ts'

/** The citizen's app: one page, whose screens are templates of it. */

addRoutes(
  {
    '/app': showHome,
    '/app/activate': showActivate,
    '/app/unlock': () => showUnlock({ former: false }),
    '/app/request': showRequest,
    '/app/scan': showScan,
    '/app/pin': showPin,
    '/app/gestiones': showGestiones,
    '/app/settings': showSettings,
    '/app/remove': showRemove,
    '/app/help': showHelp,
  },
  showHome,
)
window.addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault()
  state.install = event as InstallOffer
})
document.body.classList.add('js-enabled')
takeToken()
void start()

async function start(): Promise<void> {
  try {
    if (!('subtle' in crypto)) throw new Error('not a secure context')
    state.phone = await readPhone()
  } catch {
    show('unsupported')
    return
  }
  followLinks()
  if (state.phone && location.pathname !== '/app/scan') {
    if (!(await readAbout())) return
    await askAgain()
  }
  // Whoever opens the app while something waits came for that.
  if (state.pending && location.pathname === '/app') go('/app/request')
  else render()
  showBanner()
  await registerWorker()
}

/** Lets the app open without a connection, and be told what waits while it is closed. */
async function registerWorker(): Promise<void> {
  if (!('serviceWorker' in navigator)) return
  navigator.serviceWorker.addEventListener('message', () => state.live?.wake())
  try {
    const registration = await navigator.serviceWorker.register('/app/worker.js', {
      scope: '/app',
      updateViaCache: 'none',
    })
    // The browser may have given it another address since.
    if (state.phone && (await hasPush())) await subscribe(registration, state.phone)
  } catch {
    // Some browsers have none in private windows: the app works without.
  }
}

import { call } from '../api.ts'
import { island } from '../island.ts'
import { askAgain, startLive } from '../requests.ts'
import { go, stillHere } from '../route.ts'
import { show, shownScreen } from '../screen.ts'
import { serverNow } from '../server-clock.ts'
import { state, type About } from '../state.ts'
import { hasUnlock } from '../unlock.ts'
import { showTrouble } from './trouble.ts'

/** The first screen: what waits, and where to go from here. */
export async function showHome(): Promise<void> {
  if (state.ended) return showEnded()
  if (!state.phone) return showWelcome()
  const here = stillHere()
  const about = await readAbout()
  const unlockable = await hasUnlock()
  if (!about || !here()) return
  const able = !about.unlock && unlockable ? ['able', ...(isFresh(about) ? ['fresh'] : [])] : []
  const cases = [about.unlock ? 'unlock' : 'basic', ...(about.mustScan ? ['mustScan'] : []), ...able]
  const waiting = state.pending ? ['waiting'] : []
  show('home', { name: about.person.name, agency: state.pending?.agency ?? '' }, [...cases, ...waiting])
}

/** So long after its activation a phone may add its unlock, milliseconds; later it is activated anew. */
const enrolling = 14 * 60_000

const isFresh = ({ activated }: About): boolean => Math.abs(serverNow() - Date.parse(activated)) < enrolling

/** What the server tells of this phone; where it tells nothing the citizen reads why. */
export async function readAbout(): Promise<About | undefined> {
  if (state.about || !state.phone) return state.about
  show('opening')
  const { phone } = state
  const answer = await call<About>({ method: 'GET', path: '/phone', phone, locale: island.locale })
  if (!answer.ok) {
    if (state.ended) return undefined
    showTrouble(answer.problem, () => go(location.pathname, 'replace'))
    return undefined
  }
  state.about = answer.body
  if (!state.live) startLive(phone)
  return state.about
}

function showWelcome(): void {
  const screen = show('welcome', {}, [...(isBareIphone() ? ['iphone'] : []), ...(state.install ? ['install'] : [])])
  screen.on('install', install)
}

function showEnded(): void {
  const screen = show('ended')
  screen.on('again', async () => {
    state.ended = false
    state.about = undefined
    await askAgain()
    if (shownScreen() === 'ended') go('/app', 'replace')
  })
}

/** The browser's own question; it can be asked once. */
export async function install(): Promise<void> {
  const offer = state.install
  state.install = undefined
  await offer?.prompt()
  go(location.pathname, 'replace')
}

/** There an app has its own storage and its notifications only once it stands on the home screen. */
const isBareIphone = (): boolean =>
  /iPhone|iPad|iPod/.test(navigator.userAgent) && !window.matchMedia('(display-mode: standalone)').matches

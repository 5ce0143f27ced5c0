import { call } from '../api.ts'
import { openCamera, readPicture } from '../camera.ts'
import { island, say } from '../island.ts'
import { showBanner } from '../requests.ts'
import { go } from '../route.ts'
import { clearFaults, show, showFaults, type Screen } from '../screen.ts'
import { state } from '../state.ts'
import type { ShownRequest } from '../words.ts'
import { takeScanned } from './request.ts'

/** What the page's address brought after its `#`: taken once, and out of the address at once. */
let brought: string | undefined

/** Called before the first screen is shown. */
export function takeToken(): void {
  if (location.pathname !== '/app/scan' || location.hash.length < 2) return
  brought = location.hash.slice(1)
  history.replaceState(null, '', '/app/scan')
}

/** The token of a QR of ours, which is an address of this very host; undefined: it is somebody else's. */
function tokenIn(text: string): string | undefined {
  const begins = `${island.baseUrl}/app/scan#`
  return text.startsWith(begins) ? text.slice(begins.length) : undefined
}

export async function showScan(): Promise<void> {
  const token = brought
  brought = undefined
  if (!state.phone || state.ended) return showNoApp(token !== undefined)
  const screen = show('scan', { host: new URL(island.baseUrl).host })
  const take = takerOf(screen)
  screen.on('paste', () => {
    const text = screen.root.querySelector<HTMLInputElement>('#address')?.value.trim() ?? ''
    if (text === '') return showFaults(screen, [{ field: 'address', text: say('addressEmpty') }])
    return take(text, 'address')
  })
  const file = screen.part<HTMLInputElement>('picture')
  file.addEventListener('change', () => void takePicture(screen, file, take))
  if (token !== undefined) await take(`${island.baseUrl}/app/scan#${token}`)
  if (screen.shown()) await watch(screen, take)
}

type Take = (text: string, field?: string) => Promise<void>

/** Opens the request of what was read; one at a time, and the same text once, since a camera reads it many times a second. */
function takerOf(screen: Screen): Take {
  let busy = false
  let last: string | undefined
  return async (text, field) => {
    if (busy || (field === undefined && text === last)) return
    last = text
    const token = tokenIn(text)
    if (token === undefined) return showFaults(screen, [{ field, text: say('notOurs', { host: hostIn(text) }) }])
    busy = true
    clearFaults(screen)
    const asked = { method: 'POST', path: '/request/scan', phone: state.phone, locale: island.locale } as const
    const answer = await call<ShownRequest>({ ...asked, body: { token } })
    busy = false
    if (!screen.shown()) return
    if (!answer.ok) return takeScanned(screen, answer.problem)
    state.pending = answer.body
    showBanner()
    go('/app/request', 'replace')
  }
}

/** Where it would have led, so that whoever was deceived sees it. */
function hostIn(text: string): string {
  const host = hostOf(text)
  return host === '' || host === location.host ? say('otherText') : host
}

function hostOf(text: string): string {
  try {
    return new URL(text).host
  } catch {
    return ''
  }
}

async function watch(screen: Screen, take: Take): Promise<void> {
  const camera = await openCamera(screen.part<HTMLVideoElement>('video'), (text) => void take(text))
  if (typeof camera === 'object') {
    if (!screen.shown()) return camera.stop()
    screen.whenLeft(() => camera.stop())
    return
  }
  if (!screen.shown()) return
  screen.part('view').hidden = true
  screen.part('fault').textContent = say(camera === 'refused' ? 'cameraRefused' : 'cameraNone')
  screen.part('fault').hidden = false
  screen.part<HTMLDetailsElement>('other').open = true
}

async function takePicture(screen: Screen, file: HTMLInputElement, take: Take): Promise<void> {
  const [picture] = file.files ?? []
  if (!picture) return
  const text = await readPicture(picture).catch(() => undefined)
  file.value = ''
  if (!screen.shown()) return
  if (text === undefined) showFaults(screen, [{ field: 'picture', text: say('noQr') }])
  else await take(text, 'picture')
}

/** This browser has no app: of the same phone's login page, or of a phone's own camera that read a QR. */
function showNoApp(fromLink: boolean): void {
  const samePhone = document.referrer.startsWith(`${location.origin}/login/`)
  const screen = show('no-app', {}, [samePhone ? 'same' : 'other', ...(fromLink ? ['link'] : [])])
  screen.on('back', () => history.back())
}

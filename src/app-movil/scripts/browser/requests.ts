import { call, offline, unknownPhone, type Answer } from './api.ts'
import { island } from './island.ts'
import { followRequests } from './live.ts'
import type { Phone } from './phone-store.ts'
import { go, render } from './route.ts'
import { shownScreen, tell } from './screen.ts'
import { say } from './island.ts'
import { state } from './state.ts'
import type { ShownRequest } from './words.ts'

/** Where a request is shown as soon as it comes; everywhere else the citizen is in the middle of something, and is told. */
const idle: readonly (string | undefined)[] = ['home', 'result', 'pin']

export function startLive(phone: Phone): void {
  state.live?.stop()
  state.live = followRequests({ phone, locale: island.locale, told, ended: () => void askAgain() })
}

/** Asks how the phone stands now, out of turn. */
export async function askAgain(): Promise<void> {
  const { phone } = state
  if (phone) told(await call({ method: 'GET', path: '/request', phone, locale: island.locale }))
}

/** Takes in what the server says of what waits. */
export function told(answer: Answer<ShownRequest | undefined>): void {
  if (!answer.ok) {
    if (answer.problem.code === unknownPhone) end()
    else showConnection(answer.problem.code !== offline)
    return
  }
  showConnection(true)
  const next = answer.body?.id === state.decided ? undefined : answer.body
  const before = state.pending
  state.pending = next
  if (before?.id === next?.id) return
  if (next) arrived()
  else if (shownScreen() === 'request') go('/app/request', 'replace')
  showBanner()
}

function arrived(): void {
  if (idle.includes(shownScreen())) go('/app/request')
  else if (shownScreen() === 'request') render()
  else tell(say('waits'))
}

/** The phone is none any more, for whatever reason. */
export function end(): void {
  state.live?.stop()
  state.ended = state.phone !== undefined
  state.pending = undefined
  showBanner()
  go('/app', 'replace')
}

/** A request that came while the citizen is at something else. */
export function showBanner(): void {
  const banner = document.getElementById('banner')
  if (banner) banner.hidden = state.pending === undefined
}

function showConnection(connected: boolean): void {
  const line = document.querySelector<HTMLElement>('[data-part="connection"]')
  if (!line || line.hidden === connected) return
  line.hidden = connected
  if (!connected) tell(line.textContent ?? '')
}

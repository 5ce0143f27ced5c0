import { call, unknownPhone } from '../api.ts'
import { island, say } from '../island.ts'
import { forgetPhone, keepPhone } from '../phone-store.ts'
import { canPush, hasPush, turnOffPush, turnOnPush } from '../push.ts'
import { end, showBanner } from '../requests.ts'
import { go, stillHere } from '../route.ts'
import { show, showFaults, tell, type Screen } from '../screen.ts'
import { state } from '../state.ts'
import { install, readAbout } from './home.ts'
import { showProblem } from './trouble.ts'

export async function showSettings(): Promise<void> {
  if (!state.phone || state.ended) return end()
  const here = stillHere()
  const about = await readAbout()
  const push = await pushCase()
  if (!about || !here()) return
  const activated = new Intl.DateTimeFormat(island.locale, { dateStyle: 'long' }).format(new Date(about.activated))
  const cases = [push, about.unlock ? 'unlock' : 'basic', ...(state.install ? ['install'] : [])]
  const screen = show('settings', { name: about.name, activated }, cases)
  screen.on('install', install)
  screen.on('notify', () => turn(screen, true))
  screen.on('quiet', () => turn(screen, false))
}

async function pushCase(): Promise<string> {
  if (!canPush()) return 'pushless'
  if (Notification.permission === 'denied') return 'blocked'
  return (await hasPush()) ? 'on' : 'off'
}

async function turn(screen: Screen, on: boolean): Promise<void> {
  const { phone } = state
  if (!phone) return end()
  if (!on) await turnOffPush(phone)
  const notifications = on && (await turnOnPush(phone))
  state.phone = { ...phone, notifications }
  await keepPhone(state.phone)
  if (!screen.shown()) return
  if (on && !notifications && Notification.permission !== 'denied')
    return showFaults(screen, [{ text: say('pushFailed') }])
  await showSettings()
  tell(say(notifications ? 'pushOn' : 'pushOff'))
}

/** Cl@ve Móvil leaves this phone. */
export function showRemove(): void {
  if (!state.phone || state.ended) return end()
  const screen = show('remove')
  screen.on('remove', () => remove(screen))
}

async function remove(screen: Screen): Promise<void> {
  const { phone } = state
  if (!phone) return end()
  const answer = await call({ method: 'DELETE', path: '/phone', phone, locale: island.locale })
  if (!answer.ok && answer.problem.code !== unknownPhone) return showProblem(screen, answer.problem)
  state.live?.stop()
  await turnOffPush(undefined)
  await forgetPhone()
  Object.assign(state, { phone: undefined, about: undefined, pending: undefined, live: undefined, ended: false })
  showBanner()
  show('removed')
  history.replaceState(null, '', '/app')
}

/** Screens that are read and no more. */
export const showGestiones = (): void => {
  if (!state.phone || state.ended) return go('/app', 'replace')
  show('gestiones')
}
export const showHelp = (): void => {
  show('help', {}, state.phone && !state.ended ? ['active'] : [])
}

import { call } from '../api.ts'
import { island, say } from '../island.ts'
import { keepPhone } from '../phone-store.ts'
import { canPush, turnOnPush } from '../push.ts'
import { end } from '../requests.ts'
import { go } from '../route.ts'
import { show, showFaults, type Screen } from '../screen.ts'
import { state } from '../state.ts'
import { hasUnlock, makeCredential } from '../unlock.ts'
import { showProblem } from './trouble.ts'

/** What the end of an activation tells. */
interface Outcome {
  /** Another phone lost Cl@ve Móvil. */
  readonly former: boolean
}

/** The phone's own unlock, without which only basic procedures are open. */
export async function showUnlock(outcome: Outcome): Promise<void> {
  if (!state.phone || state.ended) return end()
  const screen = show('unlock', {}, (await hasUnlock()) ? ['able'] : [])
  screen.on('protect', () => protect(screen, outcome))
  screen.on('skip', () => showNotify(outcome))
}

async function protect(screen: Screen, outcome: Outcome): Promise<void> {
  const { phone } = state
  if (!phone) return end()
  const asked = { path: '/phone/unlock', phone, locale: island.locale } as const
  const options = await call<Readonly<Record<string, unknown>>>({ ...asked, method: 'POST' })
  if (!options.ok) return showProblem(screen, options.problem)
  const credential = await makeCredential(options.body)
  if (!screen.shown()) return
  if (!credential) return showFaults(screen, [{ text: say('unlockFailed') }])
  const kept = await call({ ...asked, method: 'PUT', body: { credential } })
  if (!kept.ok) return showProblem(screen, kept.problem)
  state.phone = { ...phone, credential: String(credential['id']) }
  state.about = undefined
  await keepPhone(state.phone)
  showNotify(outcome)
}

/** Asked with its reason, and only where it can be answered. */
function showNotify(outcome: Outcome): void {
  if (!canPush() || Notification.permission === 'denied') return showActivated(outcome)
  const screen = show('notify')
  const choose = async (wanted: boolean) => {
    const { phone } = state
    if (!phone) return end()
    const notifications = wanted && (await turnOnPush(phone))
    state.phone = { ...phone, notifications }
    await keepPhone(state.phone)
    showActivated(outcome)
  }
  screen.on('allow', () => choose(true))
  screen.on('skip', () => choose(false))
}

function showActivated({ former }: Outcome): void {
  const { phone } = state
  const cases = [
    former && 'former',
    phone?.credential === undefined && 'basic',
    phone?.notifications !== true && 'quiet',
  ]
  const screen = show(
    'activated',
    {},
    cases.filter((one) => one !== false),
  )
  screen.on('start', () => go('/app', 'replace'))
}

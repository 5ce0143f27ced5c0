import { call, type Problem } from '../api.ts'
import { island, say } from '../island.ts'
import { askAgain, end, showBanner } from '../requests.ts'
import { serverNow } from '../server-clock.ts'
import { clearFaults, show, showFaults, tell, type Screen } from '../screen.ts'
import { state } from '../state.ts'
import { proveUnlock } from '../unlock.ts'
import { decisionWord, type Decision, type ShownRequest } from '../words.ts'
import { showProblem, showTrouble } from './trouble.ts'

/** Milliseconds after which an open request is asked for again: it may have been cancelled at the other side. */
const lookAgain = 5_000

/** Who asks, from where, with which code: all that is needed to say yes or no. */
export function showRequest(): void {
  const { phone, pending: shown } = state
  if (!phone || state.ended) return end()
  if (!shown) return showResult('gone')
  const { agency, application = '', host, place, code = '' } = shown
  const words = { agency, application, host, address: place.address, browser: place.browser }
  const spoken = [...code].join(' ')
  const details = { ...words, first: code.slice(0, 3), second: code.slice(3), spoken }
  const screen = show('request', details, casesOf(shown))
  showBanner()
  countDown(screen, shown)
  const again = setInterval(() => void askAgain(), lookAgain)
  screen.whenLeft(() => clearInterval(again))
  for (const decision of ['approve', 'deny', 'report'] as const)
    screen.on(decision, () => decide(screen, shown, decision))
}

function casesOf({ path, application, place, code }: ShownRequest): string[] {
  return [
    path,
    ...(code === undefined ? ['typed'] : ['compared']),
    ...(application ? ['application'] : []),
    ...(place.browser === '' ? [] : ['browser']),
    ...(place.elsewhere ? ['elsewhere'] : []),
    ...(state.phone?.credential === undefined ? [] : ['unlock']),
  ]
}

async function decide(screen: Screen, shown: ShownRequest, decision: Decision): Promise<void> {
  const { phone } = state
  if (!phone) return end()
  clearFaults(screen)
  const input = screen.root.querySelector<HTMLInputElement>('#code')
  const code = shown.code ?? input?.value.replace(/\D/g, '') ?? ''
  if (decision === 'approve' && code.length !== 6)
    return showFaults(screen, [{ field: 'code', text: say('requestCodeForm') }])
  const jws = await decisionWord(phone, shown, decision, code)
  const { credential } = phone
  const assertion = decision === 'approve' && credential !== undefined ? await proveUnlock(jws, credential) : undefined
  if (!screen.shown()) return
  if (decision === 'approve' && credential !== undefined && !assertion)
    return showFaults(screen, [{ text: say('notUnlocked') }])
  const body = { request: shown.id, jws, ...(assertion ? { assertion } : {}) }
  const asked = { method: 'POST', path: '/request/decide', phone, body, locale: island.locale } as const
  const answer = await call<{ readonly decision: Decision; readonly back?: string }>(asked)
  if (!answer.ok) return notTaken(screen, answer.problem)
  state.decided = shown.id
  const back = answer.body.back
  showResult(decision, { agency: shown.agency, ...(back === undefined ? {} : { back }) })
}

function notTaken(screen: Screen, problem: Problem): void {
  if (problem.code === 'MOVIL-01-gone') return showResult('gone')
  showProblem(screen, problem.code === 'MOVIL-03-wrong-code' ? { ...problem, field: 'code' } : problem, ['code'])
}

type Result = Decision | 'gone'

/** What came of it. */
export function showResult(result: Result, details: Readonly<Record<string, string>> = {}): void {
  state.pending = undefined
  const back = details['back'] === undefined ? [] : ['back']
  show('result', { agency: '', ...details }, [result, ...back])
  history.replaceState(null, '', '/app')
  showBanner()
}

/** A request that came from a scan is taken in and shown, or it is said why not. */
export function takeScanned(screen: Screen, problem: Problem): void {
  if (/^(MOVIL-0[67]|offline)/.test(problem.code)) showProblem(screen, problem)
  else showTrouble(problem)
}

/**
 * The time that is left; told aloud when a minute is left, and at half a minute. Where server and phone do not agree on the
 * day (a test's moved clock), no time is shown: whether the request is still there is asked every few seconds anyway.
 */
function countDown(screen: Screen, { expires }: ShownRequest): void {
  const left = () => Math.round((Date.parse(expires) - serverNow()) / 1000)
  const line = screen.part('left')
  if (!(left() > 0 && left() <= 600)) return line.remove()
  const tick = () => {
    const seconds = left()
    if (seconds <= 0) return void askAgain()
    const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
    line.textContent = say('left', { time })
    if (seconds === 60 || seconds === 30) tell(line.textContent)
  }
  tick()
  const timer = setInterval(tick, 1000)
  screen.whenLeft(() => clearInterval(timer))
}

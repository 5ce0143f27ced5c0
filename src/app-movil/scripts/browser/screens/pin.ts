import { call } from '../api.ts'
import { island, say } from '../island.ts'
import { end } from '../requests.ts'
import { serverNow } from '../server-clock.ts'
import { clearFaults, show, showFaults, type Screen } from '../screen.ts'
import { state } from '../state.ts'
import { proveUnlock } from '../unlock.ts'
import { pinWord } from '../words.ts'
import { showProblem } from './trouble.ts'

interface ShownPin {
  readonly pin: string
  readonly agency: string
  /** ISO 8601. */
  readonly until: string
}

/** A PIN on the spot, in the place of an SMS. */
export function showPin(): void {
  const { phone } = state
  if (!phone || state.ended) return end()
  const screen = show('pin', {}, phone.credential === undefined ? [] : ['unlock'])
  screen.on('show', () => ask(screen))
}

async function ask(screen: Screen): Promise<void> {
  const { phone } = state
  if (phone?.credential === undefined) return end()
  clearFaults(screen)
  const word = await pinWord(phone)
  const assertion = await proveUnlock(word, phone.credential)
  if (!screen.shown()) return
  if (!assertion) return showFaults(screen, [{ text: say('pinNotUnlocked') }])
  const asked = { method: 'POST', path: '/pin', phone, locale: island.locale } as const
  const answer = await call<ShownPin | undefined>({ ...asked, body: { word, assertion } })
  if (!screen.shown()) return
  if (!answer.ok) return showProblem(screen, answer.problem)
  if (answer.body) showOne(answer.body)
  else showFaults(screen, [{ text: say('noPin') }])
}

function showOne({ pin, agency, until }: ShownPin): void {
  const at = new Date(until)
  const time = new Intl.DateTimeFormat(island.locale, { hour: '2-digit', minute: '2-digit' }).format(at)
  const half = Math.ceil(pin.length / 2)
  const groups = { first: pin.slice(0, half), second: pin.slice(half), spoken: [...pin].join(' ') }
  const screen = show('pin-shown', { agency, until: time, ...groups })
  screen.on('another', showPin)
  const left = at.getTime() - serverNow()
  if (!(left > 0 && left <= 3_600_000)) return
  // What works no more is not left standing.
  const timer = setTimeout(showPin, left)
  screen.whenLeft(() => clearTimeout(timer))
}

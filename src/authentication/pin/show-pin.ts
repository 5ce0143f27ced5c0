import { eventValues } from '../../audit/index.ts'
import type { Once } from '../../platform/index.ts'
import { isRefusal, refusal, type Refusal } from '../../refusal/index.ts'
import { admitCitizen } from '../judge-citizen.ts'
import type { Assertion, PhoneCall } from '../movil/contract.ts'
import type { MovilParts } from '../movil/parts.ts'
import { claimsOf, isTimely, wordLives } from '../movil/phone-words.ts'
import { counterOf } from '../movil/unlock.ts'
import { codeDigest, minutesUntil } from '../one-time-code.ts'
import { nextCodeAt } from '../one-time-code-table.ts'
import { findWaitingPin, putShownPin, type WaitingPin } from './shown-pin-table.ts'

/** "My PIN": what the phone signed (`clave-movil-pin+jwt`), and its own unlock for exactly that. */
export interface PinAsked {
  readonly word: string
  readonly assertion: Assertion
}

export interface PinShown {
  readonly pin: string
  /** Who asks for it: the citizen sees what the PIN is for. */
  readonly agency: string
  /** As the PIN that was sent. */
  readonly until: Date
}

type ShowPinParts = Pick<MovilParts, 'db' | 'clock' | 'random' | 'digest' | 'limits' | 'citizens' | 'baseUrl'> & {
  readonly once: Once
}

/**
 * Shows a PIN on the citizen's phone in the place of an SMS: for the newest of their logins that waits for one, and only
 * where the citizen asked for one there. The PIN of the SMS is dead from then on. `nothing`: none waits.
 *
 * Refused: MOVIL-04 (a phone without an unlock of its own shows none), MOVIL-02 (the word or the unlock is not right, or
 * was used before), PIN-03 (too many in an hour), and what the rules say of this citizen.
 */
export async function showPin(
  parts: ShowPinParts,
  call: PhoneCall,
  asked: PinAsked,
): Promise<PinShown | 'nothing' | Refusal> {
  const { device } = call
  if (!device.credential) return refusal('MOVIL-04-unlock-needed')
  const counter = await counterOf(parts, asked.word, asked.assertion, device.credential)
  if (counter === undefined || !(await isFresh(parts, call, asked.word))) return refusal('MOVIL-02-not-genuine')
  const citizen = await parts.citizens.find(device.citizen)
  for (const variant of ['pin', 'movil'] as const) {
    const admission = admitCitizen(citizen, variant)
    if (isRefusal(admission)) return admission
  }
  const waiting = await findWaitingPin(parts.db, device.citizen, parts.clock.now(), parts.limits.pinTries)
  return waiting ? show(parts, call, waiting, counter) : 'nothing'
}

/** Signed by this phone, for us, just now, and never said before. */
async function isFresh(parts: ShowPinParts, { device }: PhoneCall, word: string): Promise<boolean> {
  const claims = await claimsOf(word, 'clave-movil-pin+jwt', device, ['aud', 'jti', 'iat'])
  const { aud, jti, iat } = claims ?? {}
  if (aud !== parts.baseUrl || !isTimely(iat, parts.clock.wire())) return false
  if (typeof jti !== 'string' || !/^[\w-]{16,64}$/.test(jti)) return false
  return parts.once('movil-call', `${device.id}.pin.${jti}`, new Date((Number(iat) + 2 * wordLives) * 1000))
}

async function show(
  { db, clock, random, digest, limits }: ShowPinParts,
  { device: { id: device, citizen }, address }: PhoneCall,
  waiting: WaitingPin,
  counter: number,
): Promise<PinShown | 'nothing' | Refusal> {
  const pin = random.digits(limits.pinDigits)
  const now = clock.now()
  const put = { waiting, citizen, digest: codeDigest(digest, waiting.binding, pin), now, device, counter }
  const event = eventValues({
    kind: 'pin-shown',
    at: now,
    citizen,
    relyingParty: waiting.relyingParty,
    data: { device, address },
  })
  const allowed = { tries: limits.pinTries, perHour: limits.pinsPerHour }
  const shown = await putShownPin(db, { ...put, ...allowed }, event)
  if (shown === 'gone') return 'nothing'
  if (shown === 'not-genuine') return refusal('MOVIL-02-not-genuine')
  if (shown !== 'too-many') return { pin, agency: waiting.agency, until: shown.until }
  const next = await nextCodeAt(db, 'shown-pin', citizen, limits.pinsPerHour)
  return refusal('PIN-03-too-many', next && { count: minutesUntil(next, now) })
}

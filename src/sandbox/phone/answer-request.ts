import {
  answerCall,
  codeShown,
  decideRequest,
  findDeviceOf,
  openPending,
  openScanned,
  type Decision,
  type Device,
  type PhoneCall,
  type ShownRequest,
} from '../../authentication/index.ts'
import type { Citizens } from '../../citizen/index.ts'
import type { Machinery } from '../../machinery.ts'
import { isRefusal, type Refusal } from '../../refusal/index.ts'
import type { SandboxPhone, SandboxPhones } from './phone.ts'

interface AnswerParts extends Pick<Machinery, 'db' | 'store' | 'once' | 'clock' | 'random' | 'digest' | 'limits'> {
  readonly citizens: Citizens
  readonly baseUrl: string
  readonly phoneOf: SandboxPhones
}

/** What the citizen does with the phone in their hand. */
export interface PhoneWish {
  readonly document: string
  /** Our id of that citizen. */
  readonly citizen: string
  readonly decision: Decision
  /** What the QR or the link of the page that waits says: its address, or the token in it. It is opened first. */
  readonly qr: string | undefined
}

export interface PhoneAnswered {
  readonly request: string
  readonly decision: Decision
}

/** Why there is no answer: no phone, or not the test phone; or nothing that it could answer. */
export type NotAnswered = 'no-device' | 'other-device' | 'nothing-waits'

export type AnswerRequest = (wish: PhoneWish) => Promise<PhoneAnswered | NotAnswered | Refusal>

export const answersOf =
  (machinery: Machinery, citizens: Citizens, phoneOf: SandboxPhones): AnswerRequest =>
  (wish) =>
    answerRequest({ ...machinery, citizens, baseUrl: machinery.config.baseUrl, phoneOf }, wish)

/** The phone is in the same place as the browser. */
const caller = { address: '127.0.0.1', locale: 'es' } as const
const path = '/app/api/request/decide'

/**
 * Answers what waits in the citizen's test phone as the app does: a signed call, a signed decision, and the proof of the
 * phone's own unlock, all taken by the acts that every other phone meets.
 */
async function answerRequest(parts: AnswerParts, wish: PhoneWish): Promise<PhoneAnswered | NotAnswered | Refusal> {
  const device = await findDeviceOf(parts.db, wish.citizen)
  if (!device) return 'no-device'
  const phone = parts.phoneOf(wish.document)
  if (device.key.x !== phone.key.x || device.key.y !== phone.key.y) return 'other-device'
  const shown = await openRequest(parts, { device, ...caller }, wish.qr)
  if (!shown) return 'nothing-waits'
  return isRefusal(shown) ? shown : decide(parts, phone, device, shown, wish.decision)
}

function openRequest(
  parts: AnswerParts,
  call: PhoneCall,
  qr: string | undefined,
): Promise<ShownRequest | Refusal | undefined> {
  if (qr === undefined) return openPending(parts, call)
  return openScanned(parts, call, { token: qr.slice(qr.indexOf('#') + 1), browser: undefined })
}

async function decide(
  parts: AnswerParts,
  phone: SandboxPhone,
  { id, credential }: Device,
  shown: ShownRequest,
  decision: Decision,
): Promise<PhoneAnswered | Refusal> {
  const name = { id, counter: credential?.counter ?? 0 }
  // Where the code is to be typed the citizen reads it off the page that waits: the sandbox's eyes are on that page.
  const read = { ...shown, code: shown.code ?? codeShown(parts.digest, shown.id) }
  const said = { request: shown.id, ...phone.decide(name, read, decision) }
  const body = JSON.stringify(said)
  const word = phone.call(name, { method: 'POST', path, body })
  const call = await answerCall(parts, { word, method: 'POST', path, body }, caller)
  if (isRefusal(call)) return call
  const decided = await decideRequest(parts, call, said)
  return isRefusal(decided) ? decided : { request: shown.id, decision: decided.decision }
}

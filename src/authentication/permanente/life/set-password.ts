import { isRefusal, refusal, type Refusal } from '../../../refusal/index.ts'
import { redeemActivationCode } from '../../../registration/index.ts'
import type { AuditEvent } from '../../../audit/index.ts'
import type { Citizen } from '../../../citizen/index.ts'
import type { EmailText } from '../../../messaging/index.ts'
import type { StartTurn, Tx } from '../../../platform/index.ts'
import { notHeard } from '../../recognise.ts'
import { normalPassword } from '../normal-password.ts'
import { findPassword, setPasswordByProof, type NewPassword, type Password } from '../password-table.ts'
import { openActivation, type JourneyKind, type Proven } from './journey.ts'
import { isKept, judgePassword, type Verdicts } from './judge-password.ts'
import type { Caller, LifeParts } from './parts.ts'
import { tellOf } from '../tell.ts'
import { undoable } from './undone.ts'

type Journey = Pick<StartTurn['journey'], 'id' | 'begun'>

export type PasswordSet =
  | 'set'
  /** Rules are broken, and nothing was used up. */
  | { readonly broken: Verdicts }
  /** The proof was used, by another request of this journey or by time. */
  | 'gone'
  /** The activation code was used meanwhile, elsewhere. */
  | 'activation-dead'
  | Refusal

/**
 * Sets the password of a citizen who proved to have the phone and the activation code, or phone and contrast (P): the
 * password is as good as new, the failures of what was shown are forgotten and the browser is known from then on, and with
 * the former password goes what known browsers failed at, or it would not be unblocked at all. All sessions but the
 * present one end, the citizen is told. One transaction; the statement that takes the proof away
 * decides it, the activation code's own statement whether it stands.
 */
export async function setPassword(
  parts: LifeParts,
  journey: Journey,
  proven: Proven,
  caller: Caller,
  typed: string,
): Promise<PasswordSet> {
  const citizen = await parts.citizens.find(proven.who.citizen)
  if (!citizen) return 'gone'
  const old = await findPassword(parts.db, citizen.id)
  if (old && isSetBy(journey, old)) return 'set'
  const verdicts = await judgePassword(parts, typed, citizen, old?.hash)
  if (isRefusal(verdicts)) return verdicts
  if (!isKept(verdicts)) return { broken: verdicts }
  const hash = await parts.hashes.hash(normalPassword(typed))
  if (isRefusal(hash)) return hash
  const kind = old ? 'recover' : 'activate'
  const password = newPassword(parts, citizen, hash, kind, proven, caller)
  // Before, so that no older session goes on under the new password if all ends between here and the last line.
  await parts.endSessionsOf(citizen.id, caller.session)
  const answer = await undoable<Written>(parts.db, (tx, undo) =>
    write(parts, tx, undo, { journey, proven, caller, password }),
  )
  if (answer === 'gone') return (await isSetMeanwhile(parts, journey, citizen)) ? 'set' : 'gone'
  // A login that was under way with the old password may have opened one more since.
  if (answer === 'set') await parts.endSessionsOf(citizen.id, caller.session)
  return answer
}

/** By another request of this journey, or by one that was killed before it could say so. */
const isSetBy = (journey: Journey, password: Password): boolean => password.set.getTime() > journey.begun

async function isSetMeanwhile({ db }: LifeParts, journey: Journey, { id }: Citizen): Promise<boolean> {
  const password = await findPassword(db, id)
  return password !== undefined && isSetBy(journey, password)
}

function newPassword(
  parts: LifeParts,
  citizen: Citizen,
  hash: string,
  kind: JourneyKind,
  proven: Proven,
  { browser, address }: Caller,
): NewPassword {
  const now = parts.clock.now()
  const how = proven.activation === undefined ? 'contrast-and-code' : 'activation-code'
  const by = { browser, address }
  const event: AuditEvent =
    kind === 'activate'
      ? { kind: 'permanente-activated', at: now, citizen: citizen.id, data: by }
      : { kind: 'permanente-recovered', at: now, citizen: citizen.id, data: { how, ...by } }
  const text: EmailText = kind === 'activate' ? { kind: 'activation-used' } : { kind: 'password-changed', at: now }
  const expires = parts.clock.in(parts.limits.passwordLifetime)
  return { citizen: citizen.id, hash, now, expires, ...tellOf(parts, citizen, event, text) }
}

type Written = 'set' | 'gone' | 'activation-dead' | Refusal

interface Writing {
  readonly journey: Journey
  readonly proven: Proven
  readonly caller: Caller
  readonly password: NewPassword
}

async function write(
  parts: LifeParts,
  tx: Tx,
  undo: (answer: Written) => never,
  { journey, proven, caller, password }: Writing,
): Promise<Written> {
  const { who, activation } = proven
  const since = parts.clock.in(-parts.limits.loginLongest)
  const proof = { journey: journey.id, since, first: activation !== undefined }
  // In the order in which a wrong password is counted and then blocks, or the two could wait for each other.
  await parts.lockout.replaced(tx, 'password', who.document)
  if (!(await setPasswordByProof(tx, proof, password))) undo('gone')
  if (activation !== undefined) {
    const typed = openActivation(parts, journey.id, activation)
    if ((await redeemActivationCode(tx, parts, who.citizen, typed)) !== 'right') undo('activation-dead')
  }
  if (!(await parts.lockout.completed(tx, who.document, caller.browser, who.known, ['contrast', 'code'])))
    undo(await whyNotHeard(parts, tx, who.document, caller))
  return 'set'
}

async function whyNotHeard(parts: LifeParts, tx: Tx, document: string, { browser }: Caller): Promise<Refusal> {
  const { refusedUntil } = await parts.lockout.standing(tx, document, browser, ['contrast', 'code'])
  return notHeard(refusedUntil, parts.clock.now()) ?? refusal('CITIZEN-02-too-many-tries')
}

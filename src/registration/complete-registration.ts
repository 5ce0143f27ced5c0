import { noteEvent } from '../audit/index.ts'
import { citizensIn, type RegistrationLevel } from '../citizen/index.ts'
import type { CivilRecord } from '../civil-register/index.ts'
import type { Locale, Tx } from '../platform/index.ts'
import { isRefusal, refusal, type Refusal } from '../refusal/index.ts'
import { putActivationCode } from './activation-codes.ts'
import { whyNotOnline, type Caller } from './identify-person.ts'
import type { Contact, Proof, Who } from './journey.ts'
import { letterTable } from './letter/letter-table.ts'
import { channelRules } from './levels.ts'
import type { RegistrationParts } from './parts.ts'
import { makeReceipt } from './receipt.ts'
import { recordTable } from './pin24h/record-table.ts'
import { registerCitizen, type Registered } from './register-citizen.ts'
import { layMessage, newsExpires } from './tell.ts'
import { termsVersion } from './terms.ts'

/** Everything that was shown, and the terms accepted. */
export interface Completing {
  /** Opaque; a second try of the same journey meets what the first one did. */
  readonly journey: string
  readonly who: Who
  readonly proof: Proof
  readonly contact: Contact
  /** The activation code, drawn for this journey: whichever try wins, it is the one on the receipt. */
  readonly code: string
  readonly locale: Locale
}

export interface Completed {
  readonly citizen: string
  readonly level: RegistrationLevel
  /** Another citizen used this phone before. */
  readonly tookOver: boolean
}

/** Rolls the transaction back with what is to be answered. */
class Undone extends Error {
  readonly answer: Refusal
  constructor(answer: Refusal) {
    super(answer.refused)
    this.answer = answer
  }
}

/**
 * Registers: in ONE transaction what was shown (a letter, a record of PIN 24h) is used up by one statement, the person
 * registered, the activation code stored, and SMS, e-mail and audit laid. Of two browsers at once one wins and the other
 * hears REGISTER-12.
 */
export async function completeRegistration(
  parts: RegistrationParts,
  one: Completing,
  caller: Caller,
): Promise<Completed | Refusal> {
  const person = await parts.register.ask(one.who.document, parts.limits.registerWait)
  if (person === 'silent') return refusal('REGISTER-06-register-silent')
  if (!person) return refusal('CITIZEN-01-not-recognised')
  const why = whyNotOnline(person, undefined, parts.clock.now())
  if (why) return why
  const receipt = one.contact.email === undefined ? undefined : await makeReceipt(parts, receiptOf(parts, person, one))
  try {
    return await parts.db.transaction((tx) => complete(tx, parts, one, person, receipt, caller))
  } catch (error) {
    if (error instanceof Undone) return error.answer
    throw error
  }
}

async function complete(
  tx: Tx,
  parts: RegistrationParts,
  one: Completing,
  person: CivilRecord,
  receipt: Buffer | undefined,
  { browser, address }: Caller,
): Promise<Completed | Refusal> {
  const { who, proof, contact, locale } = one
  const at = parts.clock.now()
  const { level } = channelRules[proof.channel]
  if (!(await useProof(tx, one, at, { browser, address }))) return whyLost(tx, parts, one)
  const registered = await registerCitizen(tx, parts, {
    person: { ...person, kind: who.kind },
    channel: proof.channel,
    ...contact,
    locale,
    terms: termsVersion,
    origin: { browser, address },
  })
  if (isRefusal(registered)) throw new Undone(registered)
  const { citizen } = registered
  if (proof.channel === 'pin24h') {
    const data = { level, terms: termsVersion, browser, address }
    await noteEvent(tx, { kind: 'pin24h-migrated', at, citizen, data })
  }
  await putActivationCode(tx, parts, citizen, one.code)
  await sendReceipt(tx, parts, one, registered, receipt)
  await parts.lockout.completed(tx, who.document, browser, who.known, ['contrast', 'code'])
  return { citizen, level, tookOver: registered.former !== undefined }
}

/** True for the one try of any number that may go on. */
async function useProof(
  tx: Tx,
  { who: { document }, proof, contact, journey }: Completing,
  now: Date,
  { browser, address }: Caller,
): Promise<boolean> {
  if (proof.channel === 'pin24h') {
    // Who redeems the letter of this person at the same moment takes it before the record: so does this, or both would wait.
    await letterTable.hold(tx, document)
    return recordTable.migrate(tx, { document, phone: contact.phone, journey, now })
  }
  const letter = await letterTable.redeem(tx, document, proof.csv, journey, now)
  if (letter === undefined) return false
  await noteEvent(tx, { kind: 'letter-redeemed', at: now, data: { letter, browser, address } })
  return true
}

/** A try before this one may have won without its browser hearing of it. */
async function whyLost(tx: Tx, { clock }: RegistrationParts, one: Completing): Promise<Completed | Refusal> {
  const { who, proof, journey } = one
  const letter = proof.channel === 'letter'
  const usedBy = letter
    ? await letterTable.usedBy(tx, who.document, proof.csv)
    : await recordTable.migratedBy(tx, who.document)
  const citizen = (await citizensIn(tx, clock).byDocument(who.document))?.citizen
  if (usedBy === journey && citizen?.registration)
    return { citizen: citizen.id, level: citizen.registration.level, tookOver: false }
  // Registered another way meanwhile, the letter is dead or the record used up as well.
  if (usedBy !== undefined || citizen?.registration) return refusal('REGISTER-12-other-was-faster')
  return refusal(letter ? 'REGISTER-10-no-letter' : 'REGISTER-13-expired')
}

async function sendReceipt(
  tx: Tx,
  parts: RegistrationParts,
  { contact, locale }: Completing,
  { citizen }: Registered,
  receipt: Buffer | undefined,
): Promise<void> {
  if (contact.email === undefined || receipt === undefined) return
  const filename = parts.i18n.translator(locale)('register:receipt.file')
  const message = parts.messages.email({
    key: parts.random.uuid(),
    to: contact.email,
    citizen,
    locale,
    text: { kind: 'receipt' },
    expires: newsExpires(parts),
    attachments: [{ filename, type: 'application/pdf', content: receipt }],
  })
  await layMessage(tx, message)
}

function receiptOf({ clock }: RegistrationParts, person: CivilRecord, { code, locale, proof }: Completing) {
  const { document, name } = person
  return { document, name, channel: proof.channel, at: clock.now(), code, locale } as const
}

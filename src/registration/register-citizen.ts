import {
  citizensIn,
  putRegistration,
  takePhone,
  type CitizenName,
  type Contrast,
  type DocumentKind,
  type FormerOwner,
  type RegistrationChannel,
} from '../citizen/index.ts'
import { noteEvent } from '../audit/index.ts'
import type { Locale, Tx } from '../platform/index.ts'
import { refusal, type Refusal } from '../refusal/index.ts'
import { killLetter } from './letter/kill-letter.ts'
import { channelRules } from './levels.ts'
import type { ActParts, Origin } from './parts.ts'
import { recordTable } from './pin24h/record-table.ts'
import { maskPhone, tellBySms, tellFormerOwner } from './tell.ts'

export interface Registering {
  /** As the civil register knows them. */
  readonly person: {
    readonly document: string
    readonly kind: DocumentKind
    readonly name: CitizenName
    readonly contrast: Contrast | undefined
  }
  readonly channel: RegistrationChannel
  /** Proven by a code in this very registration, E.164. */
  readonly phone: string
  readonly email: string | undefined
  readonly locale: Locale
  /** The version of the terms that were accepted. */
  readonly terms: string
  readonly origin?: Origin
}

export interface Registered {
  readonly citizen: string
  /** Who used the phone before and does not any more. */
  readonly former: FormerOwner | undefined
}

/**
 * Registers a person at the level that the channel gives: row, phone, audit and the welcome SMS, in this transaction. Of
 * any number of callers for one document one wins. A refusal (already registered, renounced, died) registered nobody, and
 * the transaction is to be rolled back.
 */
export async function registerCitizen(tx: Tx, parts: ActParts, one: Registering): Promise<Registered | Refusal> {
  const { person, channel, phone, email, locale, terms, origin } = one
  const { level, afterRenuncia } = channelRules[channel]
  const at = parts.clock.now()
  // A way that is not the letter leaves it nothing to do. Letter, record, citizen: every way takes the rows in this order.
  if (channel !== 'letter') await killLetter(tx, person.document, 'registered', at)
  // Whichever way, a record of PIN 24h is over with it; the audit knows the person by its id already.
  const id = (await recordTable.useUp(tx, person.document, at)) ?? parts.random.uuid()
  const row = { ...person, id, email, locale, level, channel, at, afterRenuncia }
  const citizen = await putRegistration(tx, row)
  if (citizen === undefined) return whyNot(tx, parts, person.document)
  await noteEvent(tx, { kind: 'registered', at, citizen, data: { channel, level, terms, ...origin } })
  await tellBySms(tx, parts, { citizen, phone, locale }, { kind: 'welcome', level })
  return { citizen, former: await givePhone(tx, parts, citizen, phone) }
}

/**
 * Gives a registered citizen a phone that was proven by a code: one mobile, one citizen, so its use by another one ends,
 * who is told.
 */
export async function givePhone(
  tx: Tx,
  parts: ActParts,
  citizen: string,
  phone: string,
): Promise<FormerOwner | undefined> {
  const at = parts.clock.now()
  const former = await takePhone(tx, citizen, phone, at)
  if (former === undefined) return undefined
  await noteEvent(tx, { kind: 'phone-taken-over', at, citizen: former.id, data: { phone: maskPhone(phone) } })
  await tellFormerOwner(tx, parts, former, phone)
  return former
}

async function whyNot(tx: Tx, { clock }: ActParts, document: string): Promise<Refusal> {
  const citizen = (await citizensIn(tx, clock).byDocument(document))?.citizen
  if (citizen?.deceased) return refusal('REGISTER-03-deceased')
  return refusal(citizen?.registration ? 'REGISTER-04-already-registered' : 'REGISTER-05-renounced')
}

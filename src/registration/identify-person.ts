import { matchesContrast, type Citizen, type ContrastClaim } from '../citizen/index.ts'
import { isExpired, isMinor, type CivilRecord } from '../civil-register/index.ts'
import type { Visit } from '../platform/index.ts'
import { isRefusal, refusal, type Refusal } from '../refusal/index.ts'
import type { InTurn } from '../lockout/index.ts'
import { countAtLetter, isInvited } from './letter/check-csv.ts'
import type { RegistrationParts } from './parts.ts'

export interface IdentifyParts extends RegistrationParts {
  readonly inTurn: InTurn
}

export interface Claim {
  /** In its normal form. */
  readonly document: string
  readonly contrast: ContrastClaim
  /** As `readCsv` made it; undefined: none was typed. */
  readonly csv?: string | undefined
}

/** Who a browser is, as far as failures are counted. */
export type Caller = Pick<Visit, 'address'> & { readonly browser: string }

export interface Identified {
  readonly person: CivilRecord
  /** Our row of the person, where there is one. */
  readonly citizen: Citizen | undefined
  /** Whether this browser completed a login of this citizen before. */
  readonly known: boolean
}

/** Windows that slow down count failures here beside those of the agencies. */
const door = 'register'

/**
 * Who has this document and this contrast, says the civil register.
 *
 * The same statements run in the same order whether the document is unknown, registered, blocked, a deceased person's or
 * good, and the answer is the same (ENS op.acc.5.7; clave-domain, "Never"): CITIZEN-01, or CITIZEN-02 while tries at it
 * are refused, when nothing is compared but the code of an invitation letter: whoever has it is heard nevertheless, and a
 * contrast that is wrong beside it counts at the letter. How failures count: `Lockout.standingToRegister`. The register's
 * silence is nobody's failure.
 */
export async function identifyPerson(
  parts: IdentifyParts,
  caller: Caller,
  claim: Claim,
): Promise<Identified | Refusal> {
  await parts.slowDown.check(caller.address, door)
  const compared = await parts.inTurn(claim.document, () => compare(parts, caller, claim))
  if (isRefusal(compared) && counted.has(compared.refused)) await parts.slowDown.failed(caller.address, door)
  return compared
}

const counted: ReadonlySet<string> = new Set(['CITIZEN-01-not-recognised', 'CITIZEN-02-too-many-tries'])

async function compare(
  parts: IdentifyParts,
  { browser, address }: Caller,
  { document, contrast, csv }: Claim,
): Promise<Identified | Refusal> {
  const [record, { known, refusedUntil }] = await Promise.all([
    parts.citizens.byDocument(document),
    parts.lockout.standingToRegister(parts.db, document, browser, address),
  ])
  const refused = notHeard(parts, refusedUntil)
  const invited = refused && csv !== undefined && (await isInvited(parts, document, csv))
  if (refused && !invited) return refused
  const person = await parts.register.ask(document, parts.limits.registerWait)
  if (person === 'silent') return refusal('REGISTER-06-register-silent')
  const right = matchesContrast(person?.contrast, contrast)
  if (person && right) return { person, citizen: record?.citizen, known }
  if (refused) {
    await countAtLetter(parts, document)
    return refused
  }
  const failed = await parts.lockout.failedToRegister(parts.db, document, known, address)
  return notHeard(parts, failed.refusedUntil) ?? refusal('CITIZEN-01-not-recognised')
}

/** What everybody hears while tries at a document are refused. */
export function notHeard({ clock }: RegistrationParts, refusedUntil: Date | undefined): Refusal | undefined {
  if (!refusedUntil) return undefined
  const minutes = Math.ceil((refusedUntil.getTime() - clock.now().getTime()) / 60_000)
  return refusal('CITIZEN-02-too-many-tries', { count: Math.max(1, minutes) })
}

/** A wrong secret of somebody whose contrast was right (IBAN, code by SMS) counts as at login; what is said of it. */
export async function countFailure(
  parts: RegistrationParts,
  factor: 'contrast' | 'code',
  { document, known }: { readonly document: string; readonly known: boolean },
  address: string,
): Promise<Refusal | undefined> {
  const [{ refusedUntil }] = await Promise.all([
    parts.lockout.failed(parts.db, factor, document, known),
    parts.slowDown.failed(address, door),
  ])
  return notHeard(parts, refusedUntil)
}

export const slowDownHere = ({ slowDown }: RegistrationParts, address: string): Promise<void> =>
  slowDown.check(address, door)

/**
 * Why this person cannot register online (clave-domain, "Registering"); said only to who knows the contrast. A renuncia
 * closes the ways that are open here; an expired document refuses registration, not login.
 */
export function whyNotOnline(person: CivilRecord, citizen: Citizen | undefined, now: Date): Refusal | undefined {
  if (person.deceased || citizen?.deceased) return refusal('REGISTER-03-deceased')
  if (citizen?.registration) return refusal('REGISTER-04-already-registered')
  if (isMinor(person, now)) return refusal('REGISTER-02-minor')
  if (isExpired(person, now)) return refusal('REGISTER-01-document-expired')
  return citizen?.renouncedAt ? refusal('REGISTER-05-renounced') : undefined
}

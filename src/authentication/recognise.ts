import { matchesContrast, type Citizen, type Citizens, type ContrastClaim } from '../citizen/index.ts'
import { isMinor, type CivilRecord, type CivilRegister } from '../civil-register/index.ts'
import type { InTurn, Limits, Lockout, SlowDown } from '../lockout/index.ts'
import type { Clock, Db } from '../platform/index.ts'
import { isRefusal, refusal, type Refusal } from '../refusal/index.ts'
import type { Login } from './method.ts'
import { minutesUntil } from './one-time-code.ts'

export interface RecogniseParts {
  readonly db: Db
  readonly clock: Clock
  readonly limits: Limits
  readonly citizens: Citizens
  readonly register: CivilRegister
  readonly lockout: Lockout
  readonly slowDown: SlowDown
  readonly inTurn: InTurn
}

export interface IdentityClaim {
  /** In its normal form. */
  readonly document: string
  readonly contrast: ContrastClaim
}

export interface Recognised {
  readonly citizen: Citizen
  /** Whether this browser completed a login of this citizen before. */
  readonly known: boolean
}

/**
 * Who has this document and this contrast: a citizen with a registration, or why not.
 *
 * Until the contrast is right, the same statements run in the same order whether the document is unknown, unregistered,
 * blocked, a deceased person's or good, and the answer is the same (ENS op.acc.5.7; clave-domain, "Never"). Only after it
 * is right is anything said about the person. Failures are counted for every document, known or not, so that a document
 * refused for them (CITIZEN-02) tells nothing either; then nothing is compared, whether right or wrong.
 */
export async function recogniseCitizen(
  parts: RecogniseParts,
  login: Login,
  claim: IdentityClaim,
): Promise<Recognised | Refusal> {
  const { address, relyingParty } = login
  await parts.slowDown.check(address, relyingParty.id)
  const compared = await parts.inTurn(claim.document, () => compare(parts, login, claim))
  if (isRefusal(compared)) {
    // A line that was too long says nothing of who stood in it.
    if (compared.refused !== 'BUSY-01-try-again') await parts.slowDown.failed(address, relyingParty.id)
    return compared
  }
  const { citizen, known } = compared
  if (citizen?.registration && !citizen.deceased) return { citizen, known }
  return whyNot(parts, claim.document, citizen, compared.person)
}

interface Compared {
  readonly citizen: Citizen | undefined
  readonly known: boolean
  /** What the civil register said, where it was asked. */
  readonly person: Answer
}
type Answer = CivilRecord | 'silent' | undefined

/** Compares with our copy, then, where they differ, with the civil register: a DNI may have been renewed. */
async function compare(
  parts: RecogniseParts,
  login: Login,
  { document, contrast }: IdentityClaim,
): Promise<Compared | Refusal> {
  const [record, { known, refusedUntil }] = await Promise.all([
    parts.citizens.byDocument(document),
    parts.lockout.standing(parts.db, document, login.browser, ['contrast']),
  ])
  // Not heard is not counted either: an owner who tries again and again would only wait the longer.
  const refused = notHeard(refusedUntil, parts.clock.now())
  if (refused) return refused
  if (matchesContrast(record?.contrast, contrast)) return { citizen: record?.citizen, known, person: undefined }
  const person = await parts.register.ask(document, parts.limits.registerWait)
  const renewed = person === 'silent' ? undefined : person?.contrast
  if (matchesContrast(renewed, contrast) && renewed) {
    if (record) await parts.citizens.renewContrast(record.citizen.id, renewed)
    return { citizen: record?.citizen, known, person }
  }
  // The register's silence is nobody's failure.
  const failed = person === 'silent' ? undefined : await parts.lockout.failed(parts.db, 'contrast', document, known)
  return notHeard(failed?.refusedUntil, parts.clock.now()) ?? refusal('CITIZEN-01-not-recognised')
}

/** What everybody hears while tries at a document are refused. */
export const notHeard = (refusedUntil: Date | undefined, now: Date): Refusal | undefined =>
  refusedUntil && refusal('CITIZEN-02-too-many-tries', { count: minutesUntil(refusedUntil, now) })

/** The contrast is right, but there is no registration to log in with. */
async function whyNot(
  parts: RecogniseParts,
  document: string,
  citizen: Citizen | undefined,
  asked: Answer,
): Promise<Refusal> {
  if (citizen?.deceased) return refusal('CITIZEN-05-deceased')
  if (citizen?.renouncedAt) return refusal('CITIZEN-04-renounced')
  const person = asked ?? (await parts.register.ask(document, parts.limits.registerWait))
  if (!person || person === 'silent') return refusal('CITIZEN-03-not-registered')
  if (person.deceased) return refusal('CITIZEN-05-deceased')
  return refusal(isMinor(person, parts.clock.now()) ? 'CITIZEN-06-minor' : 'CITIZEN-03-not-registered')
}

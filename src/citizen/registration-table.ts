import { statement, type Tx } from '../platform/index.ts'
import { contrastValues } from './citizen-table.ts'
import type { CitizenName, Contrast, DocumentKind } from './citizen.ts'
import type { RegistrationChannel, RegistrationLevel } from './level.ts'

// The SQL by which a citizen's registration begins, rises and ends; all else of the table is in citizen-table.ts.

// Registering in advanced form, or being raised to it, proves the person at an office or with a certificate, as surely as
// lifting the blocks asks: they begin with every method. A basic registration proves less, so their blocks stay.
const register = statement<{ id: string }>(
  'citizen.register',
  `insert into citizen as was (id, document, kind, given_name, first_surname, second_surname, valid_until, issued_on,
     support_number, phone, email, locale, registration_level, registration_channel, registered_at, renounced_at, deceased,
     updated_at)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, null, $10, $11, $12, $13, $14, null, false, $14)
   on conflict (document) do update set
     given_name = excluded.given_name, first_surname = excluded.first_surname, second_surname = excluded.second_surname,
     valid_until = excluded.valid_until, issued_on = excluded.issued_on, support_number = excluded.support_number,
     phone = null, email = excluded.email, email_proven_at = null, locale = excluded.locale,
     registration_level = excluded.registration_level, registration_channel = excluded.registration_channel,
     registered_at = excluded.registered_at, renounced_at = null, updated_at = excluded.updated_at,
     blocked_methods = case when excluded.registration_level = 'advanced' then '{}' else was.blocked_methods end
   where was.registration_level is null and not was.deceased and (was.renounced_at is null or $15)
   returning id`,
)

const raise = statement<{ id: string }>(
  'citizen.raise',
  `update citizen set registration_level = 'advanced', registration_channel = $2, registered_at = $3, updated_at = $3,
     blocked_methods = '{}'
   where id = $1 and registration_level = 'basic' and not deceased returning id`,
)

const renounce = statement<{ document: string; phone: string | null; email: string | null; locale: string }>(
  'citizen.renounce',
  `update citizen set registration_level = null, registration_channel = null, registered_at = null,
     phone = null, email = null, email_proven_at = null, renounced_at = $2, updated_at = $2
   from (select id, phone, email from citizen where id = $1 for update) as former
   where citizen.id = former.id and registration_level is not null
   returning citizen.document, former.phone, former.email, citizen.locale`,
)

const lockPhone = statement('citizen.lock-phone', 'select pg_advisory_xact_lock(hashtextextended($1, 0))')

const releasing = statement<FormerOwnerRow>(
  'citizen.release-phone',
  `update citizen set phone = null, updated_at = $3
   where phone = $1 and id <> $2 and registration_level is not null returning id, email, locale`,
)

const taking = statement(
  'citizen.take-phone',
  'update citizen set phone = $1, updated_at = $3 where id = $2 and registration_level is not null',
)

interface FormerOwnerRow {
  readonly id: string
  readonly email: string | null
  readonly locale: string
}

/** A registration as it is written down, its phone apart (`takePhone`). */
export interface NewRegistration {
  /** Taken where the document is new to us. */
  readonly id: string
  readonly document: string
  readonly kind: DocumentKind
  readonly name: CitizenName
  readonly contrast: Contrast | undefined
  readonly email: string | undefined
  readonly locale: string
  readonly level: RegistrationLevel
  readonly channel: RegistrationChannel
  readonly at: Date
  /** Whether who gave a registration up may have one again this way. */
  readonly afterRenuncia: boolean
}

/**
 * One registration per document: of any number of callers at once one gets the citizen's id, and nobody where the person
 * is registered, died, or renounced and may not come back this way; then nothing changed.
 */
export async function putRegistration(tx: Tx, one: NewRegistration): Promise<string | undefined> {
  const row = await tx.row(register, [
    one.id,
    one.document,
    one.kind,
    one.name.given,
    one.name.firstSurname,
    one.name.secondSurname,
    ...contrastValues(one.contrast),
    one.email,
    one.locale,
    one.level,
    one.channel,
    one.at,
    one.afterRenuncia,
  ])
  return row?.id
}

/** From basic to advanced; false where there is no basic registration. */
export async function raiseRegistration(tx: Tx, id: string, channel: RegistrationChannel, now: Date): Promise<boolean> {
  return (await tx.row(raise, [id, channel, now])) !== undefined
}

/** What a citizen who renounced is told by. */
export interface FormerContact {
  readonly document: string
  readonly phone: string | undefined
  readonly email: string | undefined
  readonly locale: string
}

/** Ends a registration (renuncia) and forgets its contact data, which it answers; undefined where there was none. */
export async function endRegistration(tx: Tx, id: string, now: Date): Promise<FormerContact | undefined> {
  const row = await tx.row(renounce, [id, now])
  return row && { ...row, phone: row.phone ?? undefined, email: row.email ?? undefined }
}

/** Whose phone it was. */
export interface FormerOwner {
  readonly id: string
  readonly email: string | undefined
  readonly locale: string
}

/**
 * One mobile, one citizen: gives a proven phone to a registered citizen and ends its use by another one, whom it answers.
 * Who would take the same phone at the same time waits for the end of this transaction.
 */
export async function takePhone(tx: Tx, id: string, phone: string, now: Date): Promise<FormerOwner | undefined> {
  await tx.row(lockPhone, [phone])
  const former = await tx.row(releasing, [phone, id, now])
  await tx.row(taking, [phone, id, now])
  return former && { ...former, email: former.email ?? undefined }
}

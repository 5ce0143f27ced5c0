import { quickStatement, statement, type Sql, type Tx } from '../platform/index.ts'
import type { Citizen, CitizenOnRecord, Contrast, DocumentKind } from './citizen.ts'
import type { MethodName, RegistrationChannel, RegistrationLevel } from './level.ts'

/** Calendar days are YYYY-MM-DD text, without a time zone. */
interface CitizenRow {
  readonly id: string
  readonly document: string
  readonly kind: DocumentKind
  readonly given_name: string
  readonly first_surname: string
  readonly second_surname: string | null
  readonly valid_until: string | null
  readonly issued_on: string | null
  readonly support_number: string | null
  readonly phone: string | null
  readonly email: string | null
  readonly email_proven_at: Date | null
  readonly locale: string
  readonly registration_level: RegistrationLevel | null
  readonly registration_channel: RegistrationChannel | null
  readonly registered_at: Date | null
  readonly renounced_at: Date | null
  readonly deceased: boolean
  readonly blocked_methods: readonly MethodName[]
}

const columns = `id, document, kind, given_name, first_surname, second_surname, valid_until, issued_on, support_number,
  phone, email, locale, registration_level, registration_channel, registered_at, renounced_at, deceased,
  email_proven_at, blocked_methods`

const byId = quickStatement<CitizenRow>('citizen.by-id', `select ${columns} from citizen where id = $1`)
const byDocument = quickStatement<CitizenRow>(
  'citizen.by-document',
  `select ${columns} from citizen where document = $1`,
)

const put = statement<{ id: string }>(
  'citizen.put',
  `insert into citizen (${columns}, updated_at)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
   on conflict (document) do update set
     given_name = excluded.given_name, first_surname = excluded.first_surname, second_surname = excluded.second_surname,
     valid_until = excluded.valid_until, issued_on = excluded.issued_on, support_number = excluded.support_number,
     phone = excluded.phone, email = excluded.email, locale = excluded.locale,
     registration_level = excluded.registration_level, registration_channel = excluded.registration_channel,
     registered_at = excluded.registered_at, renounced_at = excluded.renounced_at, deceased = excluded.deceased,
     email_proven_at = excluded.email_proven_at, blocked_methods = excluded.blocked_methods,
     updated_at = excluded.updated_at
   returning id`,
)

const renewContrast = statement(
  'citizen.renew-contrast',
  `update citizen set valid_until = $2, issued_on = $3, support_number = $4, updated_at = $5 where id = $1`,
)

const proveEmail = statement<{ email: string | null }>(
  'citizen.prove-email',
  `update citizen set email = $2, email_proven_at = $3, updated_at = $3
   from (select id, email from citizen where id = $1 for update) as former
   where citizen.id = former.id and registration_level is not null and not deceased returning former.email`,
)

const blockMethods = statement<{ id: string }>(
  'citizen.block-methods',
  `update citizen set blocked_methods = $3, updated_at = $4
   where id = $1 and blocked_methods = $2 and registration_level is not null returning id`,
)

/** Undefined for whatever is no id of ours: an id may come back from outside. */
export async function findCitizen(sql: Sql, id: string): Promise<Citizen | undefined> {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return undefined
  const row = await sql.row(byId, [id])
  return row && citizenOf(row)
}

/** `document` in its normal form. */
export async function findCitizenByDocument(sql: Sql, document: string): Promise<CitizenOnRecord | undefined> {
  const row = await sql.row(byDocument, [document])
  return row && { citizen: citizenOf(row), contrast: contrastOf(row) }
}

/**
 * Writes the citizen of this document, whatever was there but the id: that stays for life. Answers it.
 * Throws (unique_violation) when the phone is another registered citizen's.
 */
export async function putCitizen(sql: Sql, { citizen, contrast }: CitizenOnRecord, now: Date): Promise<string> {
  const { name, registration } = citizen
  const row = await sql.row(put, [
    citizen.id,
    citizen.document,
    citizen.kind,
    name.given,
    name.firstSurname,
    name.secondSurname,
    ...contrastValues(contrast),
    citizen.phone,
    citizen.email,
    citizen.locale,
    registration?.level,
    registration?.channel,
    registration?.at,
    citizen.renouncedAt,
    citizen.deceased,
    citizen.emailProvenAt,
    citizen.blockedMethods,
    now,
  ])
  return row?.id ?? citizen.id
}

/** The document was renewed, says the civil register: its new contrast is the citizen's own from now on. */
export async function renewCitizenContrast(sql: Sql, id: string, contrast: Contrast, now: Date): Promise<void> {
  await sql.row(renewContrast, [id, ...contrastValues(contrast), now])
}

/**
 * The address was proven: it is the citizen's from now on. Answers what it was before; undefined, and nothing done, where
 * there is no registration any more.
 */
export async function putProvenEmail(
  tx: Tx,
  id: string,
  email: string,
  now: Date,
): Promise<{ readonly email: string | undefined } | undefined> {
  const row = await tx.row(proveEmail, [id, email, now])
  return row && { email: row.email ?? undefined }
}

/**
 * Writes which methods are blocked; false, and nothing done, where they are not `former` any more or the registration
 * ended: of any number of callers that decided on the same `former` one is answered true.
 */
export async function changeBlockedMethods(
  tx: Tx,
  id: string,
  change: { readonly former: readonly MethodName[]; readonly next: readonly MethodName[] },
  now: Date,
): Promise<boolean> {
  return (await tx.row(blockMethods, [id, change.former, change.next, now])) !== undefined
}

/** The validity date of a permanent DNI. */
const permanent = '9999-01-01'

/** valid_until, issued_on, support_number. */
export function contrastValues(contrast: Contrast | undefined): [string | null, string | null, string | null] {
  if (contrast?.kind === 'valid-until') return [contrast.date, null, null]
  if (contrast?.kind === 'issued') return [permanent, contrast.date, null]
  return [null, null, contrast?.number ?? null]
}

/** What these three columns say; of a DNI that is not permanent, the issue date is no contrast. */
export function contrastOf(
  row: Pick<CitizenRow, 'valid_until' | 'issued_on' | 'support_number'>,
): Contrast | undefined {
  if (row.support_number !== null) return { kind: 'support', number: row.support_number }
  if (row.valid_until === null) return undefined
  if (row.valid_until !== permanent) return { kind: 'valid-until', date: row.valid_until }
  return row.issued_on === null ? undefined : { kind: 'issued', date: row.issued_on }
}

function citizenOf(row: CitizenRow): Citizen {
  const { registration_level: level, registration_channel: channel, registered_at: at } = row
  return {
    id: row.id,
    document: row.document,
    kind: row.kind,
    name: {
      given: row.given_name,
      firstSurname: row.first_surname,
      secondSurname: row.second_surname ?? undefined,
    },
    phone: row.phone ?? undefined,
    email: row.email ?? undefined,
    emailProvenAt: row.email_proven_at ?? undefined,
    locale: row.locale,
    registration: level && channel && at ? { level, channel, at } : undefined,
    renouncedAt: row.renounced_at ?? undefined,
    deceased: row.deceased,
    blockedMethods: row.blocked_methods,
  }
}

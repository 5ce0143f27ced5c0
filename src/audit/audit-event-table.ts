import type { MethodName } from '../citizen/index.ts'
import { claimOnceSql, quickStatement, statement, type Sql } from '../platform/index.ts'
import { dataOf, type AuditEntry, type AuditEvent } from './event.ts'
import { eventKinds, type EventKind } from './events.ts'

/** The values of `noteEventSql`, in its order. */
export type EventValues = readonly [
  at: Date,
  kind: EventKind,
  citizen: string | null,
  relyingParty: string | null,
  data: string,
]

/** An event as a statement takes it, for the one who writes it in a statement of their own (`noteEventSql`). */
export const eventValues = (event: AuditEvent): EventValues => [
  event.at,
  event.kind,
  event.citizen ?? null,
  event.relyingParty ?? null,
  JSON.stringify(dataOf(event)),
]

/**
 * Two members of a `with` that write an event for each row of `from`, a member before them: nothing happens and nothing
 * is told where it has no row. The event's values (`eventValues`) are the parameters of the statement from `$first` on.
 * `name` tells two events of one statement apart.
 */
export function noteEventSql(from: string, first: number, name = 'noted'): string {
  const [at, kind, citizen, relyingParty, data] = Array.from({ length: 5 }, (_, nth) => `$${first + nth}`)
  return `${name} as (
     insert into audit_event (at, kind, citizen_id, relying_party, data)
     select ${at}::timestamptz, ${kind}, ${citizen}::uuid, ${relyingParty}, ${data}::jsonb from ${from} returning id
   ), ${name}_unsealed as (insert into audit_unsealed (id) select id from ${name})`
}

const note = quickStatement(
  'audit-event.note',
  `with noted as (
     insert into audit_event (at, kind, citizen_id, relying_party, data) values ($1, $2, $3, $4, $5) returning id
   ) insert into audit_unsealed (id) select id from noted`,
)

/** Writes one event, in one statement: in the transaction of the act that it tells of, or by itself. */
export async function noteEvent(sql: Sql, event: AuditEvent): Promise<void> {
  await sql.rows(note, eventValues(event))
}

/** The citizen's last login before the present one: "your last login was …" (ENS op.acc.5 R5). */
export interface FormerLogin {
  readonly at: Date
  readonly method: MethodName
  /** The agency's name; undefined where it is registered no more. */
  readonly relyingParty: string | undefined
}

interface FormerRow {
  readonly at: Date
  readonly method: MethodName
  readonly relying_party: string | null
}
// What several logins of one session told of is one visit: the last one outside of it is what the citizen is to know of.
const noteOfLogin = quickStatement<FormerRow>(
  'audit-event.note-login',
  `with ${claimOnceSql(6)}, ${noteEventSql('claimed', 1)}
   select former.at, former.data ->> 'method' as method, relying_party.name as relying_party
   from audit_event as former left join relying_party on relying_party.id = former.relying_party
   where former.citizen_id = $3::uuid and former.kind = 'login' and former.data ->> 'session' <> $5::jsonb ->> 'session'
   order by former.at desc, former.id desc limit 1`,
)

/**
 * Writes that a citizen identified, unless it was written under this name before; answers their last login in another
 * session. `expires` (wire time): when the name may be forgotten.
 */
export async function noteLogin(
  sql: Sql,
  event: Extract<AuditEvent, { kind: 'login' }>,
  once: { readonly id: string; readonly expires: Date },
): Promise<FormerLogin | undefined> {
  const row = await sql.row(noteOfLogin, [...eventValues(event), 'login', once.id, once.expires])
  return row && { at: row.at, method: row.method, relyingParty: row.relying_party ?? undefined }
}

interface EntryRow {
  readonly id: number
  readonly at: Date
  readonly kind: EventKind
  readonly citizen_id: string | null
  readonly relying_party: string | null
  readonly data: Readonly<Record<string, unknown>>
}
const columns = 'id, at, kind, citizen_id, relying_party, data'

// Those of one instant are told apart by their numbers, so that a page begins where the last one ended.
const history = statement<EntryRow>(
  'audit-event.history',
  `select ${columns} from audit_event
   where citizen_id = $1 and at >= $2 and (at, id) < ($3::timestamptz, $4::bigint) and kind = any($5::text[])
   order by at desc, id desc limit $6`,
)

/** What was told of a citizen, where to begin and how much. */
export interface HistoryAsked {
  /** Nothing older. */
  readonly from: Date
  readonly most: number
  /** Only what comes after this one in the list: the last of the page before. */
  readonly after?: Pick<AuditEntry, 'at' | 'id'>
  /** All unless told. */
  readonly kinds?: readonly EventKind[]
}

/** What is told of a citizen, newest first. */
export async function historyOf(sql: Sql, citizen: string, asked: HistoryAsked): Promise<readonly AuditEntry[]> {
  const { from, most, after, kinds = allKinds } = asked
  const rows = await sql.rows(history, [citizen, from, after?.at ?? 'infinity', after?.id ?? 0, kinds, most])
  return rows.map(entryOf)
}

const one = statement<EntryRow>(
  'audit-event.one',
  `select ${columns} from audit_event where id = $2 and citizen_id = $1`,
)

/** One event of the citizen's, by its number; undefined: there is none, or it is another's. */
export async function eventOf(sql: Sql, citizen: string, id: number): Promise<AuditEntry | undefined> {
  const row = await sql.row(one, [citizen, id])
  return row && entryOf(row)
}

const lastOf = statement<EntryRow>(
  'audit-event.last-login',
  `select ${columns} from audit_event
   where citizen_id = $1 and kind = 'login' and at < $2::timestamptz order by at desc, id desc limit 1`,
)

export type LoginEntry = Extract<AuditEntry, { kind: 'login' }>

/** The citizen's last login, or the last one before that instant: "your last login was …" (ENS op.acc.5 R5). */
export async function lastLogin(sql: Sql, citizen: string, before?: Date): Promise<LoginEntry | undefined> {
  const row = await sql.row(lastOf, [citizen, before ?? 'infinity'])
  return row && (entryOf(row) as LoginEntry)
}

const allKinds = Object.keys(eventKinds) as readonly EventKind[]

// What was written was an event of that kind.
const entryOf = ({ id, at, kind, citizen_id, relying_party, data }: EntryRow): AuditEntry =>
  ({
    id,
    at,
    kind,
    data,
    ...(citizen_id === null ? {} : { citizen: citizen_id }),
    ...(relying_party === null ? {} : { relyingParty: relying_party }),
  }) as AuditEntry

/** All of a row that a seal covers. */
export interface SealableRow {
  readonly id: number
  /** Microseconds since the epoch: all that the column holds. */
  readonly at: number
  readonly kind: string
  readonly citizen_id: string | null
  readonly relying_party: string | null
  readonly data: unknown
}
export const sealable = 'id, (extract(epoch from at) * 1000000)::bigint as at, kind, citizen_id, relying_party, data'

const scan = statement<SealableRow>(
  'audit-event.scan',
  `select ${sealable} from audit_event where id > $1 order by id limit $2`,
)
const neverQueued = statement<{ id: number }>(
  'audit-event.never-queued',
  `select id from audit_event
   where id > $1 and not exists (select from audit_unsealed where audit_unsealed.id = audit_event.id)
   order by id limit $2`,
)

/** What the verifier reads. */
export const auditEventTable = {
  /** The next rows above this number. */
  scan: (sql: Sql, above: number, most: number) => sql.rows(scan, [above, most]),
  /** Rows above this number that do not wait to be sealed. */
  neverQueued: async (sql: Sql, above: number, most: number) =>
    (await sql.rows(neverQueued, [above, most])).map(({ id }) => id),
}

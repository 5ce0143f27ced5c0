import { noteEventSql, type EventValues } from '../../audit/index.ts'
import type { LevelsAsked } from '../../citizen/index.ts'
import { layMessageSql, type Laying } from '../../messaging/index.ts'
import { statement, type Db, type Sql } from '../../platform/index.ts'
import type { RefusalCode } from '../../refusal/index.ts'
import type { Decision, MovilRequest, RequestPath } from './contract.ts'
import { lockPhone } from './device-table.ts'

/** Wrong codes that kill a request. */
export const codeTries = 3

/** A request is open while nobody decided on it and its time is not over. */
const open = (now: string) =>
  `decision is null and ended_at is null and expires_at > ${now} and failures < ${codeTries}`

interface RequestRow {
  readonly id: string
  readonly login: string
  readonly browser: string
  readonly path: RequestPath
  readonly citizen_id: string | null
  readonly device_id: string | null
  readonly relying_party: string
  readonly agency: string
  readonly application: string | null
  readonly asked: readonly string[]
  readonly address: string
  readonly agent: string
  readonly expires_at: Date
}
const columns =
  'id, login, browser, path, citizen_id, device_id, relying_party, agency, application, asked, address, agent, expires_at'

/** Ends what else waits for the citizen: one request at a time, since who asks stands behind `lockPhone`. */
const endOthers = (citizen: string, id: string, now: string, from: string) => `
  update movil_request set ended_at = ${now}, changed_at = ${now}
  where citizen_id = ${citizen} and id <> ${id} and decision is null and ended_at is null and expires_at > ${now}
    and exists (select from ${from})`

const claim = statement<RequestRow>(
  'movil-request.claim',
  `with phone as (
     select id, citizen_id from device where id = $5 and ended_at is null
   ), asked as (
     insert into movil_request (id, login, browser, path, device_id, citizen_id, relying_party, agency, application, asked,
                                address, agent, asked_at, expires_at, changed_at, decision, refused)
     select $1, $2, $3, $4, phone.id, phone.citizen_id, $6, $7, $8, $9, $10, $11, $12, $13, $12,
            case when $14::text is not null then 'refuse' end, $14
     from phone on conflict (id) do nothing returning ${columns}
   ), others as (${endOthers('(select citizen_id from phone)', '$1', '$12', 'asked')})
   select ${columns} from asked`,
)

/** What is asked of the phone that scanned. */
export interface NewRequest {
  readonly id: string
  readonly login: string
  readonly browser: string
  readonly relyingParty: { readonly id: string; readonly name: string }
  readonly application: string | undefined
  readonly asked: LevelsAsked
  readonly place: { readonly address: string; readonly browser: string }
  readonly now: Date
  readonly expires: Date
}

const valuesOf = (one: NewRequest) =>
  [
    one.relyingParty.id,
    one.relyingParty.name,
    one.application,
    one.asked,
    one.place.address,
    one.place.browser,
    one.now,
    one.expires,
  ] as const

/** The phone that scanned, and whose it is. */
export interface Scanned {
  readonly device: string
  readonly citizen: string
  readonly path: RequestPath
  readonly refused: RefusalCode | undefined
}

/**
 * The first phone that scans gets the request; undefined: it is another's already, or this phone is none any more.
 * `refused`: the rules refuse this citizen: the request is decided so at once.
 */
export async function claimRequest(db: Db, one: NewRequest, by: Scanned): Promise<MovilRequest | undefined> {
  const values = [one.id, one.login, one.browser, by.path, by.device, ...valuesOf(one), by.refused ?? null]
  const [, row] = await db.together((tx) => [lockPhone(tx, by.citizen), tx.row(claim, values)])
  return row && requestOf(row)
}

const ask = statement<{ id: string }>(
  'movil-request.ask',
  `with allowance as (
     insert into movil_allowance as had (citizen_id, asked_at) values ($4, array[$11::timestamptz])
     on conflict (citizen_id) do update
       set asked_at = had.asked_at[greatest(1, cardinality(had.asked_at) - $13::int + 2):] || excluded.asked_at
       where cardinality(had.asked_at) < $13::int or had.asked_at[cardinality(had.asked_at) - $13::int + 1] <= $14
     returning citizen_id
   ), asked as (
     insert into movil_request (id, login, browser, path, citizen_id, device_id, relying_party, agency, application, asked,
                                address, agent, asked_at, expires_at, changed_at)
     select $1, $2, $3, 'document', citizen_id,
            (select id from device where device.citizen_id = allowance.citizen_id and ended_at is null and denials < $15::int),
            $5, $6, $7, $8, $9, $10, $11, $12, $11
     from allowance returning id
   ), others as (${endOthers('$4', '$1', '$11', 'asked')}
   ), ${layMessageSql('asked', 16)}
   select id from asked`,
)

/**
 * Asks the phone of a citizen who typed document and contrast, and lays the push, in one round trip: the same whether or
 * not there is such a phone. False: the citizen was asked as often as there may be, and nothing changed.
 */
export async function askByDocument(
  db: Db,
  one: NewRequest,
  citizen: string,
  allowed: { readonly most: number; readonly since: Date; readonly denials: number },
  push: Laying,
): Promise<boolean> {
  const values = [
    ...[one.id, one.login, one.browser, citizen, ...valuesOf(one)],
    ...[allowed.most, allowed.since, allowed.denials],
    ...push,
  ]
  const [, row] = await db.together((tx) => [lockPhone(tx, citizen), tx.row(ask, values)])
  return row !== undefined
}

const byId = statement<RequestRow>(
  'movil-request.by-id',
  `select ${columns} from movil_request where id = $1 and device_id = $2 and ${open('$3')}`,
)
const pending = statement<RequestRow>(
  'movil-request.pending',
  `select ${columns} from movil_request where device_id = $1 and ${open('$2')} order by asked_at desc limit 1`,
)

/** A request that this phone may decide on now; undefined for whatever is no id of ours, too. */
export async function findOpenRequest(
  sql: Sql,
  id: string,
  device: string,
  now: Date,
): Promise<MovilRequest | undefined> {
  if (!/^[\w-]{22}$/.test(id)) return undefined
  const row = await sql.row(byId, [id, device, now])
  return row && requestOf(row)
}

/** The request that waits for this phone. */
export async function findPending(sql: Sql, device: string, now: Date): Promise<MovilRequest | undefined> {
  const row = await sql.row(pending, [device, now])
  return row && requestOf(row)
}

// The phone is held from here to the end: one that ends meanwhile decides nothing, and the counter of its unlock only grows.
const decide = statement<{ id: string }>(
  'movil-request.decide',
  `with phone as (
     select id from device
     where id = $2 and ended_at is null
       and ($6::bigint is null or credential_counter < $6 or (credential_counter = 0 and $6 = 0))
     for no key update
   ), decided as (
     update movil_request set decision = $3, changed_at = $4, unlocked = $5
     where id = $1 and device_id = (select id from phone) and ${open('$4')}
     returning id, device_id
   ), used as (
     update device set last_used_at = $4, credential_counter = coalesce($6, credential_counter),
       denials = case when $3 = 'approve' then 0 else least(denials + 1, 1000) end
     from decided where device.id = decided.device_id
   ), denied as (
     select id from decided where $3 <> 'approve'
   ), ${noteEventSql('denied', 7)}
   select id from decided`,
)

export interface Decided {
  readonly id: string
  readonly device: string
  readonly decision: Decision
  readonly now: Date
  readonly unlocked: boolean
  /** Of the assertion, where there was one. */
  readonly counter: number | undefined
}

/**
 * Of any number of decisions on one request the first counts: false for every other, and for what is not open any more.
 * `denial` is noted where it is one.
 */
export async function putDecision(sql: Sql, one: Decided, denial: EventValues): Promise<boolean> {
  const { id, device, decision, now, unlocked, counter } = one
  const values = [id, device, decision, now, unlocked, counter ?? null, ...denial]
  return (await sql.row(decide, values)) !== undefined
}

const fail = statement<{ left: number }>(
  'movil-request.fail',
  `update movil_request set failures = failures + 1, changed_at = $3
   where id = $1 and device_id = $2 and ${open('$3')} returning ${codeTries} - failures as left`,
)

/** A wrong code was typed in the phone; answers how many more may be. */
export async function countWrong(sql: Sql, id: string, device: string, now: Date): Promise<number> {
  return (await sql.row(fail, [id, device, now]))?.left ?? 0
}

const requestOf = (row: RequestRow): MovilRequest => ({
  id: row.id,
  login: row.login,
  browser: row.browser,
  path: row.path,
  citizen: row.citizen_id ?? undefined,
  device: row.device_id ?? undefined,
  relyingParty: { id: row.relying_party, name: row.agency },
  application: row.application ?? undefined,
  // What was written was a level list of ours.
  asked: row.asked as unknown as LevelsAsked,
  place: { address: row.address, browser: row.agent },
  expires: row.expires_at,
})

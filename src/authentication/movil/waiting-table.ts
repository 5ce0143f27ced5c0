import type { RegistrationLevel } from '../../citizen/index.ts'
import { statement, type Sql } from '../../platform/index.ts'
import type { RefusalCode } from '../../refusal/index.ts'
import type { Decision, RequestPath, Standing } from './contract.ts'
import { codeTries } from './request-table.ts'

/** What the side of `movil_request` needs that waits: the login's page, in whatever process. */
interface StandingRow {
  readonly id: string
  readonly path: RequestPath
  readonly decision: Decision | 'refuse' | null
  /** Given up, replaced, killed by wrong codes, or taken: a login that did not go on with it must ask anew. */
  readonly over: boolean
  readonly expires_at: Date
}
const columns = `id, path, decision, ended_at is not null or used_at is not null or (decision is null and failures >= ${codeTries}) as over, expires_at`

export interface RequestStanding {
  readonly id: string
  readonly standing: Standing
}

const standing = statement<StandingRow>('movil-request.standing', `select ${columns} from movil_request where id = $1`)
// Both through an index, whatever the planner knows of the table: a fresh one has no statistics, and it would read all of it.
const changed = statement<StandingRow>(
  'movil-request.changed',
  `(select ${columns} from movil_request where changed_at > $1 order by changed_at desc limit 5000)
   union all
   select request.* from unnest($2::text[]) as asked (id)
   cross join lateral (select ${columns} from movil_request where movil_request.id = asked.id limit 1) as request`,
)

/** How the request stands; `waiting` where nobody was asked yet. */
export async function standingOf(sql: Sql, id: string, now: Date): Promise<Standing> {
  const row = await sql.row(standing, [id])
  return row ? standingFrom(row, now) : 'waiting'
}

/** What changed after this instant, of thousands the latest, and these: one question for all pages that wait. */
export async function changedSince(
  sql: Sql,
  since: Date,
  ids: readonly string[],
  now: Date,
): Promise<readonly RequestStanding[]> {
  const rows = await sql.rows(changed, [since, ids])
  return rows.map((row) => ({ id: row.id, standing: standingFrom(row, now) }))
}

const said = { approve: 'approved', deny: 'denied', report: 'reported', refuse: 'refused' } as const

function standingFrom({ path, decision, over, expires_at }: StandingRow, now: Date): Standing {
  if (over) return 'gone'
  if (decision) return said[decision]
  if (expires_at <= now) return 'gone'
  return path === 'document' ? 'waiting' : 'scanned'
}

/** A request as the login knows it: only in the browser that began it. */
export interface OwnRequest {
  readonly id: string
  readonly login: string
  readonly browser: string
  readonly now: Date
}

// An approval counts while its phone does; the registration is as it is now, none where Cl@ve Móvil was blocked since.
const take = statement<TakenRow>(
  'movil-request.take',
  `update movil_request set used_at = $4 from citizen
   where movil_request.id = $1 and login = $2 and browser = $3 and decision is not null and used_at is null
     and ended_at is null and citizen.id = movil_request.citizen_id
     and (decision <> 'approve' or exists (select from device where device.id = device_id and device.ended_at is null))
   returning decision, refused, unlocked, path, citizen_id, document, device_id as device,
     case when not deceased and not 'movil' = any (blocked_methods) then registration_level end as registration_level`,
)

interface TakenRow {
  readonly decision: Decision | 'refuse'
  readonly refused: RefusalCode | null
  readonly unlocked: boolean
  readonly path: RequestPath
  readonly citizen_id: string
  readonly document: string
  readonly device: string
  readonly registration_level: RegistrationLevel | null
}

export interface Taken {
  readonly decision: Decision | 'refuse'
  readonly refused: RefusalCode | undefined
  readonly unlocked: boolean
  readonly path: RequestPath
  readonly citizen: string
  readonly document: string
  readonly device: string
  /** Now: it may have been given up since the phone was asked. */
  readonly registrationLevel: RegistrationLevel | undefined
}

/**
 * Takes the decision into the login, once, and only in the browser that began it. Undefined: there is none yet, it was
 * taken before, the login went another way, or the phone that approved is none any more.
 */
export async function takeDecision(sql: Sql, { id, login, browser, now }: OwnRequest): Promise<Taken | undefined> {
  const row = await sql.row(take, [id, login, browser, now])
  if (!row) return undefined
  const { citizen_id: citizen, registration_level: level, refused, ...rest } = row
  return { ...rest, citizen, refused: refused ?? undefined, registrationLevel: level ?? undefined }
}

const state = statement<{ used: boolean; decided: boolean; over: boolean; expires_at: Date }>(
  'movil-request.state',
  `select used_at is not null as used, decision is not null as decided,
     ended_at is not null or failures >= ${codeTries} as over, expires_at
   from movil_request where id = $1 and login = $2 and browser = $3`,
)

/** Why nothing could be taken. */
export async function whyNotTaken(
  sql: Sql,
  { id, login, browser, now }: OwnRequest,
): Promise<'waits' | 'used' | 'expired' | 'gone'> {
  const row = await sql.row(state, [id, login, browser])
  if (!row) return 'waits'
  if (row.used) return 'used'
  if (row.over || row.decided) return 'gone'
  return row.expires_at <= now ? 'expired' : 'waits'
}

const leave = statement(
  'movil-request.leave',
  `update movil_request set ended_at = $4, changed_at = $4
   where id = $1 and login = $2 and browser = $3 and used_at is null and ended_at is null`,
)

/** Ends a request of which the login took nothing yet, decided or not. */
export async function endRequest(sql: Sql, { id, login, browser, now }: OwnRequest): Promise<void> {
  await sql.row(leave, [id, login, browser, now])
}

const sweep = statement('movil-request.sweep', 'delete from movil_request where expires_at < $1')
const sweepAllowance = statement(
  'movil-allowance.sweep',
  'delete from movil_allowance where asked_at[cardinality(asked_at)] < $1',
)

/** Removes what expired, and forgets when citizens were asked, before this instant. */
export async function sweepRequests(sql: Sql, before: Date): Promise<void> {
  await sql.row(sweep, [before])
  await sql.row(sweepAllowance, [before])
}

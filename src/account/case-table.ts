import type { MethodName } from '../citizen/index.ts'
import { statement, type Sql, type Tx } from '../platform/index.ts'

const open = statement<{ id: string }>(
  'account-case.open',
  `insert into account_case (id, citizen_id, event_id, method, opened_at) values ($1, $2, $3, $4, $5)
   on conflict (event_id) do nothing returning id`,
)
const ofEvent = statement<{ method: MethodName | null; opened_at: Date }>(
  'account-case.of-event',
  'select method, opened_at from account_case where citizen_id = $1 and event_id = $2',
)

const ofCitizen = statement<{ event_id: number; method: MethodName | null; opened_at: Date }>(
  'account-case.of-citizen',
  'select event_id, method, opened_at from account_case where citizen_id = $1 order by opened_at',
)

// Citizens who are forgotten have no cases.
const reportedWithout = statement<{ id: number; citizen_id: string; at: Date }>(
  'account-case.reported-without',
  `select event.id, event.citizen_id, event.at from audit_event as event
   join citizen on citizen.id = event.citizen_id
   where event.kind = 'movil-denied' and event.data ->> 'reported' = 'yes' and event.at > $1
     and not exists (select from account_case where account_case.event_id = event.id)
   order by event.at limit 500`,
)

/** A denial that its citizen reported. */
export interface Reported {
  /** Number of the audit event. */
  readonly event: number
  readonly citizen: string
  readonly at: Date
}

export interface Case {
  /** That was blocked for it; undefined: none was known. */
  readonly method: MethodName | undefined
  readonly opened: Date
}

/** All the SQL of the table `account_case`. */
export const caseTable = {
  /** One case an event: of any number of callers one is answered true. */
  open: async (
    tx: Tx,
    one: {
      readonly id: string
      readonly citizen: string
      readonly event: number
      readonly method: MethodName | undefined
    },
    now: Date,
  ): Promise<boolean> => (await tx.row(open, [one.id, one.citizen, one.event, one.method ?? null, now])) !== undefined,

  /** Reports in the app for which there is no case yet, oldest first, 500 at most. */
  async reportedWithout(sql: Sql, since: Date): Promise<readonly Reported[]> {
    const rows = await sql.rows(reportedWithout, [since])
    return rows.map(({ id, citizen_id, at }) => ({ event: id, citizen: citizen_id, at }))
  },

  /** All of the citizen's, oldest first. */
  async ofCitizen(sql: Sql, citizen: string): Promise<readonly (Case & { readonly event: number })[]> {
    const rows = await sql.rows(ofCitizen, [citizen])
    return rows.map((row) => ({ event: row.event_id, method: row.method ?? undefined, opened: row.opened_at }))
  },

  /** The case of this event of the citizen's. */
  async ofEvent(sql: Sql, citizen: string, event: number): Promise<Case | undefined> {
    const row = await sql.row(ofEvent, [citizen, event])
    return row && { method: row.method ?? undefined, opened: row.opened_at }
  },
}

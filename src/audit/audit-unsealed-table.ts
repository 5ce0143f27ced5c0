import { statement, type Sql, type Tx } from '../platform/index.ts'
import { sealable, type SealableRow } from './audit-event-table.ts'

/** A row that is taken to be sealed; all null but its number: it was removed before it was sealed. */
export type TakenRow = SealableRow | { readonly id: number; readonly kind: null }

// Each row through the index, whatever the planner thinks of a table that is never as it was when it looked.
const take = statement<TakenRow>(
  'audit-unsealed.take',
  `with waiting as materialized (select id from audit_unsealed limit $1),
   taken as (delete from audit_unsealed using waiting where audit_unsealed.id = waiting.id returning audit_unsealed.id)
   select taken.id as id, event.at, event.kind, event.citizen_id, event.relying_party, event.data
   from taken left join lateral (select ${sealable} from audit_event where audit_event.id = taken.id limit 1) as event on true
   order by taken.id`,
)
const waits = statement<{ id: number }>('audit-unsealed.waits', 'select id from audit_unsealed limit 1')
const count = statement<{ count: number }>('audit-unsealed.count', 'select count(*) as count from audit_unsealed')
// The row of the lowest number is the oldest but for those that were written at the same time.
const backlog = statement<{ rows: number; oldest: Date | null }>(
  'audit-unsealed.backlog',
  `select rows, audit_event.at as oldest
   from (select count(*) as rows, min(id) as first from audit_unsealed) as waiting
   left join audit_event on audit_event.id = waiting.first`,
)
const strangers = statement<{ id: number }>(
  'audit-unsealed.strangers',
  `select id from unnest($1::bigint[]) as id
   where not exists (select from audit_unsealed where audit_unsealed.id = id.id) order by id`,
)

/** All the SQL of the table `audit_unsealed`. */
export const auditUnsealedTable = {
  /** Takes at most so many, in the order of their numbers. */
  take: (tx: Tx, most: number) => tx.rows(take, [most]),
  any: async (sql: Sql) => (await sql.row(waits)) !== undefined,
  count: async (sql: Sql) => (await sql.row(count))?.count ?? 0,
  /** How many wait, and when the oldest of them happened. */
  backlog: async (sql: Sql) => (await sql.row(backlog))!,
  /** Those of these numbers that do not wait. */
  strangers: async (sql: Sql, ids: readonly number[]) => (await sql.rows(strangers, [ids])).map(({ id }) => id),
}

import { statement, type Sql, type Tx } from '../platform/index.ts'
import { beginning, type End } from './batch.ts'

// The lock of whoever seals, until the end of the transaction. Not of the row, which a chain that begins does not have.
const lock = statement<{ mine: boolean }>('audit-head.lock', 'select pg_try_advisory_xact_lock(50, 1) as mine')
const read = statement<End>('audit-head.read', 'select seq, hash from audit_head')
const move = statement(
  'audit-head.move',
  `insert into audit_head (seq, hash) values ($1, $2)
   on conflict (only_one) do update set seq = excluded.seq, hash = excluded.hash`,
)

/** All the SQL of the table `audit_head`. */
export const auditHeadTable = {
  /** Whether this transaction may go on from the end of the chain: one at a time may. */
  lock: async (tx: Tx) => (await tx.row(lock))?.mine === true,
  read: async (sql: Sql) => (await sql.row(read)) ?? beginning,
  move: (tx: Tx, { seq, hash }: End) => tx.rows(move, [seq, hash]),
}

import { statement, type Sql, type Tx } from '../platform/index.ts'
import type { Batch } from './batch.ts'

interface BatchRow extends Omit<Batch, 'ids' | 'sealedAt' | 'doubt'> {
  readonly ids: readonly string[]
  readonly sealed_at: number
  readonly doubt: string | null
}
const columns = `seq, previous, root, ids, leaves, (extract(epoch from sealed_at) * 1000000)::bigint as sealed_at,
   doubt, kid, hash, signature`

const insert = statement(
  'audit-batch.insert',
  `insert into audit_batch (seq, previous, root, ids, leaves, sealed_at, doubt, kid, hash, signature)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
)
const last = statement<BatchRow>('audit-batch.last', `select ${columns} from audit_batch order by seq desc limit 1`)
const scan = statement<BatchRow>(
  'audit-batch.scan',
  `select ${columns} from audit_batch where seq > $1 order by seq limit $2`,
)
const hashOf = statement<{ hash: Buffer }>('audit-batch.hash', 'select hash from audit_batch where seq = $1')
const lastBefore = statement<{ seq: number; hash: Buffer }>(
  'audit-batch.last-before',
  'select seq, hash from audit_batch where sealed_at < $1 order by seq desc limit 1',
)

/** All the SQL of the table `audit_batch`. */
export const auditBatchTable = {
  insert: (tx: Tx, batch: Batch) =>
    tx.rows(insert, [
      batch.seq,
      batch.previous,
      batch.root,
      batch.ids,
      batch.leaves,
      new Date(batch.sealedAt / 1000),
      batch.doubt ?? null,
      batch.kid,
      batch.hash,
      batch.signature,
    ]),
  last: async (sql: Sql) => {
    const row = await sql.row(last)
    return row && batchOf(row)
  },
  /** The next batches above this number. */
  scan: async (sql: Sql, above: number, most: number) => (await sql.rows(scan, [above, most])).map(batchOf),
  hashOf: async (sql: Sql, seq: number) => (await sql.row(hashOf, [seq]))?.hash,
  /** The last one that was sealed before this instant. */
  lastBefore: (sql: Sql, at: Date) => sql.row(lastBefore, [at]),
}

function batchOf(row: BatchRow): Batch {
  const { sealed_at: sealedAt, doubt, ids, ...same } = row
  return { ...same, sealedAt, ids: ids.map(Number), ...(doubt === null ? {} : { doubt }) }
}

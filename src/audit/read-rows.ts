import type { Sql } from '../platform/index.ts'
import { auditEventTable, type SealableRow } from './audit-event-table.ts'
import { auditUnsealedTable } from './audit-unsealed-table.ts'
import { leafOf } from './batch.ts'

const page = 5_000

/**
 * The rows by ascending number, read along with the batches. Numbers are drawn before the commit, so that a batch may hold
 * one that lies behind: rows that no batch has claimed yet are kept, which are those of a few seconds, and those that wait
 * to be sealed or were added.
 */
export interface RowReading {
  /** Reads on until every row up to this number has been seen. */
  readTo(id: number): Promise<void>
  /** The leaf of this row, once; nothing where there is no such row. */
  claim(id: number): Buffer | undefined
  /** Rows that no batch claimed and that do not wait to be sealed: at most so many. */
  unclaimed(most: number): Promise<readonly number[]>
}

export function readRows(sql: Sql, see: (row: SealableRow) => void): RowReading {
  const leaves = new Map<number, Buffer>()
  let read = Number.MIN_SAFE_INTEGER
  return {
    async readTo(id) {
      while (read < id) {
        const rows = await auditEventTable.scan(sql, read, page)
        for (const row of rows) {
          leaves.set(row.id, leafOf(row))
          see(row)
        }
        read = rows.length < page ? Math.max(id, rows.at(-1)?.id ?? id) : rows.at(-1)!.id
      }
    },
    claim(id) {
      const leaf = leaves.get(id)
      leaves.delete(id)
      return leaf
    },
    async unclaimed(most) {
      const behind = [...leaves.keys()]
      const strangers: number[] = []
      for (let from = 0; from < behind.length && strangers.length < most; from += page)
        strangers.push(...(await auditUnsealedTable.strangers(sql, behind.slice(from, from + page))))
      return [...strangers, ...(await auditEventTable.neverQueued(sql, read, most))].slice(0, most)
    },
  }
}

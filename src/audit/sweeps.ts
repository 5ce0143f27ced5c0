import {
  openSigningKeys,
  type Clock,
  type Db,
  type Envelope,
  type Log,
  type Metrics,
  type Sweep,
} from '../platform/index.ts'
import { auditHeadTable } from './audit-head-table.ts'
import { auditUnsealedTable } from './audit-unsealed-table.ts'
import { sayAnchor } from './batch.ts'
import { makeSealer, type Sealer } from './seal-events.ts'

export interface AuditSweepParts {
  readonly db: Db
  readonly clock: Clock
  /** Opens the keys that seal. */
  readonly envelope: Envelope
  readonly log: Log
  readonly metrics: Pick<Metrics, 'watch'>
  /** An empty chain is a new one, whatever was there before: the sandbox empties all tables when it is reset. */
  readonly startsAnew?: boolean
}

/** Seconds between two anchors in the log: so much of the chain's end could be cut off without the log knowing. */
const anchorEvery = 60

/** Seconds between two looks at what waits: not the sealer's own, so that it is seen where none runs. */
const measureEvery = 15

/** What the worker does for the audit: seals what was written, tells the log where the chain ends, measures what waits. */
export function auditSweeps(parts: AuditSweepParts): readonly Sweep[] {
  let sealer: Promise<Sealer> | undefined
  let told = 0
  const open = async () => makeSealer({ ...parts, keys: await openSigningKeys({ ...parts, algs: ['ES256'] }) })
  return [
    {
      name: 'seal-audit',
      every: 1,
      async run() {
        // The keys are opened at the first run: a worker whose database is not there yet starts all the same.
        sealer ??= open()
        sealer.catch(() => (sealer = undefined))
        await (await sealer).seal()
      },
    },
    {
      name: 'anchor-audit',
      every: anchorEvery,
      async run() {
        const head = await auditHeadTable.read(parts.db)
        if (head.seq === told) return
        parts.log.info({ anchor: sayAnchor(head) }, 'audit sealed')
        told = head.seq
      },
    },
    measureUnsealed(parts),
  ]
}

function measureUnsealed({ db, clock, metrics }: AuditSweepParts): Sweep {
  let waiting: { readonly rows: number; readonly oldest: Date | null } = { rows: 0, oldest: null }
  metrics.watch('audit_unsealed', () => waiting.rows)
  // Grows on where the database does not answer any more.
  metrics.watch('audit_unsealed_seconds', () =>
    waiting.oldest ? Math.max(0, (clock.now().getTime() - waiting.oldest.getTime()) / 1000) : 0,
  )
  return {
    name: 'measure-audit',
    every: measureEvery,
    async run() {
      waiting = await auditUnsealedTable.backlog(db)
    },
  }
}

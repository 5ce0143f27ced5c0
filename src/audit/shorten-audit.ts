import type { Clock, Sql } from '../platform/index.ts'
import { auditBatchTable } from './audit-batch-table.ts'
import { noteEvent } from './audit-event-table.ts'
import type { End } from './batch.ts'

/** Years that the citizens see of what was done in their name; nothing younger can be given up. */
export const yearsKept = 2

/**
 * Gives the chain up, up to the last batch that was sealed before this instant: says so in the audit itself, where it is
 * sealed like everything else. The rows are then the owner's to remove. Nothing where no batch is that old; a word where
 * the instant is too young.
 */
export async function shortenAudit(
  { db, clock }: { readonly db: Sql; readonly clock: Clock },
  before: Date,
): Promise<End | 'too-young' | undefined> {
  const youngest = clock.wire()
  youngest.setUTCFullYear(youngest.getUTCFullYear() - yearsKept)
  if (before > youngest) return 'too-young'
  const batch = await auditBatchTable.lastBefore(db, before)
  if (!batch) return undefined
  const data = { batch: batch.seq, hash: batch.hash.toString('base64url') }
  await noteEvent(db, { kind: 'audit-shortened', at: clock.now(), data })
  return batch
}

/** What the owner of the database runs then. */
export const shorteningSql = ({ seq }: End): string => `begin;
delete from audit_event using (select unnest(ids) as id from audit_batch where seq <= ${seq}) as gone
  where audit_event.id = gone.id;
delete from audit_batch where seq <= ${seq};
commit;
`

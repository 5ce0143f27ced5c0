import type { Clock, Random, Tx } from '../../platform/index.ts'
import { recordTable, type Pin24hRecord } from './record-table.ts'

/** Puts a record as if it had been imported just now; `id`: its citizen's, once they are one. For the sandbox's catalogue. */
export const putRecord = (
  tx: Tx,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  record: Pin24hRecord & { readonly id: string },
): Promise<void> => recordTable.put(tx, [record], { id: random.uuid(), at: clock.now() })

import type { Clock, Db, Sweep } from '../platform/index.ts'
import { emailCodeTable } from './email-code-table.ts'

const hour = 3_600

/** The worker's. */
export const accountSweeps = ({ db, clock }: { readonly db: Db; readonly clock: Clock }): readonly Sweep[] => [
  // A dead code still counts among those of the last hour.
  { name: 'sweep-email-codes', every: hour, run: () => emailCodeTable.sweep(db, clock.in(-24 * hour)) },
]

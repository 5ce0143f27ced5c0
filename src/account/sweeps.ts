import type { Sweep } from '../platform/index.ts'
import { emailCodeTable } from './email-code-table.ts'
import { openReported, type ReportedParts } from './open-reported.ts'

const hour = 3_600

/** The worker's. */
export const accountSweeps = (parts: ReportedParts): readonly Sweep[] => [
  { name: 'open-reported-cases', every: 60, run: () => openReported(parts) },
  // A dead code still counts among those of the last hour.
  { name: 'sweep-email-codes', every: hour, run: () => emailCodeTable.sweep(parts.db, parts.clock.in(-24 * hour)) },
]

import type { Sweep } from '../../platform/index.ts'
import type { MovilParts } from './parts.ts'
import { sweepRequests } from './waiting-table.ts'

/** Seconds that a request is kept after its time. */
const kept = 86_400

/** The worker's. */
export const movilSweeps = ({ db, clock }: Pick<MovilParts, 'db' | 'clock'>): readonly Sweep[] => [
  { name: 'sweep-movil-requests', every: 3_600, run: () => sweepRequests(db, clock.in(-kept)) },
]

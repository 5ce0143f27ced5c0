import type { AuditFault } from './fault.ts'

/** A row that does not hold what it held when it was sealed. */
export interface Mismatch {
  readonly row: number
  readonly batch: number
  /** Leaves. */
  readonly found: Buffer
  readonly sealed: Buffer
}

/** Of rows that do not hold what they held: those that hold what another of them held were moved, the others changed. */
export function matchMoved(mismatches: readonly Mismatch[]): readonly AuditFault[] {
  const held = new Map(mismatches.map(({ row, sealed }) => [sealed.toString('hex'), row]))
  return mismatches.map(({ row, batch, found }) => {
    const holds = held.get(found.toString('hex'))
    return holds === undefined ? { fault: 'row-changed', row, batch } : { fault: 'row-reordered', row, batch, holds }
  })
}

export {
  eventOf,
  eventValues,
  historyOf,
  lastLogin,
  noteEvent,
  noteEventSql,
  noteLogin,
  type EventValues,
  type FormerLogin,
  type HistoryAsked,
  type LoginEntry,
} from './audit-event-table.ts'
export { auditUsage, readAuditCall, runAuditCommand, type AuditCommandParts } from './command.ts'
export { documentAudit } from './document-audit.ts'
export type { AuditEntry, AuditEvent } from './event.ts'
export { eventKinds, type EventKind } from './events.ts'
export { sayFault, type AuditFault } from './fault.ts'
export { makeSealer, type Sealer, type SealerParts } from './seal-events.ts'
export { auditSweeps, type AuditSweepParts } from './sweeps.ts'
export { verifyAudit, type Verified, type VerifyOptions, type VerifyParts } from './verify-audit.ts'

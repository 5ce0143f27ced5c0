import type { AuditEvent } from '../../../audit/index.ts'
import type { Sweep } from '../../../platform/index.ts'
import type { CodeParts } from '../../one-time-code.ts'
import { claimExpiring, tellPassword, type Expiring } from '../password-table.ts'
import { tellOf } from '../tell.ts'

export type WarnParts = Pick<CodeParts, 'db' | 'clock' | 'random' | 'messages' | 'limits'>

const day = 86_400
/** Days ahead, after the first warning (`limits.passwordWarning`). */
const later = [7, 1]
const atOnce = 100

/**
 * Warns by e-mail 30, 7 and 1 days before a password ends, each once, on whatever instance; where several are due, since
 * the worker was away or the address is new, only the last of them.
 */
export async function warnExpiry(parts: WarnParts): Promise<void> {
  const { db, clock, limits } = parts
  const first = Math.floor(limits.passwordWarning / day)
  const steps = [first, ...later].filter((days) => days > 0 && days <= first)
  const warn = async () =>
    db.transaction(async (tx) => {
      const due = await claimExpiring(tx, { now: clock.now(), steps, most: atOnce })
      await Promise.all(due.map((one) => tellPassword(tx, warningOf(parts, one))))
      return due.length
    })
  if (steps.length > 0) while ((await warn()) === atOnce);
}

function warningOf(parts: WarnParts, { citizen, expires, days }: Expiring) {
  const now = parts.clock.now()
  const left = Math.max(1, Math.ceil((expires.getTime() - now.getTime()) / (day * 1000)))
  const event: AuditEvent = { kind: 'permanente-expiry-warned', at: now, citizen: citizen.id, data: { days } }
  return tellOf(parts, citizen, event, { kind: 'password-expires', days: left, until: expires }, expires)
}

/** The worker's. */
export const permanenteSweeps = (parts: WarnParts): readonly Sweep[] => [
  { name: 'warn-password-expiry', every: 3_600, run: () => warnExpiry(parts) },
]

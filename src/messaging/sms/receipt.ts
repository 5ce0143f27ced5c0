import type { Pdu } from 'smpp'
import type { Receipt } from '../channel.ts'

// Final states (SMPP 3.4, 5.2.28 and appendix B); of the others (enroute, accepted, unknown) nothing follows.
const finalStates: Record<string, boolean> = {
  DELIVRD: true,
  EXPIRED: false,
  DELETED: false,
  UNDELIV: false,
  REJECTD: false,
}
const stateNumbers: Record<number, string> = { 2: 'DELIVRD', 3: 'EXPIRED', 4: 'DELETED', 5: 'UNDELIV', 8: 'REJECTD' }
const receiptOf = { mask: 0x3c, receipt: 0x04 }

/** Reads a delivery receipt; `undefined` for anything else that a gateway may deliver. */
export function readReceipt(pdu: Pdu): Receipt | undefined {
  if (((pdu.esm_class ?? 0) & receiptOf.mask) !== receiptOf.receipt) return undefined
  const text = String(pdu.short_message?.message ?? '')
  // Not every gateway sends the parameters, and each writes the text in its own way: parameters first.
  const providerId = pdu.receipted_message_id ?? /\bid:(\S+)/i.exec(text)?.[1]
  const reason = stateNumbers[pdu.message_state ?? -1] ?? /\bstat:(\w+)/i.exec(text)?.[1]?.toUpperCase()
  const delivered = reason === undefined ? undefined : finalStates[reason]
  if (providerId === undefined || reason === undefined || delivered === undefined) return undefined
  return { providerId, delivered, reason }
}

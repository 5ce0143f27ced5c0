import type { Db } from '../../platform/index.ts'
import { refusal, type Refusal } from '../../refusal/index.ts'
import type { PhoneCall } from './contract.ts'
import { findDevice, lockPhone } from './device-table.ts'
import { endPhone, type EndPhoneParts } from './end-phone.ts'

/**
 * Ends the phone that calls, and no other: one that took its place meanwhile stays.
 * Refused: MOVIL-10 (it is none any more).
 */
export function endOwnPhone(
  parts: EndPhoneParts & { readonly db: Db },
  { device, address }: PhoneCall,
): Promise<'ended' | Refusal> {
  return parts.db.transaction(async (tx) => {
    await lockPhone(tx, device.citizen)
    if (!(await findDevice(tx, device.id))) return refusal('MOVIL-10-device-unknown')
    await endPhone(tx, parts, device.citizen, { why: 'by-citizen', address })
    return 'ended'
  })
}

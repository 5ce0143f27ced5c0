import type { Citizen } from '../../citizen/index.ts'
import { isRefusal, refusal, type Refusal } from '../../refusal/index.ts'
import { admitCitizen, tooLow } from '../judge-citizen.ts'
import type { Login } from '../method.ts'
import { sendCode } from '../one-time-code.ts'
import type { PinParts, PinSent } from './parts.ts'

/** Sends a PIN to a citizen whose contrast was right, unless PIN cannot lead where the agency wants: no SMS for nothing. */
export async function sendPin(
  parts: PinParts,
  login: Login,
  citizen: Citizen | undefined,
  known: boolean,
  prefix?: string,
): Promise<PinSent | Refusal> {
  const admission = admitCitizen(citizen, 'pin')
  if (isRefusal(admission)) return admission
  const low = tooLow(admission.best, 'pin', login.asked)
  if (low) return low
  if (citizen?.phone === undefined) return refusal('PIN-04-no-phone')
  const { id, document, phone } = citizen
  const sent = await sendCode(parts, 'pin', login, { citizen: id, phone }, prefix)
  if (isRefusal(sent)) return sent
  return {
    citizen: id,
    document,
    known,
    phone: phone.slice(-3),
    until: sent.until.toISOString(),
    ...(prefix !== undefined && { prefix }),
  }
}

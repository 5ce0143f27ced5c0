import type { Citizen } from '../../../citizen/index.ts'
import { isRefusal, refusal, type Refusal } from '../../../refusal/index.ts'
import { admitCitizen } from '../../judge-citizen.ts'
import type { Login } from '../../method.ts'
import { sendCode } from '../../one-time-code.ts'
import type { CodeAsked, Proven } from './journey.ts'
import type { LifeParts } from './parts.ts'

/** Sends the code that stands before a new password, to the phone on record. The rules are asked each time. */
export async function sendPasswordCode(
  parts: LifeParts,
  login: Login,
  citizen: Citizen | undefined,
  { who, activation }: Proven,
): Promise<CodeAsked | Refusal> {
  const admission = admitCitizen(citizen, 'permanente-password-and-code')
  if (isRefusal(admission)) return admission
  if (citizen?.phone === undefined) return refusal('PIN-04-no-phone')
  const sent = await sendCode(parts, 'password', login, { citizen: citizen.id, phone: citizen.phone })
  if (isRefusal(sent)) return sent
  const phone = citizen.phone.slice(-3)
  return { who, ...(activation !== undefined && { activation }), phone, until: sent.until.toISOString() }
}

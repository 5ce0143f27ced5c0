import type { Citizen } from '../../../citizen/index.ts'
import { isRefusal, refusal, refusalRow, type Refusal } from '../../../refusal/index.ts'
import { admitToPassword } from '../../judge-citizen.ts'
import type { Login } from '../../method.ts'
import { sendCode } from '../../one-time-code.ts'
import { sayAgain, type SaidAgain } from '../../say-again.ts'
import type { CodeAsked, Proven } from './journey.ts'
import type { LifeParts } from './parts.ts'

/** Sends the code that stands before a new password, to the phone on record. The rules are asked each time. */
export async function sendPasswordCode(
  parts: LifeParts,
  login: Login,
  citizen: Citizen | undefined,
  { who, activation }: Proven,
): Promise<CodeAsked | Refusal> {
  const admission = admitToPassword(citizen)
  if (isRefusal(admission)) return admission
  if (citizen?.phone === undefined) return refusal('PIN-04-no-phone')
  const sent = await sendCode(parts, 'password', login, { citizen: citizen.id, phone: citizen.phone })
  if (isRefusal(sent)) return sent
  const phone = citizen.phone.slice(-3)
  return { who, ...(activation !== undefined && { activation }), phone, until: sent.until.toISOString() }
}

/** As any refusal is said, but the remedy of CODE-03 is another way to identify, which is for logins: here nothing is lost. */
export function sayNotSent(refused: Refusal, values: Record<string, string> = {}): SaidAgain {
  const { refused: code, details = {} } = refused
  if (code !== 'CODE-03-too-many') return sayAgain(refused, values)
  const texts = [`refusal:${code}.body`, 'permanente:sms.tooMany']
  return { again: texts.map((text) => ({ field: '', text, details })), values, status: refusalRow(code).http }
}

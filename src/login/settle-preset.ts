import type { Visit } from '../platform/index.ts'
import type { MethodName } from '../citizen/index.ts'
import { isRefusal, refusal, type Refusal } from '../refusal/index.ts'
import { offersFor } from './judge.ts'
import type { Move } from './page.ts'
import type { LoginParts, Preset } from './parts.ts'
import type { LoginRecord } from './record.ts'
import { endingIn, settleLogin } from './settle-login.ts'

/** What a citizen uses who uses every factor of the method, in the words of amr (RFC 8176). */
const everyFactor: Record<MethodName, readonly string[]> = {
  pin: ['otp', 'sms'],
  permanente: ['pwd', 'otp', 'sms'],
  movil: ['hwk', 'user'],
  certificate: ['hwk'],
}

/** A login without a page (sandbox, next-login), by the rules that hold for all: only the typing is left out. */
export async function settlePreset(parts: LoginParts, login: LoginRecord, visit: Visit, preset: Preset): Promise<Move> {
  if (isRefusal(preset)) return endingIn(preset)
  const settled = await proveByRules(parts, login, visit, preset)
  return isRefusal(settled) ? { ...endingIn(settled), tried: preset } : settled
}

async function proveByRules(
  parts: LoginParts,
  login: LoginRecord,
  visit: Visit,
  preset: Exclude<Preset, Refusal>,
): Promise<Move | Refusal> {
  const offer = offersFor(parts.methods, login.request).find(({ method }) => method.name === preset.method)
  if (!offer) return refusal('LOGIN-06-no-method')
  const admission = await offer.method.admits(preset.citizen)
  if (isRefusal(admission)) return admission
  return settleLogin(parts, login, visit, offer.method, {
    citizen: preset.citizen,
    method: preset.method,
    factors: everyFactor[preset.method],
    level: admission.best,
    registrationLevel: admission.registrationLevel,
  })
}

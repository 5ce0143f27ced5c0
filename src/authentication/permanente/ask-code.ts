import { isRefusal, refusal } from '../../refusal/index.ts'
import { admitCitizen } from '../judge-citizen.ts'
import type { Login, StepAnswer } from '../method.ts'
import { sendCode } from '../one-time-code.ts'
import type { Claimant } from '../prove.ts'
import { sayAgain } from '../say-again.ts'
import type { CodeAsked, PermanenteParts } from './parts.ts'
import { findTotp, openTotpTries } from './totp-table.ts'

/** Asks for the code of the citizen's authenticator app, or, where none is enrolled, of a text message. */
export async function askCode(parts: PermanenteParts, login: Login, who: Claimant): Promise<StepAnswer> {
  if (!(await findTotp(parts.db, who.citizen))) return sendBySms(parts, login, who)
  await openTotpTries(parts.db, login.id, who.citizen, parts.clock.in(parts.limits.codeLifetime))
  return { next: 'permanente.code', data: { ...who, way: 'totp' } satisfies CodeAsked }
}

/** `another`: the citizen asked for one more. */
export async function sendBySms(
  parts: PermanenteParts,
  login: Login,
  who: Claimant,
  another = false,
): Promise<StepAnswer> {
  const citizen = await parts.citizens.find(who.citizen)
  const admission = admitCitizen(citizen, 'permanente-password-and-code')
  if (isRefusal(admission)) return admission
  if (citizen?.phone === undefined) return refusal('PIN-04-no-phone')
  const sent = await sendCode(parts, 'permanente', login, { citizen: citizen.id, phone: citizen.phone })
  if (isRefusal(sent)) return sayAgain(sent)
  const { document, known } = who
  const asked: CodeAsked = {
    citizen: citizen.id,
    document,
    known,
    way: 'sms',
    phone: citizen.phone.slice(-3),
    until: sent.until.toISOString(),
    ...(another && { another }),
  }
  return { next: 'permanente.code', data: asked }
}

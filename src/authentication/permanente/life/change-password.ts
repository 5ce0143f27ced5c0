import type { AuditEvent } from '../../../audit/index.ts'
import type { Citizen } from '../../../citizen/index.ts'
import { isRefusal, refusal, type Refusal } from '../../../refusal/index.ts'
import { checkPassword } from '../check-password.ts'
import { normalPassword } from '../normal-password.ts'
import { changePasswordFrom, type NewPassword } from '../password-table.ts'
import { loginOf, newId } from './journey.ts'
import { isKept, judgePassword, type Verdicts } from './judge-password.ts'
import type { Caller, LifeParts } from './parts.ts'
import { tellOf } from '../tell.ts'
import { undoable } from './undone.ts'

export interface PasswordChange {
  /** Whose session it is, and proven. */
  readonly citizen: string
  /** Both as typed. */
  readonly old: string
  readonly next: string
}

export type PasswordChanged =
  | 'changed'
  /** The new one breaks rules. */
  | { readonly broken: Verdicts }
  /** PERMANENTE-01: the old one is wrong, which is counted as at a login; -02: it is blocked; -04: there is none. */
  | Refusal

/**
 * Sets another password in the place of the one that its owner types once more: an open session is not enough. All other
 * sessions end, the citizen is told. An expired one may be changed so, a blocked one not.
 */
export async function changePassword(
  parts: LifeParts,
  { citizen: id, old, next }: PasswordChange,
  caller: Caller,
): Promise<PasswordChanged> {
  const citizen = await parts.citizens.find(id)
  if (!citizen) return refusal('PERMANENTE-04-not-active')
  const login = loginOf(newId(parts), caller, parts.clock.in(parts.limits.loginLifetime))
  const checked = await checkPassword(parts, login, citizen.document, normalPassword(old))
  if (isRefusal(checked)) return checked
  const { password, known } = checked
  if (password.blocked) return refusal('PERMANENTE-02-blocked')
  const verdicts = await judgePassword(parts, next, citizen, password.hash)
  if (isRefusal(verdicts)) return verdicts
  if (!isKept(verdicts)) return { broken: verdicts }
  const hash = await parts.hashes.hash(normalPassword(next))
  if (isRefusal(hash)) return hash
  await parts.endSessionsOf(id, caller.session)
  const written = await undoable<'changed' | Refusal>(parts.db, async (tx, undo) => {
    // The failures first, as where a wrong password is counted and then blocks, or the two could wait for each other.
    const heard = await parts.lockout.completed(tx, citizen.document, caller.browser, known, ['password'])
    if (!heard) return refusal('CITIZEN-02-too-many-tries')
    await parts.lockout.replaced(tx, 'password', citizen.document)
    const set = await changePasswordFrom(tx, password.hash, changed(parts, citizen, hash, caller))
    // Another tab changed it, or failures blocked it, meanwhile.
    return set ? 'changed' : undo(refusal('PERMANENTE-01-wrong'))
  })
  if (written === 'changed') await parts.endSessionsOf(id, caller.session)
  return written
}

function changed(parts: LifeParts, citizen: Citizen, hash: string, { browser, address }: Caller): NewPassword {
  const now = parts.clock.now()
  const event: AuditEvent = { kind: 'permanente-changed', at: now, citizen: citizen.id, data: { browser, address } }
  const expires = parts.clock.in(parts.limits.passwordLifetime)
  return {
    citizen: citizen.id,
    hash,
    now,
    expires,
    ...tellOf(parts, citizen, event, { kind: 'password-changed', at: now }),
  }
}

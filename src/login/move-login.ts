import { isDeepStrictEqual } from 'node:util'
import { isRefusal } from '../refusal/index.ts'
import type { LoginEnding, LoginParts } from './parts.ts'
import { findLogin, swapLogin, type Entry, type LoginRecord } from './record.ts'

const tries = 5

export interface Moved {
  /** As it stands now; nothing when it is gone. */
  readonly login: LoginRecord | undefined
  /** Whether it was this request that moved it. */
  readonly won: boolean
}

/**
 * One move of a login, by compare-and-set: of any number of requests that would move it from the same place, one does.
 * A login that another request only gave more time still stands where it stood, so the move is tried again.
 */
export async function moveLogin(
  parts: LoginParts,
  from: Entry,
  change: (login: LoginRecord) => LoginRecord,
): Promise<Moved> {
  let entry = from
  for (let tried = 0; tried < tries; tried++) {
    const next = change(entry.login)
    if (await swapLogin(parts, entry, next)) {
      observeEnd(parts, next)
      return { login: next, won: true }
    }
    const found = await findLogin(parts, from.login.id)
    if (!found || !isDeepStrictEqual(found.login.at, from.login.at)) return { login: found?.login, won: false }
    entry = found
  }
  return { login: entry.login, won: false }
}

export function observeEnd({ clock, observe }: LoginParts, login: LoginRecord): void {
  if (login.at.page !== 'done' || !observe) return
  const { outcome } = login.at
  const seconds = (clock.now().getTime() - login.begun) / 1000
  const told: Pick<LoginEnding, 'method' | 'result'> = isRefusal(outcome)
    ? { method: undefined, result: outcome.refused }
    : { method: outcome.method, result: 'identified' }
  observe({ relyingParty: login.request.relyingParty, seconds, ...told })
}

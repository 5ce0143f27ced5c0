import type { Visit } from '../platform/index.ts'
import { moveLogin } from './move-login.ts'
import { noteRefused } from './note-ending.ts'
import type { Ended } from './outcome.ts'
import type { LoginParts } from './parts.ts'
import { endOf, findLogin, movedTo, type LoginRecord } from './record.ts'
import { endingIn } from './settle-login.ts'

/**
 * How a login ended, for the agency; nothing while it goes on. One that ran out of time ends when it is asked for, by one
 * request, which writes it down: of one that nobody asks for there is nothing to tell.
 */
export async function askEnd(parts: LoginParts, login: LoginRecord, visit: Visit): Promise<Ended | undefined> {
  const ended = endOf(parts, login)
  if (!ended || login.at.page === 'done') return ended
  const entry = await findLogin(parts, login.id)
  if (!entry) return ended
  const { to } = endingIn(ended.outcome)
  const moved = await moveLogin(parts, entry, (latest) => movedTo(latest, to))
  if (moved.won) await noteRefused(parts, entry.login, to, visit)
  return moved.login ? (endOf(parts, moved.login) ?? ended) : ended
}

import type { Visit } from '../platform/index.ts'
import { whoFrom } from './judge.ts'
import type { LoginRequest, Who } from './outcome.ts'
import type { LoginParts } from './parts.ts'
import { findSession, noteUse, type Session } from './session.ts'

/** Who is identified, and the session that says so. */
export interface Present {
  readonly who: Who
  readonly session: Session
}

/**
 * Whether the citizen who came through a login of this relying party is still there, as surely as `request` asks: for
 * pages of our own on which somebody stays. It counts as use of the session, and is no login: nobody is told anything new.
 */
export async function askPresent(parts: LoginParts, request: LoginRequest, visit: Visit): Promise<Present | undefined> {
  const found = await findSession(parts, visit)
  if (!found?.session.confirmed.includes(request.relyingParty)) return undefined
  const who = await whoFrom(parts, found.session, request)
  const noted = who && (await noteUse(parts, found, request.relyingParty, true))
  return who && noted ? { who, session: found.session } : undefined
}

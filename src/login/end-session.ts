import type { AuditEvent } from '../audit/index.ts'
import type { Visit } from '../platform/index.ts'
import { written } from './note-ending.ts'
import type { LoginParts } from './parts.ts'
import { dropSession, findSession, readSession, sessionId, sessionsOf, type Session } from './session.ts'

// What is written down is written before it is done: killed between the two, a session ends that was told of already,
// never one that was not. Two requests at once may both tell of it; nothing follows from the second.

/** Why a session ended otherwise than by logging out. */
export type EndedWhy = Extract<AuditEvent, { kind: 'session-ended' }>['data']['why']

/** Ends the browser's session; `by`: the relying party at which the citizen asked for it. */
export async function leaveSession(
  parts: LoginParts,
  visit: Visit,
  by: string | undefined,
): Promise<Session | undefined> {
  const session = (await findSession(parts, visit))?.session
  if (!session) return undefined
  const data = { session: session.id, address: visit.address }
  const about = { at: parts.clock.now(), citizen: session.citizen, relyingParty: by }
  await written(parts.note({ kind: 'logout', ...about, data }))
  await dropSession(parts, session.id)
  return session
}

/** `address`: of whoever asked for it. Where it has ended already nothing happens. */
export async function endSession(parts: LoginParts, id: string, why: EndedWhy, address?: string): Promise<void> {
  const session = (await readSession(parts, id))?.session
  if (session) await end(parts, session, why, address)
}

/** All of a citizen's sessions, those too that begin meanwhile, but the one with the cookie `but`. */
export async function endSessionsOf(parts: LoginParts, citizen: string, why: EndedWhy, but?: string): Promise<void> {
  const kept = but === undefined ? undefined : sessionId(but)
  for (;;) {
    const alive = (await sessionsOf(parts, citizen)).filter(({ id }) => id !== kept)
    if (alive.length === 0) return
    await Promise.all(alive.map((session) => end(parts, session, why)))
  }
}

async function end(parts: LoginParts, session: Session, why: EndedWhy, address?: string): Promise<void> {
  const data = { session: session.id, why, address }
  await written(parts.note({ kind: 'session-ended', at: parts.clock.now(), citizen: session.citizen, data }))
  await dropSession(parts, session.id)
}

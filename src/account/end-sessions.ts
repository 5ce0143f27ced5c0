import type { EndedWhy, Session } from '../login/index.ts'
import type { AccountParts } from './parts.ts'

/**
 * Ends those of the citizen's sessions that `which` names, wherever they are, those too that begin meanwhile: they stop
 * working with the next request, which is told to the audit. Then the agencies are told that take such news from server to
 * server; one that does not answer holds the page up for 2.5 s at most. Answers how many there were.
 */
export async function endSessions(
  { login, tellEnded }: Pick<AccountParts, 'login' | 'tellEnded'>,
  { citizen, address }: { readonly citizen: string; readonly address: string },
  why: EndedWhy,
  which: (session: Session) => boolean,
): Promise<number> {
  const ended = new Map<string, Session>()
  for (;;) {
    const alive = (await login.sessionsOf(citizen)).filter(which)
    if (alive.length === 0) break
    await Promise.all(alive.map(({ id }) => login.endSession(id, why, address)))
    for (const session of alive) ended.set(session.id, session)
  }
  await Promise.all([...ended.values()].map((session) => tellEnded(session)))
  return ended.size
}

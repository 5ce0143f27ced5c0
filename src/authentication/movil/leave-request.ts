import type { Login } from '../method.ts'
import type { MovilParts } from './parts.ts'
import { endRound } from './round.ts'
import { endRequest } from './waiting-table.ts'

/** The citizen cancels, or goes another way: the QR is worth nothing any more, and what waits in the phone waits no more. */
export async function leaveRequest(
  parts: Pick<MovilParts, 'db' | 'store' | 'clock' | 'random' | 'digest' | 'limits'>,
  login: Login,
  request: string,
): Promise<void> {
  await endRound(parts, login.id)
  await endRequest(parts.db, { id: request, login: login.id, browser: login.browser, now: parts.clock.now() })
}

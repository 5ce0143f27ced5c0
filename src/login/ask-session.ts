import type { Visit } from '../platform/index.ts'
import { refusal, type Refusal } from '../refusal/index.ts'
import { isConfirmed } from './enter-login.ts'
import { usableMethods, whoFrom, withExclusions } from './judge.ts'
import { noteAnswered } from './note-ending.ts'
import type { Ended, LoginRequest } from './outcome.ts'
import type { LoginParts } from './parts.ts'
import { findSession, noteUse, type SessionEntry } from './session.ts'

/**
 * Who, when the browser's session answers the request without a page. Where pages are allowed, one is needed until the
 * citizen agreed to go on to this agency; where none is (prompt=none, IsPassive), the session is enough. That a page is
 * needed is no end of a login: none began.
 */
export async function askSession(parts: LoginParts, request: LoginRequest, visit: Visit): Promise<Ended> {
  return (await answerOf(parts, request, visit)) ?? { outcome: await whyNoAnswer(parts, request) }
}

async function answerOf(parts: LoginParts, request: LoginRequest, visit: Visit): Promise<Ended | undefined> {
  const found = await findSession(parts, visit)
  if (!found || !(await isSilent(parts, found, request))) return undefined
  const relyingParty = await parts.relyingParties.find(request.relyingParty)
  const who = relyingParty && (await whoFrom(parts, found.session, withExclusions(request, relyingParty)))
  const noted = who && (await noteUse(parts, found, request.relyingParty, !request.passive))
  if (!who || !noted) return undefined
  await noteAnswered(parts, request, who, visit)
  return { outcome: who, former: found.session.former }
}

/**
 * Where no page would help, that is said, as it is at once where pages are allowed: an agency told that a page is needed
 * would send the citizen here once more, for nothing.
 */
async function whyNoAnswer(parts: LoginParts, request: LoginRequest): Promise<Refusal> {
  const relyingParty = request.passive ? await parts.relyingParties.find(request.relyingParty) : undefined
  const hopeless = relyingParty && usableMethods(parts.methods, withExclusions(request, relyingParty)).length === 0
  return refusal(hopeless ? 'LOGIN-06-no-method' : 'LOGIN-05-page-needed')
}

async function isSilent(parts: LoginParts, found: SessionEntry, request: LoginRequest): Promise<boolean> {
  if (request.passive) return true
  return isConfirmed(found, request) && !(await parts.presets?.waits(request))
}

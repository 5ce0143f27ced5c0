import type { Evidence, Method } from '../authentication/index.ts'
import type { Visit } from '../platform/index.ts'
import { isRefusal, type Refusal } from '../refusal/index.ts'
import { judge } from './judge.ts'
import type { LoginOutcome } from './outcome.ts'
import type { Move } from './page.ts'
import type { LoginParts } from './parts.ts'
import { stored, type LoginRecord } from './record.ts'
import { openSession, proofOf, sessionId } from './session.ts'

/**
 * The citizen is proven: the login ends, if the level is enough, and the gateway session begins. Of any number of
 * requests that bring the proof, the one that moves the login opens the session; only its browser gets the cookie.
 * All that bring the same one would open the same session, so that one event tells of it (noteIdentified). Nobody knows its
 * token before: it takes the seed, which only the store holds, and the key of the digest, which it does not.
 */
export function settleLogin(
  parts: LoginParts,
  login: LoginRecord,
  visit: Visit,
  method: Method,
  evidence: Evidence,
): Move | Refusal {
  const level = judge(method, login.request, evidence)
  if (isRefusal(level)) return level
  const { citizen, factors, registrationLevel, device } = evidence
  const proof = proofOf(parts, evidence)
  const token = parts.digest('session token', login.seed, JSON.stringify(evidence))
  const { relyingParty } = login.request
  const at = new Date(proof.wireAt)
  const session = sessionId(token)
  const who = {
    citizen,
    method: method.name,
    factors,
    level,
    registrationLevel,
    at,
    session,
    ...(device && { device }),
  }
  return {
    ...endingIn(who),
    won: async (reply, former) => {
      await openSession(parts, { token, proof, citizen, relyingParty, former }, visit)
      reply.setSession(token)
    },
  }
}

export const endingIn = (outcome: LoginOutcome): Move => ({ to: { page: 'done', outcome: stored(outcome) } })

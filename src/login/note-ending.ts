import type { AuditEvent } from '../audit/index.ts'
import type { MethodName } from '../citizen/index.ts'
import type { Visit } from '../platform/index.ts'
import { isRefusal } from '../refusal/index.ts'
import type { FormerLogin, LoginRequest, Who } from './outcome.ts'
import type { LoginParts } from './parts.ts'
import type { At, LoginRecord, Tried } from './record.ts'

/** An event could not be written: what it tells of does not happen, and may be tried again. HTTP says 503. */
export class EventUnwritten extends Error {
  override readonly name = 'EventUnwritten'
  readonly statusCode = 503
}

export async function written<T>(note: Promise<T>): Promise<T> {
  try {
    return await note
  } catch (cause) {
    throw new EventUnwritten('An event of the audit could not be written.', { cause })
  }
}

/**
 * Writes that a citizen identifies, before the login ends in it: an agency is never answered about anybody whose event is
 * not committed. The state of a login lies elsewhere than its event, so each move may be tried twice: requests that
 * end a login in the same way (a double click, or one more after a process was killed here) write once, by the name of
 * that ending. Answers the end with the login before, which its pages tell.
 */
export async function noteIdentified(parts: LoginParts, login: LoginRecord, to: At, visit: Visit): Promise<At> {
  if (to.page !== 'done' || isRefusal(to.outcome)) return to
  const { citizen, session, method, level } = to.outcome
  const id = parts.digest('login event', login.id, citizen, session, method, level)
  const expires = new Date(parts.clock.wire().getTime() + parts.limits.interactionLifetime * 1000)
  const event = loginEvent(parts, login.request, to.outcome, visit)
  const found = await written(parts.noteLogin(event, { id, expires }))
  if (!found) return to
  const { relyingParty: agency } = found
  const former: FormerLogin = {
    at: found.at.getTime(),
    method: found.method,
    ...(agency === undefined ? {} : { agency }),
  }
  return { ...to, former }
}

/** Writes that a session answered an agency without a login: each request has an answer of its own. */
export const noteAnswered = (parts: LoginParts, request: LoginRequest, who: Who, visit: Visit): Promise<void> =>
  written(parts.note(loginEvent(parts, request, who, visit)))

/**
 * Writes that a login ended without an identification. For the one request that moved it to its end: a refusal tells the
 * agency of nobody, so it may stand before its event does. A login for which nobody was named and nothing was tried is
 * nobody's act: whoever opened and cancelled a thousand would fill the audit.
 */
export async function noteRefused(parts: LoginParts, from: LoginRecord, to: At, visit: Visit, tried?: Tried) {
  if (to.page !== 'done' || !isRefusal(to.outcome)) return
  const { citizen, method } = tried ?? triedAt(parts, from.at)
  if (citizen === undefined && method === undefined) return
  await written(
    parts.note({
      kind: 'login-refused',
      at: parts.clock.now(),
      citizen,
      relyingParty: from.request.relyingParty,
      data: { ...placeOf(from.request, visit), code: to.outcome.refused, method },
    }),
  )
}

/** What is known of a login that ends where it stands. */
function triedAt({ methods }: LoginParts, at: At): Tried {
  if (at.page === 'refused') return at.tried ?? {}
  if (at.page !== 'step') return {}
  const method: MethodName | undefined = methods.find(({ steps }) => steps.some(({ name }) => name === at.step))?.name
  return { method }
}

const loginEvent = (
  { clock }: LoginParts,
  request: LoginRequest,
  who: Omit<Who, 'at'>,
  visit: Visit,
): Extract<AuditEvent, { kind: 'login' }> => ({
  kind: 'login',
  at: clock.now(),
  citizen: who.citizen,
  relyingParty: request.relyingParty,
  data: {
    ...placeOf(request, visit),
    method: who.method,
    factors: who.factors,
    level: who.level,
    registrationLevel: who.registrationLevel,
    session: who.session,
    ...(who.device === undefined ? {} : { device: who.device }),
  },
})

const placeOf = ({ application }: LoginRequest, { browser, address }: Visit) => ({ application, browser, address })

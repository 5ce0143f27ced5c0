import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App, Visit } from '../platform/index.ts'
import type { Refusal } from '../refusal/index.ts'
import { askEnd } from './ask-end.ts'
import { askSession } from './ask-session.ts'
import { endSession, endSessionsOf, leaveSession, type EndedWhy } from './end-session.ts'
import { sayEndedTo } from './ended-pages.ts'
import { enterLogin, type Asking } from './enter-login.ts'
import type { Ended, LoginRequest, Who } from './outcome.ts'
import { addressOf } from './page.ts'
import { makePages } from './pages.ts'
import type { LoginParts } from './parts.ts'
import { askPresent, type Present } from './present.ts'
import { mountLogin } from './routes.ts'
import { findSession, sessionsOf, type Session } from './session.ts'

/** The transaction between a protocol's door and a method, and the session that remembers it. */
export interface LoginEngine {
  /**
   * What a door calls at every visit: begins the login, leads to where it stands, or gives its outcome, again at each
   * later visit. Idempotent by `request.resume`. May set the session's cookie on `reply`. `fresh`: the door drew
   * `resume` just now and hands over the relying party that it read in this request: nothing need be looked for.
   */
  enter(request: LoginRequest, visit: Visit, reply: FastifyReply, how?: { readonly fresh: Asking }): Promise<Entered>
  /** For a door whose own transaction is gone: a page that explains, with a link to the agency's home. */
  ended(resume: string, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>
  /**
   * Who, when the browser's session satisfies the request without a page, else LOGIN-05-page-needed, or to a passive request
   * that no method could satisfy LOGIN-06-no-method. Where pages are allowed (`request.passive` false), one is needed until
   * the citizen agreed to go on to this agency.
   */
  passive(request: LoginRequest, visit: Visit): Promise<Who | Refusal>
  /** Who is still there, on pages of our own: counts as use, and is no login. */
  present(request: LoginRequest, visit: Visit): Promise<Present | undefined>
  /** The browser's session; asking does not count as use. */
  session(visit: Visit): Promise<Session | undefined>
  /** Ends one session; `address`: of whoever asked for it. */
  endSession(id: string, why: EndedWhy, address?: string): Promise<void>
  /** The citizen's alive sessions, in any browser. */
  sessionsOf(citizen: string): Promise<readonly Session[]>
  /** All of the citizen's, but the one with the cookie `but`. */
  endSessionsOf(citizen: string, why: EndedWhy, but?: string): Promise<void>
  /** The citizen logs out (`by`: at this relying party): ends the browser's session, clears its cookie, answers what it was. */
  leave(visit: Visit, reply: FastifyReply, by?: string): Promise<Session | undefined>
  /** Mounts /login/:id and everything below it. */
  routes(app: App): void
}

export type Entered = { readonly go: string } | Ended

export function makeLogin(parts: LoginParts): LoginEngine {
  const pages = makePages(parts)
  const session = async (visit: Visit) => (await findSession(parts, visit))?.session
  return {
    async enter(request, visit, reply, how) {
      if (request.passive) return askSession(parts, request, visit)
      const login = await enterLogin(parts, request, visit, reply, how?.fresh)
      // A page there says that the login is another browser's.
      if (login.browser !== visit.browser) return { go: addressOf(login) }
      return (await askEnd(parts, login, visit)) ?? { go: pages.where(login) }
    },
    ended: (resume, request, reply) => sayEndedTo(parts, resume, request, reply),
    passive: async (request, visit) => (await askSession(parts, request, visit)).outcome,
    present: (request, visit) => askPresent(parts, request, visit),
    session,
    sessionsOf: (citizen) => sessionsOf(parts, citizen),
    endSession: (id, why, address) => endSession(parts, id, why, address),
    endSessionsOf: (citizen, why, but) => endSessionsOf(parts, citizen, why, but),
    async leave(visit, reply, by) {
      const left = await leaveSession(parts, visit, by)
      if (visit.session !== undefined) reply.clearSession()
      return left
    },
    routes: (app) => mountLogin(parts, pages, app),
  }
}

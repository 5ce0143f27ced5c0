import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App, Visit } from '../platform/index.ts'
import type { Refusal } from '../refusal/index.ts'
import { askSession } from './ask-session.ts'
import { sayEndedTo } from './ended-pages.ts'
import { enterLogin, type Asking } from './enter-login.ts'
import type { LoginOutcome, LoginRequest, Who } from './outcome.ts'
import { addressOf } from './page.ts'
import { makePages } from './pages.ts'
import type { LoginParts } from './parts.ts'
import { outcomeOf } from './record.ts'
import { mountLogin } from './routes.ts'
import { endSession, endSessionsOf, findSession, type Session } from './session.ts'

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
   * Who, when the browser's session satisfies the request without a page, else LOGIN-05-page-needed. Where pages are
   * allowed (`request.passive` false), one is needed until the citizen agreed to go on to this agency.
   */
  passive(request: LoginRequest, visit: Visit): Promise<Who | Refusal>
  /** The browser's session; asking does not count as use. */
  session(visit: Visit): Promise<Session | undefined>
  endSession(id: string): Promise<void>
  /** All of the citizen's, but the one with the cookie `but`. */
  endSessionsOf(citizen: string, but?: string): Promise<void>
  /** Ends the browser's session and clears its cookie; answers what it was. */
  leave(visit: Visit, reply: FastifyReply): Promise<Session | undefined>
  /** Mounts /login/:id and everything below it. */
  routes(app: App): void
}

export type Entered = { readonly go: string } | { readonly outcome: LoginOutcome }

export function makeLogin(parts: LoginParts): LoginEngine {
  const pages = makePages(parts)
  const session = async (visit: Visit) => (await findSession(parts, visit))?.session
  const passive = (request: LoginRequest, visit: Visit) => askSession(parts, request, visit)
  return {
    async enter(request, visit, reply, how) {
      if (request.passive) return { outcome: await passive(request, visit) }
      const login = await enterLogin(parts, request, visit, reply, how?.fresh)
      // A page there says that the login is another browser's.
      if (login.browser !== visit.browser) return { go: addressOf(login) }
      const outcome = outcomeOf(parts, login)
      return outcome ? { outcome } : { go: pages.where(login) }
    },
    ended: (resume, request, reply) => sayEndedTo(parts, resume, request, reply),
    passive,
    session,
    endSession: (id) => endSession(parts, id),
    endSessionsOf: (citizen, but) => endSessionsOf(parts, citizen, but),
    async leave(visit, reply) {
      const left = await session(visit)
      if (left) await endSession(parts, left.id)
      if (visit.session !== undefined) reply.clearSession()
      return left
    },
    routes: (app) => mountLogin(parts, pages, app),
  }
}

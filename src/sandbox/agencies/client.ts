import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { AgencyError, AgencySession, Visitor } from './visitors.ts'

/** Where a browser goes next: by redirect, or with a form that sends itself. */
export type Step =
  { readonly to: string } | { readonly action: string; readonly fields: Readonly<Record<string, string | undefined>> }

/** What a developer wants to try, from the query of the agency's link. */
export type Wishes = Readonly<Record<string, string>>

/** The relying-party side of one demo agency, whichever protocol: a library's code throughout, none of the server's own. */
export interface AgencyClient {
  /** Parameters that the login link takes. */
  readonly wishNames: readonly string[]
  /** Starts a login of this visitor. */
  begin(visitor: Visitor, wishes: Wishes): Promise<Step | AgencyError>
  /** Where a visitor goes to log out of Cl@ve too. */
  logout(session: AgencySession | undefined, wishes: Wishes): Promise<Step>
  /** Where the answers of Cl@ve come in. */
  routes(app: FastifyInstance, desk: Desk): void
  /** Forgets every login under way. */
  reset(): void
}

/** What the pages of an agency do for its client. */
export interface Desk {
  /** The agency's page, e.g. /aeat. */
  readonly path: string
  /** The visitor of this browser; undefined where it sends no cookie of ours. */
  visitorOf(request: FastifyRequest): Visitor | undefined
  newVisitor(reply: FastifyReply): Visitor
  /** Ends the sessions that fit, whoever's browser they are in. */
  endSessions(fits: (told: AgencySession['told']) => boolean): void
  go(reply: FastifyReply, step: Step): FastifyReply
}

/** Who came back, or why not, is what the visitor's page shows from now on. */
export function settle(visitor: Visitor, result: AgencySession | AgencyError): void {
  const failed = 'error' in result
  visitor.session = failed ? undefined : result
  visitor.error = failed ? result : undefined
}

/** An answer to nothing that this browser began. */
export const unexpected: AgencyError = {
  error: 'unknown_state',
  error_description: 'This answer belongs to no login that this browser began here.',
}

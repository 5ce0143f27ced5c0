import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Citizen } from '../citizen/index.ts'
import type { LoginRequest } from '../login/index.ts'
import { wantsProblem } from '../platform/index.ts'
import { refusal } from '../refusal/index.ts'
import { anyProof, leadToLogin, secondFactor } from './door.ts'
import type { Surety, Turn } from './page.ts'
import type { AccountParts } from './parts.ts'

/** Whoever is let in; or the answer that leads to a login, or that explains. */
export type Admitted = { readonly turn: Turn } | { readonly instead: FastifyReply }

/**
 * Lets in who is identified in this browser, as surely as the page asks; everyone else is led through a login, and back
 * `to`. An API caller, who cannot go through one, hears LOGIN-05.
 */
export async function admit(
  parts: AccountParts,
  surety: Surety,
  to: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Admitted> {
  const { visit } = request
  const found = await parts.login.present(anyProof, visit)
  if (!found) return { instead: await lead(parts, anyProof, to, request, reply) }
  const citizen = await parts.citizens.find(found.who.citizen)
  if (!citizen?.registration) return { instead: reply.refuse(refusal(whyNone(citizen?.renouncedAt))) }
  const again = () => parts.login.present({ ...secondFactor(citizen), maxAge: parts.limits.accountRecent }, visit)
  const now = surety === 'session' ? found : await again()
  if (!now) return { instead: await leadAgain(parts, citizen, to, request, reply) }
  const { who, session } = now
  return {
    turn: {
      citizen,
      who,
      session,
      caller: callerOf(request),
      query: textsOf(request.query),
      params: textsOf(request.params),
      isSure: async () => surety === 'again' || (await again()) !== undefined,
    },
  }
}

/** Leads this citizen through a login that is as sure as `again` asks, and back `to`. */
export const leadAgain = (
  parts: AccountParts,
  citizen: Citizen,
  to: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> => lead(parts, { ...secondFactor(citizen), force: true }, to, request, reply)

const lead = async (
  parts: AccountParts,
  asked: LoginRequest,
  to: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> =>
  wantsProblem(request) ? reply.refuse(refusal('LOGIN-05-page-needed')) : leadToLogin(parts, asked, to, request, reply)

const whyNone = (renounced: Date | undefined) =>
  renounced ? ('CITIZEN-04-renounced' as const) : ('CITIZEN-03-not-registered' as const)

const callerOf = ({ visit, locale }: FastifyRequest): Turn['caller'] => ({
  browser: visit.browser ?? '',
  address: visit.address,
  session: visit.session ?? '',
  locale,
})

/** A name that comes twice is an array, and none. */
const textsOf = (query: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(query as object).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )

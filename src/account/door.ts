import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { loas, reach, type Citizen, type LevelsAsked } from '../citizen/index.ts'
import type { LoginRequest } from '../login/index.ts'
import { incidentOf, type App } from '../platform/index.ts'
import { isRefusal, refusalRow, type Refusal } from '../refusal/index.ts'
import { ownParty } from './own-party.ts'
import type { AccountParts } from './parts.ts'

/** What a login of Mi Cl@ve is begun with, kept while it goes on. */
interface Begun {
  readonly request: LoginRequest
  /** Where to afterwards: a path of the table's own, never one that came from outside. */
  readonly to: string
}

const everyLevel: LevelsAsked = [loas[0], ...loas.slice(1)]

/** Any proof will do. */
export const anyProof: LoginRequest = {
  relyingParty: ownParty.id,
  asked: everyLevel,
  excluded: [],
  force: false,
  passive: false,
  door: '',
  resume: '',
}

/**
 * No password alone. For whoever can reach substantial, only a second factor does; for the others a password reaches the
 * same low as a code does, so that Cl@ve Permanente is left out.
 */
export function secondFactor({ id, registration }: Citizen): LoginRequest {
  const asked: LevelsAsked = ['substantial', 'high']
  const stepsUp = reach('permanente-password-and-code', registration?.level) === 'substantial'
  return { ...anyProof, citizen: id, ...(stepsUp ? { asked } : { excluded: ['permanente'] }) }
}

const keyOf = (resume: string): string => `account:login:${resume}`

/** Begins a login and leads there; afterwards the citizen comes back to `to`. */
export async function leadToLogin(
  parts: AccountParts,
  asked: LoginRequest,
  to: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const resume = parts.random.token(24)
  const begun: Begun = {
    request: { ...asked, locale: request.locale, door: `/account/enter/${resume}`, resume },
    to,
  }
  await parts.store.set(keyOf(resume), begun, parts.clock.in(parts.limits.interactionLifetime))
  const entered = await parts.login.enter(begun.request, request.visit, reply, { fresh: ownParty })
  return reply.redirect('go' in entered ? entered.go : begun.request.door, 303)
}

const params = Type.Object({ resume: Type.String({ maxLength: 64 }) })

/** Mounts the way back from a login. */
export function mountDoor(parts: AccountParts, app: App): void {
  const config = { formTargets: 'agencies' } as const
  app.get('/account/enter/:resume', { schema: { params }, config }, async (request, reply) => {
    const { resume } = request.params
    const begun = (await parts.store.get<Begun>(keyOf(resume)))?.value
    if (!begun) return parts.login.ended(resume, request, reply)
    const entered = await parts.login.enter(begun.request, request.visit, reply)
    if ('go' in entered) return reply.redirect(entered.go, 303)
    return isRefusal(entered.outcome) ? sayRefused(entered.outcome, begun, reply) : reply.redirect(begun.to, 303)
  })
}

/** Refusals that speak of an agency, and have words of their own here. */
const ownWords = ['LOGIN-01-cancelled', 'LOGIN-02-expired', 'LOGIN-06-no-method', 'LOGIN-07-other-citizen'] as const

function sayRefused({ refused, details }: Refusal, { to, request }: Begun, reply: FastifyReply): FastifyReply {
  const texts = ownWords.some((code) => code === refused) ? `account:refused.${refused}` : `refusal:${refused}`
  // Who has a session here already can go on with what asks for no second proof.
  const again = request.force
  const refusal = { code: refused, ...(details && { details }) }
  const model = { refusal: { ...refusal, texts }, to, again, incident: incidentOf(reply.request) }
  return reply.page('account/views/refused.njk', model, refusalRow(refused).http)
}

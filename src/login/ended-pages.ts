import type { FastifyReply, FastifyRequest } from 'fastify'
import { incidentOf, type PageModel } from '../platform/index.ts'
import { refusal, refusalRow, type Refusal } from '../refusal/index.ts'
import { refusedModel, refusedTemplate } from './end-pages.ts'
import type { LoginParts } from './parts.ts'
import { findByResume, relyingPartyOf, type LoginRecord } from './record.ts'

/** Too late, but the agency can still be answered: the door does it. */
export function sayExpired(login: LoginRecord, reply: FastifyReply): FastifyReply {
  const { name } = login.relyingParty
  const asking = { name, application: login.request.application }
  return say(refusal('LOGIN-02-expired'), asking, login.request.door, reply)
}

/** Nothing is left of a login but its id, which names the agency. */
export async function sayGone(parts: LoginParts, id: string, reply: FastifyReply): Promise<FastifyReply> {
  const relyingParty = relyingPartyOf(id)
  return sayEnded(relyingParty === undefined ? undefined : await parts.relyingParties.find(relyingParty), reply)
}

/** For a door whose own transaction is gone: the login is named to the browser that had it, and to nobody else. */
export async function sayEndedTo(
  parts: LoginParts,
  resume: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const login = (await findByResume(parts, resume))?.login
  return sayEnded(login?.browser === request.visit.browser ? login?.relyingParty : undefined, reply)
}

function sayEnded(
  agency: { readonly name: string; readonly home?: string | undefined } | undefined,
  reply: FastifyReply,
): FastifyReply {
  const gone = refusal('LOGIN-04-unknown')
  if (agency?.home === undefined) return reply.refuse(gone)
  return say(gone, { name: agency.name }, agency.home, reply)
}

function say(refused: Refusal, asking: PageModel['asking'], href: string, reply: FastifyReply): FastifyReply {
  const model = { ...refusedModel(refused), asking, back: { href }, incident: incidentOf(reply.request) }
  return reply.page(refusedTemplate, model, refusalRow(refused.refused).http)
}

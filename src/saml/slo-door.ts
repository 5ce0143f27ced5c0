import type { FastifyReply, FastifyRequest } from 'fastify'
import { isRefusal, type Refusal } from '../refusal/index.ts'
import type { SamlRelyingParty } from '../relying-party/index.ts'
import { answerLogout, takesAnswers, type SamlInitiator } from './answer-logout.ts'
import { noteRefused, refuseMessage, statusOf } from './answers.ts'
import { findFarewell, keepFarewell, moveFarewell, newFarewell } from './farewell.ts'
import { isUnfit } from './inbound.ts'
import { checkMessage, checkRelayState, passOnce } from './message-rules.ts'
import type { LogoutRequest, LogoutResponse } from './messages.ts'
import { statusUri } from './names.ts'
import type { SamlParts } from './parts.ts'
import { doors, logoutPath } from './paths.ts'
import type { Arrived } from './receive.ts'
import { findSender, redirectOff } from './sender.ts'
import { verifyFrom } from './verify.ts'

/** Single logout on the standard face (SAML 2.0 profiles, 4.4): an agency asks for it, or answers ours. */
export async function takeLogoutMessage(
  parts: SamlParts,
  arrived: Arrived | Refusal,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (isRefusal(arrived)) return refuseMessage(parts, request, reply, arrived)
  const { received, relayState } = arrived
  const names = received.claims
  const party = await findSender(parts, 'standard', names)
  if (isRefusal(party)) return refuseMessage(parts, request, reply, party, { names })
  const about = { relyingParty: party.id, names }
  if (request.method !== 'POST' && !party.saml.redirectBinding)
    return refuseMessage(parts, request, reply, redirectOff(party), about)
  const message = verifyFrom(parts, 'standard', party, received)
  if (isRefusal(message)) {
    const meant = isUnfit(message) && received.kind === 'LogoutRequest' ? message.meant : undefined
    if (meant?.id === undefined) return refuseMessage(parts, request, reply, message, about)
    const initiator = initiatorOf(party, { id: meant.id, asynchronous: meant.asynchronous }, relayState)
    return refuseLogout(parts, party, initiator, message, request, reply)
  }
  const fault = checkRelayState(relayState) ?? checkMessage(message, parts.baseUrl + doors.slo, parts.clock.wire())
  if (message.kind === 'LogoutRequest')
    return await beginLogout(parts, party, message, { fault, relayState, request, reply })
  if (fault) return refuseMessage(parts, request, reply, fault, about)
  return noteAnswer(parts, party, message as LogoutResponse, relayState, reply)
}

/** A fault is told to the agency in its answer, for who asks and where the answer goes are certain. */
async function beginLogout(
  parts: SamlParts,
  party: SamlRelyingParty,
  message: LogoutRequest,
  { fault, relayState, request, reply }: Coming,
): Promise<FastifyReply> {
  const initiator = initiatorOf(party, message, relayState)
  const wrong = fault ?? (await passOnce(parts, party.id, message))
  if (wrong) return refuseLogout(parts, party, initiator, wrong, request, reply)
  const asked = { nameId: message.nameId.value }
  return reply.redirect(logoutPath(await keepFarewell(parts, newFarewell(initiator, asked))), 303)
}

const initiatorOf = (
  party: SamlRelyingParty,
  { id, asynchronous }: Pick<LogoutRequest, 'id' | 'asynchronous'>,
  relayState: string | undefined,
): SamlInitiator => ({
  by: 'standard',
  relyingParty: party.id,
  inResponseTo: id,
  silent: asynchronous,
  // One that is refused for its length is not given back.
  ...(relayState === undefined || checkRelayState(relayState) ? {} : { relayState }),
})

function refuseLogout(
  parts: SamlParts,
  party: SamlRelyingParty,
  initiator: SamlInitiator,
  wrong: Refusal,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  if (!takesAnswers(party, initiator)) return refuseMessage(parts, request, reply, wrong, { relyingParty: party.id })
  noteRefused(parts, request, party.id, wrong)
  return answerLogout(parts, party, initiator, statusOf(wrong), reply)
}

interface Coming {
  readonly fault: Refusal | undefined
  readonly relayState: string | undefined
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

/** An agency did what it was told, or could not; either way the browser goes on to the next one. */
async function noteAnswer(
  parts: SamlParts,
  party: SamlRelyingParty,
  { inResponseTo, status }: LogoutResponse,
  relayState: string | undefined,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const id = relayState ?? ''
  const entry = await findFarewell(parts, id)
  // This POST brought no cookies: whether the browser is out is seen at an address of ours.
  if (!entry) return reply.redirect(logoutPath('over'), 303)
  const { waiting, ...farewell } = entry.farewell
  if (waiting?.relyingParty === party.id && waiting.request === inResponseTo) {
    const complete = farewell.complete && status === statusUri('Success')
    await moveFarewell(parts, id, entry.revision, { ...farewell, complete })
  }
  return reply.redirect(logoutPath(id), 303)
}

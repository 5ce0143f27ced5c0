import type { FastifyReply, FastifyRequest } from 'fastify'
import { isRefusal, type Refusal } from '../refusal/index.ts'
import type { SamlRelyingParty } from '../relying-party/index.ts'
import { encoded, noteRefused, postTo, refuseMessage, sayRefused, type Target } from './answers.ts'
import { isUnfit, type Unfit } from './inbound.ts'
import { checkMessage, checkRelayState, passOnce } from './message-rules.ts'
import type { AuthnRequest } from './messages.ts'
import type { SamlParts } from './parts.ts'
import { doors, loginPath } from './paths.ts'
import { readLogin } from './read-login.ts'
import type { Arrived } from './receive.ts'
import { acsOf } from './return-address.ts'
import { findSender, redirectOff, type Face } from './sender.ts'
import { keepLogin } from './transaction.ts'
import { verifyFrom } from './verify.ts'

/**
 * A login request comes in. Nothing of the browser is read here, for a cross-site POST brings no cookie: what was verified
 * is kept, and a GET of ours goes on with it. Until signature and return address are certain faults go to a page,
 * from then on to the agency as a signed answer (clave-saml-profile, 6).
 */
export async function takeLoginRequest(
  parts: SamlParts,
  face: Face,
  arrived: Arrived | Refusal,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (isRefusal(arrived)) return refuseMessage(parts, request, reply, arrived)
  const { received, relayState } = arrived
  const names = received.claims
  const party = await findSender(parts, face, names)
  if (isRefusal(party)) return refuseMessage(parts, request, reply, party, { names })
  const about = { relyingParty: party.id, names }
  if (request.method !== 'POST' && !party.saml.redirectBinding)
    return refuseMessage(parts, request, reply, redirectOff(party), about)
  const message = verifyFrom(parts, face, party, received)
  if (isRefusal(message)) {
    const target = isUnfit(message) ? targetFor(message, party, relayState) : undefined
    if (!target) return refuseMessage(parts, request, reply, message, about)
    noteRefused(parts, request, party.id, message)
    return answerRefused(parts, party, target, message, reply)
  }
  const login = message as AuthnRequest
  const acs = acsOf(login, party)
  if (isRefusal(acs)) return refuseMessage(parts, request, reply, acs, about)
  const target = { acs, inResponseTo: login.id, relayState }
  const kept = await admit(parts, face, login, party, target)
  if (!isRefusal(kept)) return reply.redirect(loginPath(kept), 303)
  noteRefused(parts, request, party.id, kept)
  return answerRefused(parts, party, target, kept, reply)
}

/** Where the sender of a request that does not follow the schema takes answers, if it says so where it can be read. */
function targetFor({ meant }: Unfit, party: SamlRelyingParty, relayState: string | undefined): Target | undefined {
  const acs = acsOf(meant, party)
  if (isRefusal(acs) || meant.id === undefined) return undefined
  return { acs, inResponseTo: meant.id, relayState: checkRelayState(relayState) ? undefined : relayState }
}

/** Every rule that is left; then the request is used up and kept. Answers the id of its own address. */
async function admit(
  parts: SamlParts,
  face: Face,
  message: AuthnRequest,
  party: SamlRelyingParty,
  { acs, relayState }: Target,
): Promise<string | Refusal> {
  const address = parts.baseUrl + (face === 'clave' ? doors.clave : doors.sso)
  const asked = readLogin(message, party)
  const fault =
    checkRelayState(relayState) ??
    checkMessage(message, address, parts.clock.wire()) ??
    (isRefusal(asked) ? asked : await passOnce(parts, party.id, message))
  if (fault || isRefusal(asked)) return fault as Refusal
  return keepLogin(parts, {
    ...asked,
    inResponseTo: message.id,
    acs,
    ...(relayState === undefined ? {} : { relayState }),
  })
}

/** A RelayState that is refused is not given back either. */
export function answerRefused(
  parts: SamlParts,
  party: SamlRelyingParty,
  target: Target,
  refused: Refusal,
  reply: FastifyReply,
): FastifyReply {
  const RelayState = refused.refused === 'SAML-11-relay-state' ? undefined : target.relayState
  const SAMLResponse = encoded(sayRefused(parts, party, target, refused))
  return postTo(reply, party, target.acs, { SAMLResponse, RelayState })
}

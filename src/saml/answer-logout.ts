import type { FastifyReply } from 'fastify'
import type { SamlRelyingParty } from '../relying-party/index.ts'
import { encoded, newId, postTo, signingKey } from './answers.ts'
import type { Initiator } from './farewell.ts'
import { logoutResponse, signedRedirect, type LogoutAnswer } from './logout-message.ts'
import type { SamlParts } from './parts.ts'

/** An agency that asked for a logout. */
export type SamlInitiator = Exclude<Initiator, { readonly by: 'other' }>

/** Whether the agency wants an answer, and has an address for it. */
export const takesAnswers = ({ saml: { slo } }: SamlRelyingParty, initiator: SamlInitiator): boolean =>
  initiator.by === 'clave' || (!initiator.silent && slo !== undefined)

/** The answer to the agency that asked for a logout, in the way of its face; a page where it takes none. */
export function answerLogout(
  parts: SamlParts,
  party: SamlRelyingParty,
  initiator: SamlInitiator,
  success: LogoutAnswer['success'],
  reply: FastifyReply,
): FastifyReply {
  const { face, slo, logoutIssuer } = party.saml
  const { inResponseTo, relayState: RelayState } = initiator
  const at = parts.clock.wire()
  const answer = { face, issuer: logoutIssuer ?? parts.baseUrl, inResponseTo, at, id: newId(parts), success }
  const key = signingKey(parts)
  if (initiator.by === 'clave') {
    const xml = logoutResponse(key, { ...answer, destination: initiator.returnTo })
    return postTo(reply, party, initiator.returnTo, { [initiator.field]: encoded(xml), RelayState })
  }
  if (initiator.silent || !slo) return sayLoggedOut(reply, { stayed: success === false })
  const destination = slo.responseUrl ?? slo.url
  if (slo.binding === 'redirect') {
    const xml = logoutResponse(undefined, { ...answer, destination })
    return reply.redirect(signedRedirect(destination, 'SAMLResponse', xml, RelayState, key), 303)
  }
  const xml = logoutResponse(key, { ...answer, destination })
  return postTo(reply, party, destination, { SAMLResponse: encoded(xml), RelayState })
}

/** @param stayed the browser has a session all the same, and is told how to end it. */
export const sayLoggedOut = (reply: FastifyReply, { stayed = false } = {}): FastifyReply =>
  reply.page('saml/views/logged-out.njk', { stayed })

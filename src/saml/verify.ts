import { isRefusal, refusal, type Refusal } from '../refusal/index.ts'
import type { SamlRelyingParty } from '../relying-party/index.ts'
import type { Received } from './inbound.ts'
import type { InboundMessage } from './messages.ts'
import type { SamlParts } from './parts.ts'
import { isFrom, type Face } from './sender.ts'

/** The message as its sender signed it; and what was signed must name the very sender it was taken for. */
export function verifyFrom(
  parts: SamlParts,
  face: Face,
  party: SamlRelyingParty,
  received: Received,
): InboundMessage | Refusal {
  const { validUntil } = party.saml.metadata ?? {}
  if (validUntil !== undefined && new Date(validUntil) <= parts.clock.wire())
    return refusal('SAML-07-certificate', { reason: `The metadata of this service provider held until ${validUntil}.` })
  const verified = received.verify(party.saml.certificates, parts.clock.wire())
  if (isRefusal(verified)) return verified
  if (isFrom(face, verified.message, party)) return verified.message
  return refusal('SAML-04-signature', { reason: 'What was signed names another sender than the message around it.' })
}

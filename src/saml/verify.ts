import { isRefusal, refusal, type Refusal } from '../refusal/index.ts'
import type { SamlRelyingParty } from '../relying-party/index.ts'
import { isUnfit, type Received, type Unfit } from './inbound.ts'
import type { InboundMessage } from './messages.ts'
import type { SamlParts } from './parts.ts'
import { isFrom, type Face } from './sender.ts'

/** The message as its sender signed it; and what was signed must name the very sender it was taken for. */
export function verifyFrom(
  parts: SamlParts,
  face: Face,
  party: SamlRelyingParty,
  received: Received,
): InboundMessage | Unfit | Refusal {
  const { validUntil } = party.saml.metadata ?? {}
  if (validUntil !== undefined && new Date(validUntil) <= parts.clock.wire())
    return refusal('SAML-07-certificate', { reason: `The metadata of this service provider held until ${validUntil}.` })
  const verified = received.verify(party.saml.certificates, parts.clock.wire())
  if (isRefusal(verified) && !isUnfit(verified)) return verified
  const message = isUnfit(verified) ? verified : verified.message
  if (isFrom(face, isUnfit(message) ? message.meant : message, party)) return message
  return refusal('SAML-04-signature', { reason: 'What was signed names another sender than the message around it.' })
}

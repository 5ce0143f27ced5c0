import { hash } from 'node:crypto'
import { refusal, type Refusal } from '../refusal/index.ts'
import type { InboundMessage } from './messages.ts'
import type { SamlParts } from './parts.ts'
import { shown } from './sender.ts'
import { span } from './span.ts'

/** Seconds that a message may be old, or its clock ahead. */
export const freshness = 300
/** Bytes of RelayState (SAML 2.0 bindings, 3.4.3, 3.5.3; clave-saml-profile, 1). */
const longestRelayState = 80

/** What every message has to say rightly, whoever sent it; `address`: where it came in. */
export function checkMessage(message: InboundMessage, address: string, now: Date): Refusal | undefined {
  const { destination, issueInstant } = message
  if (destination !== address) {
    const was = destination === undefined ? 'missing' : `"${shown(destination)}"`
    return refusal('SAML-17-destination', { reason: `Destination is ${was}; this is ${address}.` })
  }
  const age = Math.round((now.getTime() - issueInstant.getTime()) / 1000)
  if (!(Math.abs(age) <= freshness)) {
    const off = `${span(Math.abs(age))} ${age > 0 ? 'behind' : 'ahead of'} our clock`
    return refusal('SAML-18-time', { reason: `IssueInstant is ${off}; ${span(freshness)} are allowed.` })
  }
  const ends = message.kind === 'LogoutRequest' ? message.notOnOrAfter : undefined
  if (ends && ends.getTime() + freshness * 1000 <= now.getTime())
    return refusal('SAML-18-time', { reason: 'NotOnOrAfter has passed.' })
  return undefined
}

export function checkRelayState(relayState: string | undefined): Refusal | undefined {
  const bytes = relayState === undefined ? 0 : Buffer.byteLength(relayState)
  if (bytes <= longestRelayState) return undefined
  return refusal('SAML-11-relay-state', { reason: `RelayState is ${bytes} bytes long.` })
}

/**
 * Lets a message pass once: the database decides, over all instances and after the ephemeral store was flushed. The last
 * of all checks, so that what is refused may be sent again when it was mended.
 */
export async function passOnce(
  parts: SamlParts,
  relyingParty: string,
  message: InboundMessage,
): Promise<Refusal | undefined> {
  const id = hash('sha256', JSON.stringify([relyingParty, message.kind, message.id]), 'base64url')
  // Stale from then on, by whichever of its two times.
  const forgotten = new Date(message.issueInstant.getTime() + 3 * freshness * 1000)
  return (await parts.once('saml-message', id, forgotten)) ? undefined : refusal('SAML-19-replayed')
}

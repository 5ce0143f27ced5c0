import type { FastifyRequest } from 'fastify'
import { isRefusal, refusal, type Refusal } from '../refusal/index.ts'
import { receivePost, receiveRedirect, type Received } from './inbound.ts'
import type { MessageKind } from './messages.ts'
import type { Face } from './sender.ts'

/** The fields in which a message may come, and what it then has to be. */
export type Fields = Readonly<Record<string, MessageKind>>

export interface Arrived {
  readonly received: Received
  /** The field of the form that it came in; none where it came in an address. */
  readonly field: string | undefined
  readonly relayState: string | undefined
}

/** The message of a form. Fields that nobody knows are passed over: old clients still send some. */
export function fromForm(request: FastifyRequest, fields: Fields, face: Face): Arrived | Refusal {
  const form = (request.body ?? {}) as Readonly<Record<string, unknown>>
  const sent = Object.keys(fields).filter((name) => form[name] !== undefined && form[name] !== '')
  const [field] = sent
  const message = field === undefined ? undefined : form[field]
  const kind = field === undefined ? undefined : fields[field]
  if (field === undefined || kind === undefined || sent.length > 1 || typeof message !== 'string') {
    const names = Object.keys(fields).join(', ')
    const reason = `Send the message once, in one of the fields ${names}; found: ${sent.join(', ') || 'none'}.`
    return refusal('SAML-01-not-a-message', { reason })
  }
  const { RelayState: relayState } = form
  if (relayState !== undefined && typeof relayState !== 'string')
    return refusal('SAML-11-relay-state', { reason: 'RelayState was sent more than once.' })
  const received = receivePost(message, [kind], face)
  return isRefusal(received) ? received : { received, field, relayState }
}

/** The message of an address (HTTP-Redirect): read from the very octets that were signed. */
export function fromAddress(request: FastifyRequest, kinds: readonly MessageKind[], face: Face): Arrived | Refusal {
  const { url } = request.raw
  const at = url?.indexOf('?') ?? -1
  const query = url === undefined || at < 0 ? '' : url.slice(at + 1)
  const received = receiveRedirect(query, kinds, face)
  return isRefusal(received) ? received : { received, field: undefined, relayState: received.relayState }
}

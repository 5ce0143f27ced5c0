import { createHash, createPublicKey } from 'node:crypto'

/** Where one browser is reached (W3C Push API): its push service's address for it, and the keys that only it can open. */
export interface Subscription {
  /** A secret: whoever knows it may send there. */
  readonly endpoint: string
  /** P-256 point, uncompressed, 65 octets, base64url. */
  readonly p256dh: string
  /** 16 octets, base64url. */
  readonly auth: string
}

export interface SubscriptionFault {
  /** What is wrong; `endpoint`: no address of a push service that we send to. */
  readonly fault: 'shape' | 'endpoint' | 'p256dh' | 'auth'
}

/** Which addresses we send to; they come from browsers, so from anybody. */
export interface EndpointRules {
  /** PUSH_HOSTS: names; `*.` in front stands for any name below, a lone `*` for any at all. */
  readonly hosts: readonly string[]
  /** BASE_URL, whose host is never one. */
  readonly baseUrl: string
  /** Plain http and any port: the sandbox only. */
  readonly allowHttp: boolean
}

/**
 * Takes what `JSON.stringify(subscription)` gives in a browser, for whoever keeps it. That the name leads to the public
 * Internet is seen when a message is sent, each time anew.
 */
export function makeCheckSubscription(rules: EndpointRules): (given: unknown) => Subscription | SubscriptionFault {
  return (given) => {
    const { endpoint, keys } = membersOf(given)
    const { p256dh, auth } = membersOf(keys)
    if (typeof endpoint !== 'string' || typeof p256dh !== 'string' || typeof auth !== 'string')
      return { fault: 'shape' }
    if (!isEndpoint(endpoint, rules)) return { fault: 'endpoint' }
    if (!isPoint(p256dh)) return { fault: 'p256dh' }
    if (octetsOf(auth)?.length !== 16) return { fault: 'auth' }
    return { endpoint, p256dh, auth }
  }
}

/** An address as browsers write it: https, the usual port, nobody's name and password, a host of the list. */
export function isEndpoint(endpoint: string, { hosts, baseUrl, allowHttp }: EndpointRules): boolean {
  const url = endpoint.length <= 2048 ? URL.parse(endpoint) : null
  // Written in the one way in which it is read, so that nobody after us reads it in another.
  if (url?.href !== endpoint || url.username !== '' || url.password !== '' || endpoint.includes('#')) return false
  if (/^\.|\.\.|\.$/.test(url.hostname)) return false
  const fit = url.protocol === 'https:' ? url.port === '' || allowHttp : url.protocol === 'http:' && allowHttp
  return fit && url.hostname !== new URL(baseUrl).hostname && hosts.some((host) => matches(url.hostname, host))
}

/** By which whoever keeps subscriptions knows one again: SHA-256, base64url. */
export const endpointDigest = (endpoint: string): string => createHash('sha256').update(endpoint).digest('base64url')

function matches(hostname: string, host: string): boolean {
  if (host === '*') return true
  return host.startsWith('*.') ? hostname.endsWith(host.slice(1)) : hostname === host
}

const membersOf = (given: unknown): Readonly<Record<string, unknown>> =>
  typeof given === 'object' && given !== null ? (given as Record<string, unknown>) : {}

/** Base64url without padding, in its one way of writing. */
function octetsOf(text: string): Buffer | undefined {
  const octets = Buffer.from(text, 'base64url')
  return octets.toString('base64url') === text ? octets : undefined
}

function isPoint(text: string): boolean {
  const octets = octetsOf(text)
  if (octets?.length !== 65 || octets[0] !== 4) return false
  const [x, y] = [octets.toString('base64url', 1, 33), octets.toString('base64url', 33)]
  try {
    createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' })
    return true
  } catch {
    return false
  }
}

import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import { request as requestHttp, type IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { mayConnectTo } from './public-address.ts'

export interface ConfinedOptions {
  /** Plain http, this machine and private networks: the sandbox only. */
  readonly allowHttp: boolean
  /** Every address of a name; DNS unless told. */
  readonly resolve?: (hostname: string) => Promise<readonly LookupAddress[]>
}

export interface ConfinedAsk {
  /** GET unless told. */
  readonly method?: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string | number>>
  readonly body?: Uint8Array
  /** Ends it whole, the name's resolution and the answer's body included. */
  readonly signal: AbortSignal
}

export interface ConfinedFault {
  readonly fault: 'not-https' | 'private-address' | 'aborted' | 'unreachable'
  /** Node's code of what went wrong, where it has one: ECONNREFUSED. */
  readonly code?: string
}

/** Answers once status and headers are there; the body is still to be read, bounded, or destroyed. Never throws. */
export type ConfinedRequest = (url: URL, ask: ConfinedAsk) => Promise<IncomingMessage | ConfinedFault>

/**
 * Asks at an address that somebody else chose: https, no redirect, no proxy, no other host than the public Internet's.
 * The name is resolved once, and the connection goes to what it resolved to: an answer that changes between a check and
 * its use changes nothing.
 */
export function makeConfinedRequest(options: ConfinedOptions): ConfinedRequest {
  const near = options.allowHttp
  const lookup = confinedLookup(options)
  return async (url, ask) => {
    if (url.protocol !== 'https:' && !options.allowHttp) return { fault: 'not-https' }
    const host = url.hostname.replace(/^\[|\]$/g, '')
    // An address that is written as one is never looked up.
    if (isIP(host) !== 0 && !mayConnectTo(host, { near })) return { fault: 'private-address' }
    try {
      return await send(url, ask, lookup)
    } catch (error) {
      if (ask.signal.aborted) return { fault: 'aborted' }
      if (error === refusedAddress) return { fault: 'private-address' }
      const code = codeOf(error)
      return { fault: 'unreachable', ...(code === undefined ? {} : { code }) }
    }
  }
}

const refusedAddress = new Error('The name resolves to an address that is not public')

/** `dns.lookup` as sockets want it; one address that is not public refuses the name as a whole. */
function confinedLookup({ allowHttp, resolve = (name) => lookup(name, { all: true }) }: ConfinedOptions) {
  const answer: LookupFunction = (hostname, options, callback) => {
    resolve(hostname).then(
      (addresses) => {
        const [first] = addresses
        if (!first || !addresses.every(({ address }) => mayConnectTo(address, { near: allowHttp })))
          callback(refusedAddress, [])
        else if (options.all) callback(null, [...addresses])
        else callback(null, first.address, first.family)
      },
      callback as (error: unknown) => void,
    )
  }
  return answer
}

function send(url: URL, { method = 'GET', headers, body, signal }: ConfinedAsk, lookup: LookupFunction) {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise<IncomingMessage>((resolve, reject) => {
    // No agent: neither a connection that another address opened nor the environment's proxy.
    request(url, { method, headers, lookup, signal, agent: false })
      .on('response', resolve)
      .on('error', reject)
      .end(body)
  })
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

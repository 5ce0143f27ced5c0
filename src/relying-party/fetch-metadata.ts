import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import { request as requestHttp, type IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { metadataFault, type MetadataFault } from './metadata-xml.ts'
import { metadataLimits } from './open-metadata.ts'
import { mayConnectTo } from './public-address.ts'

/** The octets at an address, or why there are none. */
export type FetchMetadata = (url: string) => Promise<Uint8Array | MetadataFault>

export interface FetchMetadataOptions {
  /** Plain http, this machine and private networks: the sandbox only. */
  readonly allowHttp: boolean
  /** Every address of a name; DNS unless told. */
  readonly resolve?: (hostname: string) => Promise<readonly LookupAddress[]>
  /** From the first packet to the last octet; ten seconds unless told. */
  readonly milliseconds?: number
}

/**
 * Fetches from an address that somebody else chose: https, no redirect, no proxy, no other host than the public
 * Internet's, 512 KiB. The name is resolved once, and the connection goes to what it resolved to: an answer that changes
 * between a check and its use changes nothing.
 */
export function makeFetchMetadata(options: FetchMetadataOptions): FetchMetadata {
  const { allowHttp, milliseconds = 10_000 } = options
  const lookup = confinedLookup(options)
  return async (address) => {
    const url = new URL(address)
    if (url.protocol !== 'https:' && !allowHttp) return metadataFault('not-https', 'The address is not https.')
    const host = url.hostname.replace(/^\[|\]$/g, '')
    // An address that is written as one is never looked up.
    if (isIP(host) !== 0 && !mayConnectTo(host, { near: allowHttp })) return privateAddress
    const signal = AbortSignal.timeout(milliseconds)
    try {
      return await readAnswer(await ask(url, { lookup, signal }))
    } catch (error) {
      if (signal.aborted) return metadataFault('timeout', `No whole answer came within ${milliseconds / 1000} seconds.`)
      if (error === refusedAddress) return privateAddress
      return metadataFault('unreachable', `The address cannot be read${codeOf(error)}.`)
    }
  }
}

const privateAddress = metadataFault('private-address', 'The address is none of the public Internet.')
const refusedAddress = new Error('The name resolves to an address that is not public')

/** `dns.lookup` as sockets want it; one address that is not public refuses the name as a whole. */
function confinedLookup({ allowHttp, resolve = (name) => lookup(name, { all: true }) }: FetchMetadataOptions) {
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

function ask(url: URL, connection: { lookup: LookupFunction; signal: AbortSignal }): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    // No agent: neither a connection that another address opened nor the environment's proxy.
    request(url, {
      ...connection,
      agent: false,
      headers: {
        accept: 'application/samlmetadata+xml, application/xml, text/xml',
        'accept-encoding': 'identity',
        'user-agent': 'clave',
      },
    })
      .on('response', resolve)
      .on('error', reject)
      .end()
  })
}

async function readAnswer(answer: IncomingMessage): Promise<Uint8Array | MetadataFault> {
  const { statusCode = 0, headers } = answer
  const refuse = (code: string, detail: string) => {
    answer.destroy()
    return metadataFault(code, detail)
  }
  if (statusCode !== 200)
    return refuse('status', `The address answered with status ${statusCode}; expected 200, redirects are not followed.`)
  if ((headers['content-encoding'] ?? 'identity') !== 'identity')
    return refuse('encoding', 'The answer is compressed, though it was asked not to be.')
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > metadataLimits.bytes)
      return refuse('too-large', `The answer is longer than ${metadataLimits.bytes} octets.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : ''

import type { IncomingMessage } from 'node:http'
import { makeConfinedRequest, type ConfinedFault, type ConfinedOptions } from '../platform/index.ts'
import { metadataFault, type MetadataFault } from './metadata-xml.ts'
import { metadataLimits } from './open-metadata.ts'

/** The octets at an address, or why there are none. */
export type FetchMetadata = (url: string) => Promise<Uint8Array | MetadataFault>

export interface FetchMetadataOptions extends ConfinedOptions {
  /** From the first packet to the last octet; ten seconds unless told. */
  readonly milliseconds?: number
}

/** Fetches from an address that somebody else chose, confined to the public Internet (`makeConfinedRequest`): 512 KiB. */
export function makeFetchMetadata(options: FetchMetadataOptions): FetchMetadata {
  const { milliseconds = 10_000 } = options
  const request = makeConfinedRequest(options)
  return async (address) => {
    const signal = AbortSignal.timeout(milliseconds)
    const answer = await request(new URL(address), { headers, signal })
    if ('fault' in answer) return sayFault(answer, milliseconds)
    try {
      return await readAnswer(answer)
    } catch {
      return sayFault({ fault: signal.aborted ? 'aborted' : 'unreachable' }, milliseconds)
    }
  }
}

const headers = {
  accept: 'application/samlmetadata+xml, application/xml, text/xml',
  'accept-encoding': 'identity',
  'user-agent': 'clave',
}

function sayFault({ fault, code }: ConfinedFault, milliseconds: number): MetadataFault {
  if (fault === 'not-https') return metadataFault('not-https', 'The address is not https.')
  if (fault === 'private-address')
    return metadataFault('private-address', 'The address is none of the public Internet.')
  if (fault === 'aborted')
    return metadataFault('timeout', `No whole answer came within ${milliseconds / 1000} seconds.`)
  return metadataFault('unreachable', `The address cannot be read${code === undefined ? '' : ` (${code})`}.`)
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

import { inflateRawSync } from 'node:zlib'
import { decodeBase64 } from '../../platform/index.ts'
import { inboundLimits } from '../../saml/index.ts'

/** What was pasted, brought back to XML. */
export interface Pasted {
  /** How it was wrapped. */
  readonly form: 'xml' | 'base64' | 'deflated' | 'form' | 'query'
  readonly xml: Buffer
  readonly relayState: string | undefined
  /** The raw query that an HTTP-Redirect signature is over, where the message came so. */
  readonly query: string | undefined
}

/** Characters that are looked at: the largest message, percent-encoded, with what stands around it. */
export const mostPasted = 400_000

const fields = [
  'SAMLRequest',
  'SAMLResponse',
  'logoutRequest',
  'logoutResponse',
  'samlRequestLogout',
  'samlResponseLogout',
]
const fieldAt = new RegExp(`(?:^|[?&\\s])(?:${fields.join('|')})=`)

/** A message as people find it: in a log, in the browser's tools, in an address. A text in English says why it is none. */
export function readPasted(text: string): Pasted | string {
  const trimmed = text.trim()
  if (trimmed === '') return 'Nothing was pasted.'
  if (trimmed.length > mostPasted) return `The text has ${trimmed.length} characters; at most ${mostPasted} are read.`
  if (trimmed.startsWith('<'))
    return { form: 'xml', xml: Buffer.from(trimmed), relayState: undefined, query: undefined }
  return fieldAt.test(trimmed) ? readFields(trimmed) : readBase64(trimmed)
}

function readFields(text: string): Pasted | string {
  const start = fieldAt.exec(text)!
  const after = text.lastIndexOf('?', start.index + 1) + 1
  const [query = ''] = text.slice(after).split(/[\s#]/, 1)
  const values = new URLSearchParams(query)
  const field = fields.find((name) => values.has(name))
  if (field === undefined) return 'No field of SAML is in the query or the form.'
  const message = readBase64(values.get(field) ?? '')
  if (typeof message === 'string') return message
  const signedByQuery = values.has('SigAlg') || (message.form === 'deflated' && values.has('Signature'))
  return {
    form: signedByQuery ? 'query' : 'form',
    xml: message.xml,
    relayState: values.get('RelayState') ?? undefined,
    query: signedByQuery ? query : undefined,
  }
}

function readBase64(text: string): Pasted | string {
  const octets = decodeBase64(text) ?? decodeBase64(percentDecoded(text))
  if (!octets) return 'The text is neither XML, nor base64, nor a query or form with SAMLRequest or SAMLResponse.'
  // As its first octet is one of "<", white space or a byte order mark.
  if (/^[<\s\xef\xfe\xff]/.test(octets.toString('latin1', 0, 1)))
    return { form: 'base64', xml: octets, relayState: undefined, query: undefined }
  try {
    const xml = inflateRawSync(octets, { maxOutputLength: inboundLimits.bytes })
    return { form: 'deflated', xml, relayState: undefined, query: undefined }
  } catch {
    return `The base64 holds neither XML nor deflated XML of at most ${inboundLimits.bytes} octets.`
  }
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}

import { inflateRawSync } from 'node:zlib'
import { decodeBase64 } from '../../platform/index.ts'
import { inboundLimits } from '../../saml/index.ts'

/** What was pasted, brought back to XML. */
export interface Pasted {
  /** How it was wrapped. */
  readonly form: 'xml' | 'base64' | 'deflated' | 'form' | 'query'
  readonly xml: Buffer
  /** The message as a field carries it: base64. */
  readonly sent: string
  readonly relayState: string | undefined
  /** The field that it was in; XML or base64 alone names none. */
  readonly field: string | undefined
  /** All fields beside it, as a form sends them; undefined where it came in an address, or alone. */
  readonly fields: FormFields | undefined
  /** The raw query that an HTTP-Redirect signature is over, where the message came so. */
  readonly query: string | undefined
  /** Of the address that it came in. */
  readonly path: string | undefined
}

/** A field that stands there more than once has several values. */
export type FormFields = Readonly<Record<string, string | readonly string[]>>

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
  if (trimmed.startsWith('<')) return alone({ form: 'xml', xml: Buffer.from(trimmed) })
  if (fieldAt.test(trimmed)) return readFields(trimmed)
  const read = readBase64(trimmed)
  return typeof read === 'string' ? read : alone(read)
}

type Unwrapped = Pick<Pasted, 'form' | 'xml'> & { readonly sent?: string }

const alone = ({ form, xml, sent = xml.toString('base64') }: Unwrapped): Pasted => ({
  ...{ form, xml, sent },
  ...{ relayState: undefined, field: undefined, fields: undefined, query: undefined, path: undefined },
})

function readFields(text: string): Pasted | string {
  const { address, query } = fieldsIn(text)
  const values = new URLSearchParams(query)
  const field = fields.find((name) => values.has(name))
  if (field === undefined) return 'No field of SAML is in the query or the form.'
  const message = readBase64(values.get(field) ?? '')
  if (typeof message === 'string') return message
  const inQuery =
    address !== undefined || values.has('SigAlg') || (message.form === 'deflated' && values.has('Signature'))
  return {
    form: inQuery ? 'query' : 'form',
    xml: message.xml,
    sent: values.get(field) ?? '',
    relayState: values.get('RelayState') ?? undefined,
    field,
    fields: inQuery ? undefined : formOf(values),
    query: inQuery ? query : undefined,
    path: address?.replace(/^\w+:\/\/[^/]*/, ''),
  }
}

/** Up to the next white space, from the one before; an address has its `?` in front of the first field. */
function fieldsIn(text: string): { readonly address: string | undefined; readonly query: string } {
  const { index } = fieldAt.exec(text)!
  const start = /\s/.test(text.charAt(index)) ? index + 1 : index
  const begins = start - text.slice(0, start).split(/\s/).at(-1)!.length
  const [piece = ''] = text.slice(begins).split(/[\s#]/, 1)
  const [, address, query] = /^([^?=&]*)\?(.*)$/s.exec(piece) ?? []
  return { address, query: query ?? piece }
}

const formOf = (values: URLSearchParams): FormFields =>
  Object.fromEntries(
    [...new Set(values.keys())].map((name) => {
      const all = values.getAll(name)
      return [name, all.length === 1 ? all[0]! : all]
    }),
  )

function readBase64(text: string): Required<Unwrapped> | string {
  const sent = [text, percentDecoded(text)].find((one) => decodeBase64(one) !== undefined)
  const octets = sent === undefined ? undefined : decodeBase64(sent)
  if (!octets || sent === undefined)
    return 'The text is neither XML, nor base64, nor a query or form with SAMLRequest or SAMLResponse.'
  // As its first octet is one of "<", white space or a byte order mark.
  if (/^[<\s\xef\xfe\xff]/.test(octets.toString('latin1', 0, 1))) return { form: 'base64', xml: octets, sent }
  try {
    const xml = inflateRawSync(octets, { maxOutputLength: inboundLimits.bytes })
    return { form: 'deflated', xml, sent }
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

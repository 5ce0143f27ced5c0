import { inflateRawSync } from 'node:zlib'
import { decodeBase64 } from '../platform/index.ts'
import { refusal, type Refusal } from '../refusal/index.ts'

/** How much of a message is looked at; what is larger is refused before it is decoded, inflated or parsed. */
export const inboundLimits = {
  /** Characters of SAMLRequest, SAMLResponse or logoutRequest (clave-saml-profile, 1). */
  characters: 131_072,
  /** Octets of XML, inflated. */
  bytes: 131_072,
  /** Elements and attributes; a request with a hundred requested attributes has some 600. */
  nodes: 1_000,
  depth: 32,
} as const

const notAMessage = (reason: string) => refusal('SAML-01-not-a-message', { reason })

/** The XML inside the base64 of a form field: as it is, or deflated as some clients send it (libraries, OAEP line). */
export function octetsOfPost(text: string): Buffer | Refusal {
  const octets = octetsOfBase64(text)
  if (!Buffer.isBuffer(octets) || isXmlStart(octets[0]!)) return octets
  return inflate(octets)
}

/** The XML inside the base64 of a query parameter, always deflated (SAML 2.0 bindings, 3.4.4.1). */
export function octetsOfRedirect(text: string): Buffer | Refusal {
  const octets = octetsOfBase64(text)
  return Buffer.isBuffer(octets) ? inflate(octets) : octets
}

function octetsOfBase64(text: string): Buffer | Refusal {
  if (text.length > inboundLimits.characters)
    return notAMessage(`The message has ${text.length} characters; at most ${inboundLimits.characters} are read.`)
  if (text.trim() === '') return notAMessage('The message is empty.')
  return (
    decodeBase64(text) ??
    notAMessage('The message is not base64 (where it holds spaces, each "+" has to be sent as %2B).')
  )
}

/** `<`, white space, or how a byte order mark begins, which the parser's screen refuses by its name. */
const isXmlStart = (octet: number) => [0x3c, 0x20, 0x09, 0x0a, 0x0d, 0xef, 0xfe, 0xff].includes(octet)

// With `info` the answer says how much of the octets it is made of, which the types do not know.
const options = { maxOutputLength: inboundLimits.bytes, info: true }
interface Inflated {
  readonly buffer: Buffer
  readonly engine: { readonly bytesWritten: number }
}

function inflate(octets: Buffer): Buffer | Refusal {
  try {
    const { buffer, engine } = inflateRawSync(octets, options) as unknown as Inflated
    if (engine.bytesWritten === octets.length) return buffer
    return notAMessage('Octets stand behind the end of the deflated message.')
  } catch (error) {
    const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    return notAMessage(
      isTooLarge
        ? `The message is larger than ${inboundLimits.bytes} octets when inflated.`
        : 'The message is neither XML nor deflated XML.',
    )
  }
}

import { isUtf8 } from 'node:buffer'
import { fault, type XmlFault } from './fault.ts'

/** What is looked at, at most: octets, nodes (elements, attributes and namespace declarations), nested elements. */
export interface XmlLimits {
  readonly bytes: number
  readonly nodes: number
  readonly depth: number
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])
const declaration =
  /^<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?:"1\.0"|'1\.0')(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(?:"utf-8"|'utf-8'))?(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(?:"(?:yes|no)"|'(?:yes|no)'))?[ \t\r\n]*\?>/i
const reference = /^&(?:lt|gt|amp|quot|apos|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});/

/**
 * Decides by one pass over the octets whether the parser may see them at all, so that nothing is parsed beyond a limit
 * and the parser never meets what it would have to be trusted with (DTD, entities, other encodings).
 * Answers the octets behind an XML declaration.
 */
export function screenOctets(octets: Buffer, limits: XmlLimits): Buffer | XmlFault {
  if (octets.length > limits.bytes)
    return fault('too-large', `The XML has ${octets.length} octets; at most ${limits.bytes} are read.`)
  if (octets.length === 0) return fault('not-xml', 'Nothing came where XML is expected.')
  return screenEncoding(octets) ?? screenReferences(octets) ?? screenMarkup(octets, limits)
}

function screenEncoding(octets: Buffer): XmlFault | undefined {
  if (octets.includes(0)) return fault('not-xml', 'The XML holds octets of zero, as UTF-16 does; it has to be UTF-8.')
  // Wherever it stands: a decoder may swallow the mark, and a value read would differ from the one signed.
  if (octets.includes(byteOrderMark)) return fault('not-xml', 'The XML holds a byte order mark; it has to go.')
  if (!isUtf8(octets)) return fault('not-xml', 'The XML is not encoded as UTF-8.')
  return undefined
}

function screenReferences(octets: Buffer): XmlFault | undefined {
  for (let at = octets.indexOf(0x26); at >= 0; at = octets.indexOf(0x26, at + 1)) {
    const text = octets.toString('latin1', at, at + 12)
    if (/^&#(?:0*65279|x0*feff);/i.test(text))
      return fault('not-xml', 'The XML holds a byte order mark as a reference; it has to go.')
    if (!reference.test(text))
      return fault(
        'doctype',
        'The XML holds an entity reference; only lt, gt, amp, quot, apos and numbers may stand after an ampersand.',
      )
  }
  return undefined
}

function screenMarkup(octets: Buffer, limits: XmlLimits): Buffer | XmlFault {
  const start = declaration.exec(octets.toString('latin1', 0, 256))?.[0].length ?? 0
  /** For each element that is open, the namespace declarations that hold inside it. */
  const scopes: number[] = []
  let nodes = 0
  for (let at = octets.indexOf(0x3c, start); at >= 0; at = octets.indexOf(0x3c, at + 1)) {
    const next = octets[at + 1]
    if (next === 0x21) return fault('doctype', 'The XML holds a DOCTYPE, comment or CDATA section ("<!").')
    if (next === 0x3f) return faultOfInstruction(octets, at)
    if (next === 0x2f) {
      scopes.pop()
      continue
    }
    const tag = readTag(octets, at + 1)
    if (!tag) return fault('not-xml', 'The XML ends within a tag.')
    nodes += 1 + tag.attributes
    const inScope = (scopes.at(-1) ?? 0) + tag.namespaces
    const tooLarge = faultOfSize(limits, nodes, scopes.length + 1, inScope)
    if (tooLarge) return tooLarge
    if (!tag.empty) scopes.push(inScope)
    at = tag.end
  }
  return octets.subarray(start)
}

/** In scope at one place: inclusive canonicalisation takes time with their square, for each element. */
const mostNamespaces = 32

function faultOfSize(limits: XmlLimits, nodes: number, depth: number, namespaces: number): XmlFault | undefined {
  if (nodes > limits.nodes) return fault('too-large', `The XML has more than ${limits.nodes} elements and attributes.`)
  if (depth > limits.depth) return fault('too-large', `The XML nests elements deeper than ${limits.depth}.`)
  if (namespaces > mostNamespaces)
    return fault('too-large', `The XML declares more than ${mostNamespaces} namespaces for one place.`)
  return undefined
}

function faultOfInstruction(octets: Buffer, at: number): XmlFault {
  return at === 0 && /^<\?xml[ \t\r\n]/.test(octets.toString('latin1', 0, 6))
    ? fault(
        'not-xml',
        'The XML declaration is malformed, or says another version than 1.0 or another encoding than UTF-8.',
      )
    : fault('doctype', 'The XML holds a processing instruction.')
}

interface Tag {
  /** Where its `>` is. */
  readonly end: number
  /** Namespace declarations counted. */
  readonly attributes: number
  readonly namespaces: number
  /** It ends itself. */
  readonly empty: boolean
}

const xmlns = Buffer.from('xmlns')

/** The start tag from behind its `<`; undefined: it has no end. */
function readTag(octets: Buffer, from: number): Tag | undefined {
  let attributes = 0
  let namespaces = 0
  for (let at = from; at < octets.length; at++) {
    const octet = octets[at]!
    if (octet === 0x3e) return { end: at, attributes, namespaces, empty: octets[at - 1] === 0x2f }
    if (octet === 0x3d) attributes++
    else if (octet === 0x22 || octet === 0x27) {
      at = octets.indexOf(octet, at + 1)
      if (at < 0) return undefined
    } else if (octet === 0x78 && xmlns.equals(octets.subarray(at, at + 5))) namespaces++
  }
  return undefined
}

import { isUtf8 } from 'node:buffer'
import { fault, type XmlFault } from './fault.ts'

/** What is looked at, at most: octets, nodes (elements, attributes and namespace declarations), nested elements. */
export interface XmlLimits {
  readonly bytes: number
  readonly nodes: number
  readonly depth: number
}

/** UTF-8 of U+FEFF, an octet a character. */
const byteOrderMark = '\xef\xbb\xbf'
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
  // An octet a character, since looking for something takes a tenth of the time that it takes in a buffer.
  const text = octets.toString('latin1')
  return screenEncoding(octets, text) ?? screenReferences(text) ?? screenMarkup(octets, text, limits)
}

function screenEncoding(octets: Buffer, text: string): XmlFault | undefined {
  if (text.includes('\0')) return fault('not-xml', 'The XML holds octets of zero, as UTF-16 does; it has to be UTF-8.')
  // Wherever it stands: a decoder may swallow the mark, and a value read would differ from the one signed.
  if (text.includes(byteOrderMark)) return fault('not-xml', 'The XML holds a byte order mark; it has to go.')
  if (!isUtf8(octets)) return fault('not-xml', 'The XML is not encoded as UTF-8.')
  // The library tells declarations as properties of an object, which takes none of this name.
  if (text.includes('xmlns:__proto__')) return fault('not-xml', 'The XML declares the prefix __proto__.')
  return undefined
}

function screenReferences(text: string): XmlFault | undefined {
  for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', at + 1)) {
    const found = text.slice(at, at + 12)
    if (/^&#(?:0*65279|x0*feff);/i.test(found))
      return fault('not-xml', 'The XML holds a byte order mark as a reference; it has to go.')
    if (!reference.test(found))
      return fault(
        'doctype',
        'The XML holds an entity reference; only lt, gt, amp, quot, apos and numbers may stand after an ampersand.',
      )
  }
  return undefined
}

function screenMarkup(octets: Buffer, text: string, limits: XmlLimits): Buffer | XmlFault {
  const start = declaration.exec(text.slice(0, 256))?.[0].length ?? 0
  /** For each element that is open, the namespace declarations that hold inside it. */
  const scopes: number[] = []
  let nodes = 0
  for (let at = text.indexOf('<', start); at >= 0; at = text.indexOf('<', at + 1)) {
    const next = text.charCodeAt(at + 1)
    if (next === 0x21) return fault('doctype', 'The XML holds a DOCTYPE, comment or CDATA section ("<!").')
    if (next === 0x3f) return faultOfInstruction(text, at)
    if (next === 0x2f) {
      scopes.pop()
      continue
    }
    const tag = readTag(text, at + 1)
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

function faultOfInstruction(text: string, at: number): XmlFault {
  return at === 0 && /^<\?xml[ \t\r\n]/.test(text)
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

/** The start tag from behind its `<`; undefined: it has no end. */
function readTag(text: string, from: number): Tag | undefined {
  let attributes = 0
  let namespaces = 0
  for (let at = from; at < text.length; at++) {
    const octet = text.charCodeAt(at)
    if (octet === 0x3e) return { end: at, attributes, namespaces, empty: text.charCodeAt(at - 1) === 0x2f }
    if (octet === 0x3d) attributes++
    else if (octet === 0x22 || octet === 0x27) {
      at = text.indexOf(octet === 0x22 ? '"' : "'", at + 1)
      if (at < 0) return undefined
    } else if (octet === 0x78 && text.startsWith('xmlns', at)) namespaces++
  }
  return undefined
}

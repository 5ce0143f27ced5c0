import { ParseOption, XmlDocument, XmlParseError } from 'libxml2-wasm'
import { fault, isXmlFault, type XmlFault } from './fault.ts'
import { readElement, type XmlElement } from './read-element.ts'
import { screenOctets, type XmlLimits } from './screen-octets.ts'

const canonicalOption =
  ParseOption.XML_PARSE_NO_XXE |
  ParseOption.XML_PARSE_NONET |
  ParseOption.XML_PARSE_NO_SYS_CATALOG |
  ParseOption.XML_PARSE_SKIP_IDS |
  ParseOption.XML_PARSE_IGNORE_ENC |
  ParseOption.XML_PARSE_COMPACT
// Without it a relative namespace is noticed only where it is the default one.
const strangerOption = canonicalOption | ParseOption.XML_PARSE_PEDANTIC

/** XML without a signature of its own (or whose signature was checked by other means) as plain data. */
export function readXml(octets: Uint8Array | string, limits: XmlLimits): XmlElement | XmlFault {
  const read = withDocument(octets, limits, (document) => ({ element: readElement(document.root) }))
  return isXmlFault(read) ? read : (faultOfElement(read.element) ?? read.element)
}

const inclusion = 'http://www.w3.org/2001/XInclude'
const xml = 'http://www.w3.org/XML/1998/namespace'

/** What would make a reader look elsewhere, or at another base, than at the octets that are signed. */
export function faultOfElement({ namespace, attributes, children }: XmlElement): XmlFault | undefined {
  if (namespace === inclusion) return fault('doctype', 'The XML holds an element of XInclude.')
  if (attributes.some((one) => one.namespace === xml && (one.name === 'id' || one.name === 'base')))
    return fault('not-xml', 'The XML holds xml:id or xml:base, which may not stand in it.')
  for (const child of children) {
    const found = faultOfElement(child)
    if (found) return found
  }
  return undefined
}

/** Screens and parses the octets, hands the document to `read`, and frees the parser's memory whatever happens. */
export function withDocument<T extends object>(
  octets: Uint8Array | string,
  limits: XmlLimits,
  read: (document: XmlDocument, octets: Buffer) => T | XmlFault,
): T | XmlFault {
  const screened = screenOctets(octetsOf(octets, limits), limits)
  return isXmlFault(screened) ? screened : parse(screened, strangerOption, read)
}

/** The canonical form of a document that was screened and parsed before: whatever it declares was judged there. */
export function parseCanonical<T extends object>(
  octets: Buffer,
  read: (document: XmlDocument) => T | XmlFault,
): T | XmlFault {
  return parse(octets, canonicalOption, read)
}

function parse<T extends object>(
  octets: Buffer,
  option: number,
  read: (document: XmlDocument, octets: Buffer) => T | XmlFault,
): T | XmlFault {
  let document: XmlDocument
  try {
    document = XmlDocument.fromBuffer(octets, { option })
  } catch (error) {
    if (error instanceof XmlParseError) return fault('not-xml', parseReason(error.details))
    throw error
  }
  try {
    // The only warnings there are without a DTD: names of namespaces that are relative or no URI, which void a
    // canonicalisation (Canonical XML 1.0, 1.3).
    return document.warnings.length > 0 ? fault('not-xml', parseReason(document.warnings)) : read(document, octets)
  } finally {
    document.dispose()
  }
}

function parseReason([first]: XmlParseError['details']): string {
  if (!first) return 'The XML is not well-formed.'
  const message = first.message.trim().replace(/[^\x20-\x7e]/g, '?')
  return `The XML is not well-formed with namespaces: line ${first.line}: ${message.slice(0, 160)}.`
}

/** At most one octet more than the limit is made of a text: enough for the screen to refuse it. */
function octetsOf(octets: Uint8Array | string, limits: XmlLimits): Buffer {
  if (typeof octets === 'string') return Buffer.from(octets.slice(0, limits.bytes + 1))
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength)
}

/**
 * Why octets are no XML that is accepted.
 * `not-xml`: not well-formed UTF-8 XML 1.0 with namespaces. `doctype`: a DTD, entity, comment, CDATA section, processing
 * instruction or inclusion. `too-large`: beyond a limit. The others: what is wrong with how it is signed.
 */
export interface XmlFault {
  readonly fault:
    'not-xml' | 'doctype' | 'too-large' | 'signature' | 'signature-algorithm' | 'digest-algorithm' | 'certificate'
  /** One English sentence for the integrator: what was found and what is expected. No text of the document but names. */
  readonly reason: string
}

export const fault = (kind: XmlFault['fault'], reason: string): XmlFault => ({ fault: kind, reason })

export function isXmlFault(value: unknown): value is XmlFault {
  return typeof value === 'object' && value !== null && 'fault' in value
}

/** A name or URI that a stranger wrote, short and printable enough to be repeated. */
export function quoted(text: string): string {
  const printable = text.replace(/[^\x20-\x7e]/g, '?')
  return `"${printable.length > 120 ? `${printable.slice(0, 120)}…` : printable}"`
}

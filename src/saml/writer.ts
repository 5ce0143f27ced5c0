/**
 * XML written already in its exclusive canonical form (XML-EXC-C14N): what is written is, octet for octet, what is digested
 * and signed, and no document tree is ever built. So whoever writes an element declares each prefix on the outermost element
 * that uses it, in one place only, and names the declarations first, then the attributes, each in the order of their names.
 * The tests canonicalise every kind of message with other implementations and compare.
 */
declare const written: unique symbol
/** A piece of XML; plain text becomes one by `text` only. */
export type Xml = string & { readonly [written]: true }

/** Values are escaped here; undefined ones are left out. */
export type Attributes = Readonly<Record<string, string | undefined>>

/** An element with its end tag, even when it is empty: the canonical form knows no other. */
export function element(name: string, attributes: Attributes, ...children: readonly Xml[]): Xml {
  let out = startTag(name, attributes)
  for (const child of children) out += child
  return `${out}</${name}>` as Xml
}

export function startTag(name: string, attributes: Attributes): string {
  let out = `<${name}`
  for (const attribute in attributes) {
    const value = attributes[attribute]
    if (value !== undefined) out += ` ${attribute}="${attributeValue(value)}"`
  }
  return `${out}>`
}

/** An element that holds text. */
export const leaf = (name: string, attributes: Attributes, value: string): Xml => element(name, attributes, text(value))

/** Octets as content, in base64: it has nothing to escape, and may be long. */
export const base64 = (octets: Buffer): Xml => verbatim(octets.toString('base64'))

/** What is XML already, or base64, which has nothing to escape. */
export const verbatim = (safe: string): Xml => safe as Xml

/** Text as content: `&`, `<`, `>` and carriage return as canonical XML writes them (Canonical XML 1.0, 2.3). */
export function text(value: string): Xml {
  const held = holdable(value)
  return (/[&<>\r]/.test(held) ? held.replace(/[&<>\r]/g, escape) : held) as Xml
}

function attributeValue(value: string): string {
  const held = holdable(value)
  return /[&<"\t\n\r]/.test(held) ? held.replace(/[&<"\t\n\r]/g, escape) : held
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
}
const escape = (character: string): string => escapes[character]!

/**
 * What XML 1.0 cannot hold even escaped (control characters, U+FFFE, U+FFFF, lone surrogates) becomes U+FFFD, so that the
 * reader sees that something stood there. U+0085 and U+2028 become the line feed that readers with the line ends of XML 1.1
 * (xmldom among them) would make of them, and then not find the octets that were signed.
 */
const holdable = (value: string): string =>
  plain.test(value) ? value : value.toWellFormed().replace(otherLineEnds, '\n').replace(unholdable, '\uFFFD')

// What nearly every value is made of; the rest takes the long way.
const plain = /^[\x20-\x7E\xA0-\u2027\u2029-\uD7FF]*$/
const otherLineEnds = /[\x85\u2028]/g
// The ranges of XML 1.0, production 2.
const unholdable = /[\x00-\x08\x0B\x0C\x0E-\x1F\uFFFE\uFFFF]/g

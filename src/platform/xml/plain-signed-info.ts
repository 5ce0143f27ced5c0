import type { XmlElement } from './read-element.ts'

const prefix = '(?:[A-Za-z_][A-Za-z0-9_.-]*:)?'
const name = '[A-Za-z]+'
/** One at most, so that there is no order, and no declaration of a namespace, which begins with a small letter. */
const attribute = '[A-Z][A-Za-z]*="[ !#-%\'-;=?-~]*"'
/** ASCII without `&`, `<`, `>` and carriage return: nothing that is written otherwise than it is read. */
const text = "[\\t\\n -%'-;=?-~]*"
const plain = new RegExp(`^<(${prefix})SignedInfo>${text}(?:<(?:\\1${name}(?: ${attribute})?/?|/\\1${name})>${text})*$`)

/** A SignedInfo that stands in its octets nearly as it is canonicalised. */
export interface PlainSignedInfo {
  /** What the parser reads of it. */
  readonly element: XmlElement
  /** Its canonical octets, where it is canonicalised exclusively and without a list of prefixes. */
  readonly canonical: Buffer
}

/**
 * The SignedInfo of these octets, where hardly anything has to be done for it, as with nearly every signer: all of it
 * stands under one prefix (or none), with at most one attribute a tag and nothing to escape. Exclusive XML Canonicalization
 * 1.0, 3, then leaves it as it stands, but declares the prefix at SignedInfo and closes an empty element by a tag of its
 * own; and each value stands as it is between two quotes or two tags. So the terms of the signature are taken from the very
 * octets that it is over. Undefined: anything else, which the parser and its canonicalisation read in several times as long.
 * @param octets screened and well-formed: each `<` in them begins a tag, and each tag ends where it has to.
 * @param of the prefix of the one that was parsed, and its namespace.
 */
export function plainSignedInfo(
  octets: Buffer,
  of: { readonly prefix: string; readonly namespace: string },
): PlainSignedInfo | undefined {
  const qualified = of.prefix === '' ? 'SignedInfo' : `${of.prefix}:SignedInfo`
  // As text, an octet a character: looking for something takes a tenth of the time that it takes in a buffer.
  const all = octets.toString('latin1')
  const start = all.indexOf(`<${qualified}`)
  // With a second one it would not be certain that this is the one that was parsed as the Signature's.
  if (start < 0 || all.includes(`<${qualified}`, start + 1)) return undefined
  const end = all.indexOf(`</${qualified}>`, start)
  const found = all.slice(start, end + qualified.length + 3)
  return end < 0 || !plain.test(found) ? undefined : read(found, of)
}

interface Draft extends XmlElement {
  readonly children: Draft[]
  text: string
}

/** One pass over what `plain` lets through: there `>` stands at the end of a tag only, and a space in a tag before its attribute. */
function read(
  markup: string,
  { prefix, namespace }: { readonly prefix: string; readonly namespace: string },
): PlainSignedInfo {
  const local = prefix === '' ? 0 : prefix.length + 1
  const draft = (name: string, attributes: XmlElement['attributes']): Draft => {
    return { namespace, name, attributes, children: [], text: '' }
  }
  const root = draft('SignedInfo', [])
  const open = [root]
  let inside = root
  let behind = markup.indexOf('>') + 1
  let written = `${markup.slice(0, behind - 1)} xmlns${prefix === '' ? '' : `:${prefix}`}="${namespace}">`
  let from = behind
  for (let at = markup.indexOf('<', behind); at >= 0; at = markup.indexOf('<', behind)) {
    if (at > behind) inside.text += markup.slice(behind, at)
    behind = markup.indexOf('>', at) + 1
    if (markup[at + 1] === '/') {
      open.pop()
      inside = open.at(-1) ?? root
      continue
    }
    const isEmpty = markup[behind - 2] === '/'
    const tag = markup.slice(at + 1, behind - (isEmpty ? 2 : 1))
    const space = tag.indexOf(' ')
    const qualified = space < 0 ? tag : tag.slice(0, space)
    const child = draft(qualified.slice(local), space < 0 ? [] : [attributeIn(tag, space + 1)])
    inside.children.push(child)
    if (isEmpty) {
      written += `${markup.slice(from, behind - 2)}></${qualified}>`
      from = behind
    } else {
      open.push(child)
      inside = child
    }
  }
  return { element: root, canonical: Buffer.from(written + markup.slice(from), 'latin1') }
}

function attributeIn(tag: string, at: number): XmlElement['attributes'][number] {
  const equals = tag.indexOf('=', at)
  return { namespace: '', name: tag.slice(at, equals), value: tag.slice(equals + 2, -1) }
}

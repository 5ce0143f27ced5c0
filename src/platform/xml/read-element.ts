import { XmlElement as LibElement, XmlText as LibText, type XmlAttribute as LibAttribute } from 'libxml2-wasm'

/** A plain-data tree: an element, its attributes, its child elements and its text. */
export interface XmlElement {
  /** URI, or empty. */
  readonly namespace: string
  readonly name: string
  /** Without namespace declarations. */
  readonly attributes: readonly XmlAttribute[]
  readonly children: readonly XmlElement[]
  /** All text directly inside, one after the other, not trimmed. */
  readonly text: string
}

export interface XmlAttribute {
  /** URI; empty for an attribute without a prefix. */
  readonly namespace: string
  readonly name: string
  readonly value: string
}

/** What is declared at one place: the innermost declaration of a prefix holds. */
interface Declared {
  readonly prefix: string
  readonly uri: string
  readonly around: Declared | undefined
}

/**
 * The parsed element as plain data, which outlives the parser's memory. Each URI is taken once for each declaration: at
 * each element, a long one in a document of many elements would become a thousand times the document.
 * @param known a child of the element, and what is to be read of it.
 */
export function readElement(node: LibElement, known?: readonly [LibElement, XmlElement]): XmlElement {
  return readWithin(node, undefined, new Map(), known)
}

/**
 * @param around what is declared from the first element to this one's parent.
 * @param outside URIs by prefix: what is declared around the first element, as far as it was asked for.
 */
function readWithin(
  node: LibElement,
  around: Declared | undefined,
  outside: Map<string, string>,
  known?: readonly [LibElement, XmlElement],
): XmlElement {
  const declared = withDeclared(node, around)
  const children: XmlElement[] = []
  let text = ''
  for (let child = node.firstChild; child; child = child.next) {
    if (child instanceof LibElement)
      children.push(known && child.isSameNode(known[0]) ? known[1] : readWithin(child, declared, outside))
    else if (child instanceof LibText) text += child.content
    // The screen lets nothing else through; were it to, leaving it out would make a value of what was cut in two.
    else throw new Error('The parser found a kind of node that the screen of the octets should have refused')
  }
  const attributes: XmlAttribute[] = []
  for (const attribute of node.attrs) {
    // Without a prefix an attribute has no namespace (Namespaces in XML 1.0, 6.2).
    const namespace = attribute.namespacePrefix === '' ? '' : namespaceOf(attribute, declared, outside)
    attributes.push({ namespace, name: attribute.name, value: attribute.value })
  }
  return { namespace: namespaceOf(node, declared, outside), name: node.name, attributes, children, text }
}

function withDeclared(node: LibElement, around: Declared | undefined): Declared | undefined {
  const declarations = node.nsDeclarations
  let declared = around
  for (const prefix in declarations) declared = { prefix, uri: declarations[prefix]!, around: declared }
  return declared
}

function namespaceOf(
  node: LibElement | LibAttribute,
  declared: Declared | undefined,
  outside: Map<string, string>,
): string {
  const prefix = node.namespacePrefix
  for (let one = declared; one; one = one.around) if (one.prefix === prefix) return one.uri
  const known = outside.get(prefix)
  if (known !== undefined) return known
  const namespace = node.namespaceUri
  outside.set(prefix, namespace)
  return namespace
}

/** The value of the attribute without a namespace. */
export function attributeOf(element: XmlElement, name: string): string | undefined {
  for (const attribute of element.attributes)
    if (attribute.name === name && attribute.namespace === '') return attribute.value
  return undefined
}

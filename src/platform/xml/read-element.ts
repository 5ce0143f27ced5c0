import { XmlElement as LibElement, XmlText as LibText } from 'libxml2-wasm'

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

/** The parsed element as plain data, which outlives the parser's memory. */
export function readElement(node: LibElement): XmlElement {
  const children: XmlElement[] = []
  let text = ''
  for (let child = node.firstChild; child; child = child.next) {
    if (child instanceof LibElement) children.push(readElement(child))
    else if (child instanceof LibText) text += child.content
    // The screen lets nothing else through; were it to, leaving it out would make a value of what was cut in two.
    else throw new Error('The parser found a kind of node that the screen of the octets should have refused')
  }
  return { namespace: node.namespaceUri, name: node.name, attributes: readAttributes(node), children, text }
}

function readAttributes(node: LibElement): XmlAttribute[] {
  const attributes: XmlAttribute[] = []
  for (const attribute of node.attrs)
    attributes.push({ namespace: attribute.namespaceUri, name: attribute.name, value: attribute.value })
  return attributes
}

/** The value of the attribute without a namespace. */
export function attributeOf(element: XmlElement, name: string): string | undefined {
  return element.attributes.find((attribute) => attribute.name === name && attribute.namespace === '')?.value
}

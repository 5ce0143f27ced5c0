import { Extractor } from 'samlify'

/** The local name of the root element. */
export function rootOf(xml: string): string {
  const name = /^\s*(?:<\?xml [^>]*>\s*)?<(?:[\w.-]+:)?([\w.-]+)/.exec(xml)?.[1]
  if (name === undefined) throw new Error('the message is not XML')
  return name
}

/** The text of the one element at this path from the root, by local names; undefined where there is none. */
export function textOf(xml: string, path: readonly string[]): string | undefined {
  const found = extracted(xml, { localPath: [...path], attributes: [] })
  if (Array.isArray(found)) throw new Error(`more than one ${path.join('/')}`)
  return typeof found === 'string' ? found.trim() : undefined
}

/** The elements at this path, as text. */
export function elementsOf(xml: string, path: readonly string[]): readonly string[] {
  const found = extracted(xml, { localPath: [...path], attributes: [], context: true })
  return [found ?? []].flat() as string[]
}

/** Two or more attributes of each element at this path; the library writes their names in camel case. */
export function attributesOf(
  xml: string,
  path: readonly string[],
  names: readonly [string, string, ...string[]],
): readonly Readonly<Record<string, string | undefined>>[] {
  return [extracted(xml, { localPath: [...path], attributes: [...names] }) ?? []].flat() as Record<string, string>[]
}

/** The attributes of an assertion by their FriendlyName; one with several values keeps all. */
export function friendlyAttributes(assertion: string): Readonly<Record<string, string | readonly string[]>> {
  const found = extracted(assertion, {
    localPath: ['Assertion', 'AttributeStatement', 'Attribute'],
    index: ['FriendlyName'],
    attributePath: ['AttributeValue'],
    attributes: [],
  })
  return (found ?? {}) as Record<string, string | string[]>
}

const extracted = (xml: string, field: Omit<Parameters<typeof Extractor.extract>[1][number], 'key'>): unknown =>
  Extractor.extract(xml, [{ key: 'found', ...field }])['found']

import type { XmlElement } from '../platform/index.ts'

/** Why metadata were not taken. `code` is a word for the log, `detail` a sentence for who manages the agency. */
export interface MetadataFault {
  readonly code: string
  readonly detail: string
}

export const metadataFault = (code: string, detail: string): MetadataFault => ({ code, detail })
export const isMetadataFault = (value: object): value is MetadataFault => 'code' in value && 'detail' in value

export const metadataNs = 'urn:oasis:names:tc:SAML:2.0:metadata'
export const signatureNs = 'http://www.w3.org/2000/09/xmldsig#'

export const childrenOf = (parent: XmlElement, namespace: string, name: string): readonly XmlElement[] =>
  parent.children.filter((child) => child.namespace === namespace && child.name === name)

/** What `attribute` says, trimmed; undefined where it is absent. */
export const attributeText = (element: XmlElement, attribute: string): string | undefined =>
  element.attributes.find(({ namespace, name }) => namespace === '' && name === attribute)?.value.trim()

/** xs:dateTime; without a zone it is UTC (SAML 2.0 core, 1.3.3). Undefined: it is none. */
export function readInstant(text: string): Date | undefined {
  const read = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?)(Z|[+-]\d\d:\d\d)?$/.exec(text)
  const at = read && new Date(`${read[1]}${read[2] ?? 'Z'}`)
  return at && !Number.isNaN(at.getTime()) ? at : undefined
}

const duration = /^P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/
const unitSeconds = [365 * 86_400, 30 * 86_400, 86_400, 3_600, 60, 1]

/** Seconds of an xs:duration, years and months by their usual length. Undefined: it is none, or negative. */
export function readDuration(text: string): number | undefined {
  const [, ...counts] = duration.exec(text) ?? []
  if (counts.length === 0) return undefined
  return counts.reduce((sum, count, unit) => sum + Number(count ?? 0) * (unitSeconds[unit] ?? 0), 0)
}

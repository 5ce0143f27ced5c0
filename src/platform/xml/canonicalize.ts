import { XmlC14NMode, XmlError, type XmlDocument, type XmlNode } from 'libxml2-wasm'

const modes = new Map<string, (typeof XmlC14NMode)[keyof typeof XmlC14NMode]>([
  ['http://www.w3.org/2001/10/xml-exc-c14n#', XmlC14NMode.XML_C14N_EXCLUSIVE_1_0],
  ['http://www.w3.org/TR/2001/REC-xml-c14n-20010315', XmlC14NMode.XML_C14N_1_0],
  ['http://www.w3.org/2006/12/xml-c14n11', XmlC14NMode.XML_C14N_1_1],
])
export const inclusiveAlgorithm = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'
export const exclusiveAlgorithm = 'http://www.w3.org/2001/10/xml-exc-c14n#'
export const canonicalizationAlgorithms: readonly string[] = [...modes.keys()]

export interface Canonicalization {
  readonly algorithm: string
  /** InclusiveNamespaces PrefixList; `#default` for the default namespace. */
  readonly prefixes: readonly string[]
}

/**
 * The canonical octets of the document, or of one element of it; undefined: the document has no canonical form, or one of
 * more than `most` octets: a namespace declared once is written again wherever it is used, so that little text can become much.
 */
export function canonicalize(
  document: XmlDocument,
  { algorithm, prefixes }: Canonicalization,
  most: number,
  apex?: XmlNode,
): Buffer | undefined {
  const mode = modes.get(algorithm)
  if (mode === undefined) throw new Error(`No canonicalisation ${algorithm}`)
  // The library's own collector decodes piece by piece and so breaks a character that lies across two pieces.
  const pieces: Buffer[] = []
  let length = 0
  const collector = {
    write(piece: Uint8Array) {
      length += piece.byteLength
      // libxml2 stops at once.
      if (length > most) return -1
      pieces.push(Buffer.from(piece))
      return piece.byteLength
    },
    close: () => true,
  }
  try {
    document.canonicalize(collector, {
      mode,
      ...(mode === XmlC14NMode.XML_C14N_EXCLUSIVE_1_0 &&
        prefixes.length > 0 && { inclusiveNamespacePrefixes: [...prefixes] }),
      ...(apex && { nodeSet: new Set([apex]) }),
    })
  } catch (error) {
    if (error instanceof XmlError) return undefined
    throw error
  }
  const octets = Buffer.concat(pieces)
  // What failed half-way may have no octets, and the digest of nothing is known to everybody.
  return octets.length > 0 ? octets : undefined
}

import { hash, timingSafeEqual } from 'node:crypto'
import { XmlElement as LibElement, type XmlDocument, type XmlTreeNode } from 'libxml2-wasm'
import { decodeBase64, digestOf, verifyOctets, type VerifyingKey } from './algorithms.ts'
import { canonicalize, exclusiveAlgorithm } from './canonicalize.ts'
import { fault, isXmlFault, type XmlFault } from './fault.ts'
import { faultOfElement, parseCanonical, withDocument } from './parse.ts'
import { attributeOf, readElement, type XmlElement } from './read-element.ts'
import { plainSignedInfo, type PlainSignedInfo } from './plain-signed-info.ts'
import { firstCertificate, readSignature, signatureNamespace, type SignatureTerms } from './read-signature.ts'
import type { XmlLimits } from './screen-octets.ts'

/** A signed document whose digest is right; by whom it is signed is not known before `verify`. */
export interface SignedXml {
  readonly claims: XmlClaims
  /**
   * The root as read from the canonicalised octets alone, whose signature one of the keys verifies.
   * Keys come from a registration, never from the document.
   */
  verify(keys: readonly VerifyingKey[]): VerifiedXml | XmlFault
}

/** What anybody can have written: good for choosing whose keys to try, and for nothing else. */
export interface XmlClaims {
  readonly root: { readonly namespace: string; readonly name: string }
  /** The root's attribute without a namespace. */
  attribute(name: string): string | undefined
  /** Text of the root's first child of that name, as it is. */
  childText(namespace: string, name: string): string | undefined
  /** The child of the root that the Signature follows; undefined: it is the first. */
  readonly signatureAfter: { readonly namespace: string; readonly name: string } | undefined
  /** SHA-256 of the first X509Certificate in KeyInfo, hex, lower case. */
  certificate(): string | undefined
}

export interface VerifiedXml {
  readonly element: XmlElement
  /** Of the key that verified. */
  readonly fingerprint: string
  /** URI. */
  readonly signatureMethod: string
}

/** Everything of it is plain data: the parser's memory is free again when this is made. */
interface Opened {
  readonly element: XmlElement
  readonly signedInfo: Buffer
  readonly terms: SignatureTerms
  readonly signatureAfter: XmlClaims['signatureAfter']
}

/**
 * Reads a document that is signed as a whole: exactly one ds:Signature, a child of the root, enveloped, with one
 * Reference to the root's `ID`. Its structure, algorithms and digest are checked here, the signature by `verify`.
 */
export function openSigned(octets: Uint8Array | string, limits: XmlLimits): SignedXml | XmlFault {
  const opened = withDocument(octets, limits, (document, screened) => open(document, screened, 2 * limits.bytes))
  if (isXmlFault(opened)) return opened
  const { element, signedInfo, terms } = opened
  return {
    claims: claimsOf(opened),
    verify(keys) {
      const verified = verifyOctets(terms.method, keys, signedInfo, terms.value)
      if (isXmlFault(verified)) return verified
      return { element, fingerprint: verified.fingerprint, signatureMethod: terms.method }
    },
  }
}

function open(document: XmlDocument, octets: Buffer, most: number): Opened | XmlFault {
  const { root } = document
  const signature = findSignature(root)
  if (!(signature instanceof LibElement)) return signature
  const id = root.attr('ID')?.value
  if (id === undefined) return fault('signature', 'The root has no ID.')
  const info = elementFrom(signature.firstChild, 'next')
  const plain = info && plainOf(info, octets)
  const said = readElement(signature, plain && [info, plain.element])
  const terms = readSignature(said, id)
  if (isXmlFault(terms)) return terms
  const before = elementFrom(signature.prev, 'prev')
  const signatureAfter = before && { namespace: before.namespaceUri, name: before.name }
  const { algorithm, prefixes } = terms.signedInfo
  const isPlain = plain && algorithm === exclusiveAlgorithm && prefixes.length === 0
  const signedInfo = isPlain ? plain.canonical : info && canonicalize(document, terms.signedInfo, most, info)
  signature.remove()
  const signed = canonicalize(document, terms.signed, most)
  if (!signedInfo || !signed)
    return fault('signature', `The XML has no canonical form, or one of more than ${most} octets.`)
  const digest = digestOf(terms.digestMethod, signed)
  if (digest.length !== terms.digest.length || !timingSafeEqual(digest, terms.digest))
    return fault('signature', 'DigestValue is not the digest of the root: it was changed after it was signed.')
  return parseCanonical(signed, (clean) => {
    const element = readElement(clean.root)
    return faultOfDocument(element, said) ?? { element, signedInfo, terms, signatureAfter }
  })
}

/** The Signature's first element where it is a plain SignedInfo. */
function plainOf(info: LibElement, octets: Buffer): PlainSignedInfo | undefined {
  if (info.name !== 'SignedInfo' || info.namespaceUri !== signatureNamespace) return undefined
  return plainSignedInfo(octets, { prefix: info.namespacePrefix, namespace: signatureNamespace })
}

/** What concerns the document as a whole: its root without the Signature, and the Signature. */
function faultOfDocument(root: XmlElement, signature: XmlElement): XmlFault | undefined {
  const ids = new Set<string>()
  return faultBelow(root, ids) ?? faultBelow(signature, ids) ?? faultOfElement(root) ?? faultOfElement(signature)
}

/** @param ids every value so far of an attribute that somebody might take for an ID, with whatever prefix. */
function faultBelow({ attributes, children }: XmlElement, ids: Set<string>): XmlFault | undefined {
  for (const { name, value } of attributes) {
    if (name !== 'ID' && name !== 'Id' && name !== 'id') continue
    if (ids.has(value)) return fault('signature', 'Two elements have the same ID.')
    ids.add(value)
  }
  for (const child of children) {
    if (child.name === 'Signature' && child.namespace === signatureNamespace) return fault('signature', severalReason)
    const found = faultBelow(child, ids)
    if (found) return found
  }
  return undefined
}

/** The one ds:Signature among the root's children. */
function findSignature(root: LibElement): LibElement | XmlFault {
  const found: LibElement[] = []
  for (let child = root.firstChild; child; child = child.next)
    if (child instanceof LibElement && child.name === 'Signature' && child.namespaceUri === signatureNamespace)
      found.push(child)
  const [signature] = found
  if (!signature) return fault('signature', 'The root holds no ds:Signature: it is not signed, or signed elsewhere.')
  return found.length === 1 ? signature : fault('signature', severalReason)
}

const severalReason = 'The XML holds several elements ds:Signature; expected one.'

/** The first element that is met from the node on, itself included. */
function elementFrom(node: XmlTreeNode | null, direction: 'next' | 'prev'): LibElement | undefined {
  for (let at = node; at; at = at[direction]) if (at instanceof LibElement) return at
  return undefined
}

function claimsOf({ element, terms, signatureAfter }: Opened): XmlClaims {
  return {
    root: { namespace: element.namespace, name: element.name },
    attribute: (name) => attributeOf(element, name),
    childText: (namespace, name) =>
      element.children.find((child) => child.name === name && child.namespace === namespace)?.text,
    signatureAfter,
    certificate() {
      const text = firstCertificate(terms.keyInfo)
      const octets = text === undefined ? undefined : decodeBase64(text)
      return octets && hash('sha256', octets, 'hex')
    },
  }
}

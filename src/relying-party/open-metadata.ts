import { isUtf8 } from 'node:buffer'
import { X509Certificate } from 'node:crypto'
import {
  isXmlFault,
  openSigned,
  readXml,
  type VerifyingKey,
  type XmlElement,
  type XmlLimits,
} from '../platform/index.ts'
import { readCertificate } from './check-certificates.ts'
import { metadataFault, signatureNs, type MetadataFault } from './metadata-xml.ts'

/** One application with all its keys, names and descriptions needs a tenth of it. */
export const metadataLimits: XmlLimits = { bytes: 512 * 1024, nodes: 20_000, depth: 32 }

export interface OpenedMetadata {
  /** Where it is signed: read from the verified octets alone. */
  readonly root: XmlElement
  /** SHA-256 of the certificate whose key signed it; undefined: it is not signed. */
  readonly signer: string | undefined
}

/**
 * The document, its signature verified where it has one. The key is taken from a certificate that the document carries,
 * since a pin is a certificate's SHA-256; with `pins` it is one of them, without any, the signer is only named.
 */
export function openMetadata(octets: Uint8Array, pins: readonly string[]): OpenedMetadata | MetadataFault {
  const text = withoutComments(octets)
  if (text === undefined) return metadataFault('not-xml', 'The metadata are not encoded as UTF-8.')
  const plain = readXml(text, metadataLimits)
  if (isXmlFault(plain)) return metadataFault(plain.fault, plain.reason)
  const carried = certificatesIn(plain)
  if (!carried) return { root: plain, signer: undefined }
  const signed = openSigned(text, metadataLimits)
  if (isXmlFault(signed)) return metadataFault(signed.fault, signed.reason)
  const keys = carried.filter(({ fingerprint }) => pins.length === 0 || pins.includes(fingerprint))
  if (keys.length === 0) return wrongSigner(pins)
  const verified = signed.verify(keys)
  if (!isXmlFault(verified)) return { root: verified.element, signer: verified.fingerprint }
  return pins.length > 0 ? wrongSigner(pins) : metadataFault(verified.fault, verified.reason)
}

const wrongSigner = (pins: readonly string[]): MetadataFault =>
  pins.length === 0
    ? metadataFault('certificate', 'The metadata are signed, but carry no certificate to verify that with.')
    : metadataFault(
        'wrong-signer',
        `The metadata are signed by none of the certificates that may sign them (SHA-256 ${pins.join(', ')}); signedBy names others.`,
      )

/**
 * Exporters explain themselves in comments, which the reader of messages refuses. Taken out before anything is read, they
 * cannot split a value in two; a signature leaves them out as well (Exclusive XML Canonicalization, 1). A raw `<` begins
 * nothing but markup, and CDATA is refused afterwards.
 */
function withoutComments(octets: Uint8Array): string | undefined {
  if (!isUtf8(octets)) return undefined
  // One octet more than the limit is enough to be refused for it.
  const text = Buffer.from(octets.subarray(0, metadataLimits.bytes + 1)).toString()
  return text.replace(/^\uFEFF/, '').replace(/<!--(?:[^-]|-[^-])*-->/g, '')
}

/** Every certificate in the document, for trying its signature with; undefined: there is no signature. */
function certificatesIn(root: XmlElement): readonly VerifyingKey[] | undefined {
  const elements = [root, ...descendants(root)].filter(({ namespace }) => namespace === signatureNs)
  if (!elements.some(({ name }) => name === 'Signature')) return undefined
  const keys = new Map<string, VerifyingKey>()
  for (const { name, text } of elements) {
    const read = name === 'X509Certificate' ? readCertificate(text) : ''
    if (typeof read !== 'string')
      keys.set(read.fingerprint, { key: new X509Certificate(read.pem).publicKey, fingerprint: read.fingerprint })
    if (keys.size === mostTried) break
  }
  return [...keys.values()]
}

/** Verifying costs; a chain and two keys of each use come to less. */
const mostTried = 20

const descendants = ({ children }: XmlElement): XmlElement[] =>
  children.flatMap((child) => [child, ...descendants(child)])

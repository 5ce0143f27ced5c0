import type { XmlElement } from '../platform/index.ts'
import { faultOfDates, mostCertificates, readCertificate, readEncryptionCertificate } from './check-certificates.ts'
import { attributeText, childrenOf, isMetadataFault, metadataFault, metadataNs, signatureNs } from './metadata-xml.ts'
import type { MetadataFault } from './metadata-xml.ts'
import type { SamlCertificate, SamlEncryption } from './saml-party.ts'

export interface MetadataKeys {
  readonly signing: readonly SamlCertificate[]
  readonly encryption?: SamlEncryption
}

type Use = 'signing' | 'encryption'

/** The keys of a role (SAML 2.0 metadata, 2.4.1.1): a descriptor without `use` is for both. Keys without certificate are passed over. */
export function readKeys(role: XmlElement, now: Date): MetadataKeys | MetadataFault {
  const descriptors = childrenOf(role, metadataNs, 'KeyDescriptor')
  const signing = readSigning(descriptors, now)
  if ('code' in signing) return signing
  const encryption = readEncryption(descriptors, now)
  if (encryption && isMetadataFault(encryption)) return encryption
  return { signing: signing.certificates, ...(encryption && { encryption }) }
}

function readSigning(
  descriptors: readonly XmlElement[],
  now: Date,
): { readonly certificates: readonly SamlCertificate[] } | MetadataFault {
  // The same one may stand in two descriptors.
  const certificates = new Map<string, SamlCertificate>()
  for (const text of descriptors.filter((one) => isFor(one, 'signing')).flatMap(certificateTexts)) {
    const read = readCertificate(text)
    if (typeof read === 'string') return metadataFault('certificate', `A signing certificate ${read}.`)
    certificates.set(read.fingerprint, read)
  }
  const all = [...certificates.values()]
  if (all.length === 0)
    return metadataFault('certificate', 'There is no KeyDescriptor for signing with an X509Certificate; one is needed.')
  if (all.length > mostCertificates)
    return metadataFault('certificate', `There are more than ${mostCertificates} signing certificates.`)
  const expired = faultOfDates(all, now)
  return expired === undefined
    ? { certificates: all }
    : metadataFault('certificate', `The signing certificates ${expired}.`)
}

/** The first that can be used; those that say `encryption` before those that say nothing. */
function readEncryption(descriptors: readonly XmlElement[], now: Date): SamlEncryption | MetadataFault | undefined {
  const stated = descriptors.filter((one) => attributeText(one, 'use') === 'encryption')
  const both = descriptors.filter((one) => attributeText(one, 'use') === undefined)
  let wrong: string | undefined
  for (const descriptor of [...stated, ...both]) {
    for (const text of certificateTexts(descriptor)) {
      const certificate = readEncryptionCertificate(text, now)
      if (typeof certificate !== 'string') return { certificate, ...algorithmsOf(descriptor) }
      // A key for both may well be one to sign with only; one for encryption promises that assertions are not plain.
      if (stated.includes(descriptor)) wrong ??= certificate
    }
  }
  return wrong === undefined ? undefined : metadataFault('certificate', `The encryption certificate ${wrong}.`)
}

const gcm = /^http:\/\/www\.w3\.org\/2009\/xmlenc11#aes\d+-gcm$/
const cbc = /^http:\/\/www\.w3\.org\/2001\/04\/xmlenc#\w+-cbc$/
const oaep = ['http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p', 'http://www.w3.org/2009/xmlenc11#rsa-oaep']
const sha256 = 'http://www.w3.org/2001/04/xmlenc#sha256'

/** Of what the peer says to know, the best; where it says nothing, GCM, and the digest that all know. */
function algorithmsOf(descriptor: XmlElement): Pick<SamlEncryption, 'content' | 'keyDigest'> {
  const methods = childrenOf(descriptor, metadataNs, 'EncryptionMethod')
  const uris = methods.map((method) => attributeText(method, 'Algorithm') ?? '')
  const digests = methods
    .filter((_, at) => oaep.includes(uris[at] ?? ''))
    .flatMap((method) => childrenOf(method, signatureNs, 'DigestMethod'))
    .map((digest) => attributeText(digest, 'Algorithm'))
  const cbcOnly = uris.some((uri) => cbc.test(uri)) && !uris.some((uri) => gcm.test(uri))
  return { content: cbcOnly ? 'aes256-cbc' : 'aes256-gcm', keyDigest: digests.includes(sha256) ? 'sha256' : 'sha1' }
}

function isFor(descriptor: XmlElement, use: Use): boolean {
  const said = attributeText(descriptor, 'use')
  return said === undefined || said === use
}

/** The first certificate of each X509Data: the others are its chain. */
const certificateTexts = (descriptor: XmlElement): readonly string[] =>
  childrenOf(descriptor, signatureNs, 'KeyInfo')
    .flatMap((keyInfo) => childrenOf(keyInfo, signatureNs, 'X509Data'))
    .flatMap((data) => childrenOf(data, signatureNs, 'X509Certificate').slice(0, 1))
    .map(({ text }) => text)

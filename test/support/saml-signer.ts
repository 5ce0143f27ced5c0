import { constants, createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import { SignedXml } from 'xml-crypto'
import { testCertificate, type TestCertificate } from './test-certificate.ts'

export { authnRequest, logoutRequest, logoutResponse } from './saml-messages.ts'

// The relying party's side of SAML, by another implementation than ours: xml-crypto writes and canonicalises.

export type KeyKind = 'rsa-1024' | 'rsa-2048' | 'rsa-3072' | 'P-256' | 'P-384' | 'P-521'

export interface SamlKeyPair {
  readonly key: KeyObject
  readonly publicKey: KeyObject
  /** As a registration holds it. */
  readonly certificate: TestCertificate
}

/** A key and its self-signed certificate, valid from a year ago until in a year unless told. */
export function makeKeyPair(
  kind: KeyKind = 'rsa-2048',
  { notBefore = inYears(-1), notAfter = inYears(1), commonName = 'Test agency' } = {},
): SamlKeyPair {
  const { privateKey, publicKey } = kind.startsWith('rsa')
    ? generateKeyPairSync('rsa', { modulusLength: Number(kind.slice('rsa-'.length)) })
    : generateKeyPairSync('ec', { namedCurve: kind })
  const certificate = testCertificate({ privateKey, publicKey, commonName, notBefore, notAfter })
  return { key: privateKey, publicKey, certificate }
}

export const signatureMethods = {
  'rsa-sha1': 'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
  'rsa-sha256': 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'rsa-sha384': 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha384',
  'rsa-sha512': 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
  'pss-sha256': 'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1',
  'pss-sha384': 'http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1',
  'pss-sha512': 'http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1',
  'ecdsa-sha256': 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256',
  'ecdsa-sha384': 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384',
  'ecdsa-sha512': 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512',
} as const
export type SignatureMethod = keyof typeof signatureMethods

export const digestMethods = {
  sha1: 'http://www.w3.org/2000/09/xmldsig#sha1',
  sha256: 'http://www.w3.org/2001/04/xmlenc#sha256',
  sha384: 'http://www.w3.org/2001/04/xmldsig-more#sha384',
  sha512: 'http://www.w3.org/2001/04/xmlenc#sha512',
} as const
export type DigestMethod = keyof typeof digestMethods

export const canonicalizations = {
  exclusive: 'http://www.w3.org/2001/10/xml-exc-c14n#',
  inclusive: 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315',
  'exclusive-with-comments': 'http://www.w3.org/2001/10/xml-exc-c14n#WithComments',
} as const
const enveloped = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature'

export interface SignOptions extends Omit<SamlKeyPair, 'publicKey'> {
  /** Default rsa-sha512, as the official kits. */
  readonly algorithm?: SignatureMethod
  readonly digest?: DigestMethod
  readonly canonicalization?: keyof typeof canonicalizations
  /** Of the Signature; empty: the default namespace. */
  readonly prefix?: string
  /** Default `first`, or `after-issuer` where there is one. */
  readonly at?: 'first' | 'after-issuer' | 'last'
  /** URIs, instead of enveloped-signature and the canonicalisation. */
  readonly transforms?: readonly string[]
  /** What stands after every 64 characters of DigestValue and SignatureValue. */
  readonly lineBreak?: '' | '\n' | '\r\n'
  /** The Reference has the URI "", the whole document, instead of the root's ID. */
  readonly emptyUri?: boolean
  /** Whether KeyInfo holds the certificate. */
  readonly keyInfo?: boolean
}

const issuerFirst = /^(<\?[^>]*\?>)?\s*<[^>]+>\s*<(\w+:)?Issuer[ >]/

/** Signs the root by its ID, enveloped. */
export function signXml(xml: string, options: SignOptions): string {
  const { algorithm = 'rsa-sha512', digest = 'sha512', canonicalization = 'exclusive', prefix = 'ds' } = options
  const { lineBreak = '', keyInfo = true } = options
  const c14n = canonicalizations[canonicalization]
  const signer = new SignedXml({
    privateKey: options.key,
    ...(keyInfo && { publicCert: options.certificate.pem }),
    signatureAlgorithm: signatureMethods[algorithm],
    canonicalizationAlgorithm: c14n,
  })
  if (!keyInfo) signer.getKeyInfoContent = () => null
  teach(signer, algorithm, digest, lineBreak)
  signer.addReference({
    xpath: '/*',
    transforms: options.transforms ?? [enveloped, c14n],
    digestAlgorithm: digestMethods[digest],
    isEmptyUri: options.emptyUri ?? false,
  })
  const at = options.at ?? (issuerFirst.test(xml) ? 'after-issuer' : 'first')
  const issuer = "/*/*[local-name(.)='Issuer']"
  signer.computeSignature(xml, {
    ...(prefix && { prefix }),
    location:
      at === 'after-issuer'
        ? { reference: issuer, action: 'after' }
        : { reference: '/*', action: at === 'last' ? 'append' : 'prepend' },
  })
  return signer.getSignedXml()
}

/** Algorithms that xml-crypto does not know, and line breaks inside the values. */
function teach(signer: SignedXml, algorithm: SignatureMethod, digest: DigestMethod, lineBreak: string): void {
  const broken = (base64: string) => (base64.match(/.{1,64}/g) ?? []).map((line) => line + lineBreak).join('')
  signer.SignatureAlgorithms[signatureMethods[algorithm]] = class {
    getAlgorithmName = () => signatureMethods[algorithm]
    getSignature = (signedInfo: unknown, key: unknown) =>
      broken(signOctets(Buffer.from(String(signedInfo)), key as KeyObject, algorithm).toString('base64')).replaceAll(
        '\r',
        '&#13;',
      )
    verifySignature = () => false
  }
  signer.HashAlgorithms[digestMethods[digest]] = class {
    getAlgorithmName = () => digestMethods[digest]
    getHash = (octets: string) => broken(createHash(digest).update(octets).digest('base64'))
  }
}

/** The bare signature, as XML Signature and HTTP-Redirect have it: ECDSA as r and s one after the other. */
export function signOctets(octets: Uint8Array, key: KeyObject, algorithm: SignatureMethod): Buffer {
  const [kind, digest] = algorithm.split('-') as [string, string]
  if (kind === 'ecdsa') return sign(digest, octets, { key, dsaEncoding: 'ieee-p1363' })
  if (kind === 'rsa') return sign(digest, octets, key)
  return sign(digest, octets, {
    key,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  })
}

export interface RedirectOptions {
  readonly key: KeyObject
  readonly algorithm?: SignatureMethod
  readonly relayState?: string
  readonly word?: 'SAMLRequest' | 'SAMLResponse'
}

/** The query string of a message by HTTP-Redirect: deflated, the signature beside it. */
export function redirectQuery(xml: string, options: RedirectOptions): string {
  const { key, algorithm = 'rsa-sha256', relayState, word = 'SAMLRequest' } = options
  const parts = [
    `${word}=${encodeURIComponent(deflated(xml))}`,
    ...(relayState === undefined ? [] : [`RelayState=${encodeURIComponent(relayState)}`]),
    `SigAlg=${encodeURIComponent(signatureMethods[algorithm])}`,
  ]
  const signature = signOctets(Buffer.from(parts.join('&')), key, algorithm).toString('base64')
  return [...parts, `Signature=${encodeURIComponent(signature)}`].join('&')
}

export const base64 = (xml: string | Uint8Array) => Buffer.from(xml).toString('base64')
export const deflated = (xml: string) => deflateRawSync(xml).toString('base64')

function inYears(years: number): Date {
  const date = new Date()
  date.setUTCFullYear(date.getUTCFullYear() + years)
  return date
}

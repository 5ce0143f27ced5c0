import { constants, hash, verify, type KeyObject } from 'node:crypto'
import { fault, quoted, type XmlFault } from './fault.ts'

/** A key that may verify, and by what name it is known: the SHA-256 of its certificate, hex, lower case. */
export interface VerifyingKey {
  readonly key: KeyObject
  readonly fingerprint: string
}

type DigestName = 'sha256' | 'sha384' | 'sha512'
interface SignatureMethod {
  readonly type: 'rsa' | 'ec'
  readonly digest: DigestName
  readonly pss: boolean
}

const digestNames = ['sha256', 'sha384', 'sha512'] as const

// XML Signature 1.1 and RFC 9231; SHA-1, HMAC and DSA are left out.
const signatureMethods = new Map<string, SignatureMethod>(
  digestNames.flatMap((digest) => [
    [`http://www.w3.org/2001/04/xmldsig-more#rsa-${digest}`, { type: 'rsa', digest, pss: false }],
    [`http://www.w3.org/2007/05/xmldsig-more#${digest}-rsa-MGF1`, { type: 'rsa', digest, pss: true }],
    [`http://www.w3.org/2001/04/xmldsig-more#ecdsa-${digest}`, { type: 'ec', digest, pss: false }],
  ]),
)
const digestMethods = new Map<string, DigestName>([
  ['http://www.w3.org/2001/04/xmlenc#sha256', 'sha256'],
  ['http://www.w3.org/2001/04/xmldsig-more#sha384', 'sha384'],
  ['http://www.w3.org/2001/04/xmlenc#sha512', 'sha512'],
])

export function faultOfSignatureMethod(uri: string): XmlFault | undefined {
  if (signatureMethods.has(uri)) return undefined
  return fault(
    'signature-algorithm',
    `The signature method is ${quoted(uri)}; expected RSA, RSA-PSS or ECDSA with SHA-256, SHA-384 or SHA-512.`,
  )
}

export function faultOfDigestMethod(uri: string): XmlFault | undefined {
  if (digestMethods.has(uri)) return undefined
  return fault('digest-algorithm', `The digest method is ${quoted(uri)}; expected SHA-256, SHA-384 or SHA-512.`)
}

export function digestOf(uri: string, octets: Buffer): Buffer {
  const name = digestMethods.get(uri)
  if (!name) throw new Error(`No digest ${uri}`)
  return hash(name, octets, 'buffer')
}

/**
 * Tries the keys that fit the method; the answer is the fingerprint of the one that verifies.
 * A key never decides how it is used: the method names its kind, and a key of another kind is passed over.
 */
export function verifyOctets(
  method: string,
  keys: readonly VerifyingKey[],
  octets: Buffer,
  signature: Buffer,
): { readonly fingerprint: string } | XmlFault {
  const known = signatureMethods.get(method)
  if (!known) return faultOfSignatureMethod(method)!
  let fitting = 0
  for (const { key, fingerprint } of keys) {
    const { type, strong } = natureOf(key)
    if (type !== known.type) continue
    fitting++
    if (!verify(known.digest, octets, inputOf(known, key), signature)) continue
    if (strong) return { fingerprint }
    return fault(
      'signature-algorithm',
      'The key is too short: RSA needs 2048 bits, ECDSA the curve P-256 or a larger one.',
    )
  }
  return fitting > 0
    ? fault('signature', 'The signature value was not made by the key of a registered certificate over these octets.')
    : fault('certificate', `No registered certificate has a key for ${quoted(method)}.`)
}

function inputOf({ type, pss }: SignatureMethod, key: KeyObject): Parameters<typeof verify>[2] {
  if (type === 'ec') return { key, dsaEncoding: 'ieee-p1363' }
  if (pss) return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
  // Bare, which is PKCS #1 1.5: an object around the key costs a quarter of the verification.
  return key
}

const curves = ['prime256v1', 'secp384r1', 'secp521r1']

interface Nature {
  readonly type: string | undefined
  readonly strong: boolean
}
/** Asking a key what it is takes as long as a third of verifying with it. */
const natures = new WeakMap<KeyObject, Nature>()

function natureOf(key: KeyObject): Nature {
  const known = natures.get(key)
  if (known) return known
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {}
  const type = key.asymmetricKeyType
  const nature = { type, strong: type === 'rsa' ? modulusLength >= 2048 : curves.includes(namedCurve) }
  natures.set(key, nature)
  return nature
}

/** Base64 with white space in it, and nothing else that is not base64 (RFC 4648, 4); undefined where it is not. */
export function decodeBase64(text: string): Buffer | undefined {
  const bare = /[ \t\r\n]/.test(text) ? text.replace(/[ \t\r\n]+/g, '') : text
  const octets = Buffer.from(bare, 'base64')
  return bare !== '' && octets.toString('base64') === bare ? octets : undefined
}

import { hash, sign } from 'node:crypto'
import type { SamlKey } from '../platform/index.ts'
import { ns } from './names.ts'
import { base64, element, startTag, verbatim, type Attributes, type Xml } from './writer.ts'

export const signingMethods = {
  sha256: {
    signature: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    digest: 'http://www.w3.org/2001/04/xmlenc#sha256',
  },
  sha512: {
    signature: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
    digest: 'http://www.w3.org/2001/04/xmlenc#sha512',
  },
} as const
const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#'
const enveloped = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature'

/** How the messages of a face are signed, with what of SignedInfo never changes: ahead of the Reference, and inside of it. */
export interface SigningProfile {
  readonly hash: 'sha256' | 'sha512'
  readonly ahead: string
  readonly between: string
}

/** `prefixes`: those that canonicalisation is to take along because they stand in values only; empty: none. */
export function signingProfile(hash: SigningProfile['hash'], prefixes = ''): SigningProfile {
  const { signature, digest } = signingMethods[hash]
  const inclusive = element('ec:InclusiveNamespaces', { 'xmlns:ec': exclusive, PrefixList: prefixes })
  const transforms = element(
    'ds:Transforms',
    {},
    element('ds:Transform', { Algorithm: enveloped }),
    element('ds:Transform', { Algorithm: exclusive }, ...(prefixes ? [inclusive] : [])),
  )
  const canonicalisation = element('ds:CanonicalizationMethod', { Algorithm: exclusive })
  return {
    hash,
    ahead: `${canonicalisation}${element('ds:SignatureMethod', { Algorithm: signature })}`,
    between: `${transforms}${element('ds:DigestMethod', { Algorithm: digest })}<ds:DigestValue>`,
  }
}

/** An element and its signature, which stands after `before` and covers everything else (XMLDSig, enveloped). */
export interface Signable {
  readonly name: string
  /** As of `element`; `ID` is what the signature refers to. */
  readonly attributes: Attributes & { readonly ID: string }
  /** What the schema has ahead of the signature: the Issuer, or nothing. */
  readonly before: readonly Xml[]
  readonly after: readonly Xml[]
}

/** Writes the element, signed; without a key, unsigned. */
export function signed(
  { name, attributes, before, after }: Signable,
  key: SamlKey | undefined,
  by: SigningProfile,
): Xml {
  const head = startTag(name, attributes) + before.join('')
  const rest = `${after.join('')}</${name}>`
  if (!key) return verbatim(head + rest)
  return verbatim(head + signature(head + rest, attributes.ID, key, by) + rest)
}

function signature(octets: string, id: string, key: SamlKey, by: SigningProfile): Xml {
  const info = signedInfo(id, hash(by.hash, octets, 'base64'), by)
  // Alone, SignedInfo carries the declaration of `ds`; in its place it does not.
  const alone = `<ds:SignedInfo xmlns:ds="${ns.signature}">${info}</ds:SignedInfo>`
  return element(
    'ds:Signature',
    { 'xmlns:ds': ns.signature },
    element('ds:SignedInfo', {}, info),
    element('ds:SignatureValue', {}, base64(sign(by.hash, Buffer.from(alone), key.privateKey))),
    keyInfo(key),
  )
}

/** What SignedInfo holds; of it only id and digest differ from message to message. */
const signedInfo = (id: string, digest: string, { ahead, between }: SigningProfile): Xml =>
  verbatim(`${ahead}${startTag('ds:Reference', { URI: `#${id}` })}${between}${digest}</ds:DigestValue></ds:Reference>`)

const keyInfo = ({ certificate }: SamlKey): Xml =>
  element('ds:KeyInfo', {}, element('ds:X509Data', {}, element('ds:X509Certificate', {}, verbatim(certificate))))

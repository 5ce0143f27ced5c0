import {
  attributeOf,
  faultOfSignatureMethod,
  isXmlFault,
  openSigned,
  readXml,
  signatureNamespace,
  verifyOctets,
  type VerifyingKey,
  type XmlClaims,
  type XmlElement,
  type XmlFault,
} from '../platform/index.ts'
import { isRefusal, refusal, type Refusal, type RefusalCode } from '../refusal/index.ts'
import type { SamlCertificate } from '../relying-party/index.ts'
import { isValidAt, keyOf } from './inbound-keys.ts'
import { inboundLimits, octetsOfPost, octetsOfRedirect } from './inbound-octets.ts'
import { readQuery } from './inbound-query.ts'
import type { InboundMessage, MessageKind } from './messages.ts'
import { ns } from './names.ts'
import type { Face } from './sender.ts'
import { readMeant, readMessage, type Meant } from './read-message.ts'

/**
 * A message that came in, whose signature nobody verified yet. It is plain data; nothing has to be closed.
 * Every refusal carries `details.reason`, one English sentence for the integrator.
 */
export interface Received {
  readonly kind: MessageKind
  readonly claims: Claims
  /**
   * The message, once one of the relying party's certificates verifies it.
   * @param now the wire's time: a certificate beyond its dates counts as none (SAML-07).
   */
  verify(certificates: readonly SamlCertificate[], now: Date): Verified | Unfit | Refusal
}

/** What anybody can have written: good for finding who is meant to have signed, and for nothing else. */
export interface Claims {
  readonly providerName: string | undefined
  /** Trimmed. */
  readonly issuer: string | undefined
  /** Of a LogoutRequest; trimmed. */
  readonly nameId: string | undefined
  /** Fingerprint of the certificate in KeyInfo; none by HTTP-Redirect. */
  readonly certificate: string | undefined
}

export interface Verified {
  readonly message: InboundMessage
  /** Fingerprint of the registered certificate that verified it. */
  readonly certificate: string
}

/** Verified, but not what the schema allows: who sent it is certain, so that they can be told where they take answers. */
export interface Unfit extends Refusal {
  readonly refused: 'SAML-03-schema'
  readonly meant: Meant
  /** Fingerprint of the registered certificate that verified it. */
  readonly certificate: string
}
export const isUnfit = (answer: object): answer is Unfit => 'meant' in answer

/** A message by HTTP-POST: base64 of XML with an enveloped signature, the XML deflated or not. */
export function receivePost(
  text: string,
  expected: readonly MessageKind[],
  face: Face = 'standard',
): Received | Refusal {
  const octets = octetsOfPost(text)
  if (isRefusal(octets)) return octets
  const signed = openSigned(octets, inboundLimits)
  if (isXmlFault(signed)) return refusalOf(signed)
  const { claims, verify } = signed
  const kind = kindOf(claims.root, expected)
  if (isRefusal(kind)) return kind
  const { signatureAfter: before } = claims
  // One of the gateway's clients writes it at the end of its logout requests.
  const anywhere = face === 'clave' && kind === 'LogoutRequest'
  if (before && !anywhere && !(before.name === 'Issuer' && before.namespace === ns.assertion))
    return refuse('SAML-04-signature', 'Signature has to be the first element, or the one right behind Issuer.')
  return received({ kind, face }, claimsOf(claims), verify)
}

/**
 * A message by HTTP-Redirect, deflated, with the signature beside it. Signed and parsed are the same octets of the query.
 * @param rawQuery the query string behind `?` as it was sent, nothing decoded.
 */
export function receiveRedirect(
  rawQuery: string,
  expected: readonly MessageKind[],
  face: Face = 'standard',
): (Received & { readonly relayState: string | undefined }) | Refusal {
  const query = readQuery(rawQuery)
  if (isRefusal(query)) return query
  const { signatureMethod, signature, signed } = query
  const wrong = faultOfSignatureMethod(signatureMethod)
  if (wrong) return refusalOf(wrong)
  const octets = octetsOfRedirect(query.message)
  if (isRefusal(octets)) return octets
  const element = readXml(octets, inboundLimits)
  if (isXmlFault(element)) return refusalOf(element)
  if (holdsSignature(element))
    return refuse('SAML-04-signature', 'A message by HTTP-Redirect is signed in the query and holds no ds:Signature.')
  const kind = kindOf(element, expected)
  if (isRefusal(kind)) return kind
  if ((kind === 'LogoutResponse') !== (query.word === 'SAMLResponse'))
    return refuse('SAML-01-not-a-message', `${kind} does not belong into the parameter ${query.word}.`)
  const claims = {
    providerName: attributeOf(element, 'ProviderName'),
    issuer: element.children
      .find(({ namespace, name }) => name === 'Issuer' && namespace === ns.assertion)
      ?.text.trim(),
    nameId: undefined,
    certificate: undefined,
  }
  const verify = (keys: readonly VerifyingKey[]) => {
    const verified = verifyOctets(signatureMethod, keys, signed, signature)
    return isXmlFault(verified) ? verified : { element, fingerprint: verified.fingerprint }
  }
  return { ...received({ kind, face }, claims, verify), relayState: query.relayState }
}

function received(
  { kind, face }: { readonly kind: MessageKind; readonly face: Face },
  claims: Claims,
  verify: (keys: readonly VerifyingKey[]) => { element: XmlElement; fingerprint: string } | XmlFault,
): Received {
  return {
    kind,
    claims,
    verify(certificates, now) {
      const counting = certificates.filter((one) => isValidAt(one, now))
      const verified = verify(counting.map(keyOf))
      if (isXmlFault(verified)) {
        const expired = certificates.filter((one) => !counting.includes(one)).map(keyOf)
        if (expired.length > 0 && !isXmlFault(verify(expired)))
          return refuse('SAML-07-certificate', 'The message was signed with a registered certificate beyond its dates.')
        return unverified(verified, claims, certificates)
      }
      const { element, fingerprint: certificate } = verified
      const message = readMessage(kind, element, face)
      if ('misfit' in message)
        return {
          refused: 'SAML-03-schema',
          details: { reason: message.misfit },
          meant: readMeant(element),
          certificate,
        }
      return { message, certificate }
    },
  }
}

/** A signature that names a certificate nobody registered is told so: that is what its integrator has to mend. */
function unverified(fault: XmlFault, claims: Claims, certificates: readonly SamlCertificate[]): Refusal {
  const { certificate } = claims
  if (fault.fault !== 'signature' || !certificate || certificates.some((one) => one.fingerprint === certificate))
    return refusalOf(fault)
  return refuse('SAML-07-certificate', `The certificate in KeyInfo (SHA-256 ${certificate}) is not registered.`)
}

function kindOf(
  root: { readonly namespace: string; readonly name: string },
  expected: readonly MessageKind[],
): MessageKind | Refusal {
  const kind = expected.find((one) => one === root.name)
  return kind && root.namespace === ns.protocol
    ? kind
    : refuse('SAML-03-schema', `The root is no ${expected.join(' or ')} of the SAML 2.0 protocol.`)
}

function claimsOf(claims: XmlClaims): Claims {
  return {
    providerName: claims.attribute('ProviderName'),
    issuer: claims.childText(ns.assertion, 'Issuer')?.trim(),
    nameId: claims.childText(ns.assertion, 'NameID')?.trim(),
    get certificate() {
      return claims.certificate()
    },
  }
}

const holdsSignature = ({ namespace, name, children }: XmlElement): boolean =>
  (namespace === signatureNamespace && name === 'Signature') || children.some(holdsSignature)

const codes = {
  'not-xml': 'SAML-01-not-a-message',
  'too-large': 'SAML-01-not-a-message',
  doctype: 'SAML-02-doctype',
  signature: 'SAML-04-signature',
  'signature-algorithm': 'SAML-05-signature-algorithm',
  'digest-algorithm': 'SAML-06-digest-algorithm',
  certificate: 'SAML-07-certificate',
} as const satisfies Record<XmlFault['fault'], RefusalCode>

const refusalOf = ({ fault, reason }: XmlFault): Refusal => refuse(codes[fault], reason)
const refuse = (code: RefusalCode, reason: string): Refusal => refusal(code, { reason })

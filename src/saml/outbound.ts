import type { SamlKey } from '../platform/index.ts'
import { entityFormat, ns, statusUri } from './names.ts'
import type { Face } from './sender.ts'
import { signed, signingProfile, type SigningProfile } from './sign.ts'
import { element, leaf, type Attributes, type Xml } from './writer.ts'

/** What every message of ours says of itself. */
export interface Outbound {
  readonly face: Face
  /** Our entityID. */
  readonly issuer: string
  readonly destination: string
  /** Absent: it answers nothing that has an ID. */
  readonly inResponseTo?: string | undefined
  /** Wire time. */
  readonly at: Date
  /** An NCName never used before: `_` and randomness. */
  readonly id: string
}

/** clave-saml-profile, 4 and 9. The prefixes stand in xsi:type alone, where canonicalisation does not see that they are used. */
export const profiles: Readonly<Record<Face, SigningProfile>> = {
  clave: signingProfile('sha512', 'eidas-natural xs'),
  standard: signingProfile('sha256', 'xs'),
}

interface Root {
  readonly name: 'Response' | 'LogoutRequest' | 'LogoutResponse'
  readonly consent?: string
  readonly notOnOrAfter?: Date
  readonly reason?: string
}

/** The message with its Issuer, signed; without a key unsigned, for a binding that signs in its own way. */
export function outbound(key: SamlKey | undefined, about: Outbound, root: Root, ...body: readonly Xml[]): Xml {
  const isClave = about.face === 'clave'
  const attributes = {
    'xmlns:eidas-natural': isClave ? ns.eidasNatural : undefined,
    'xmlns:saml2p': ns.protocol,
    'xmlns:xs': isClave ? ns.schema : undefined,
    Consent: root.consent,
    Destination: about.destination,
    ID: about.id,
    InResponseTo: about.inResponseTo,
    IssueInstant: about.at.toISOString(),
    NotOnOrAfter: root.notOnOrAfter?.toISOString(),
    Reason: root.reason,
    Version: '2.0',
  }
  const before = [issuerElement(about.issuer, { 'xmlns:saml2': ns.assertion })]
  return signed({ name: `saml2p:${root.name}`, attributes, before, after: body }, key, profiles[about.face])
}

/** `declared`: the declaration of saml2, where no element around it has one. */
export const issuerElement = (issuer: string, declared: Attributes = {}): Xml =>
  leaf('saml2:Issuer', { ...declared, Format: entityFormat }, issuer)

/** A status that says no (SAML 2.0 core, 3.2.2). */
export interface ErrorStatus {
  readonly status: 'Requester' | 'Responder'
  /** Last word of the second-level code: AuthnFailed. */
  readonly sub: string
  readonly message: string
}

export const errorStatus = ({ status, sub, message }: ErrorStatus): Xml =>
  statusElement(message, code(status, code(sub)))

/** The gateway repeats the code as its message, and a client wants it there (clave-saml-profile, 4). */
export const successStatus = (face: Face, sub?: string): Xml =>
  statusElement(
    face === 'clave' ? statusUri('Success') : undefined,
    code('Success', ...(sub === undefined ? [] : [code(sub)])),
  )

const code = (word: string, ...nested: readonly Xml[]): Xml =>
  element('saml2p:StatusCode', { Value: statusUri(word) }, ...nested)

const statusElement = (message: string | undefined, statusCode: Xml): Xml =>
  element(
    'saml2p:Status',
    {},
    statusCode,
    ...(message === undefined ? [] : [leaf('saml2p:StatusMessage', {}, message)]),
  )

import type { Random, SamlKey } from '../platform/index.ts'
import type { SamlEncryption } from '../relying-party/index.ts'
import type { OutAttribute } from './attributes.ts'
import { encryptAssertion } from './encrypt.ts'
import { ns } from './names.ts'
import {
  errorStatus,
  issuerElement,
  outbound,
  profiles,
  successStatus,
  type ErrorStatus,
  type Outbound,
} from './outbound.ts'
import type { Face } from './sender.ts'
import { signed } from './sign.ts'
import { element, leaf, type Xml } from './writer.ts'

/** What a success and an error have in common; `destination` is the ACS. */
export interface Answer extends Outbound {
  readonly inResponseTo: string | undefined
}

export interface SuccessAnswer extends Answer {
  /** As `id`, another one. */
  readonly assertionId: string
  /** clave: the ACS; standard: the SP's entityID. */
  readonly audience: string
}

/** The citizen, as the agency gets to know them. */
export interface Subject {
  readonly nameId: string
  /** URI. */
  readonly nameIdFormat: string
  /** standard: the SP's entityID. */
  readonly spNameQualifier?: string
  /** URI of the level reached. */
  readonly classRef: string
  readonly authnInstant: Date
  /** standard. */
  readonly sessionIndex?: string
  /** None: no AttributeStatement. */
  readonly attributes: readonly OutAttribute[]
}

/** Encryption and where its keys come from. */
export interface Encrypting extends SamlEncryption {
  readonly random: Pick<Random, 'bytes'>
}

/** Seconds before and after its making that an assertion holds. On the standard face a peer's clock may lag. */
const validity = {
  clave: { before: 0, after: 15 * 60 },
  standard: { before: 30, after: 5 * 60 },
} as const satisfies Record<Face, object>

/** The signed answer that names a citizen (clave-saml-profile, 4 and 9). */
export function successResponse(
  key: SamlKey,
  answer: SuccessAnswer,
  subject: Subject,
  encryption?: Encrypting,
): string {
  const plain = assertion(key, answer, subject, encryption !== undefined)
  const said = encryption ? encryptAssertion(plain, encryption, encryption.random) : plain
  const consent = answer.face === 'clave' ? { consent: 'urn:oasis:names:tc:SAML:2.0:consent:obtained' } : {}
  return outbound(key, answer, { name: 'Response', ...consent }, successStatus(answer.face), said)
}

/** The signed answer that says why there is no citizen (clave-saml-profile, 6). */
export const errorResponse = (key: SamlKey, answer: Answer, status: ErrorStatus): string =>
  outbound(key, answer, { name: 'Response' }, errorStatus(status))

/**
 * On the standard face it has a signature of its own. Where it is signed or encrypted it declares all of its prefixes itself;
 * else the Response does.
 */
function assertion(key: SamlKey, answer: SuccessAnswer, subject: Subject, isEncrypted: boolean): Xml {
  const isClave = answer.face === 'clave'
  const attributes = {
    'xmlns:eidas-natural': isClave && isEncrypted ? ns.eidasNatural : undefined,
    'xmlns:saml2': ns.assertion,
    'xmlns:xs': !isClave || isEncrypted ? ns.schema : undefined,
    ID: answer.assertionId,
    IssueInstant: answer.at.toISOString(),
    Version: '2.0',
  }
  const before = [issuerElement(answer.issuer)]
  const after = [
    subjectElement(answer, subject),
    conditions(answer),
    authnStatement(answer.face, subject),
    ...(subject.attributes.length > 0 ? [attributeStatement(subject.attributes)] : []),
  ]
  return signed(
    { name: 'saml2:Assertion', attributes, before, after },
    isClave ? undefined : key,
    profiles[answer.face],
  )
}

const later = ({ at }: Answer, seconds: number): string => new Date(at.getTime() + seconds * 1000).toISOString()

function subjectElement(answer: SuccessAnswer, subject: Subject): Xml {
  const confirmation = {
    InResponseTo: answer.inResponseTo,
    NotOnOrAfter: later(answer, validity[answer.face].after),
    Recipient: answer.destination,
  }
  return element(
    'saml2:Subject',
    {},
    nameIdElement(answer.issuer, subject),
    element(
      'saml2:SubjectConfirmation',
      { Method: 'urn:oasis:names:tc:SAML:2.0:cm:bearer' },
      element('saml2:SubjectConfirmationData', confirmation),
    ),
  )
}

/** The same in the assertion and in a later LogoutRequest, since peers compare all of it. `declared`: as of issuerElement. */
export const nameIdElement = (
  issuer: string,
  name: Pick<Subject, 'nameId' | 'nameIdFormat' | 'spNameQualifier'>,
  declared: { readonly 'xmlns:saml2'?: string } = {},
): Xml =>
  leaf(
    'saml2:NameID',
    { ...declared, Format: name.nameIdFormat, NameQualifier: issuer, SPNameQualifier: name.spNameQualifier },
    name.nameId,
  )

function conditions(answer: SuccessAnswer): Xml {
  const { before, after } = validity[answer.face]
  return element(
    'saml2:Conditions',
    { NotBefore: later(answer, -before), NotOnOrAfter: later(answer, after) },
    element('saml2:AudienceRestriction', {}, leaf('saml2:Audience', {}, answer.audience)),
    ...(answer.face === 'clave' ? [element('saml2:OneTimeUse', {})] : []),
  )
}

function authnStatement(face: Face, { authnInstant, sessionIndex, classRef }: Subject): Xml {
  return element(
    'saml2:AuthnStatement',
    { AuthnInstant: authnInstant.toISOString(), SessionIndex: face === 'clave' ? undefined : sessionIndex },
    element(
      'saml2:AuthnContext',
      {},
      leaf('saml2:AuthnContextClassRef', {}, classRef),
      ...(face === 'clave' ? [element('saml2:AuthnContextDecl', {})] : []),
    ),
  )
}

const attributeStatement = (attributes: readonly OutAttribute[]): Xml =>
  element('saml2:AttributeStatement', {}, ...attributes.map(attributeElement))

const attributeElement = ({ friendlyName, name, nameFormat = uriNames, type, value }: OutAttribute): Xml =>
  element(
    'saml2:Attribute',
    { FriendlyName: friendlyName, Name: name, NameFormat: nameFormat },
    leaf('saml2:AttributeValue', { 'xmlns:xsi': ns.instance, 'xsi:type': type }, value),
  )

const uriNames = 'urn:oasis:names:tc:SAML:2.0:attrname-format:uri'

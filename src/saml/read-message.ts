import { attributeOf, type XmlElement } from '../platform/index.ts'
import type { AuthnRequest, InboundMessage, LogoutRequest, LogoutResponse, MessageKind } from './messages.ts'
import { ns } from './names.ts'
import { lexical, type Lexical, type LexicalValue } from './read-lexical.ts'
import { misfitOf } from './read-shape.ts'
import { messageShapes } from './read-shapes.ts'
import type { Face } from './sender.ts'

/** The verified root as a message, or one English sentence that says what does not follow the schema, and where. */
export function readMessage(
  kind: MessageKind,
  root: XmlElement,
  face: Face = 'standard',
): InboundMessage | { readonly misfit: string } {
  const misfit = misfitOf(root, messageShapes[face][kind])
  return misfit === undefined ? readers[kind](root) : { misfit }
}

/**
 * Whom a message that does not follow the schema is from, and where its answer would go: each value as its type, or none.
 */
export interface Meant {
  readonly id: string | undefined
  readonly providerName: string | undefined
  /** Trimmed. */
  readonly issuer: string | undefined
  readonly acsUrl: string | undefined
  readonly acsIndex: number | undefined
  /** Of a LogoutRequest; its value trimmed, and empty where there is none. */
  readonly nameId: LogoutRequest['nameId']
  /** Of a LogoutRequest: no answer is wanted. */
  readonly asynchronous: boolean
}

export const readMeant = (root: XmlElement): Meant => ({
  id: attribute(root, 'ID', 'id'),
  providerName: attribute(root, 'ProviderName', 'string'),
  issuer: child(root, ns.assertion, 'Issuer')?.text.trim(),
  acsUrl: attribute(root, 'AssertionConsumerServiceURL', 'uri'),
  acsIndex: attribute(root, 'AssertionConsumerServiceIndex', 'index'),
  nameId: readNameId(root),
  asynchronous: isAsynchronous(root),
})

const readers = {
  AuthnRequest: readAuthnRequest,
  LogoutRequest: readLogoutRequest,
  LogoutResponse: readLogoutResponse,
} as const satisfies Record<MessageKind, (root: XmlElement) => InboundMessage>

function readAuthnRequest(root: XmlElement): AuthnRequest {
  const extensions = child(root, ns.protocol, 'Extensions')
  const policy = child(root, ns.protocol, 'NameIDPolicy')
  const context = child(root, ns.protocol, 'RequestedAuthnContext')
  const spType = child(extensions, ns.eidas, 'SPType')
  return {
    kind: 'AuthnRequest',
    ...readCommon(root),
    providerName: attribute(root, 'ProviderName', 'string'),
    acsUrl: attribute(root, 'AssertionConsumerServiceURL', 'uri'),
    acsIndex: attribute(root, 'AssertionConsumerServiceIndex', 'index'),
    protocolBinding: attribute(root, 'ProtocolBinding', 'uri'),
    forceAuthn: attribute(root, 'ForceAuthn', 'boolean') ?? false,
    isPassive: attribute(root, 'IsPassive', 'boolean') ?? false,
    nameIdFormat: attribute(policy, 'Format', 'uri'),
    spNameQualifier: attribute(policy, 'SPNameQualifier', 'string'),
    // A reference to a declaration is a context asked for that nobody can reach: it names no class, and is not unheard.
    classRefs: context?.children.filter(({ name }) => name === 'AuthnContextClassRef').map(({ text }) => text.trim()),
    comparison: attribute(context, 'Comparison', 'comparison') ?? 'exact',
    spType: spType?.text.trim(),
    requestedAttributes: readRequestedAttributes(child(extensions, ns.eidas, 'RequestedAttributes')),
  }
}

function readRequestedAttributes(list: XmlElement | undefined): AuthnRequest['requestedAttributes'] {
  return (list?.children ?? []).map((element) => ({
    name: attribute(element, 'Name', 'uri')!,
    values: element.children.map(({ text }) => text),
  }))
}

function readLogoutRequest(root: XmlElement): LogoutRequest {
  return {
    kind: 'LogoutRequest',
    ...readCommon(root),
    notOnOrAfter: attribute(root, 'NotOnOrAfter', 'instant'),
    nameId: readNameId(root),
    sessionIndexes: root.children.filter(({ name }) => name === 'SessionIndex').map(({ text }) => text.trim()),
    asynchronous: isAsynchronous(root),
  }
}

const isAsynchronous = (root: XmlElement): boolean =>
  child(child(root, ns.protocol, 'Extensions'), ns.asyncLogout, 'Asynchronous') !== undefined

function readNameId(root: XmlElement): LogoutRequest['nameId'] {
  const nameId = child(root, ns.assertion, 'NameID')
  return { value: nameId?.text.trim() ?? '', spNameQualifier: attribute(nameId, 'SPNameQualifier', 'string') }
}

function readLogoutResponse(root: XmlElement): LogoutResponse {
  const code = child(child(root, ns.protocol, 'Status'), ns.protocol, 'StatusCode')
  return {
    kind: 'LogoutResponse',
    ...readCommon(root),
    inResponseTo: attribute(root, 'InResponseTo', 'name'),
    status: attribute(code, 'Value', 'uri')!,
  }
}

function readCommon(root: XmlElement): Pick<InboundMessage, 'id' | 'issueInstant' | 'destination' | 'issuer'> {
  return {
    id: attribute(root, 'ID', 'id')!,
    issueInstant: attribute(root, 'IssueInstant', 'instant')!,
    destination: attribute(root, 'Destination', 'uri'),
    issuer: child(root, ns.assertion, 'Issuer')?.text.trim(),
  }
}

/** Read as its type; what is required and of its type was seen to by `misfitOf`. */
function attribute<T extends Lexical>(
  element: XmlElement | undefined,
  name: string,
  type: T,
): LexicalValue<T> | undefined {
  const value = element && attributeOf(element, name)
  return value === undefined ? undefined : (lexical[type].read(value) as LexicalValue<T>)
}

function child(element: XmlElement | undefined, namespace: string, name: string): XmlElement | undefined {
  for (const one of element?.children ?? []) if (one.name === name && one.namespace === namespace) return one
  return undefined
}

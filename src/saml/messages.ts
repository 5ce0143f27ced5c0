import type { Comparison } from '../citizen/index.ts'

/** What came in, as the verified bytes say it: nothing here was read from anything that was not signed. */
export type InboundMessage = AuthnRequest | LogoutRequest | LogoutResponse
export type MessageKind = InboundMessage['kind']

interface Message {
  /** The root's ID. */
  readonly id: string
  /** As instant; without a zone it is read as UTC (clave-saml-profile, 3). */
  readonly issueInstant: Date
  readonly destination: string | undefined
  /** Trimmed. */
  readonly issuer: string | undefined
}

export interface AuthnRequest extends Message {
  readonly kind: 'AuthnRequest'
  readonly providerName: string | undefined
  readonly acsUrl: string | undefined
  readonly acsIndex: number | undefined
  /** URI, as asked. */
  readonly protocolBinding: string | undefined
  readonly forceAuthn: boolean
  readonly isPassive: boolean
  /** URI, as asked. */
  readonly nameIdFormat: string | undefined
  /** What NameIDPolicy says of another SP's names. */
  readonly spNameQualifier: string | undefined
  /** In their order, trimmed; undefined: no RequestedAuthnContext; empty: one that asks by declarations alone. */
  readonly classRefs: readonly string[] | undefined
  /** `exact` where a RequestedAuthnContext says none (SAML 2.0 core, 3.3.2.2.1). */
  readonly comparison: Comparison
  /** eidas:SPType. */
  readonly spType: string | undefined
  /** eidas:RequestedAttribute, in their order. */
  readonly requestedAttributes: readonly RequestedAttribute[]
}

export interface RequestedAttribute {
  readonly name: string
  readonly values: readonly string[]
}

export interface LogoutRequest extends Message {
  readonly kind: 'LogoutRequest'
  readonly notOnOrAfter: Date | undefined
  readonly nameId: {
    readonly value: string
    readonly spNameQualifier: string | undefined
  }
  readonly sessionIndexes: readonly string[]
  /** aslo:Asynchronous: no answer is wanted. */
  readonly asynchronous: boolean
}

export interface LogoutResponse extends Message {
  readonly kind: 'LogoutResponse'
  readonly inResponseTo: string | undefined
  /** The top-level code's URI. */
  readonly status: string
}

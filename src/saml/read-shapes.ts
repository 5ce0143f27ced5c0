import type { MessageKind } from './messages.ts'
import { ns } from './names.ts'
import type { Shape, Slot } from './read-shape.ts'

// saml-schema-protocol-2.0, saml-schema-assertion-2.0 and the eIDAS extensions, for the messages that come in. The
// ds:Signature is gone when these are held against a message: what was verified is the root without it.

const optional = (namespace: string, names: string | readonly string[], shape?: Shape): Slot =>
  times(0, 1, namespace, names, shape)
const times = (
  least: number,
  most: number,
  namespace: string,
  names: string | readonly string[],
  shape?: Shape,
): Slot => ({
  namespace,
  names: typeof names === 'string' ? [names] : names,
  least,
  most,
  ...(shape && { shape }),
})

const nameIdAttributes = {
  NameQualifier: 'string',
  SPNameQualifier: 'string',
  Format: 'uri',
  SPProvidedID: 'string',
} as const
const nameId: Shape = { attributes: nameIdAttributes, text: 'string' }
const issuer = optional(ns.assertion, 'Issuer', nameId)

const requestedAttribute: Shape = {
  required: ['Name'],
  foreignAttributes: true,
  attributes: { Name: 'uri', NameFormat: 'uri', FriendlyName: 'string', isRequired: 'boolean' },
  // One value is all that any of them takes; how many are too many is a rule, how many are read a limit.
  children: [times(0, 10, ns.eidas, 'AttributeValue', { foreignAttributes: true, text: 'string' })],
}
const extensions = (...known: readonly Slot[]): Slot =>
  optional(ns.protocol, 'Extensions', { foreignTo: ns.protocol, children: known })

const messageAttributes = {
  ID: 'id',
  Version: 'version',
  IssueInstant: 'instant',
  Destination: 'uri',
  Consent: 'uri',
} as const

const required = ['ID', 'Version', 'IssueInstant']

const authnRequest: Shape = {
  required,
  attributes: {
    ...messageAttributes,
    ForceAuthn: 'boolean',
    IsPassive: 'boolean',
    ProtocolBinding: 'uri',
    AssertionConsumerServiceIndex: 'index',
    AssertionConsumerServiceURL: 'uri',
    AttributeConsumingServiceIndex: 'index',
    ProviderName: 'string',
  },
  children: [
    issuer,
    extensions(
      optional(ns.eidas, 'SPType', { text: 'string' }),
      optional(ns.eidas, 'RequestedAttributes', {
        children: [times(0, 100, ns.eidas, 'RequestedAttribute', requestedAttribute)],
      }),
    ),
    optional(ns.assertion, 'Subject'),
    optional(ns.protocol, 'NameIDPolicy', {
      attributes: { Format: 'uri', SPNameQualifier: 'string', AllowCreate: 'boolean' },
    }),
    optional(ns.assertion, 'Conditions'),
    optional(ns.protocol, 'RequestedAuthnContext', {
      attributes: { Comparison: 'comparison' },
      children: [
        {
          ...times(1, 20, ns.assertion, ['AuthnContextClassRef', 'AuthnContextDeclRef'], { text: 'uri' }),
          alike: true,
        },
      ],
    }),
    optional(ns.protocol, 'Scoping'),
  ],
}

const logoutRequest: Shape = {
  required,
  attributes: { ...messageAttributes, Reason: 'string', NotOnOrAfter: 'instant' },
  children: [
    issuer,
    extensions(optional(ns.asyncLogout, 'Asynchronous', {})),
    times(1, 1, ns.assertion, 'NameID', nameId),
    times(0, 100, ns.protocol, 'SessionIndex', { text: 'string' }),
  ],
}

const logoutResponse: Shape = {
  required,
  attributes: { ...messageAttributes, InResponseTo: 'name' },
  children: [
    issuer,
    extensions(),
    times(1, 1, ns.protocol, 'Status', {
      children: [
        times(1, 1, ns.protocol, 'StatusCode', {
          required: ['Value'],
          attributes: { Value: 'uri' },
          children: [optional(ns.protocol, 'StatusCode')],
        }),
        optional(ns.protocol, 'StatusMessage', { text: 'string' }),
        optional(ns.protocol, 'StatusDetail'),
      ],
    }),
  ],
}

/** What each message may hold, by the local name of its root. */
export const messageShapes: Readonly<Record<MessageKind, Shape>> = {
  AuthnRequest: authnRequest,
  LogoutRequest: logoutRequest,
  LogoutResponse: logoutResponse,
}

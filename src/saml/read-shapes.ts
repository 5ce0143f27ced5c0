import type { MessageKind } from './messages.ts'
import { ns } from './names.ts'
import type { Face } from './sender.ts'
import { anything, type Shape, type Slot } from './read-shape.ts'

// saml-schema-protocol-2.0, saml-schema-assertion-2.0 and the eIDAS extensions, for the messages that come in. The
// ds:Signature is gone when these are held against a message: what was verified is the root without it.

const times = (least: number, most: number, namespace: string, elements: Slot['elements']): Slot => ({
  namespace,
  elements,
  least,
  most,
})
const optional = (namespace: string, elements: Slot['elements']): Slot => times(0, 1, namespace, elements)
/** The schema has no bound, and how many elements are read at all is one. */
const many = Infinity

const nameIdAttributes = {
  NameQualifier: 'string',
  SPNameQualifier: 'string',
  Format: 'uri',
  SPProvidedID: 'string',
} as const
const nameId: Shape = { attributes: nameIdAttributes, text: 'string' }
const issuer = optional(ns.assertion, { Issuer: nameId })
/** One of the three ways to say who. BaseID is abstract and EncryptedID somebody else's: what is in them is theirs. */
const identifier = optional(ns.assertion, { NameID: nameId, BaseID: anything, EncryptedID: anything })

const requestedAttribute: Shape = {
  required: ['Name'],
  foreignAttributes: true,
  attributes: { Name: 'uri', NameFormat: 'uri', FriendlyName: 'string', isRequired: 'boolean' },
  // One value is all that any of them takes; how many are too many is a rule, how many are read a limit.
  children: [times(0, 10, ns.eidas, { AttributeValue: { foreignAttributes: true, text: 'string' } })],
}
/** One client of the gateway writes it empty where there is nothing to ask for, which the schema does not allow. */
const extensions = (face: Face, ...known: readonly Slot[]): Slot =>
  optional(ns.protocol, {
    Extensions: { foreignTo: ns.protocol, ...(face === 'standard' && { filled: true }), children: known },
  })

const messageAttributes = {
  ID: 'id',
  Version: 'version',
  IssueInstant: 'instant',
  Destination: 'uri',
  Consent: 'uri',
} as const

const required = ['ID', 'Version', 'IssueInstant']

// The next three are allowed and not used: no value is taken from them (clave-saml-profile, 9).

const confirmation: Shape = {
  attributes: {
    NotBefore: 'instant',
    NotOnOrAfter: 'instant',
    Recipient: 'uri',
    InResponseTo: 'name',
    Address: 'string',
  },
  foreignAttributes: true,
  open: true,
  text: 'string',
}

const subject: Shape = {
  filled: true,
  children: [
    identifier,
    times(0, many, ns.assertion, {
      SubjectConfirmation: {
        required: ['Method'],
        attributes: { Method: 'uri' },
        children: [identifier, optional(ns.assertion, { SubjectConfirmationData: confirmation })],
      },
    }),
  ],
}

const conditions: Shape = {
  attributes: { NotBefore: 'instant', NotOnOrAfter: 'instant' },
  children: [
    times(0, many, ns.assertion, {
      Condition: anything,
      AudienceRestriction: { children: [times(1, many, ns.assertion, { Audience: { text: 'uri' } })] },
      OneTimeUse: {},
      ProxyRestriction: {
        attributes: { Count: 'count' },
        children: [times(0, many, ns.assertion, { Audience: { text: 'uri' } })],
      },
    }),
  ],
}

const scoping: Shape = {
  attributes: { ProxyCount: 'count' },
  children: [
    optional(ns.protocol, {
      IDPList: {
        children: [
          times(1, many, ns.protocol, {
            IDPEntry: { required: ['ProviderID'], attributes: { ProviderID: 'uri', Name: 'string', Loc: 'uri' } },
          }),
          optional(ns.protocol, { GetComplete: { text: 'uri' } }),
        ],
      },
    }),
    times(0, many, ns.protocol, { RequesterID: { text: 'uri' } }),
  ],
}

const authnRequest = (face: Face): Shape => ({
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
      face,
      optional(ns.eidas, { SPType: { text: 'string' } }),
      optional(ns.eidas, {
        RequestedAttributes: { children: [times(0, many, ns.eidas, { RequestedAttribute: requestedAttribute })] },
      }),
    ),
    optional(ns.assertion, { Subject: subject }),
    optional(ns.protocol, {
      NameIDPolicy: { attributes: { Format: 'uri', SPNameQualifier: 'string', AllowCreate: 'boolean' } },
    }),
    optional(ns.assertion, { Conditions: conditions }),
    optional(ns.protocol, {
      RequestedAuthnContext: {
        attributes: { Comparison: 'comparison' },
        children: [
          {
            ...times(1, many, ns.assertion, {
              AuthnContextClassRef: { text: 'uri' },
              AuthnContextDeclRef: { text: 'uri' },
            }),
            alike: true,
          },
        ],
      },
    }),
    optional(ns.protocol, { Scoping: scoping }),
  ],
})

const logoutRequest = (face: Face): Shape => ({
  required,
  attributes: { ...messageAttributes, Reason: 'string', NotOnOrAfter: 'instant' },
  children: [
    issuer,
    extensions(face, optional(ns.asyncLogout, { Asynchronous: {} })),
    // Not by the other two ways: nobody could say whose session is meant.
    times(1, 1, ns.assertion, { NameID: nameId }),
    times(0, many, ns.protocol, { SessionIndex: { text: 'string' } }),
  ],
})

/** Holds one of its own kind, to any depth that is read at all. */
const statusCode: Shape = {
  required: ['Value'],
  attributes: { Value: 'uri' },
  get children() {
    return [optional(ns.protocol, { StatusCode: statusCode })]
  },
}

const logoutResponse = (face: Face): Shape => ({
  required,
  attributes: { ...messageAttributes, InResponseTo: 'name' },
  children: [
    issuer,
    extensions(face),
    times(1, 1, ns.protocol, {
      Status: {
        children: [
          times(1, 1, ns.protocol, { StatusCode: statusCode }),
          optional(ns.protocol, { StatusMessage: { text: 'string' } }),
          optional(ns.protocol, { StatusDetail: { open: true } }),
        ],
      },
    }),
  ],
})

const shapesOn = (face: Face): Readonly<Record<MessageKind, Shape>> => ({
  AuthnRequest: authnRequest(face),
  LogoutRequest: logoutRequest(face),
  LogoutResponse: logoutResponse(face),
})

/** What each message may hold, by the face that it comes to and the local name of its root. */
export const messageShapes: Readonly<Record<Face, Readonly<Record<MessageKind, Shape>>>> = {
  clave: shapesOn('clave'),
  standard: shapesOn('standard'),
}

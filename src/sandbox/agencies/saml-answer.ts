import type { SamlDemoAgency } from './agency.ts'
import { assertionSigned, type Peer, type VerifiedMessage } from './saml-peer.ts'
import { attributesOf, friendlyAttributes, rootOf, textOf } from './saml-reading.ts'
import type { Asked } from './saml-wishes.ts'
import type { AgencyError, AgencySession } from './visitors.ts'

/** A login that the agency sent off and waits for. */
export interface PendingLogin {
  readonly visitor: string
  readonly asked: Asked
  readonly relayState: string
  readonly at: Date
}

export interface AnswerParts {
  readonly agency: SamlDemoAgency
  /** Who we are in an Audience: the return address on the gateway's profile, else the entityID. */
  readonly audience: string
  readonly acs: string
  readonly peer: Peer
  /** Real time. */
  readonly now: Date
}

/** What of a verified Response says which login it answers. */
export const inResponseTo = (xml: string): string | undefined =>
  attributesOf(xml, [rootOf(xml)], ['InResponseTo', 'Version'])[0]?.['inResponseTo']

/** Milliseconds that two clocks may differ. */
const skew = 60_000

/**
 * Who it is, or the error that was answered; what breaks a rule is an error of its own, `invalid_response`
 * (SAML 2.0 profiles, 4.1.4.2 and 4.1.4.3).
 */
export function readAnswer(
  parts: AnswerParts,
  message: VerifiedMessage,
  pending: PendingLogin,
  relayState: string | undefined,
): AgencySession | AgencyError {
  const { xml, assertion } = message
  const fault = faultOfResponse(parts, xml)
  if (fault !== undefined) return invalid(fault)
  const status = statusOf(xml)
  if (status.status !== 'Success') return status
  if (assertion === undefined) return invalid('a success without an assertion')
  const broken = faultOfAssertion(parts, message, assertion, inResponseTo(xml) ?? '')
  if (broken !== undefined) return invalid(broken)
  const session = sessionOf(message, assertion)
  const unwanted = faultOfLogin(parts, session, assertion, pending, relayState)
  return unwanted === undefined ? session : invalid(unwanted)
}

export const invalid = (reason: string): AgencyError => ({ error: 'invalid_response', error_description: reason })

function faultOfResponse({ peer, acs }: AnswerParts, xml: string): string | undefined {
  const [{ destination, version } = {}] = attributesOf(xml, ['Response'], ['Destination', 'Version'])
  if (version !== '2.0') return 'not a Response of SAML 2.0'
  if (destination !== acs) return `Destination is ${destination}, not ${acs}`
  return textOf(xml, ['Response', 'Issuer']) === peer.entityId ? undefined : 'the Response is of another Issuer'
}

const word = (uri: string | undefined): string => (uri ?? '').slice((uri ?? '').lastIndexOf(':') + 1)

/** The words of both status codes, and the message to the citizen. */
export function statusOf(xml: string): AgencyError & { readonly status: string } {
  const root = rootOf(xml)
  const code = (path: readonly string[]) => attributesOf(xml, path, ['Value', 'none'])[0]?.['value']
  const status = word(code([root, 'Status', 'StatusCode']))
  const sub = word(code([root, 'Status', 'StatusCode', 'StatusCode']))
  return { error: sub || status, error_description: textOf(xml, [root, 'Status', 'StatusMessage']), status }
}

function faultOfAssertion(
  { agency, peer, audience, acs, now }: AnswerParts,
  { encrypted }: VerifiedMessage,
  assertion: string,
  request: string,
): string | undefined {
  if (agency.face === 'standard' && !encrypted) return 'the assertion is not encrypted'
  if (agency.face === 'standard' && !assertionSigned(peer, assertion)) return 'the assertion itself is not signed'
  if (textOf(assertion, ['Assertion', 'Issuer']) !== peer.entityId) return 'the assertion is of another Issuer'
  if (textOf(assertion, ['Assertion', 'Conditions', 'AudienceRestriction', 'Audience']) !== audience)
    return `the Audience is not ${audience}`
  const window = attributesOf(assertion, ['Assertion', 'Conditions'], ['NotBefore', 'NotOnOrAfter'])[0] ?? {}
  const confirmation = ['Assertion', 'Subject', 'SubjectConfirmation']
  const [{ method } = {}] = attributesOf(assertion, confirmation, ['Method', 'none'])
  const data = attributesOf(
    assertion,
    [...confirmation, 'SubjectConfirmationData'],
    ['InResponseTo', 'NotOnOrAfter', 'Recipient'],
  )[0]
  if (word(method) !== 'bearer' || data === undefined) return 'no bearer confirmation'
  if (data['inResponseTo'] !== request) return 'the confirmation answers another request'
  if (data['recipient'] !== acs) return 'the confirmation is for another Recipient'
  const over = (text: string | undefined) => text === undefined || Date.parse(text) <= now.getTime() - skew
  if (over(window['notOnOrAfter']) || over(data['notOnOrAfter'])) return 'the assertion has lapsed'
  const early = Date.parse(window['notBefore'] ?? '') > now.getTime() + skew
  return early ? 'the assertion does not hold yet' : undefined
}

const uriOfLevel = ['Assertion', 'AuthnStatement', 'AuthnContext', 'AuthnContextClassRef']

function sessionOf({ encrypted }: VerifiedMessage, assertion: string): AgencySession {
  const attributes = friendlyAttributes(assertion)
  const one = (name: string) => (typeof attributes[name] === 'string' ? attributes[name] : undefined)
  const [first, all] = [one('FirstSurname'), one('FamilyName')]
  const second = first === undefined ? undefined : all?.slice(first.length + 1) || undefined
  const [statement] = attributesOf(assertion, ['Assertion', 'AuthnStatement'], ['AuthnInstant', 'SessionIndex'])
  const nameId = ['Assertion', 'Subject', 'NameID']
  const [qualified] = attributesOf(assertion, nameId, ['Format', 'NameQualifier', 'SPNameQualifier'])
  return {
    person: {
      document: one('PersonIdentifier'),
      name: [one('FirstName'), all].filter((part) => part !== undefined).join(' '),
      given_name: one('FirstName'),
      family_name: all,
      first_surname: first,
      second_surname: second,
    },
    level: textOf(assertion, uriOfLevel)?.split('/').at(-1) ?? '',
    method: one('SelectedIdP'),
    told: {
      attributes,
      name_id: textOf(assertion, nameId),
      name_id_format: qualified?.['format'],
      name_qualifier: qualified?.['nameQualifier'],
      sp_name_qualifier: qualified?.['spNameQualifier'] ?? qualified?.['sPNameQualifier'],
      session_index: statement?.['sessionIndex'],
      authn_instant: statement?.['authnInstant'],
      encrypted,
      assertion,
    },
  }
}

const levels = ['low', 'substantial', 'high']

/** What the answer owes to this very request. */
function faultOfLogin(
  { agency }: AnswerParts,
  { level, told }: AgencySession,
  assertion: string,
  { asked, relayState: sent, at }: PendingLogin,
  relayState: string | undefined,
): string | undefined {
  if (relayState !== sent) return 'RelayState is not what was sent'
  const { RelayState: echoed } = told['attributes'] as Readonly<Record<string, unknown>>
  if (agency.face === 'clave' && echoed !== sent) return 'the attribute RelayState is not what was sent'
  const wanted = levels.indexOf(asked.classRef.split('/').at(-1) ?? '')
  if (asked.comparison === 'minimum' && levels.indexOf(level) < wanted) return 'the level is lower than asked'
  const [statement] = attributesOf(assertion, ['Assertion', 'AuthnStatement'], ['AuthnInstant', 'SessionIndex'])
  const earlier = Date.parse(statement?.['authnInstant'] ?? '') < at.getTime() - skew
  return asked.force === 'true' && earlier ? 'the citizen did not identify anew' : undefined
}

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Citizen } from '../citizen/index.ts'
import type { Who } from '../login/index.ts'
import type { PageModel } from '../platform/index.ts'
import { refusalRow, type Refusal } from '../refusal/index.ts'
import type { SamlRelyingParty } from '../relying-party/index.ts'
import { claveAttributes, standardAttributes } from './attributes.ts'
import { classRefOf } from './levels.ts'
import { nameIdFormats } from './names.ts'
import type { SamlParts } from './parts.ts'
import { errorResponse, successResponse } from './response.ts'
import { shown } from './sender.ts'
import type { SamlLogin } from './transaction.ts'

/** Where an answer goes, and what it answers. */
export interface Target {
  readonly acs: string
  readonly inResponseTo: string
  readonly relayState?: string | undefined
}

export const newId = ({ random }: Pick<SamlParts, 'random'>): string => `_${random.bytes(16).toString('hex')}`

/** The key that signs now, with its certificate. */
export function signingKey({ keys }: Pick<SamlParts, 'keys'>) {
  const [current] = keys.ring().saml
  if (!current) throw new Error('there is no SAML key to sign with')
  return current
}

/** The name of a citizen at one agency: what a later logout calls them by. */
export interface GivenName {
  readonly nameId: string
  readonly nameIdFormat: string
  readonly sessionIndex: string
}

/**
 * Gateway: the bare document. Standard: a pairwise name by public body, or one of this session only; never the document
 * (clave-saml-profile, 4 and 9).
 */
function nameFor(parts: SamlParts, party: SamlRelyingParty, who: Who, citizen: Citizen, format: string): GivenName {
  const sessionIndex = `_${parts.digest('saml session index', who.session, party.id)}`
  const [persistent, transient] = namesOf(parts, party, who.citizen, who.session)
  const pairwise = format === nameIdFormats.transient ? transient : persistent
  return { nameIdFormat: format, sessionIndex, nameId: party.saml.face === 'clave' ? citizen.document : pairwise }
}

/** By what names an agency of the standard face can know the citizen of a session: persistent, transient. */
export const namesOf = (
  parts: Pick<SamlParts, 'digest' | 'pairwise'>,
  { id, sector }: Pick<SamlRelyingParty, 'id' | 'sector'>,
  citizen: string,
  session: string,
): readonly [string, string] => [
  parts.pairwise('saml persistent name', sector, citizen),
  `_${parts.digest('saml transient name', session, id)}`,
]

/** The signed answer that names the citizen. */
export function sayWho(
  parts: SamlParts,
  party: SamlRelyingParty,
  login: SamlLogin,
  who: Who,
  citizen: Citizen,
): { readonly xml: string; readonly given: GivenName } {
  const { saml } = party
  const given = nameFor(parts, party, who, citizen, login.nameIdFormat)
  const { document, name, phone, email } = citizen
  const person = {
    document,
    given: name.given,
    firstSurname: name.firstSurname,
    secondSurname: name.secondSurname,
    phone,
    email,
    method: who.method,
    registrationLevel: who.registrationLevel,
  }
  const isClave = saml.face === 'clave'
  const attributes = isClave
    ? claveAttributes(person, {
        ...(login.echo === undefined ? {} : { relayState: login.echo }),
        registrationLevel: party.scopes.includes('registration'),
      })
    : standardAttributes(person, party.scopes, saml.attributeNames)
  const subject = {
    nameId: given.nameId,
    nameIdFormat: given.nameIdFormat,
    classRef: classRefOf(who.level),
    authnInstant: who.at,
    attributes,
    ...(isClave ? {} : { sessionIndex: given.sessionIndex, spNameQualifier: saml.name }),
  }
  const answer = {
    ...common(parts, party, targetOf(login)),
    assertionId: newId(parts),
    // What the real gateway writes there, whatever the request's Issuer was (clave-saml-profile, 4).
    audience: isClave ? login.acs : saml.name,
  }
  const encryption = saml.encryption && { ...saml.encryption, random: parts.random }
  return { xml: successResponse(signingKey(parts), answer, subject, encryption), given }
}

export const targetOf = ({ acs, inResponseTo, relayState }: SamlLogin): Target => ({ acs, inResponseTo, relayState })

const common = (parts: SamlParts, { saml: { face } }: SamlRelyingParty, { acs, inResponseTo }: Target) => ({
  face,
  issuer: parts.baseUrl,
  destination: acs,
  inResponseTo,
  at: parts.clock.wire(),
  id: newId(parts),
})

/** What a refusal says in the protocol, with what was found where that is the agency's own message. */
export function statusOf({ refused, details }: Refusal) {
  const { status, sub, message } = refusalRow(refused).saml
  const reason = details?.['reason']
  return { status, sub, message: reason === undefined ? message : `${message}: ${reason}` }
}

/** The signed answer that says why there is no citizen. */
export const sayRefused = (parts: SamlParts, party: SamlRelyingParty, target: Target, refused: Refusal): string =>
  errorResponse(signingKey(parts), common(parts, party, target), statusOf(refused))

/** A form that the browser posts to the agency by itself, or by its button where there are no scripts. */
export function postTo(
  reply: FastifyReply,
  agency: { readonly name: string },
  action: string,
  fields: Readonly<Record<string, string | undefined>>,
  more: PageModel = {},
): FastifyReply {
  const sent = Object.entries(fields).filter(([, value]) => value !== undefined)
  // With the policy of our other pages the browser would send `Origin: null`, which some agencies' frameworks refuse.
  void reply.header('referrer-policy', 'strict-origin')
  // Loading this page again in another language would find the answer given.
  return reply.page('saml/views/post.njk', { agency, action, fields: sent, languages: [], ...more })
}

export const encoded = (xml: string): string => Buffer.from(xml).toString('base64')

/** Says on a page what is wrong with a message whose sender or return address is not certain. */
export function refuseMessage(
  parts: SamlParts,
  request: FastifyRequest,
  reply: FastifyReply,
  refused: Refusal,
  about: { readonly relyingParty?: string | undefined; readonly names?: object } = {},
): FastifyReply {
  noteRefused(parts, request, about.relyingParty, refused)
  const { message } = refusalRow(refused.refused).saml
  const technical = [
    ['error', message],
    ['detail', refused.details?.['reason']],
    ...Object.entries(about.names ?? {}).map(([name, value]) => [
      name,
      value === undefined ? undefined : shown(String(value)),
    ]),
    ['endpoint', request.routeOptions.url],
  ].filter(([, value]) => typeof value === 'string' && value !== '')
  return reply.refuse(refused, { template: 'saml/views/refused.njk', technical })
}

/** One line for the operator; what the message holds stays out of it. */
export function noteRefused(
  parts: SamlParts,
  request: FastifyRequest,
  relyingParty: string | undefined,
  { refused }: Refusal,
): void {
  parts.observe?.({ relyingParty, code: refused })
  request.log.info({ outcome: refused, relyingParty }, 'saml message refused')
}

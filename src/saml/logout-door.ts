import type { FastifyReply, FastifyRequest } from 'fastify'
import { isRefusal, refusal, type Refusal } from '../refusal/index.ts'
import type { SamlRelyingParty } from '../relying-party/index.ts'
import { answerLogout } from './answer-logout.ts'
import { noteRefused, refuseMessage, statusOf } from './answers.ts'
import { keepFarewell, newFarewell } from './farewell.ts'
import { isUnfit, type Claims, type Received, type Unfit } from './inbound.ts'
import { checkMessage, checkRelayState, passOnce } from './message-rules.ts'
import type { LogoutRequest } from './messages.ts'
import type { SamlParts } from './parts.ts'
import { doors, logoutPath } from './paths.ts'
import type { Meant } from './read-message.ts'
import type { Arrived } from './receive.ts'
import { logoutReturnOf } from './return-address.ts'
import { splitProviderName } from './sender.ts'

/** The fields of the gateway's logout, each with the field of its answer (clave-saml-profile, 7). */
export const logoutFields = { logoutRequest: 'logoutResponse', samlRequestLogout: 'samlResponseLogout' } as const

/** The gateway's own logout: Issuer is a return address, NameID the provider; what verifies it says who asks. */
export async function takeClaveLogout(
  parts: SamlParts,
  arrived: Arrived,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { received, relayState, field } = arrived
  // Not the NameID: it may be a citizen's document.
  const { nameId: _name, ...names } = received.claims
  const found = await verifiedSender(parts, received)
  if (isRefusal(found)) return refuseMessage(parts, request, reply, found, { names })
  const { message, party } = found
  const about = { relyingParty: party.id, names }
  const { id, issuer, nameId } = meantBy(message)
  const returnTo = logoutReturnOf([issuer, nameId.spNameQualifier], party)
  if (isRefusal(returnTo)) return refuseMessage(parts, request, reply, isUnfit(message) ? message : returnTo, about)
  if (id === undefined) return refuseMessage(parts, request, reply, message as Unfit, about)
  const initiator = {
    by: 'clave',
    relyingParty: party.id,
    returnTo,
    field: logoutFields[field as keyof typeof logoutFields],
    inResponseTo: id,
    // One that is refused for its length is not given back.
    ...(relayState === undefined || checkRelayState(relayState) ? {} : { relayState }),
  } as const
  const fault = isUnfit(message) ? message : await faultOf(parts, party, message, relayState)
  if (!fault) return await reply.redirect(logoutPath(await keepFarewell(parts, newFarewell(initiator))), 303)
  noteRefused(parts, request, party.id, fault)
  return answerLogout(parts, party, initiator, statusOf(fault), reply)
}

async function faultOf(
  parts: SamlParts,
  party: SamlRelyingParty,
  message: LogoutRequest,
  relayState: string | undefined,
): Promise<Refusal | undefined> {
  const address = parts.baseUrl + doors.clave
  // The kits' logout requests need not say where they go.
  const placed = { ...message, destination: message.destination ?? address }
  return (
    checkRelayState(relayState) ??
    checkMessage(placed, address, parts.clock.wire()) ??
    (await passOnce(parts, party.id, message))
  )
}

/** Whose registered certificate verifies is who asks (clave-saml-profile, 7). */
async function verifiedSender(
  parts: SamlParts,
  received: Received,
): Promise<{ readonly message: LogoutRequest | Unfit; readonly party: SamlRelyingParty } | Refusal> {
  const candidates = await candidatesFor(parts, received.claims)
  if (candidates.length === 0)
    return refusal('SAML-07-certificate', {
      reason:
        'NameID names no service provider, and none is registered with the certificate in KeyInfo or takes answers at the Issuer.',
    })
  const certificates = candidates.flatMap(({ saml }) => saml.certificates)
  const verified = received.verify(certificates, parts.clock.wire())
  if (isRefusal(verified) && !isUnfit(verified)) return verified
  const message = isUnfit(verified) ? verified : (verified.message as LogoutRequest)
  const meant = meantBy(message)
  const { name } = splitProviderName(meant.nameId.value)
  const theirs = candidates.filter(({ saml }) =>
    saml.certificates.some(({ fingerprint }) => fingerprint === verified.certificate),
  )
  const party = theirs.find(({ saml }) => saml.name === name) ?? byReturnAddress(theirs, meant) ?? theirs[0]
  return party ? { message, party } : refusal('SAML-07-certificate')
}

/**
 * Whose certificates to try: of the provider that NameID names, or of those with the certificate in KeyInfo where it names
 * somebody else (one client writes the citizen's document there); where there are neither, of those whose return address the
 * Issuer is.
 */
export async function candidatesFor(
  { relyingParties }: Pick<SamlParts, 'relyingParties'>,
  { certificate, nameId = '', issuer = '' }: Partial<Pick<Claims, 'certificate' | 'nameId' | 'issuer'>>,
): Promise<readonly SamlRelyingParty[]> {
  const [named, certified] = await Promise.all([
    relyingParties.findBySamlName(splitProviderName(nameId).name),
    certificate === undefined ? [] : relyingParties.findBySamlCertificate(certificate),
  ])
  const found = [...(named ? [named] : []), ...certified].filter(ofGateway)
  return found.length > 0 ? found : (await relyingParties.findBySamlReturnAddress(issuer)).filter(ofGateway)
}

const ofGateway = ({ saml }: SamlRelyingParty): boolean => saml.face === 'clave'

type Names = Pick<Meant, 'id' | 'issuer' | 'nameId'>
const meantBy = (message: LogoutRequest | Unfit): Names => (isUnfit(message) ? message.meant : message)

const byReturnAddress = (parties: readonly SamlRelyingParty[], { issuer, nameId }: Names) =>
  parties.find((party) => !isRefusal(logoutReturnOf([issuer, nameId.spNameQualifier], party)))

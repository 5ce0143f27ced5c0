import { attributeOf, type XmlElement } from '../../platform/index.ts'
import { isRefusal } from '../../refusal/index.ts'
import type { SamlRelyingParty } from '../../relying-party/index.ts'
import type { ExaminerParts } from './examination.ts'
import { childOf, withoutSignature } from './tree.ts'
import {
  acsOf,
  checkMessage,
  checkRelayState,
  doors,
  excludedBy,
  logoutReturnOf,
  readLogin,
  readMessage,
  receivePost,
  receiveRedirect,
  senderName,
  type AuthnRequest,
  type InboundMessage,
  type LogoutRequest,
  type MessageKind,
  type Received,
} from '../../saml/index.ts'
import { bad, good, judged, note, refusedAt, told, type Finding } from './finding.ts'
import type { Pasted } from './paste.ts'

/** Everything that our doors look at, though one fault does not keep the next from being looked for. */
export async function examineRequest(
  parts: ExaminerParts,
  pasted: Pasted,
  root: XmlElement,
  kind: 'AuthnRequest' | 'LogoutRequest',
): Promise<readonly Finding[]> {
  const received = receive(pasted, kind)
  const party = await senderOf(parts, root, 'claims' in received ? received.claims.certificate : undefined)
  const message = readMessage(kind, withoutSignature(root))
  const asked = 'misfit' in message ? undefined : message
  return [
    party
      ? good('who', { name: party.name, registered: party.saml.name })
      : bad('who', whoReason(root), 'SAML-08-unknown-provider'),
    'misfit' in message ? bad('schema', message.misfit, 'SAML-03-schema') : good('schema'),
    ...signatureFindings(parts, received, party),
    ...(asked ? addressed(parts, asked, party, kind) : []),
    told('relayState', checkRelayState(pasted.relayState), { relayState: pasted.relayState }),
    ...(asked?.kind === 'AuthnRequest' && party ? loginFindings(asked, party) : []),
    ...(asked?.kind === 'LogoutRequest' && party?.saml.face === 'clave' ? logoutFindings(asked, party) : []),
  ]
}

/** The signature as our doors check it: in the XML, or for HTTP-Redirect in the query. */
export function receive({ query, xml }: Pasted, kind: MessageKind): Received | ReturnType<typeof receivePost> {
  return query === undefined ? receivePost(xml.toString('base64'), [kind]) : receiveRedirect(query, [kind])
}

/** Who says to be asking, by whichever name of theirs we know; the certificate where they name nobody. */
export async function senderOf(
  { relyingParties }: ExaminerParts,
  root: XmlElement,
  certificate: string | undefined,
): Promise<SamlRelyingParty | undefined> {
  const claims = { providerName: attributeOf(root, 'ProviderName'), issuer: childOf(root, 'Issuer')?.text.trim() }
  const names = [senderName('clave', claims), senderName('standard', claims), childOf(root, 'NameID')?.text.trim()]
  for (const name of new Set(names)) {
    const found = name === undefined ? undefined : await relyingParties.findBySamlName(name)
    if (found) return found
  }
  return certificate === undefined ? undefined : (await relyingParties.findBySamlCertificate(certificate))[0]
}

function whoReason(root: XmlElement): string {
  const [name, issuer] = [attributeOf(root, 'ProviderName'), childOf(root, 'Issuer')?.text.trim()]
  const said = [name && `the ProviderName "${name}"`, issuer && `the Issuer "${issuer}"`].filter(Boolean)
  return said.length > 0
    ? `Nobody is registered by ${said.join(' or ')}.`
    : 'It says neither a ProviderName nor an Issuer.'
}

const stepOf = { 'SAML-07-certificate': 'certificate', 'SAML-03-schema': 'schema' } as const

export function signatureFindings(
  { clock }: ExaminerParts,
  received: ReturnType<typeof receive>,
  party: SamlRelyingParty | undefined,
): readonly Finding[] {
  if (isRefusal(received)) return [refusedAt('signature', received)]
  const sound = good('signature')
  if (!party) return [sound, nobodyFinding(received.claims.certificate)]
  const verified = received.verify(party.saml.certificates, clock.wire())
  if (!isRefusal(verified)) return [sound, good('certificate', { fingerprint: verified.certificate })]
  const { refused } = verified
  // A schema that does not fit is its own step; then the signature was right.
  if (refused === 'SAML-03-schema') return [sound, good('certificate', {}, 'sender')]
  return refused in stepOf ? [sound, refusedAt('certificate', verified)] : [refusedAt('signature', verified)]
}

const nobodyFinding = (fingerprint: string | undefined): Finding =>
  fingerprint === undefined ? note('certificate', 'nobodyNone') : note('certificate', 'nobody', { fingerprint })

export function addressed(
  { issuer, clock }: ExaminerParts,
  message: InboundMessage,
  party: SamlRelyingParty | undefined,
  kind: MessageKind,
): readonly Finding[] {
  const standard = kind === 'AuthnRequest' ? doors.sso : doors.slo
  const face = party?.saml.face ?? (message.destination?.includes(doors.clave) ? 'clave' : 'standard')
  const address = issuer + (face === 'clave' ? doors.clave : standard)
  const destined = { ...message, issueInstant: clock.wire() }
  return [
    judged('destination', checkMessage(destined, address, clock.wire()), { address }),
    timeFinding(message, clock.wire()),
  ]
}

function timeFinding(message: InboundMessage, now: Date): Finding {
  const at = message.issueInstant.toISOString()
  // Where it goes is a step of its own.
  const refused = checkMessage({ ...message, destination: '' }, '', now)
  if (!refused) return good('time', { at })
  return bad('time', `${refused.details?.['reason']} It says ${at}.`, refused.refused)
}

/** Each rule alone: the others see a request that says nothing of theirs. */
function loginFindings(message: AuthnRequest, party: SamlRelyingParty): readonly Finding[] {
  const silent: AuthnRequest = {
    ...message,
    spType: undefined,
    protocolBinding: undefined,
    requestedAttributes: [],
    nameIdFormat: undefined,
    spNameQualifier: undefined,
    classRefs: undefined,
  }
  const fault = (said: Partial<AuthnRequest>) => {
    const read = readLogin({ ...silent, ...said }, party)
    return isRefusal(read) ? read : undefined
  }
  const { spType, protocolBinding, requestedAttributes, nameIdFormat, spNameQualifier, classRefs, comparison } = message
  const acs = acsOf(message, party)
  return [
    judged('returnAddress', isRefusal(acs) ? acs : undefined, { address: isRefusal(acs) ? '' : acs }),
    told('spType', fault({ spType }), { spType }),
    told('binding', fault({ protocolBinding }), { binding: protocolBinding }),
    told('attributes', fault({ requestedAttributes }), { count: requestedAttributes.length || undefined }),
    told('nameId', fault({ nameIdFormat, spNameQualifier }), { format: nameIdFormat }),
    told('level', fault({ classRefs, comparison }), {
      level: classRefs?.join(' '),
      comparison,
      least: party.leastLevel,
    }),
    methodsFinding(message, party),
  ]
}

function methodsFinding(message: AuthnRequest, { saml }: SamlRelyingParty): Finding {
  const { requestedAttributes, forceAuthn, isPassive } = message
  const names = saml.face === 'clave' ? requestedAttributes.map(({ name }) => name) : []
  const off = [...new Set(excludedBy(names))].join(', ')
  const said = { force: String(forceAuthn), passive: String(isPassive) }
  return off === '' ? note('methods', 'none', said) : note('methods', 'note', { off, ...said })
}

function logoutFindings(message: LogoutRequest, party: SamlRelyingParty): readonly Finding[] {
  const to = logoutReturnOf([message.issuer, message.nameId.spNameQualifier], party)
  return [judged('returnAddress', isRefusal(to) ? to : undefined, { address: isRefusal(to) ? '' : to })]
}

import { isRefusal, refusals } from '../../refusal/index.ts'
import type { SamlRelyingParty } from '../../relying-party/index.ts'
import type { XmlElement } from '../../platform/index.ts'
import {
  checkMessage,
  checkRelayState,
  logoutReturnOf,
  readMessage,
  type Face,
  type InboundMessage,
  type LogoutRequest,
  type MessageKind,
} from '../../saml/index.ts'
import { asSent, doorOf, faceOf, fieldsFor, inItsField, namesIn } from './delivery.ts'
import type { ExaminerParts } from './examination.ts'
import { bad, good, judged, note, refusedAt, told, type Finding } from './finding.ts'
import { loginFindings } from './login-findings.ts'
import type { Pasted } from './paste.ts'
import { rehearse, type Outcome } from './rehearsal.ts'
import { senderOf } from './sender.ts'
import { receive, signatureFindings } from './signature-findings.ts'
import { withoutSignature } from './tree.ts'

/**
 * Everything that our doors look at, though one fault does not keep the next from being looked for; in the end what the door
 * itself does with it.
 */
export async function examineRequest(
  parts: ExaminerParts,
  pasted: Pasted,
  root: XmlElement,
  kind: MessageKind,
): Promise<readonly Finding[]> {
  // The gateway's face takes all that the other does.
  const opened = receive(pasted, kind, 'clave')
  const names = 'claims' in opened ? opened.claims : namesIn(root)
  const face = await faceOf(parts, pasted, root, names)
  const received = receive(pasted, kind, face)
  const came = await rehearse(parts, asSent(pasted, kind, face))
  const outcome = pasted.fields ? await rehearse(parts, inItsField(pasted, kind, face)) : came
  const sender = await senderOf(parts, kind, face, names, outcome)
  const { party } = sender
  const message = readMessage(kind, withoutSignature(root), face)
  const asked = 'misfit' in message ? undefined : message
  const findings = [
    ...fieldFindings(pasted, kind, face, came, outcome),
    sender.finding,
    'misfit' in message ? bad('schema', message.misfit, 'SAML-03-schema') : good('schema'),
    ...signatureFindings(parts, received, sender, face),
    ...(asked ? addressed(parts, asked, face) : []),
    told('relayState', checkRelayState(pasted.relayState), { relayState: pasted.relayState }),
    ...(asked?.kind === 'AuthnRequest' && party ? loginFindings(asked, party) : []),
    ...(asked?.kind === 'LogoutRequest' && face === 'clave' && party ? logoutFindings(asked, party) : []),
  ]
  return [...findings, doorFinding(outcome, findings)]
}

/** A form that the door does not take, though it takes the same message in the right one. */
function fieldFindings(
  { field }: Pasted,
  kind: MessageKind,
  face: Face,
  { refused }: Outcome,
  right: Outcome,
): readonly Finding[] {
  if (!refused || JSON.stringify(refused) === JSON.stringify(right.refused)) return []
  const names = fieldsFor(kind, face)
  if (field === undefined || names.includes(field)) return [refusedAt('sending', refused)]
  const reason = `${doorOf(kind, face)} takes a ${kind} in the field ${names.join(' or ')}; this one came in ${field}.`
  return [bad('sending', reason, refused.refused)]
}

/** A rule that no step looked at is told here, in the door's own words. */
function doorFinding({ refused }: Outcome, findings: readonly Finding[]): Finding {
  if (!refused) return good('door')
  if (!findings.some(({ verdict, code }) => verdict === 'bad' && code === refused.refused))
    return refusedAt('door', refused)
  return note('door', 'refused', { message: refusals[refused.refused].saml.message })
}

function addressed({ issuer, clock }: ExaminerParts, message: InboundMessage, face: Face): readonly Finding[] {
  const address = issuer + doorOf(message.kind, face)
  const now = clock.wire()
  const { destination } = message
  const mayLack = face === 'clave' && message.kind === 'LogoutRequest'
  const placed = { ...message, issueInstant: now, destination: destination ?? (mayLack ? address : undefined) }
  const wrong = checkMessage(withoutEnd(placed), address, now)
  return [
    wrong || destination !== undefined ? judged('destination', wrong, { address }) : good('destination', {}, 'none'),
    timeFinding(message, now),
  ]
}

/** So that only its address is judged. */
const withoutEnd = (message: InboundMessage): InboundMessage =>
  message.kind === 'LogoutRequest' ? { ...message, notOnOrAfter: undefined } : message

function timeFinding(message: InboundMessage, now: Date): Finding {
  const at = message.issueInstant.toISOString()
  // Where it goes is a step of its own.
  const refused = checkMessage({ ...message, destination: '' }, '', now)
  if (!refused) return good('time', { at })
  return bad('time', `${refused.details?.['reason']} It says ${at}.`, refused.refused)
}

function logoutFindings(message: LogoutRequest, party: SamlRelyingParty): readonly Finding[] {
  const to = logoutReturnOf([message.issuer, message.nameId.spNameQualifier], party)
  return [judged('returnAddress', isRefusal(to) ? to : undefined, { address: isRefusal(to) ? '' : to })]
}

import { isRefusal, type Refusal, type RefusalCode } from '../../refusal/index.ts'
import type { SamlRelyingParty } from '../../relying-party/index.ts'
import {
  receivePost,
  receiveRedirect,
  verifyFrom,
  type Face,
  type MessageKind,
  type Received,
} from '../../saml/index.ts'
import type { ExaminerParts } from './examination.ts'
import { good, note, refusedAt, type Finding, type Step } from './finding.ts'
import type { Pasted } from './paste.ts'
import { samlPartsOf } from './rehearsal.ts'
import type { Sender } from './sender.ts'

/** As our doors read it: with the signature in the XML, or for HTTP-Redirect in the query. */
export const receive = ({ query, sent }: Pasted, kind: MessageKind, face: Face): Received | Refusal =>
  query === undefined ? receivePost(sent, [kind], face) : receiveRedirect(query, [kind], face)

/** Where each of the codes belongs with which a message is refused before anything is read out of it. */
const stepOf: Partial<Record<RefusalCode, Step>> = {
  'SAML-01-not-a-message': 'sending',
  'SAML-03-schema': 'kind',
  'SAML-07-certificate': 'certificate',
}
const refusedWhere = (refused: Refusal): Finding => refusedAt(stepOf[refused.refused] ?? 'signature', refused)

export function signatureFindings(
  parts: ExaminerParts,
  received: Received | Refusal,
  { party, unverified }: Sender,
  face: Face,
): readonly Finding[] {
  if (isRefusal(received)) return [refusedWhere(received)]
  const sound = good('signature')
  if (!party) return [sound, nobodyFinding(received.claims.certificate)]
  if (unverified && unverified.refused !== 'SAML-03-schema') return verdict(unverified)
  const verified = received.verify(party.saml.certificates, parts.clock.wire())
  if (!isRefusal(verified)) {
    const certificate = good('certificate', { fingerprint: verified.certificate })
    return [sound, certificate, ...furtherFindings(parts, received, party, face)]
  }
  // A schema that does not fit is its own step; then the signature was right.
  if (verified.refused !== 'SAML-03-schema') return verdict(verified)
  return [sound, good('certificate', {}, 'sender'), ...furtherFindings(parts, received, party, face)]
}

const verdict = (refused: Refusal): readonly Finding[] =>
  refused.refused === 'SAML-07-certificate' ? [good('signature'), refusedWhere(refused)] : [refusedWhere(refused)]

/** What the doors ask of a sender beside the signature: that its metadata hold, and that what was signed names it. */
function furtherFindings(
  parts: ExaminerParts,
  received: Received,
  party: SamlRelyingParty,
  face: Face,
): readonly Finding[] {
  // The gateway's logout door finds its sender by the certificate alone.
  if (received.kind === 'LogoutRequest' && face === 'clave') return []
  const from = verifyFrom(samlPartsOf(parts), face, party, received)
  if (!isRefusal(from) || from.refused === 'SAML-03-schema') return []
  return [refusedAt(from.refused === 'SAML-07-certificate' ? 'metadata' : 'signature', from)]
}

const nobodyFinding = (fingerprint: string | undefined): Finding =>
  fingerprint === undefined ? note('certificate', 'nobodyNone') : note('certificate', 'nobody', { fingerprint })

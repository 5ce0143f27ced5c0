import { isRefusal, type Refusal } from '../../refusal/index.ts'
import type { SamlRelyingParty } from '../../relying-party/index.ts'
import { candidatesFor, findSender, type Face, type MessageKind } from '../../saml/index.ts'
import type { Names } from './delivery.ts'
import type { ExaminerParts } from './examination.ts'
import { good, refusedAt, type Finding } from './finding.ts'
import { samlPartsOf, type Outcome } from './rehearsal.ts'

/** Whom a door takes a message to be from. */
export interface Sender {
  readonly finding: Finding
  readonly party?: SamlRelyingParty
  /** What the gateway's logout door has against the message, where it did not come to know who sent it. */
  readonly unverified?: Refusal
}

/** @param outcome what the door did with the message in its right field. */
export async function senderOf(
  parts: ExaminerParts,
  kind: MessageKind,
  face: Face,
  names: Names,
  outcome: Outcome,
): Promise<Sender> {
  if (kind === 'LogoutRequest' && face === 'clave') return leaving(parts, names, outcome)
  const found = await findSender(samlPartsOf(parts), face, names)
  return isRefusal(found) ? { finding: refusedAt('who', found) } : known(found)
}

const known = (party: SamlRelyingParty): Sender => ({
  finding: good('who', { name: party.name, registered: party.saml.name }),
  party,
})

/** At the gateway's logout door whose certificate verifies is who asks, so that only the door itself can tell. */
async function leaving(parts: ExaminerParts, names: Names, { relyingParty, refused }: Outcome): Promise<Sender> {
  const party = relyingParty === undefined ? undefined : await parts.relyingParties.find(relyingParty)
  if (party?.saml) return known({ ...party, saml: party.saml })
  // For people to see who it seems to be, where no certificate told.
  const [named] = await candidatesFor(parts, names)
  if (named) return { ...known(named), ...(refused ? { unverified: refused } : {}) }
  return { finding: refused ? refusedAt('who', refused) : good('who') }
}

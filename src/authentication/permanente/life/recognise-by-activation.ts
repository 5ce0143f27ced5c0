import { isRefusal, type Refusal } from '../../../refusal/index.ts'
import { checkActivationCode } from '../../../registration/index.ts'
import type { Login } from '../../method.ts'
import { notHeard, type Recognised } from '../../recognise.ts'
import type { LifeParts } from './parts.ts'

export interface ActivationClaim {
  /** In its normal form. */
  readonly document: string
  readonly email: string
  readonly code: string
}

/**
 * Whose activation code this is. Document, e-mail and code must be of one registered citizen; which of them was wrong is
 * never told. The same statements run in the same order whether the document is unknown, unregistered, blocked or good
 * (ENS op.acc.5.7): where document and e-mail do not belong together a decoy stands in, so that a document alone does
 * not let anybody use up the tries of its owner's code. Wrong ones are counted with the contrast's.
 *
 * A right code is not used up here: that is for the password that it sets.
 */
export async function recogniseByActivation(
  parts: LifeParts,
  login: Login,
  claim: ActivationClaim,
): Promise<Recognised | Refusal | 'wrong'> {
  const { address, relyingParty } = login
  await parts.slowDown.check(address, relyingParty.id)
  const compared = await parts.inTurn(claim.document, () => compare(parts, login, claim))
  const failed = compared === 'wrong' || (isRefusal(compared) && compared.refused !== 'BUSY-01-try-again')
  if (failed) await parts.slowDown.failed(address, relyingParty.id)
  return compared
}

async function compare(
  parts: LifeParts,
  { browser }: Login,
  { document, email, code }: ActivationClaim,
): Promise<Recognised | Refusal | 'wrong'> {
  const [record, { known, refusedUntil }] = await Promise.all([
    parts.citizens.byDocument(document),
    parts.lockout.standing(parts.db, document, browser, ['contrast']),
  ])
  const refused = notHeard(refusedUntil, parts.clock.now())
  if (refused) return refused
  const { citizen } = record ?? {}
  const same = sameAddress(parts, citizen?.email ?? '', email)
  const meant = same && citizen?.registration && !citizen.deceased ? citizen : undefined
  // Both are written by one commit, so that it takes no longer where there was a code to be counted.
  const { right, failed } = await parts.db.transaction(async (tx) => {
    const said = await checkActivationCode(tx, parts, meant?.id ?? parts.random.uuid(), code)
    if (meant && said === 'right') return { right: { citizen: meant, known } }
    return { failed: await parts.lockout.failed(tx, 'contrast', document, known) }
  })
  return right ?? notHeard(failed.refusedUntil, parts.clock.now()) ?? 'wrong'
}

/** Digests are compared, so that the time it takes tells nothing of the address. */
function sameAddress({ digest }: LifeParts, known: string, typed: string): boolean {
  const plain = (address: string) => digest('permanente-life-email', address.normalize('NFKC').trim().toLowerCase())
  return plain(known) === plain(typed) && known !== ''
}

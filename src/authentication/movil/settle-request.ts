import { refusal } from '../../refusal/index.ts'
import type { Login, StepAnswer } from '../method.ts'
import { endOfProof } from '../prove.ts'
import type { MovilParts } from './parts.ts'
import { takeDecision, whyNotTaken, type Taken } from './waiting-table.ts'

/**
 * Takes what the phone decided into the login, once. Undefined: nothing was decided yet. Refused: MOVIL-05 (denied),
 * MOVIL-09 (reported), MOVIL-11 (expired), MOVIL-01 (its phone has ended, another request took its place, or too many
 * wrong codes), what the rules said when it was scanned, and what they say now.
 *
 * `known`: whether this browser completed a login of this citizen before, where document and contrast were typed in it.
 */
export async function settleRequest(
  parts: MovilParts,
  login: Login,
  { request, known }: { readonly request: string; readonly known: boolean },
): Promise<StepAnswer | undefined> {
  const own = { id: request, login: login.id, browser: login.browser, now: parts.clock.now() }
  const taken = await takeDecision(parts.db, own)
  if (taken) return settle(parts, login, taken, known)
  const why = await whyNotTaken(parts.db, own)
  if (why === 'used') return { moved: true }
  if (why === 'expired') return refusal('MOVIL-11-expired')
  return why === 'gone' ? refusal('MOVIL-01-gone') : undefined
}

async function settle(parts: MovilParts, login: Login, taken: Taken, known: boolean): Promise<StepAnswer> {
  const { decision, refused, citizen, document, path, unlocked, registrationLevel, device } = taken
  if (refused) return refusal(refused)
  if (decision === 'deny') return refusal('MOVIL-05-denied')
  if (decision === 'report') return refusal('MOVIL-09-reported')
  const claimant = { citizen, document, known: path === 'document' && known }
  return endOfProof(parts, login, claimant, {
    variant: unlocked ? 'movil' : 'movil-without-unlock',
    method: 'movil',
    // Nothing was typed in this browser but on the document path: nothing else could have been guessed there.
    tried: path === 'document' ? ['contrast'] : [],
    // RFC 8176: a key whose use the phone's own unlock guards in hardware; a key that the browser keeps.
    factors: unlocked ? ['hwk', 'user'] : ['swk'],
    registrationLevel,
    device,
  })
}

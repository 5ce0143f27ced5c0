import { eventValues } from '../../audit/index.ts'
import { refusal, type Refusal } from '../../refusal/index.ts'
import { levelGranted, reach } from '../../citizen/index.ts'
import type { Assertion, Decision, Device, MovilRequest, PhoneCall } from './contract.ts'
import type { MovilParts } from './parts.ts'
import { claimsOf, isTimely } from './phone-words.ts'
import { countWrong, findOpenRequest, putDecision } from './request-table.ts'
import { codeOf, nonceOf } from './round.ts'
import { counterOf } from './unlock.ts'

/** What a phone says of a request: the signed decision, and, where it has an unlock of its own, the proof of that. */
export interface Said {
  readonly request: string
  readonly jws: string
  readonly assertion: Assertion | undefined
}

/** What was decided, and, where the phone is the one that logs in, the page of the login that goes on. */
export interface Decided {
  readonly decision: Decision
  readonly back: string | undefined
}

type DecideParts = Pick<MovilParts, 'db' | 'clock' | 'digest' | 'baseUrl'>

const claimNames = ['aud', 'request', 'rp', 'code', 'level', 'nonce', 'decision', 'iat'] as const
type Signed = Readonly<Record<(typeof claimNames)[number], unknown>>

/**
 * Takes a phone's decision, once. Everything that the citizen saw is part of what is signed, and is compared with what
 * stands here: request, agency, levels, code, nonce, time, and for whom it was signed. A wrong code (typed on the document
 * path) is counted; an approval that cannot reach the level for want of the phone's unlock is refused before it counts.
 *
 * Refused: MOVIL-01 (gone: decided, expired, cancelled, another phone's), MOVIL-02 (the signature or what it is over is not
 * right), MOVIL-03 (wrong code), MOVIL-04 (the phone's unlock is needed).
 */
export async function decideRequest(parts: DecideParts, call: PhoneCall, said: Said): Promise<Decided | Refusal> {
  const now = parts.clock.now()
  const request = await findOpenRequest(parts.db, said.request, call.device.id, now)
  if (!request) return refusal('MOVIL-01-gone')
  const signed = await claimsOf(said.jws, 'clave-movil-decision+jwt', call.device, claimNames)
  const claims = signed as Signed | undefined
  if (!claims || !isAbout(parts, claims, request)) return refusal('MOVIL-02-not-genuine')
  const decision = claims.decision as Decision
  if (decision === 'approve' && claims.code !== codeOf(parts.digest, request.id)) return wrongCode(parts, request)
  const unlock = await unlockOf(parts, call.device, said)
  if (unlock === 'wrong') return refusal('MOVIL-02-not-genuine')
  if (decision === 'approve' && !suffices(request, unlock !== undefined)) return refusal('MOVIL-04-unlock-needed')
  const one = { id: request.id, device: call.device.id, decision, now, unlocked: unlock !== undefined, counter: unlock }
  const written = await putDecision(parts.db, one, denialOf(call, request, decision, now))
  if (!written) return refusal('MOVIL-01-gone')
  return { decision, back: request.path === 'same' ? `/login/${request.login}` : undefined }
}

/** What the audit is told of a denial; of an approval the login tells. */
const denialOf = ({ device, address }: PhoneCall, { relyingParty }: MovilRequest, decision: Decision, at: Date) =>
  eventValues({
    kind: 'movil-denied',
    at,
    citizen: device.citizen,
    relyingParty: relyingParty.id,
    data: { device: device.id, reported: decision === 'report' ? 'yes' : 'no', address },
  })

const decisions: readonly unknown[] = ['approve', 'deny', 'report'] satisfies Decision[]

function isAbout({ baseUrl, digest, clock }: DecideParts, claims: Signed, request: MovilRequest): boolean {
  return (
    claims.aud === baseUrl &&
    claims.request === request.id &&
    claims.rp === request.relyingParty.id &&
    claims.level === request.asked.join(' ') &&
    claims.nonce === nonceOf(digest, request.id) &&
    typeof claims.code === 'string' &&
    decisions.includes(claims.decision) &&
    isTimely(claims.iat, clock.wire())
  )
}

async function wrongCode({ db, clock }: DecideParts, { id, device }: MovilRequest): Promise<Refusal> {
  const left = await countWrong(db, id, device ?? '', clock.now())
  return left > 0 ? refusal('MOVIL-03-wrong-code', { count: left }) : refusal('MOVIL-01-gone')
}

/** The new counter of the proof of the phone's unlock; undefined: none came. */
async function unlockOf(
  { baseUrl }: DecideParts,
  { credential }: Device,
  { jws, assertion }: Said,
): Promise<number | 'wrong' | undefined> {
  if (!assertion) return undefined
  return (credential && (await counterOf({ baseUrl }, jws, assertion, credential))) ?? 'wrong'
}

/** Whether any registration reaches the level this way; the citizen's own was judged when the request was opened. */
function suffices({ asked }: MovilRequest, unlocked: boolean): boolean {
  const best = reach(unlocked ? 'movil' : 'movil-without-unlock', 'advanced')
  return best !== undefined && levelGranted(best, asked) !== undefined
}

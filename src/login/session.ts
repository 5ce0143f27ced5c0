import { hash } from 'node:crypto'
import type { Evidence } from '../authentication/index.ts'
import { loas, type Loa, type MethodName, type RegistrationLevel } from '../citizen/index.ts'
import type { Visit } from '../platform/index.ts'
import type { FormerLogin } from './outcome.ts'
import type { LoginParts } from './parts.ts'

/** The gateway session: what the citizen has proven in this browser, and to which agencies it led. */
export interface Session {
  /** SHA-256 of the cookie's token, base64url: what is kept cannot be used as the cookie. */
  readonly id: string
  readonly citizen: string
  /** Newest first; an older one stays only while it shows more than every newer one. Never empty. */
  readonly proofs: readonly [Proof, ...Proof[]]
  /**
   * Relying parties that learnt who the citizen is, for single logout; of each the id by which the session was called
   * when it was answered last: by that the protocols made what they told it (`sid`, SessionIndex).
   */
  readonly reached: Readonly<Record<string, string>>
  /** Those of them at which the citizen agreed to go on, or identified anew. */
  readonly confirmed: readonly string[]
  /** The citizen's login before it. */
  readonly former?: FormerLogin
  /** When its use was last written down, ms of `clock.now()`. */
  readonly seen: number
}

/** One act of proving who one is. */
export interface Proof {
  readonly method: MethodName
  readonly factors: readonly string[]
  /** What was reached, whatever was asked. */
  readonly level: Loa
  readonly registrationLevel: RegistrationLevel | undefined
  /** The phone that approved, of Cl@ve Móvil: the proof counts while it does. */
  readonly device?: string
  /** ms of `clock.now()`: decides our own deadlines and max_age. */
  readonly at: number
  /** ms of `clock.wire()`: what agencies are told (auth_time). */
  readonly wireAt: number
}

export interface SessionEntry {
  readonly session: Session
  readonly revision: string
}

/** Seconds within which use is not written down again. A session may so end this much before its idle time, never after. */
const seenEvery = 60
const swapTries = 5

const keyOf = (id: string): string => `session:${id}`
const groupOf = (citizen: string): string => `citizen:${citizen}`
export const sessionId = (token: string): string => hash('sha256', token, 'base64url')

/** The alive session of a browser. */
export async function findSession(parts: LoginParts, visit: Visit): Promise<SessionEntry | undefined> {
  return visit.session === undefined ? undefined : readSession(parts, sessionId(visit.session))
}

export async function readSession(parts: LoginParts, id: string): Promise<SessionEntry | undefined> {
  const entry = await parts.store.get<Session>(keyOf(id))
  return entry && { session: entry.value, revision: entry.revision }
}

/** Idle time from the last use, but never more than the absolute time from the newest proof. */
function sessionEnd({ limits }: LoginParts, session: Session): Date {
  const idle = session.seen + limits.sessionIdle * 1000
  const absolute = session.proofs[0].at + limits.sessionLongest * 1000
  return new Date(Math.min(idle, absolute))
}

export const proofOf = ({ clock }: LoginParts, evidence: Evidence): Proof => ({
  method: evidence.method,
  factors: evidence.factors,
  level: evidence.level,
  registrationLevel: evidence.registrationLevel,
  ...(evidence.device !== undefined && { device: evidence.device }),
  at: clock.now().getTime(),
  wireAt: clock.wire().getTime(),
})

/**
 * Opens the session that a login ends in, under a new token (a session id from before the proof is worth nothing after
 * it), and drops the browser's former one. The same citizen's former proofs and agencies come along; another's do not.
 */
export async function openSession(
  parts: LoginParts,
  opening: {
    readonly token: string
    readonly proof: Proof
    readonly citizen: string
    readonly relyingParty: string
    readonly former: FormerLogin | undefined
  },
  visit: Visit,
): Promise<void> {
  const former = (await findSession(parts, visit))?.session
  const kept = former?.citizen === opening.citizen ? former : undefined
  const id = sessionId(opening.token)
  const session: Session = {
    id,
    citizen: opening.citizen,
    proofs: [opening.proof, ...(kept?.proofs ?? []).filter((proof) => isAbove(proof.level, opening.proof.level))],
    reached: { ...kept?.reached, [opening.relyingParty]: id },
    confirmed: withOne(kept?.confirmed ?? [], opening.relyingParty),
    ...(opening.former ? { former: opening.former } : {}),
    seen: opening.proof.at,
  }
  const groups = [groupOf(session.citizen)]
  await Promise.all([
    parts.store.set(keyOf(session.id), session, sessionEnd(parts, session), groups),
    former && dropSession(parts, former.id),
  ])
}

/**
 * Writes down that a relying party was answered out of a session. False when the session ended meanwhile: then the
 * relying party must not be answered.
 */
export async function noteUse(
  parts: LoginParts,
  found: SessionEntry,
  relyingParty: string,
  confirmed: boolean,
): Promise<boolean> {
  let entry: SessionEntry | undefined = found
  for (let tries = 0; entry && tries < swapTries; tries++) {
    const session = withUse(parts, entry.session, relyingParty, confirmed)
    if (session === entry.session) return true
    const revision = await parts.store.swap(keyOf(session.id), entry.revision, session, sessionEnd(parts, session))
    if (revision !== undefined) return true
    entry = await readSession(parts, session.id)
  }
  return false
}

/** The session after a use; the very same value where nothing needs writing. */
function withUse({ clock }: LoginParts, session: Session, relyingParty: string, confirmed: boolean): Session {
  const now = clock.now().getTime()
  const known = session.reached[relyingParty] === session.id && (!confirmed || session.confirmed.includes(relyingParty))
  if (known && now - session.seen < seenEvery * 1000) return session
  return {
    ...session,
    reached: { ...session.reached, [relyingParty]: session.id },
    confirmed: confirmed ? withOne(session.confirmed, relyingParty) : session.confirmed,
    seen: now,
  }
}

const withOne = (list: readonly string[], one: string): readonly string[] =>
  list.includes(one) ? list : [...list, one]
const isAbove = (one: Loa, other: Loa): boolean => loas.indexOf(one) > loas.indexOf(other)

/** Without a word to the audit. */
export const dropSession = (parts: LoginParts, id: string): Promise<void> => parts.store.delete(keyOf(id))

export async function sessionsOf({ store }: LoginParts, citizen: string): Promise<readonly Session[]> {
  return (await store.listGroup<Session>(groupOf(citizen))).map(({ value }) => value)
}

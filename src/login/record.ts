import { refusal, type Refusal } from '../refusal/index.ts'
import type { MethodName } from '../citizen/index.ts'
import type { Ended, FormerLogin, LoginOutcome, LoginRequest, Who } from './outcome.ts'
import type { LoginParts } from './parts.ts'

/** One login, as the ephemeral store holds it: one value, every move of it one compare-and-set. Instants in ms of `clock.now()`. */
export interface LoginRecord {
  /** `<relying party>.<digest of resume>`: a login long gone still tells which agency to lead back to. */
  readonly id: string
  readonly request: LoginRequest
  readonly relyingParty: { readonly name: string; readonly home?: string }
  /** Digest of the cookie of the browser that began it. */
  readonly browser: string
  readonly begun: number
  readonly expires: number
  /** Random: of it and of the proof the session's token is made. Empty once the login has ended. */
  readonly seed: string
  /** The browser has a session, but the agency asks for more than it shows. */
  readonly stepUp: boolean
  readonly at: At
}

/** Where a login stands. */
export type At =
  | { readonly page: 'choose' | 'identified' }
  | { readonly page: 'step'; readonly step: string; readonly data: unknown }
  | { readonly page: 'refused'; readonly refusal: Refusal; readonly tried?: Tried }
  | { readonly page: 'done'; readonly outcome: StoredOutcome; readonly former?: FormerLogin }

/** What a refusal was about, for its event: the method, and the citizen where one was proven. */
export interface Tried {
  readonly method?: MethodName | undefined
  readonly citizen?: string | undefined
}

/** JSON has no dates. */
export type StoredOutcome = (Omit<Who, 'at'> & { readonly at: string }) | Refusal

export interface Entry {
  readonly login: LoginRecord
  readonly revision: string
}

/** Characters of the digest that an id holds: 132 bits, and no id is longer than Fastify takes (100). */
const digestLength = 22
const idShape = /^([\w.-]{1,64})\.([\w-]{22})$/

const digestOf = (id: string): string => idShape.exec(id)?.[2] ?? ''
const keyOf = (digest: string): string => `login:${digest}`
const keptUntil = (parts: LoginParts, login: LoginRecord): Date =>
  new Date(login.begun + parts.limits.interactionLifetime * 1000)

const digestFor = (parts: LoginParts, resume: string): string => parts.digest('login', resume).slice(0, digestLength)

export const loginId = (parts: LoginParts, relyingParty: string, resume: string): string =>
  `${relyingParty}.${digestFor(parts, resume)}`

/** The relying party that an id names, whether or not there is one by that name; nothing where it is no id at all. */
export const relyingPartyOf = (id: string): string | undefined => idShape.exec(id)?.[1]

export async function findLogin(parts: LoginParts, id: string): Promise<Entry | undefined> {
  const entry = idShape.test(id) ? await findByDigest(parts, digestOf(id)) : undefined
  return entry?.login.id === id ? entry : undefined
}

/** For a door that has lost all of its own but `resume`. */
export const findByResume = (parts: LoginParts, resume: string): Promise<Entry | undefined> =>
  findByDigest(parts, digestFor(parts, resume))

async function findByDigest({ store }: LoginParts, digest: string): Promise<Entry | undefined> {
  const entry = await store.get<LoginRecord>(keyOf(digest))
  return entry && { login: entry.value, revision: entry.revision }
}

/** False where the login is there already. */
export const addLogin = (parts: LoginParts, login: LoginRecord): Promise<boolean> =>
  parts.store.add(keyOf(digestOf(login.id)), login, keptUntil(parts, login))

/** False when another request moved the login first. */
export async function swapLogin(parts: LoginParts, entry: Entry, login: LoginRecord): Promise<boolean> {
  const revision = await parts.store.swap(keyOf(digestOf(login.id)), entry.revision, login, keptUntil(parts, login))
  return revision !== undefined
}

/** Moves a login. At its end it forgets what only its pages needed: the hint, and what its steps remembered. */
export function movedTo(login: LoginRecord, at: At): LoginRecord {
  if (at.page !== 'done') return { ...login, at }
  const { hint: _forgotten, ...request } = login.request
  return { ...login, request, at, seed: '' }
}

export const isExpired = (parts: LoginParts, login: LoginRecord): boolean =>
  parts.clock.now().getTime() >= login.expires && login.at.page !== 'done'

export const stored = (outcome: LoginOutcome): StoredOutcome =>
  'refused' in outcome ? outcome : { ...outcome, at: outcome.at.toISOString() }

const restored = (outcome: StoredOutcome): LoginOutcome =>
  'refused' in outcome ? outcome : { ...outcome, at: new Date(outcome.at) }

export const formerOf = (at: At): FormerLogin | undefined => (at.page === 'done' ? at.former : undefined)

/** How a login ended; nothing while it goes on. One that expired ends in that, or in the refusal that it stood on. */
export function endOf(parts: LoginParts, login: LoginRecord): Ended | undefined {
  const { at } = login
  if (at.page === 'done') return { outcome: restored(at.outcome), former: at.former }
  if (!isExpired(parts, login)) return undefined
  return { outcome: at.page === 'refused' ? at.refusal : refusal('LOGIN-02-expired') }
}

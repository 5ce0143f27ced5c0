import type { Login } from '../../method.ts'
import type { Claimant } from '../../prove.ts'
import type { Caller, LifeParts } from './parts.ts'

/** A first password with the activation code, or another one after a block, an expiry or a lapse of memory. */
export type JourneyKind = 'activate' | 'recover'

/** One way to a new password, as the ephemeral store holds it. Instants in ms of `clock.now()`. */
export interface Journey {
  readonly id: string
  readonly kind: JourneyKind
  /** Digest of the cookie of the browser that began it. */
  readonly browser: string
  readonly begun: number
  readonly expires: number
  readonly at: At
}

/** Where it stands. */
export type At =
  /** Not begun: the page where it begins is open, and nothing is kept. */
  | { readonly page: 'start' }
  | ({ readonly page: 'code' } & CodeAsked)
  | ({ readonly page: 'password' } & Proven)
  | { readonly page: 'done' }
  /** `gone`: what was proven is too old, or was used; `activation-dead`: the code was used elsewhere meanwhile. */
  | { readonly page: 'ended'; readonly why: 'gone' | 'activation-dead' }

/** Who the citizen is, once document and activation code or contrast were right. */
export interface Proven {
  readonly who: Claimant
  /** The activation code, sealed, which the new password uses up; absent where the contrast was shown instead. */
  readonly activation?: string
}

export interface CodeAsked extends Proven {
  /** The phone's last three digits. */
  readonly phone: string
  /** ISO 8601: until when the code may be typed. */
  readonly until: string
  /** The citizen asked for another one. */
  readonly another?: boolean
}

export interface Entry {
  readonly journey: Journey
  readonly revision: string
}

const idShape = /^[\w-]{22}$/
const keyOf = (id: string): string => `permanente-life:${id}`

/** 128 bits. */
export const newId = ({ random }: Pick<LifeParts, 'random'>): string => random.token(16)

export async function findJourney({ store }: LifeParts, id: string): Promise<Entry | undefined> {
  const entry = idShape.test(id) ? await store.get<Journey>(keyOf(id)) : undefined
  return entry && { journey: entry.value, revision: entry.revision }
}

export async function addJourney(parts: LifeParts, journey: Journey): Promise<void> {
  await parts.store.add(keyOf(journey.id), journey, keptUntil(parts, journey))
}

/** False when another request was faster. */
export async function swapJourney(parts: LifeParts, { journey, revision }: Entry, next: Journey): Promise<boolean> {
  const swapped = await parts.store.swap(keyOf(journey.id), revision, next, keptUntil(parts, journey))
  return swapped !== undefined
}

/** So long that one which expired is still told as such. */
const keptUntil = ({ limits }: LifeParts, { begun }: Journey): Date =>
  new Date(begun + limits.interactionLifetime * 1000)

/** However often it is extended. */
export const latestEnd = ({ limits }: LifeParts, { begun }: Journey): number => begun + limits.loginLongest * 1000

export const isOver = ({ clock }: LifeParts, { at, expires }: Journey): boolean =>
  clock.now().getTime() >= expires && at.page !== 'done' && at.page !== 'ended'

/** What codes and counts know a journey by: a login of Cl@ve's own. */
export const loginOf = (id: string, caller: Caller, expires: Date): Login => ({
  id,
  relyingParty: { id: 'clave-permanente', name: 'Cl@ve Permanente' },
  asked: ['low', 'substantial', 'high'],
  locale: caller.locale,
  browser: caller.browser,
  address: caller.address,
  expires,
})

const context = (id: string): string => `permanente-life.activation.${id}`

export const sealActivation = ({ envelope }: LifeParts, id: string, code: string): string =>
  envelope.seal(code, context(id))

export const openActivation = ({ envelope }: LifeParts, id: string, sealed: string): string =>
  envelope.open(sealed, context(id)).toString('utf8')

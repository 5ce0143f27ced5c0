import { isDeepStrictEqual } from 'node:util'
import type { DocumentKind } from '../citizen/index.ts'
import type { Refusal } from '../refusal/index.ts'
import type { RegistrationParts } from './parts.ts'

/**
 * One registration under way, as the ephemeral store holds it: one value for each browser, every move of it one
 * compare-and-set. Instants in ms of `clock.now()`.
 */
export interface Journey {
  /** Opaque; every form carries it, so that none is taken for another person's registration. */
  readonly id: string
  /** Digest of the cookie of the browser that began it. */
  readonly browser: string
  readonly begun: number
  readonly expires: number
  readonly at: At
}

/** Who stands before the pages, once the contrast was right. */
export interface Who {
  readonly document: string
  readonly kind: DocumentKind
  /** Whether this browser completed a login of this citizen before. */
  readonly known: boolean
  /** The tax domicile, masked, in lines; absent: none is on record. */
  readonly domicile?: readonly string[]
  /** The Tax Agency knows an account of the person. */
  readonly iban: boolean
}

/** What was shown to register with: the digest of a CSV that was right. */
export interface Proof {
  readonly channel: 'letter'
  readonly csv: string
}

export interface Contact {
  /** E.164. */
  readonly phone: string
  readonly email: string | undefined
}

/** Where it stands. */
export type At =
  /** `letter`: the person came to type in a letter's code. */
  | { readonly page: 'contrast'; readonly document: string; readonly kind: DocumentKind; readonly letter: boolean }
  | { readonly page: 'channels'; readonly who: Who; readonly letter: boolean }
  /** A letter was asked for; `due`: ISO 8601, when it is made. */
  | { readonly page: 'asked'; readonly who: Who; readonly due: string }
  | { readonly page: 'contact'; readonly who: Who; readonly proof: Proof }
  | PhoneAsked
  /** `code`: the activation code of the receipt, sealed. */
  | {
      readonly page: 'confirm'
      readonly who: Who
      readonly proof: Proof
      readonly contact: Contact
      readonly code: string
    }
  | { readonly page: 'done'; readonly done: Done }
  | { readonly page: 'refused'; readonly refusal: Refusal }

/** A code is on its way to the phone. */
export interface PhoneAsked {
  readonly page: 'phone'
  readonly who: Who
  readonly proof: Proof
  readonly contact: Contact
  /** ISO 8601: until when the code may be typed. */
  readonly until: string
  readonly another?: boolean
}

export interface Done {
  readonly citizen: string
  readonly level: 'basic' | 'advanced'
  readonly tookOver: boolean
  /** Whether the receipt went to an e-mail address. */
  readonly mailed: boolean
  /** The activation code, sealed, until its receipt is downloaded. */
  readonly receipt?: string
}

export type StateName = At['page']

export interface Entry {
  readonly journey: Journey
  readonly revision: string
}

const keyOf = (browser: string): string => `register:${browser}`
const tries = 5

/** Kept a while longer than it lives, so that its end can be explained. */
const keptUntil = ({ limits }: RegistrationParts, journey: Journey): Date =>
  new Date(journey.begun + limits.loginLongest * 1000)

export const isExpired = ({ clock }: RegistrationParts, journey: Journey): boolean =>
  clock.now().getTime() >= journey.expires

export const latestEnd = ({ limits }: RegistrationParts, { begun }: Journey): number =>
  begun + limits.loginLongest * 1000

/** The registration under way in this browser, expired or not. */
export async function findJourney(parts: RegistrationParts, browser: string | undefined): Promise<Entry | undefined> {
  const entry = browser === undefined ? undefined : await parts.store.get<Journey>(keyOf(browser))
  return entry && { journey: entry.value, revision: entry.revision }
}

/** Begins one, whatever was under way in this browser. */
export async function beginJourney(parts: RegistrationParts, browser: string, at: At): Promise<void> {
  const begun = parts.clock.now().getTime()
  const expires = parts.clock.in(parts.limits.loginLifetime).getTime()
  const journey: Journey = { id: parts.random.token(16), browser, begun, expires, at }
  await parts.store.set(keyOf(browser), journey, keptUntil(parts, journey))
}

/**
 * One move, by compare-and-set: of any number of requests that would move it from the same place, one does. A journey
 * that was only given more time still stands where it stood, so the move is tried again.
 */
export async function moveJourney(
  parts: RegistrationParts,
  from: Entry,
  change: (journey: Journey) => Journey,
): Promise<{ readonly journey: Journey | undefined; readonly won: boolean }> {
  let entry: Entry = from
  for (let tried = 0; tried < tries; tried++) {
    const next = change(entry.journey)
    const key = keyOf(next.browser)
    const revision = await parts.store.swap(key, entry.revision, next, keptUntil(parts, next))
    if (revision !== undefined) return { journey: next, won: true }
    const found = await findJourney(parts, next.browser)
    if (found?.journey.id !== from.journey.id || !isDeepStrictEqual(found.journey.at, from.journey.at))
      return { journey: found?.journey, won: false }
    entry = found
  }
  return { journey: entry.journey, won: false }
}

export const dropJourney = ({ store }: RegistrationParts, browser: string): Promise<void> =>
  store.delete(keyOf(browser))

/** The activation code of a journey is no plain text in the store. */
export const sealCode = ({ envelope }: RegistrationParts, journey: string, code: string): string =>
  envelope.seal(code, `register.code.${journey}`)

export const openCode = ({ envelope }: RegistrationParts, journey: string, sealed: string): string =>
  envelope.open(sealed, `register.code.${journey}`).toString()

import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../clock.ts'
import type { Random } from '../random.ts'
import type { EphemeralStore } from '../store/port.ts'

/** Where a journey stands: the name of a state, and what it remembers there, as JSON. */
export interface Standing {
  readonly page: string
}

/** A journey that nothing is kept of yet. Instants in ms of `clock.now()`. */
export interface Unbegun {
  /** Opaque, 128 bits. */
  readonly id: string
  /** As the page says where it begins. */
  readonly kind: string
  /** Digest of the cookie of the browser that begins it. */
  readonly browser: string
  readonly begun: number
  readonly expires: number
}

/** One way through some pages, as the ephemeral store holds it: one value, every move of it one compare-and-set. */
export interface Journey<At extends Standing = Standing> extends Unbegun {
  readonly at: At
}

/** Seconds since it began. */
export interface Lifetimes {
  /** What it begins with, and what "I need more time" gives anew. */
  readonly first: number
  /** However often it is extended. */
  readonly longest: number
  /** So long is it kept, so that its end can be explained. */
  readonly kept: number
}

export interface JourneyParts {
  readonly store: EphemeralStore
  readonly clock: Clock
  readonly random: Random
}

/** Where the journeys of a room lie. */
export interface Ledger extends JourneyParts {
  readonly name: string
  readonly lifetimes: Lifetimes
  /** What finds one: its id, or the browser that it is the only one of. */
  readonly foundBy: 'id' | 'browser'
}

export interface Entry {
  readonly journey: Journey
  readonly revision: string
}

export interface Moved {
  /** As it stands now; nothing when it is gone. */
  readonly journey: Journey | undefined
  /** Whether it was this request that moved it. */
  readonly won: boolean
}

const tries = 5
/** An id has 22 characters, a browser's digest 43. */
const tokenShape = /^[\w-]{22,43}$/

const keyOf = ({ name, foundBy }: Ledger, journey: Unbegun): string => `${name}:${journey[foundBy]}`
const keptUntil = ({ lifetimes }: Ledger, { begun }: Unbegun): Date => new Date(begun + lifetimes.kept * 1000)
const now = ({ clock }: Ledger): number => clock.now().getTime()
const latestEnd = ({ lifetimes }: Ledger, { begun }: Unbegun): number => begun + lifetimes.longest * 1000

export function newJourney(ledger: Ledger, kind: string, browser: string): Unbegun {
  const begun = now(ledger)
  return { id: ledger.random.token(16), kind, browser, begun, expires: begun + ledger.lifetimes.first * 1000 }
}

/** Begins one; where a browser has only one, whatever was under way there. */
export const beginJourney = (ledger: Ledger, journey: Journey): Promise<void> =>
  ledger.store.set(keyOf(ledger, journey), journey, keptUntil(ledger, journey))

/** The journey with this id, or of this browser, expired or not. */
export async function findJourney({ store, name }: Ledger, token: string | undefined): Promise<Entry | undefined> {
  if (token === undefined || !tokenShape.test(token)) return undefined
  const entry = await store.get<Journey>(`${name}:${token}`)
  return entry && { journey: entry.value, revision: entry.revision }
}

/**
 * One move, by compare-and-set: of any number of requests that would move it from the same place, one does. A journey
 * that was only given more time still stands where it stood, so the move is tried again.
 */
export async function moveJourney(ledger: Ledger, from: Entry, change: (journey: Journey) => Journey): Promise<Moved> {
  const { id, at } = from.journey
  let entry = from
  for (let tried = 0; tried < tries; tried++) {
    const next = change(entry.journey)
    const swapped = await ledger.store.swap(keyOf(ledger, next), entry.revision, next, keptUntil(ledger, next))
    if (swapped !== undefined) return { journey: next, won: true }
    const found = await findJourney(ledger, next[ledger.foundBy])
    if (found?.journey.id !== id || !isDeepStrictEqual(found.journey.at, at))
      return { journey: found?.journey, won: false }
    entry = found
  }
  return { journey: entry.journey, won: false }
}

export const dropJourney = (ledger: Ledger, journey: Unbegun): Promise<void> =>
  ledger.store.delete(keyOf(ledger, journey))

/** As much as it began with, never beyond the longest that it may take. */
export const extended = (ledger: Ledger, journey: Journey): Journey => ({
  ...journey,
  expires: Math.min(now(ledger) + ledger.lifetimes.first * 1000, latestEnd(ledger, journey)),
})

export const mayBeExtended = (ledger: Ledger, journey: Unbegun): boolean => journey.expires < latestEnd(ledger, journey)

/** Whole seconds; none, or less: its time is over. */
export const secondsLeft = (ledger: Ledger, { expires }: Unbegun): number => Math.ceil((expires - now(ledger)) / 1000)

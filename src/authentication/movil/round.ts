import type { LevelsAsked } from '../../citizen/index.ts'
import type { Digest, Locale } from '../../platform/index.ts'
import type { Login } from '../method.ts'
import { kindOfBrowser } from './kind-of-browser.ts'
import type { MovilParts } from './parts.ts'

/**
 * Five minutes in which a login may be answered from a phone: what its page shows as a QR, and what the phone that scans it
 * is told. In the ephemeral store, since nobody is asked yet; what a phone is asked is a row of PostgreSQL.
 */
export interface Round {
  /** Of the request that may come of it: 128 random bits that nobody sees before a phone has scanned. */
  readonly id: string
  readonly login: string
  readonly browser: string
  readonly relyingParty: { readonly id: string; readonly name: string }
  readonly application?: string
  readonly asked: LevelsAsked
  readonly locale: Locale
  readonly place: { readonly address: string; readonly browser: string }
  /** ms of `clock.now()`. */
  readonly expires: number
}

type RoundParts = Pick<MovilParts, 'store' | 'clock' | 'random' | 'digest' | 'limits'>

const keyOf = (handle: string): string => `movil-round:${handle}`
/** By what a QR names its round: it tells nothing of the login. */
const handleOf = (digest: Digest, login: string): string => digest('movil-round', login).slice(0, 22)

/** So long after its time a round is still found by its login: an approval of the last second must reach the page. Seconds. */
const afterwards = 60

/** The login's round, alive or just over; undefined: none was opened, or it was ended. */
export async function findRound({ store, digest }: RoundParts, login: Login): Promise<Round | undefined> {
  return (await store.get<Round>(keyOf(handleOf(digest, login.id))))?.value
}

/** The login's round: the one that it has, or, where there is none any more, a new one. */
export async function openRound(parts: RoundParts, login: Login): Promise<Round> {
  const found = await findRound(parts, login)
  if (found) return isOver(parts, found) ? renewRound(parts, login) : found
  const round = newRound(parts, login)
  if (await parts.store.add(keyOf(handleOf(parts.digest, login.id)), round, keptUntil(round))) return round
  return (await findRound(parts, login)) ?? round
}

/** Another one in its place: the QR of the former is worth nothing from now on. */
export async function renewRound(parts: RoundParts, login: Login): Promise<Round> {
  const round = newRound(parts, login)
  await parts.store.set(keyOf(handleOf(parts.digest, login.id)), round, keptUntil(round))
  return round
}

const keptUntil = ({ expires }: Round): Date => new Date(expires + afterwards * 1000)
const isOver = ({ clock }: RoundParts, { expires }: Round): boolean => expires <= clock.now().getTime()

/** The login goes another way: its QR is worth nothing from now on. */
export async function endRound({ store, digest }: RoundParts, login: string): Promise<void> {
  await store.delete(keyOf(handleOf(digest, login)))
}

function newRound({ clock, random, limits }: RoundParts, login: Login): Round {
  const { relyingParty, application, asked, locale, browser, address, agent } = login
  return {
    id: random.token(16),
    login: login.id,
    browser,
    relyingParty,
    ...(application === undefined ? {} : { application }),
    asked,
    locale,
    place: { address, browser: kindOfBrowser(agent) },
    expires: Math.min(clock.in(limits.movilLifetime).getTime(), login.expires.getTime()),
  }
}

/**
 * What the QR says: which round, when it was drawn (in steps of `limits.movilQrLifetime`), and an HMAC of 132 bits over both
 * and the round's own random id. A photograph of it is soon worth nothing.
 */
export function tokenOf({ digest, clock, limits }: RoundParts, round: Round): string {
  const step = stepAt(clock.now(), limits.movilQrLifetime)
  return `${handleOf(digest, round.login)}.${step.toString(36)}.${macOf(digest, round, step)}`
}

/** Whether the login still has this very round: it may have gone another way since it was read. */
export async function isStanding(
  { store, digest }: Pick<RoundParts, 'store' | 'digest'>,
  { id, login }: Round,
): Promise<boolean> {
  return (await store.get<Round>(keyOf(handleOf(digest, login))))?.value.id === id
}

const shape = /^([\w-]{22})\.([0-9a-z]{1,9})\.([\w-]{22})$/

/** The round of a scanned QR; undefined: it is no QR of ours, its round is over, or it was drawn too long ago. */
export async function roundOf(parts: RoundParts, token: string): Promise<Round | undefined> {
  const [, handle = '', drawn = '', mac = ''] = shape.exec(token) ?? []
  if (handle === '') return undefined
  const round = (await parts.store.get<Round>(keyOf(handle)))?.value
  const step = Number.parseInt(drawn, 36)
  const age = stepAt(parts.clock.now(), parts.limits.movilQrLifetime) - step
  // The one before still counts: it may have been renewed on the screen while the phone looked at it.
  if (!round || isOver(parts, round) || age < 0 || age > 1) return undefined
  // Both are HMACs under our key: comparing digests of them tells nothing by its time.
  return sameText(parts.digest, macOf(parts.digest, round, step), mac) ? round : undefined
}

/** ms until what the QR says changes. */
export function renewsIn({ clock, limits }: RoundParts): number {
  const step = limits.movilQrLifetime * 1000
  return step - (clock.now().getTime() % step)
}

const stepAt = (now: Date, seconds: number): number => Math.floor(now.getTime() / (seconds * 1000))
const macOf = (digest: Digest, { id, login }: Round, step: number): string =>
  digest('movil-qr', id, login, String(step)).slice(0, 22)
const sameText = (digest: Digest, one: string, other: string): boolean =>
  digest('movil-compare', one) === digest('movil-compare', other)

/** Six digits that both screens show, or that one shows and the other takes (NIST SP 800-63B-4, 3.1.3.1). */
export const codeOf = (digest: Digest, request: string): string => digitsOf(digest('movil-code', request))

/** What an approval is signed over, so that it fits one request only. */
export const nonceOf = (digest: Digest, request: string): string => digest('movil-nonce', request).slice(0, 22)

/** Evenly spread but for one in ten million: 48 bits, of which six digits are left. */
const digitsOf = (mac: string): string =>
  String(Buffer.from(mac, 'base64url').readUIntBE(0, 6) % 1_000_000).padStart(6, '0')

import { compactVerify, decodeProtectedHeader, importJWK } from 'jose'
import type { Device } from './contract.ts'

/** What phones sign, each kind under a name of its own (RFC 8725, 3.11). */
export type PhoneWord =
  'clave-movil-activation+jwt' | 'clave-movil-call+jwt' | 'clave-movil-decision+jwt' | 'clave-movil-pin+jwt'

type Key = Device['key']
const longest = 4_096

/** The device that a word says it is from: to be believed once its signature is found right. */
export function deviceNamed(jws: string): string | undefined {
  if (jws.length > longest) return undefined
  try {
    const { kid } = decodeProtectedHeader(jws)
    return typeof kid === 'string' ? kid : undefined
  } catch {
    return undefined
  }
}

/** Whose word it is to be: its key, and its id where it has one already. */
export interface Signer {
  readonly key: Key
  readonly id?: string
}

/**
 * The claims of a word that this key signed, as this kind of word; undefined for all else. The header holds `alg` (ES256,
 * which the key decides, not the header), `typ`, and `kid` where the device has an id already; nothing more. Header and
 * claims are JSON in one way of writing, that of JSON.stringify (no spaces, no needless escapes, no member twice), so that
 * nobody after us reads another thing in it (RFC 8725, 2.4 and 3.11).
 */
export async function claimsOf(
  jws: string,
  word: PhoneWord,
  { key, id }: Signer,
  names: readonly string[],
): Promise<Readonly<Record<string, unknown>> | undefined> {
  if (jws.length > longest || !compact.test(jws)) return undefined
  try {
    const header = readJson(Buffer.from(jws.slice(0, jws.indexOf('.')), 'base64url'))
    if (!header || !hasJust(header, id === undefined ? ['alg', 'typ'] : ['alg', 'typ', 'kid'])) return undefined
    if (header['typ'] !== word || header['kid'] !== id) return undefined
    const { payload } = await compactVerify(jws, await imported(key), { algorithms: ['ES256'] })
    const claims = readJson(payload)
    return claims && hasJust(claims, names) ? claims : undefined
  } catch {
    return undefined
  }
}

type Imported = ReturnType<typeof importJWK>
/** One phone's call and the decision in it are both verified by the key that was read from its row. */
const importedKeys = new WeakMap<Key, Imported>()

function imported(key: Key): Imported {
  const made = importedKeys.get(key) ?? importJWK(key, 'ES256')
  importedKeys.set(key, made)
  return made
}

/** Three parts; an ES256 signature is 64 octets. */
const compact = /^[\w-]+\.[\w-]+\.[\w-]{86}$/

/** An object in its one way of writing; throws for what is no JSON. */
function readJson(octets: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  const value: unknown = JSON.parse(Buffer.from(octets).toString('utf8'))
  return isRecord(value) && Buffer.from(JSON.stringify(value)).equals(octets) ? value : undefined
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const hasJust = (claims: Readonly<Record<string, unknown>>, names: readonly string[]): boolean =>
  Object.keys(claims).length === names.length && names.every((name) => Object.hasOwn(claims, name))

/** What an assertion of the phone's own unlock has as its challenge: SHA-256 over what the JWS signs. */
export const signingInput = (jws: string): string => jws.slice(0, jws.lastIndexOf('.'))

/** A word is believed so long, seconds either way of our own wire time: phones' clocks are off. */
export const wordLives = 300

export const isTimely = (iat: unknown, now: Date): boolean =>
  typeof iat === 'number' && Number.isInteger(iat) && Math.abs(now.getTime() / 1000 - iat) <= wordLives

/** A key as a phone sends it: P-256, a public one, and on the curve. */
export async function readKey(value: unknown): Promise<Key | undefined> {
  if (!isRecord(value) || !hasJust(value, ['kty', 'crv', 'x', 'y'])) return undefined
  const { kty, crv, x, y } = value
  const coordinate = /^[\w-]{43}$/
  if (kty !== 'EC' || crv !== 'P-256' || typeof x !== 'string' || typeof y !== 'string') return undefined
  if (!coordinate.test(x) || !coordinate.test(y)) return undefined
  const key = { kty, crv, x, y } as const
  try {
    await importJWK(key, 'ES256')
    return key
  } catch {
    return undefined
  }
}

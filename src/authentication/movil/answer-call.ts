import { hash } from 'node:crypto'
import type { Once } from '../../platform/index.ts'
import { refusal, type Refusal } from '../../refusal/index.ts'
import type { Caller } from './activate-device.ts'
import type { PhoneCall } from './contract.ts'
import { findDevice } from './device-table.ts'
import type { MovilParts } from './parts.ts'
import { claimsOf, deviceNamed, isTimely, wordLives } from './phone-words.ts'

/** A request of the app's interface, with the word that goes with it in the header. */
export interface Call {
  readonly word: string
  readonly method: string
  /** Path and query, as called. */
  readonly path: string
  /** The octets of the body; empty where there is none. */
  readonly body: string
}

const names = ['aud', 'htm', 'htu', 'bh', 'jti', 'iat'] as const

/**
 * Who calls: every call is signed by the phone's key over method, address, body and time, as DPoP does (RFC 9449), so that a
 * cookie or a copied header is worth nothing. A call that changes something is heard once. MOVIL-10 for all that is not right.
 */
export async function answerCall(
  parts: Pick<MovilParts, 'db' | 'clock' | 'baseUrl'> & { readonly once: Once },
  call: Call,
  caller: Caller,
): Promise<PhoneCall | Refusal> {
  const unknown = refusal('MOVIL-10-device-unknown')
  const named = deviceNamed(call.word)
  const device = named === undefined ? undefined : await findDevice(parts.db, named)
  if (!device) return unknown
  const claims = await claimsOf(call.word, 'clave-movil-call+jwt', device, names)
  if (!claims || !isAbout(parts.baseUrl, claims, call) || !isTimely(claims['iat'], parts.clock.wire())) return unknown
  if (call.method !== 'GET' && !(await isFirst(parts, device.id, claims['jti'], claims['iat']))) return unknown
  return { device, ...caller }
}

const isAbout = (baseUrl: string, claims: Readonly<Record<string, unknown>>, call: Call): boolean =>
  claims['aud'] === baseUrl &&
  claims['htm'] === call.method &&
  claims['htu'] === call.path &&
  claims['bh'] === hash('sha256', call.body, 'base64url')

async function isFirst(
  { once }: { readonly once: Once },
  device: string,
  jti: unknown,
  iat: unknown,
): Promise<boolean> {
  if (typeof jti !== 'string' || !/^[\w-]{16,64}$/.test(jti)) return false
  return once('movil-call', `${device}.${jti}`, new Date((Number(iat) + 2 * wordLives) * 1000))
}

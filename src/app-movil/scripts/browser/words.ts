import { octetsOf, sha256, toBase64url } from './encode.ts'
import type { StoredPhone } from './phone-store.ts'
import { serverSeconds } from './server-clock.ts'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const

export interface NewKey {
  readonly key: CryptoKey
  /** Its public half, as JWK with its four members and no other. */
  readonly jwk: { readonly kty: string; readonly crv: string; readonly x: string; readonly y: string }
}

export async function makeKey(): Promise<NewKey> {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify'])
  const { kty = '', crv = '', x = '', y = '' } = await crypto.subtle.exportKey('jwk', publicKey)
  return { key: privateKey, jwk: { kty, crv, x, y } }
}

type Signer = Pick<StoredPhone, 'device' | 'key'>

/** A JWS in compact form, ES256: header and claims as JSON.stringify writes them, which is the one way that is heard. */
async function word({ device, key }: Signer, typ: string, claims: Readonly<Record<string, unknown>>): Promise<string> {
  const header = { alg: 'ES256', typ, ...(device === undefined ? {} : { kid: device }) }
  const encode = (value: object) => toBase64url(octetsOf(JSON.stringify(value)))
  const input = `${encode(header)}.${encode(claims)}`
  const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, octetsOf(input))
  return `${input}.${toBase64url(signature)}`
}

const drawnId = (): string => toBase64url(crypto.getRandomValues(new Uint8Array(16)))

/** Proves a new key, which has no device's id yet. */
export const activationWord = (key: CryptoKey, baseUrl: string, activation: string): Promise<string> =>
  word({ device: undefined, key }, 'clave-movil-activation+jwt', { aud: baseUrl, activation, iat: serverSeconds() })

export async function callWord(phone: StoredPhone, method: string, path: string, body: string): Promise<string> {
  const about = { aud: phone.baseUrl, htm: method, htu: path, bh: toBase64url(await sha256(body)) }
  return word(phone, 'clave-movil-call+jwt', { ...about, jti: drawnId(), iat: serverSeconds() })
}

export const pinWord = (phone: StoredPhone): Promise<string> =>
  word(phone, 'clave-movil-pin+jwt', { aud: phone.baseUrl, jti: drawnId(), iat: serverSeconds() })

export type Decision = 'approve' | 'deny' | 'report'

/** A request as the server shows it (`GET /app/api/request`). */
export interface ShownRequest {
  readonly id: string
  readonly path: 'qr' | 'document' | 'same'
  readonly agency: string
  readonly application?: string
  readonly host: string
  readonly place: { readonly address: string; readonly browser: string; readonly elsewhere: boolean }
  /** Absent where it is typed. */
  readonly code?: string
  readonly relyingParty: string
  readonly level: string
  readonly nonce: string
  /** ISO 8601. */
  readonly expires: string
}

/** All that the citizen saw is part of what is signed; `code`: compared or typed. */
export function decisionWord(phone: StoredPhone, shown: ShownRequest, decision: Decision, code: string) {
  const { id: request, relyingParty: rp, level, nonce } = shown
  const about = { aud: phone.baseUrl, request, rp, code, level, nonce, decision, iat: serverSeconds() }
  return word(phone, 'clave-movil-decision+jwt', about)
}

/** What a JWS signs: its SHA-256 is the challenge of the unlock that goes with it. */
export const signingInput = (jws: string): string => jws.slice(0, jws.lastIndexOf('.'))

import { createHash, sign, type KeyObject } from 'node:crypto'
import { publicJwk } from './keys.ts'

/** All that an authenticator and the browser about it say (WebAuthn L3, 5.8.1 and 6.1). */
export interface Saying {
  readonly type: 'webauthn.create' | 'webauthn.get' | (string & {})
  /** base64url. */
  readonly challenge: string
  readonly origin: string
  readonly crossOrigin: boolean
  readonly rpId: string
  /** Of the authenticator data: 1 user present, 4 user verified, 64 a credential is attached. */
  readonly flags: number
  readonly counter: number
  /** base64url: which credential it is. */
  readonly id: string
}

/** The owner touched the phone, and unlocked it. */
export const unlocked = 1 | 4

/** What a phone on our own page says truly. */
export const sayingAt = (baseUrl: string, id: string, challenge: string, counter: number): Saying => ({
  type: 'webauthn.get',
  challenge,
  origin: new URL(baseUrl).origin,
  crossOrigin: false,
  rpId: new URL(baseUrl).hostname,
  flags: unlocked,
  counter,
  id,
})

/** AuthenticationResponseJSON, as navigator.credentials.get() answers. */
export function assertionOf(saying: Saying, key: KeyObject): Record<string, unknown> {
  const data = authenticatorData(saying)
  const client = clientData(saying)
  const signature = sign('sha256', Buffer.concat([data, sha256(client)]), key)
  return credentialOf(saying, {
    clientDataJSON: client.toString('base64url'),
    authenticatorData: data.toString('base64url'),
    signature: signature.toString('base64url'),
  })
}

export const credentialOf = ({ id }: Saying, response: Record<string, string>): Record<string, unknown> => ({
  id,
  rawId: id,
  type: 'public-key',
  clientExtensionResults: {},
  response,
})

export function authenticatorData({ rpId, flags, counter }: Saying, attached = Buffer.alloc(0)): Buffer {
  const count = Buffer.alloc(4)
  count.writeUInt32BE(counter)
  return Buffer.concat([sha256(rpId), Buffer.from([flags]), count, attached])
}

export const clientData = ({ type, challenge, origin, crossOrigin }: Saying): Buffer =>
  Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin }))

/** {1: 2, 3: -7, -1: 1, -2: x, -3: y} in CBOR (RFC 9052, 7; RFC 9053, 7.1.1). */
export function coseKey(key: KeyObject): Buffer {
  const { x, y } = publicJwk(key)
  return Buffer.concat([
    ...[Buffer.from('a5010203262001215820', 'hex'), Buffer.from(x, 'base64url')],
    ...[Buffer.from('225820', 'hex'), Buffer.from(y, 'base64url')],
  ])
}

const sha256 = (data: string | Buffer): Buffer => createHash('sha256').update(data).digest()

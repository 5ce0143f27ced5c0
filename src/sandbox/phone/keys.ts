import { createECDH, createPrivateKey, createPublicKey, hash, type KeyObject } from 'node:crypto'
import { deriveKey } from '../../platform/index.ts'

/** What never leaves a phone. */
export interface PhoneKeys {
  /** P-256: signs whatever the phone says. */
  readonly signing: KeyObject
  /** P-256, of the platform authenticator: used only behind the phone's own unlock. */
  readonly unlock: KeyObject
  /** base64url: what the authenticator calls its credential. */
  readonly credential: string
}

export type PublicJwk = { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }

/** The same secret of 32 bytes makes the same phone, so that a phone that is switched off and on goes on. */
export const phoneKeys = (secret: Buffer): PhoneKeys => ({
  signing: keyFrom(deriveKey(secret, 'phone-signing')),
  unlock: keyFrom(deriveKey(secret, 'phone-unlock')),
  credential: hash('sha256', deriveKey(secret, 'phone-credential'), 'buffer').subarray(0, 16).toString('base64url'),
})

export function publicJwk(key: KeyObject): PublicJwk {
  const { x = '', y = '' } = createPublicKey(key).export({ format: 'jwk' })
  return { kty: 'EC', crv: 'P-256', x, y }
}

/** 32 random bytes are a private key of P-256 but for one in four billion, of which setPrivateKey throws. */
function keyFrom(secret: Buffer): KeyObject {
  const curve = createECDH('prime256v1')
  curve.setPrivateKey(secret)
  const point = curve.getPublicKey()
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString('base64url'))
  return createPrivateKey({
    key: { kty: 'EC', crv: 'P-256', d: secret.toString('base64url'), x: x!, y: y! },
    format: 'jwk',
  })
}

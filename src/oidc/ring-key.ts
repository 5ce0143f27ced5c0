import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { ExternalSigningKey } from 'oidc-provider'
import type { SigningKey } from '../platform/index.ts'

const signElsewhere = promisify(sign)

/**
 * A key of the ring as the library takes a key that it does not hold itself: the private one never leaves this object.
 * Given the key it would sign by WebCrypto, which hands each signature to another thread; for an ES256 one (RFC 7518, 3.4)
 * that costs more than the signature, so it is made in place. An RS256 one (3.3) takes ten times as long, and is not.
 */
export class RingKey extends ExternalSigningKey {
  readonly #private: KeyObject
  readonly #public: KeyObject

  constructor({ kid, alg, privateJwk, publicJwk }: SigningKey) {
    super()
    this.kid = kid
    this.alg = alg
    this.#private = createPrivateKey({ key: { ...privateJwk }, format: 'jwk' })
    this.#public = createPublicKey({ key: { ...publicJwk }, format: 'jwk' })
  }

  override keyObject(): KeyObject {
    return this.#public
  }

  override async sign(data: Buffer): Promise<Buffer> {
    if (this.alg === 'ES256') return sign('sha256', data, { key: this.#private, dsaEncoding: 'ieee-p1363' })
    return signElsewhere('sha256', data, this.#private)
  }
}

import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { systemRandom } from './random.ts'

/**
 * Envelope encryption of secrets in the database (AES-256-GCM). Each sealed value names the key that sealed it, so that
 * the master key can be changed while running: new values take the first key, old ones are opened by theirs.
 */
export interface Envelope {
  /** `context` (table, column, row id) is authenticated: a sealed value moved to another row does not open. */
  seal(plain: Uint8Array | string, context: string): string
  /** Throws NotOpened when the key is not there any more or another, the context is another, or a bit was changed. */
  open(sealed: string, context: string): Buffer
}

/** A sealed value that these keys do not open. */
export class NotOpened extends Error {}

/** HMAC-SHA-256 with a server key, base64url: what stays of a PIN or a one-time code. The parts are length-framed. */
export type Digest = (purpose: string, ...parts: readonly string[]) => string

export interface EnvelopeKey {
  /** Stands in front of each value that it sealed: letters, digits and dashes. */
  readonly id: string
  /** 32 bytes. */
  readonly key: Buffer
}

/**
 * A sealed value is `<key id>.<salt>.<nonce, text and tag>`, base64url. Each value gets a key of its own, derived from the
 * master key and a random salt (HKDF, RFC 5869): random nonces of 96 bits stay safe however many values there are
 * (NIST SP 800-38D section 8.3 allows 2^32 for one key).
 */
export function openEnvelope(keys: readonly EnvelopeKey[]): Envelope {
  const [newest] = keys
  if (!newest) throw new Error('An envelope needs at least one key.')
  for (const { id, key } of keys) {
    if (!/^[A-Za-z0-9-]+$/.test(id)) throw new Error('The id of an envelope key holds letters, digits and dashes only.')
    if (key.length !== keyLength) throw new Error(`The envelope key ${id} is not ${keyLength} bytes long.`)
  }
  // Key objects, made once: Node makes one of a buffer at every call.
  const byId = new Map(keys.map(({ id, key }) => [id, createSecretKey(key)]))
  const sealing = createSecretKey(newest.key)
  return {
    seal(plain, context) {
      const salt = systemRandom.bytes(saltLength)
      const nonce = systemRandom.bytes(nonceLength)
      const cipher = createCipheriv('aes-256-gcm', valueKey(sealing, salt), nonce).setAAD(framed([newest.id, context]))
      const sealed = [nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]
      return `${newest.id}.${salt.toString('base64url')}.${Buffer.concat(sealed).toString('base64url')}`
    },
    open(sealed, context) {
      const [id = '', salt = '', rest = ''] = sealed.split('.')
      const key = byId.get(id)
      if (!key)
        throw new NotOpened(`No master key ${JSON.stringify(id)}: it sealed a value and is not configured any more.`)
      const bytes = Buffer.from(rest, 'base64url')
      if (bytes.length < nonceLength + tagLength) throw new NotOpened('The sealed value is cut off.')
      const decipher = createDecipheriv(
        'aes-256-gcm',
        valueKey(key, Buffer.from(salt, 'base64url')),
        bytes.subarray(0, nonceLength),
      )
        .setAAD(framed([id, context]))
        .setAuthTag(bytes.subarray(-tagLength))
      const plain = decipher.update(bytes.subarray(nonceLength, -tagLength))
      try {
        return Buffer.concat([plain, decipher.final()])
      } catch {
        throw new NotOpened(
          `The master key ${id} is another than the one that sealed a value, or the value was changed.`,
        )
      }
    },
  }
}

/** The digests of one server key. A digest for one purpose says nothing of another one. */
export function digestWith(key: Buffer): Digest {
  // A key object, made once: of a buffer Node makes one at every call, which costs eight times the digest itself.
  const secret = createSecretKey(key)
  return (purpose, ...parts) =>
    createHmac('sha256', secret)
      .update(framed([purpose, ...parts]))
      .digest('base64url')
}

/** A key of 32 bytes for one purpose, from a master key (HKDF-SHA-256, RFC 5869). */
export function deriveKey(master: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), purpose, keyLength))
}

const keyLength = 32
const saltLength = 16
const nonceLength = 12
const tagLength = 16

const valueKey = (key: KeyObject, salt: Buffer): Buffer =>
  Buffer.from(hkdfSync('sha256', key, salt, 'clave envelope', keyLength))

/** Each part with its length in front: ('ab', 'c') and ('a', 'bc') differ. */
function framed(parts: readonly string[]): Buffer {
  const lengths = parts.map((part) => Buffer.byteLength(part))
  const frame = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + 4 + length, 0))
  let at = 0
  parts.forEach((part, nth) => {
    at = frame.writeUInt32BE(lengths[nth]!, at)
    at += frame.write(part, at)
  })
  return frame
}

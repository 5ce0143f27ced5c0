import { createDecipheriv, createECDH, createPublicKey, hkdfSync, verify } from 'node:crypto'
import type { Random } from '../platform/index.ts'

/** What a browser does with push messages, written from the RFCs alone: nothing of what sends them is used. */
export interface PushDevice {
  /** Uncompressed point, base64url. */
  readonly p256dh: string
  /** 16 octets, base64url. */
  readonly auth: string
  /** The text of a message (RFC 8291, 3 and 4). Throws where it is not for this device, or not as the RFC says. */
  open(body: Buffer): string
}

/** `privateKey`: drawn unless told. */
export function makePushDevice(random: Random, auth = random.bytes(16), privateKey?: Buffer): PushDevice {
  const key = createECDH('prime256v1')
  if (privateKey) key.setPrivateKey(privateKey)
  else key.generateKeys()
  const ours = key.getPublicKey()
  return {
    p256dh: ours.toString('base64url'),
    auth: auth.toString('base64url'),
    open(body) {
      // RFC 8188, 2.1: salt, size of a record, length of the key, key.
      const [salt, size, theirs] = [body.subarray(0, 16), body.readUInt32BE(16), body.subarray(21, 21 + body[20]!)]
      const record = body.subarray(21 + theirs.length)
      if (theirs.length !== 65 || record.length > size || size > 4096) throw new Error('not one record of aes128gcm')
      const info = Buffer.concat([Buffer.from('WebPush: info\0'), ours, theirs])
      const secret = derive(key.computeSecret(theirs), auth, info, 32)
      const contentKey = derive(secret, salt, 'Content-Encoding: aes128gcm\0', 16)
      const nonce = derive(secret, salt, 'Content-Encoding: nonce\0', 12)
      const cipher = createDecipheriv('aes-128-gcm', contentKey, nonce).setAuthTag(record.subarray(-16))
      const padded = Buffer.concat([cipher.update(record.subarray(0, -16)), cipher.final()])
      // RFC 8188, 2: the last record ends in a 2 and zeros.
      const end = padded.findLastIndex((octet) => octet !== 0)
      if (padded[end] !== 2) throw new Error('no end of the last record')
      return padded.toString('utf8', 0, end)
    },
  }
}

const derive = (from: Buffer, salt: Buffer, info: Buffer | string, length: number): Buffer =>
  Buffer.from(hkdfSync('sha256', from, salt, info, length))

/** Who asks a push service (RFC 8292), once its signature holds. */
export interface Vapid {
  /** `k`: the public key, base64url. */
  readonly key: string
  readonly subject: string
}

/** Reads `Authorization: vapid t=…, k=…`; nothing where it does not hold for this origin and instant. */
export function readVapid(authorization: string | undefined, origin: string, now: Date): Vapid | undefined {
  const [, token = '', key = ''] = /^vapid t=([\w.-]+), ?k=([\w-]{87})$/.exec(authorization ?? '') ?? []
  const [header = '', claims = '', signature = ''] = token.split('.')
  const [x, y] = [1, 33].map((from) => Buffer.from(key, 'base64url').toString('base64url', from, from + 32))
  try {
    const publicKey = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: x!, y: y! }, format: 'jwk' })
    const signed = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const
    if (!verify('sha256', Buffer.from(`${header}.${claims}`), signed, Buffer.from(signature, 'base64url')))
      return undefined
    const { alg } = jsonOf(header)
    const { aud, exp, sub } = jsonOf(claims)
    const left = Number(exp) - now.getTime() / 1000
    const holds = alg === 'ES256' && aud === origin && left > 0 && left <= 86_400
    return holds && typeof sub === 'string' && /^(mailto|https):/.test(sub) ? { key, subject: sub } : undefined
  } catch {
    return undefined
  }
}

const jsonOf = (part: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>

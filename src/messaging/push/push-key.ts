import { generateKeyPairSync } from 'node:crypto'
import type { Clock, Db, Envelope } from '../../platform/index.ts'
import { pushKeyTable, type PushKeyRow } from './push-key-table.ts'

/** The key by which push services know us (VAPID, RFC 8292), P-256. */
export interface PushKey {
  /** Uncompressed point of 65 octets, base64url: what a browser subscribes with (`applicationServerKey`). */
  readonly publicKey: string
  /** 32 octets, base64url. */
  readonly privateKey: string
}

export interface PushKeyParts {
  readonly db: Db
  readonly envelope: Envelope
  readonly clock: Clock
}

/**
 * The one key of this installation, made where there is none yet: of several processes at once one makes it. It is never
 * replaced, since every subscription is bound to it; a new master key seals it anew. Throws NotOpened where none opens it.
 */
export async function openPushKey({ db, envelope, clock }: PushKeyParts): Promise<PushKey> {
  let row = await pushKeyTable.read(db)
  if (!row) {
    await pushKeyTable.insert(db, make(envelope), clock.wire())
    row = (await pushKeyTable.read(db))!
  }
  const { public_key: publicKey, sealed_private_key: sealed } = row
  const privateKey = envelope.open(sealed, context).toString()
  const anew = envelope.seal(privateKey, context)
  if (keyIdOf(anew) !== keyIdOf(sealed)) await pushKeyTable.reseal(db, sealed, anew)
  return { publicKey, privateKey }
}

const context = 'push_key.sealed_private_key'
const keyIdOf = (sealed: string): string => sealed.slice(0, sealed.indexOf('.'))

function make(envelope: Envelope): PushKeyRow {
  const {
    d = '',
    x = '',
    y = '',
  } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    format: 'jwk',
  })
  const point = Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
  return { public_key: point.toString('base64url'), sealed_private_key: envelope.seal(d, context) }
}

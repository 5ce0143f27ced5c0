import { createPrivateKey, createPublicKey } from 'node:crypto'
import type { Clock, Db, SigningKey, SigningKeys, Tx } from '../platform/index.ts'
import { auditBatchTable } from './audit-batch-table.ts'
import { auditHeadTable } from './audit-head-table.ts'
import { auditKeyTable } from './audit-key-table.ts'
import { auditUnsealedTable, type TakenRow } from './audit-unsealed-table.ts'
import {
  beginning,
  hashOf,
  isSignedBy,
  leafOf,
  merkleRoot,
  signBatch,
  type Batch,
  type End,
  type Unsigned,
} from './batch.ts'

export interface SealerParts {
  readonly db: Db
  readonly clock: Pick<Clock, 'wire'>
  readonly keys: Pick<SigningKeys, 'ring' | 'refresh'>
  /** Rows in one batch at most; 5,000 unless told. */
  readonly most?: number
  /** An empty chain is a new one, whatever was there before: the sandbox empties all tables when it is reset. */
  readonly startsAnew?: boolean
}

export interface Sealer {
  /**
   * Seals all rows that are committed and not sealed yet, and answers how many it sealed. Where another one is at it
   * nothing is done. Rejects when the database fails: then nothing was sealed, and the next call goes on.
   */
  seal(): Promise<number>
}

/**
 * What a sealer found wrong with the end that it went on from. It says so in the next batch, under its signature, and goes
 * on: the citizens' logins are not to go unsealed because somebody touched the chain, and what is said can never be unsaid.
 */
export const doubts = {
  'end-differs': 'the last batch was not the one that the head of the chain named',
  'end-cut': 'a batch that this sealer had seen before was gone, or another',
  'end-unsigned': 'the batch before was not signed by a key of the ring',
} as const
type Doubt = keyof typeof doubts

/** The end of the chain as one process last left or checked it, and the key that signed it. */
type Known = End & { readonly kid: string }

/** The sealer: one in all instances at a time. */
export function makeSealer(parts: SealerParts): Sealer {
  const { db, keys, most = 5_000 } = parts
  let known: Known | undefined
  const sealBatch = async (): Promise<number> => {
    const key = signingKey(keys)
    // Looked at before anything is locked: mostly nothing waits. A new key signs an empty batch, so that the end of the
    // chain is always signed by a key that the ring still holds.
    if (!(await auditUnsealedTable.any(db)) && known?.kid === key.kid) return 0
    const done = await db.transaction((tx) => goOn(tx, { ...parts, most }, key, known))
    if (done?.end) known = { seq: done.end.seq, hash: done.end.hash, kid: key.kid }
    return done?.rows ?? 0
  }
  return {
    async seal() {
      await keys.refresh()
      let sealed = 0
      for (let rows = most; rows === most; sealed += rows) rows = await sealBatch()
      return sealed
    },
  }
}

/**
 * One transaction takes the waiting rows, writes the batch and moves the head; killed anywhere, it leaves all as it was.
 * Nothing where another sealer is at it. `end`: where the chain ends then, if it was found in order.
 */
async function goOn(
  tx: Tx,
  { clock, keys, most, startsAnew }: SealerParts & { readonly most: number },
  key: SigningKey,
  known: Known | undefined,
): Promise<{ readonly end: End | undefined; readonly rows: number } | undefined> {
  if (!(await auditHeadTable.lock(tx))) return undefined
  // After the lock, so that both are as the sealer before left them.
  const [head, last] = await Promise.all([auditHeadTable.read(tx), auditBatchTable.last(tx)])
  const isNew = startsAnew === true && !last && head.seq === 0
  const found = await doubtOf(tx, head, last, isNew ? undefined : known, keys)
  const rows = await auditUnsealedTable.take(tx, most)
  if (rows.length === 0 && (!last || last.kid === key.kid)) return { end: found ? undefined : head, rows: 0 }
  const { seq, hash: previous } = last && last.seq > head.seq ? last : head
  const doubt = found ? { doubt: found } : {}
  const batch = makeBatch({ seq: seq + 1, previous, sealedAt: clock.wire().getTime() * 1000, ...doubt }, rows, key)
  await Promise.all([
    last?.kid === key.kid ? undefined : auditKeyTable.insert(tx, key.kid, key.publicJwk),
    auditBatchTable.insert(tx, batch),
    auditHeadTable.move(tx, batch),
  ])
  return { end: batch, rows: rows.length }
}

function makeBatch(
  place: Pick<Unsigned, 'seq' | 'previous' | 'sealedAt' | 'doubt'>,
  rows: readonly TakenRow[],
  { kid, privateJwk }: SigningKey,
): Batch {
  const leaves = Buffer.concat(rows.map(leafOf))
  const unsigned = { ...place, root: merkleRoot(leaves), ids: rows.map(({ id }) => id), kid }
  return signBatch(unsigned, leaves, createPrivateKey({ key: privateJwk, format: 'jwk' }))
}

function signingKey(keys: SealerParts['keys']): SigningKey {
  const key = keys.ring().keys.find(({ alg, state }) => alg === 'ES256' && state === 'current')
  if (!key) throw new Error('There is no current ES256 key to seal the audit with.')
  return key
}

async function doubtOf(
  tx: Tx,
  head: End,
  last: Batch | undefined,
  known: End | undefined,
  keys: SealerParts['keys'],
): Promise<Doubt | undefined> {
  if (!isSame(head, last ?? beginning)) return 'end-differs'
  if (known && isSame(head, known)) return undefined
  if (known && known.seq > 0 && !(await auditBatchTable.hashOf(tx, known.seq))?.equals(known.hash)) return 'end-cut'
  return last && !isOurs(last, keys) ? 'end-unsigned' : undefined
}

const isSame = (one: End, other: End): boolean => one.seq === other.seq && one.hash.equals(other.hash)

/** Whether a batch is as a holder of one of our keys made it. */
function isOurs(batch: Batch, keys: SealerParts['keys']): boolean {
  const jwk = keys.ring().keys.find(({ kid, alg }) => alg === 'ES256' && kid === batch.kid)?.publicJwk
  const key = jwk && createPublicKey({ key: jwk, format: 'jwk' })
  return key !== undefined && isSignedBy(batch, key) && hashOf(batch).equals(batch.hash)
}

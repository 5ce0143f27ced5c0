import { createPublicKey, type KeyObject } from 'node:crypto'
import { calculateJwkThumbprint, type JWK } from 'jose'
import { statement, type Db, type Sql, type Tx } from '../platform/index.ts'
import { auditBatchTable } from './audit-batch-table.ts'
import { auditHeadTable } from './audit-head-table.ts'
import { auditKeyTable } from './audit-key-table.ts'
import { auditUnsealedTable } from './audit-unsealed-table.ts'
import { beginning, hashLength, hashOf, isSignedBy, merkleRoot, sayAnchor, type Batch, type End } from './batch.ts'
import { matchMoved, type Mismatch } from './match-moved.ts'
import type { AuditFault } from './fault.ts'
import { readRows, type RowReading } from './read-rows.ts'

export interface VerifyParts {
  readonly db: Db
  /** Whether a key is one of this installation's ring, as its own master key opens it: nothing that the database says. */
  readonly isOurs: (kid: string) => boolean
}

export interface VerifyOptions {
  /** Ends of the chain that were kept outside of the database: each must still be in it. */
  readonly anchors?: readonly End[]
  /** Faults that are named at most; 1,000 unless told. */
  readonly most?: number
}

/** What a verification found. No faults: what is sealed is as it was sealed. */
export interface Verified {
  readonly batches: number
  /** Sealed rows. */
  readonly rows: number
  /** Rows that no batch holds yet: those of the last second, where a sealer runs. */
  readonly unsealed: number
  /** The end of the chain; nothing where it is empty. */
  readonly anchor: string | undefined
  /** The batches up to this one were given up (retention). */
  readonly givenUp: number
  readonly faults: readonly AuditFault[]
  /** How many more faults there are than are named. */
  readonly more: number
}

const atOnce = 40
// All that follows sees the tables as they are at one moment, while sealing and logins go on.
const oneMoment = statement('audit.one-moment', 'set transaction isolation level repeatable read, read only')

/**
 * Reads the whole chain and every row, some at a time, and says what is not as it was sealed.
 *
 * What it believes: the keys of the ring as the master key opens them, and the anchors. The last batch must be signed by such
 * a key; each batch names the hash of the one before, and says, signed, what its sealer had doubts about. What cannot be seen
 * without an anchor: an end that was cut off together with its rows and the head, before a sealer that knew it went on.
 */
export function verifyAudit({ db, isOurs }: VerifyParts, options: VerifyOptions = {}): Promise<Verified> {
  const { anchors = [], most = 1_000 } = options
  return db.transaction(async (tx) => {
    await tx.rows(oneMoment)
    const faults = makeFaults(most)
    const shortened: unknown[] = []
    const rows = readRows(tx, (row) => row.kind === 'audit-shortened' && shortened.push(row.data))
    const chain = await checkChain(tx, rows, faults, new Map(anchors.map((anchor) => [anchor.seq, anchor])))
    const { first, last } = chain
    if (first && last && !isOurs(last.kid)) faults.add({ fault: 'key-not-ours', batch: last.seq })
    if (first && first.seq > 1 && !shortened.some((data) => names(data, first)))
      faults.add({ fault: 'start-cut', batch: first.seq })
    await checkHead(tx, last, faults)
    for (const row of await rows.unclaimed(most)) faults.add({ fault: 'row-added', row })
    return {
      batches: chain.batches,
      rows: chain.rows,
      unsealed: await auditUnsealedTable.count(tx),
      anchor: last && sayAnchor(last),
      givenUp: first ? first.seq - 1 : 0,
      ...faults.all(),
    }
  })
}

interface Faults {
  add(fault: AuditFault): void
  mismatch(mismatch: Mismatch): void
  all(): Pick<Verified, 'faults' | 'more'>
}

/** Keeps the first `most`. */
function makeFaults(most: number): Faults {
  const faults: AuditFault[] = []
  const mismatches: Mismatch[] = []
  let count = 0
  return {
    add(fault) {
      if (count++ < most) faults.push(fault)
    },
    mismatch(mismatch) {
      if (count++ < most) mismatches.push(mismatch)
    },
    all: () => ({ faults: [...faults, ...matchMoved(mismatches)], more: Math.max(0, count - most) }),
  }
}

interface Chain {
  readonly first: Batch | undefined
  readonly last: Batch | undefined
  readonly batches: number
  readonly rows: number
}

async function checkChain(
  sql: Sql,
  rows: RowReading,
  faults: Faults,
  anchors: ReadonlyMap<number, End>,
): Promise<Chain> {
  const keys = new Map<string, Promise<KeyObject | undefined>>()
  const chain = { first: undefined as Batch | undefined, last: undefined as Batch | undefined, batches: 0, rows: 0 }
  const unmet = new Set(anchors.keys())
  for (let batches: readonly Batch[] | undefined; batches?.length !== 0;) {
    batches = await auditBatchTable.scan(sql, chain.last?.seq ?? 0, atOnce)
    for (const batch of batches) {
      await rows.readTo(batch.ids.reduce((one, other) => Math.max(one, other), 0))
      chain.first ??= batch
      checkLink(batch, chain.last, faults)
      if (!keys.has(batch.kid)) keys.set(batch.kid, findKey(sql, batch.kid))
      checkSeal(batch, await keys.get(batch.kid), faults)
      checkRows(batch, rows, faults)
      const anchor = anchors.get(batch.seq)
      unmet.delete(batch.seq)
      if (anchor && !anchor.hash.equals(batch.hash)) faults.add({ fault: 'anchor-differs', batch: batch.seq })
      chain.last = batch
      chain.batches++
      chain.rows += batch.ids.length
    }
  }
  for (const batch of unmet) faults.add({ fault: 'anchor-missing', batch })
  return chain
}

/** The key of this thumbprint: what the table calls by the name of another key is none. */
async function findKey(sql: Sql, kid: string): Promise<KeyObject | undefined> {
  const jwk = await auditKeyTable.find(sql, kid)
  const thumbprint = jwk && (await calculateJwkThumbprint(jwk as JWK).catch(() => undefined))
  return jwk && thumbprint === kid ? createPublicKey({ key: jwk, format: 'jwk' }) : undefined
}

function checkLink(batch: Batch, before: Batch | undefined, faults: Faults): void {
  const { seq } = batch
  if (!before) {
    if (seq === 1 && !batch.previous.equals(beginning.hash)) faults.add({ fault: 'link-broken', batch: seq })
  } else if (seq > before.seq + 1) faults.add({ fault: 'batches-missing', from: before.seq + 1, to: seq - 1 })
  else if (!batch.previous.equals(hashOf(before))) faults.add({ fault: 'link-broken', batch: seq })
}

function checkSeal(batch: Batch, key: KeyObject | undefined, faults: Faults): void {
  const { seq, leaves, ids, doubt } = batch
  const whole = leaves.length === ids.length * hashLength && merkleRoot(leaves).equals(batch.root)
  if (!whole || !hashOf(batch).equals(batch.hash)) faults.add({ fault: 'batch-changed', batch: seq })
  if (!key) faults.add({ fault: 'key-unknown', batch: seq })
  else if (!isSignedBy(batch, key)) faults.add({ fault: 'signature-wrong', batch: seq })
  if (doubt !== undefined) faults.add({ fault: 'sealed-in-doubt', batch: seq, doubt })
}

function checkRows({ seq: batch, ids, leaves }: Batch, rows: RowReading, faults: Faults): void {
  ids.forEach((row, nth) => {
    const found = rows.claim(row)
    const sealed = leaves.subarray(nth * hashLength, (nth + 1) * hashLength)
    if (!found) faults.add({ fault: 'row-missing', row, batch })
    else if (!found.equals(sealed)) faults.mismatch({ row, batch, found, sealed: Buffer.from(sealed) })
  })
}

async function checkHead(tx: Tx, last: End | undefined, faults: Faults): Promise<void> {
  const head = await auditHeadTable.read(tx)
  const end = last ?? beginning
  if (head.seq > end.seq) faults.add({ fault: 'end-cut', from: end.seq + 1, to: head.seq })
  else if (head.seq < end.seq || !head.hash.equals(end.hash)) faults.add({ fault: 'head-differs', batch: end.seq })
}

/** Whether an `audit-shortened` tells of the batch that stood before this one. */
function names(data: unknown, { seq, previous }: Batch): boolean {
  const { batch, hash } = data as Readonly<Record<string, unknown>>
  return batch === seq - 1 && hash === previous.toString('base64url')
}

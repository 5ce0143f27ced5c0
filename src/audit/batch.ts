import { createHash, sign, verify, type KeyObject } from 'node:crypto'
import type { SealableRow } from './audit-event-table.ts'

/** A place in the chain: a batch's number and hash. Kept outside of the database it is an anchor. */
export interface End {
  /** 0: before the first. */
  readonly seq: number
  readonly hash: Buffer
}

/** One link of the chain. */
export interface Batch extends End {
  /** Hash of the batch before. */
  readonly previous: Buffer
  /** Merkle root of the leaves. */
  readonly root: Buffer
  readonly ids: readonly number[]
  /** The leaf of each id, 32 octets each. With the root alone a verifier could not say which row was changed. */
  readonly leaves: Buffer
  /** Wire time, microseconds since the epoch. */
  readonly sealedAt: number
  readonly doubt?: string
  readonly kid: string
  readonly signature: Buffer
}

export const hashLength = 32
/** What the first batch names as the one before. */
export const beginning: End = { seq: 0, hash: Buffer.alloc(hashLength) }

const sha256 = (...parts: readonly (Uint8Array | string)[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** JSON of which there is one way to write it: RFC 8785 (JCS), whose order of keys and numbers are JavaScript's own. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = value as Readonly<Record<string, unknown>>
  const said = Object.keys(members)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonical(members[name])}`)
  return `{${said.join(',')}}`
}

const leafPrefix = Buffer.from([0])
const nodePrefix = Buffer.from([1])

/**
 * What stays of a row. Its number is not in it but beside it in the batch, so that rows which changed places are seen to
 * have. A row that was gone before it was sealed is the leaf of nothing, which no row has.
 */
export const leafOf = (row: Omit<SealableRow, 'id'> | { readonly kind: null }): Buffer =>
  row.kind === null
    ? sha256(leafPrefix)
    : sha256(
        leafPrefix,
        canonical({
          at: row.at,
          citizen: row.citizen_id,
          data: row.data,
          kind: row.kind,
          relyingParty: row.relying_party,
        }),
      )

/** Merkle tree hash of leaves that are hashed already (RFC 9162, 2.1.1), 32 octets each; of none SHA-256 of nothing. */
export function merkleRoot(leaves: Buffer): Buffer {
  const count = leaves.length / hashLength
  if (count === 0) return sha256()
  if (count === 1) return leaves
  // The left side is the greatest power of two below the count.
  const left = 2 ** Math.ceil(Math.log2(count) - 1) * hashLength
  return sha256(nodePrefix, merkleRoot(leaves.subarray(0, left)), merkleRoot(leaves.subarray(left)))
}

/** What is hashed and signed of a batch: everything but the leaves, which the root stands for. */
export type Unsigned = Omit<Batch, 'hash' | 'signature' | 'leaves'>

/** The octets that a batch's hash and signature are made over. */
const octetsOf = ({ seq, previous, root, ids, sealedAt, doubt, kid }: Unsigned): Buffer =>
  Buffer.from(
    canonical({
      doubt: doubt ?? null,
      ids,
      kid,
      previous: previous.toString('base64url'),
      root: root.toString('base64url'),
      sealedAt,
      seq,
      version: 1,
    }),
  )

// ES256 as JWS writes it (RFC 7518, 3.4): r and s, 32 octets each.
const es256 = (key: KeyObject) => ({ key, dsaEncoding: 'ieee-p1363' }) as const

export function signBatch(unsigned: Unsigned, leaves: Buffer, key: KeyObject): Batch {
  const octets = octetsOf(unsigned)
  return { ...unsigned, leaves, hash: sha256(octets), signature: sign('sha256', octets, es256(key)) }
}

export const hashOf = (batch: Unsigned): Buffer => sha256(octetsOf(batch))
export const isSignedBy = (batch: Batch, key: KeyObject): boolean =>
  verify('sha256', octetsOf(batch), es256(key), batch.signature)

/** `12:` and the hash in base64url. */
export const sayAnchor = ({ seq, hash }: End): string => `${seq}:${hash.toString('base64url')}`

/** Nothing where the text is no anchor. */
export function readAnchor(text: string): End | undefined {
  const [, seq, hash] = /^([1-9]\d{0,15}):([\w-]{43})$/.exec(text) ?? []
  return seq === undefined || hash === undefined
    ? undefined
    : { seq: Number(seq), hash: Buffer.from(hash, 'base64url') }
}

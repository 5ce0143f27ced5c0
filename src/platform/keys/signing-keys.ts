import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'
import type { Clock } from '../clock.ts'
import type { Db } from '../db.ts'
import type { Envelope } from '../envelope.ts'
import { signingKeyTable, type SigningKeyRow } from './signing-key-table.ts'

/** JWS algorithms (RFC 7518): ES256 unless a relying party needs RS256. */
export const signingAlgs = ['ES256', 'RS256'] as const
export type SigningAlg = (typeof signingAlgs)[number]

/** `next` is published ahead of use, `current` signs, `previous` still verifies what it signed. */
export type SigningKeyState = 'next' | 'current' | 'previous'

export interface SigningKey {
  /** Thumbprint of the public key (RFC 7638). */
  readonly kid: string
  readonly alg: SigningAlg
  readonly state: SigningKeyState
  /** Both with kid, alg and use. */
  readonly privateJwk: JWK
  readonly publicJwk: JWK
}

export interface KeyRing {
  /** Changes with every change of a key or its state. */
  readonly version: string
  /** Of each algorithm: current, then previous, then next. */
  readonly keys: readonly SigningKey[]
}

export interface SigningKeyParts {
  readonly db: Db
  readonly envelope: Envelope
  readonly clock: Clock
  /** The algorithms that there are keys for; all unless told. */
  readonly algs?: readonly SigningAlg[]
  /** Seconds that a previous key goes on verifying: longer than anything signed with it lives. A day unless told. */
  readonly grace?: number
}

export interface SigningKeys {
  /** The ring as last read: no round trip. */
  ring(): KeyRing
  /** Makes a current and a next key of each algorithm where there is none; of several instances at once one wins each place. */
  ensure(): Promise<void>
  /** Reads the ring anew; answers whether it changed. */
  refresh(): Promise<boolean>
  /**
   * next becomes current, current becomes previous, and a new next is made, in one transaction; previous ones past their
   * grace are dropped. Answers false when another instance changed the keys since our last reading: nothing was done then.
   */
  rotate(alg: SigningAlg): Promise<boolean>
}

/**
 * The keys that sign what goes out: in PostgreSQL, the private halves sealed with the envelope. Retirement is counted on
 * the real hand of the clock, since what the keys signed lives by it.
 * Opens with keys made and read; throws when one of them cannot be opened with the configured envelope keys.
 */
export async function openSigningKeys(parts: SigningKeyParts): Promise<SigningKeys> {
  const { db, envelope, clock, algs = signingAlgs, grace = 24 * 60 * 60 } = parts
  let ring: KeyRing = { version: '', keys: [] }
  const has = (alg: SigningAlg, state: SigningKeyState) =>
    ring.keys.some((key) => key.alg === alg && key.state === state)
  const refresh = async (): Promise<boolean> => {
    const rows = await signingKeyTable.all(db)
    const version = rows.map(({ kid, state }) => `${kid}:${state}`).join(' ')
    if (version === ring.version) return false
    ring = { version, keys: rows.map((row) => open(row, envelope)) }
    return true
  }
  const keys: SigningKeys = {
    ring: () => ring,
    refresh,
    async ensure() {
      await refresh()
      const places = algs.flatMap((alg) => (['current', 'next'] as const).map((state) => ({ alg, state })))
      const free = places.filter(({ alg, state }) => !has(alg, state))
      await Promise.all(
        free.map(async ({ alg, state }) => signingKeyTable.insert(db, await make(alg, state, envelope), clock.wire())),
      )
      if (free.length > 0) await refresh()
    },
    async rotate(alg) {
      const current = ring.keys.find((key) => key.alg === alg && key.state === 'current')
      if (!current) return false
      const next = await make(alg, 'next', envelope)
      const at = clock.wire()
      const rotated = await db.transaction(async (tx) => {
        if (!(await signingKeyTable.retire(tx, current.kid, at))) return false
        if (!(await signingKeyTable.promote(tx, alg))) throw new Error(`There is no next ${alg} key to sign with.`)
        await signingKeyTable.drop(tx, new Date(at.getTime() - grace * 1000))
        return signingKeyTable.insert(tx, next, at)
      })
      await refresh()
      return rotated
    },
  }
  await keys.ensure()
  return keys
}

async function make(alg: SigningAlg, state: SigningKeyState, envelope: Envelope): Promise<SigningKeyRow> {
  const pair = await generateKeyPair(alg, { extractable: true, modulusLength: 2048 })
  const kid = await calculateJwkThumbprint(await exportJWK(pair.publicKey))
  const published = { kid, alg, use: 'sig' }
  return {
    kid,
    alg,
    state,
    public_jwk: { ...(await exportJWK(pair.publicKey)), ...published },
    sealed_private_jwk: envelope.seal(
      JSON.stringify({ ...(await exportJWK(pair.privateKey)), ...published }),
      sealContext(kid),
    ),
  }
}

function open(row: SigningKeyRow, envelope: Envelope): SigningKey {
  const privateJwk = JSON.parse(envelope.open(row.sealed_private_jwk, sealContext(row.kid)).toString()) as JWK
  return { kid: row.kid, alg: row.alg, state: row.state, privateJwk, publicJwk: row.public_jwk }
}

const sealContext = (kid: string): string => `signing_key.sealed_private_jwk.${kid}`

import { createPrivateKey, KeyObject, X509Certificate } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'
import type { Clock } from '../clock.ts'
import type { Db } from '../db.ts'
import type { Envelope } from '../envelope.ts'
import { selfSignedCertificate } from './self-signed-certificate.ts'
import { signingKeyTable, type SigningKeyRow } from './signing-key-table.ts'

/**
 * What there are keys for, by their JWS algorithms (RFC 7518): ES256 for tokens, RS256 where a relying party needs it, and
 * RS512 for SAML messages, which have a key of their own: RSA with 2048 bits, as the real gateway's.
 */
export const signingAlgs = ['ES256', 'RS256', 'RS512'] as const
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

/** A key that signs SAML messages; its peers know it by its certificate. */
export interface SamlKey {
  readonly kid: string
  readonly state: SigningKeyState
  /** Made once for each reading of the ring. */
  readonly privateKey: KeyObject
  /** DER in base64, one line, as ds:X509Certificate holds it. */
  readonly certificate: string
  /** When the certificate ends. */
  readonly notAfter: Date
}

export interface KeyRing {
  /** Changes with every change of a key or its state. */
  readonly version: string
  /** Those of tokens. Of each algorithm: current, then previous, then next. */
  readonly keys: readonly SigningKey[]
  /** Those of SAML messages: current, then previous, then next. */
  readonly saml: readonly SamlKey[]
}

export interface SigningKeyParts {
  readonly db: Db
  readonly envelope: Envelope
  readonly clock: Clock
  /** The algorithms that there are keys for; all unless told. */
  readonly algs?: readonly SigningAlg[]
  /** Subject of the certificates made: the host that peers know us by. `clave` unless told. */
  readonly commonName?: string
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
  const { db, clock, algs = signingAlgs, grace = 24 * 60 * 60 } = parts
  let ring: KeyRing = { version: '', keys: [], saml: [] }
  let rows: readonly SigningKeyRow[] = []
  const at = (alg: SigningAlg, state: SigningKeyState) => rows.find((row) => row.alg === alg && row.state === state)
  const refresh = async (): Promise<boolean> => {
    const read = await signingKeyTable.all(db)
    const version = read.map(({ kid, state }) => `${kid}:${state}`).join(' ')
    if (version === ring.version) return false
    ring = { version, ...open(read, parts.envelope) }
    rows = read
    return true
  }
  const keys: SigningKeys = {
    ring: () => ring,
    refresh,
    async ensure() {
      await refresh()
      const places = algs.flatMap((alg) => (['current', 'next'] as const).map((state) => ({ alg, state })))
      const free = places.filter(({ alg, state }) => !at(alg, state))
      const now = clock.wire()
      await Promise.all(
        free.map(async ({ alg, state }) => signingKeyTable.insert(db, await make(parts, alg, state, now), now)),
      )
      if (free.length > 0) await refresh()
    },
    async rotate(alg) {
      const current = at(alg, 'current')
      if (!current) return false
      const now = clock.wire()
      const next = await make(parts, alg, 'next', now)
      const rotated = await db.transaction(async (tx) => {
        if (!(await signingKeyTable.retire(tx, current.kid, now))) return false
        if (!(await signingKeyTable.promote(tx, alg))) throw new Error(`There is no next ${alg} key to sign with.`)
        await signingKeyTable.drop(tx, new Date(now.getTime() - grace * 1000))
        return signingKeyTable.insert(tx, next, now)
      })
      await refresh()
      return rotated
    },
  }
  await keys.ensure()
  return keys
}

async function make(
  { envelope, commonName = 'clave' }: SigningKeyParts,
  alg: SigningAlg,
  state: SigningKeyState,
  now: Date,
): Promise<SigningKeyRow> {
  const pair = await generateKeyPair(alg, { extractable: true, modulusLength: 2048 })
  const kid = await calculateJwkThumbprint(await exportJWK(pair.publicKey))
  const published = { kid, alg, use: 'sig' }
  const sealed = JSON.stringify({ ...(await exportJWK(pair.privateKey)), ...published })
  return {
    kid,
    alg,
    state,
    public_jwk: { ...(await exportJWK(pair.publicKey)), ...published },
    sealed_private_jwk: envelope.seal(sealed, sealContext(kid)),
    certificate: alg === 'RS512' ? certify(pair, commonName, now) : null,
  }
}

const certificateYears = 5

function certify(pair: Awaited<ReturnType<typeof generateKeyPair>>, commonName: string, now: Date): string {
  const notAfter = new Date(now)
  notAfter.setUTCFullYear(now.getUTCFullYear() + certificateYears)
  const [privateKey, publicKey] = [KeyObject.from(pair.privateKey), KeyObject.from(pair.publicKey)]
  return selfSignedCertificate({ privateKey, publicKey, commonName, notBefore: now, notAfter })
}

function open(rows: readonly SigningKeyRow[], envelope: Envelope): Omit<KeyRing, 'version'> {
  const keys: SigningKey[] = []
  const saml: SamlKey[] = []
  for (const { kid, alg, state, public_jwk: publicJwk, sealed_private_jwk: sealed, certificate } of rows) {
    const privateJwk = JSON.parse(envelope.open(sealed, sealContext(kid)).toString()) as JWK
    if (certificate === null) keys.push({ kid, alg, state, privateJwk, publicJwk })
    else saml.push({ kid, state, ...samlKey(privateJwk, new X509Certificate(certificate)) })
  }
  return { keys, saml }
}

const samlKey = (jwk: JWK, certificate: X509Certificate): Pick<SamlKey, 'privateKey' | 'certificate' | 'notAfter'> => ({
  privateKey: createPrivateKey({ key: { ...jwk }, format: 'jwk' }),
  certificate: certificate.raw.toString('base64'),
  notAfter: certificate.validToDate,
})

const sealContext = (kid: string): string => `signing_key.sealed_private_jwk.${kid}`

import type { JWK } from 'jose'
import { statement, type Sql, type Tx } from '../db.ts'
import type { SigningAlg, SigningKeyState } from './signing-keys.ts'

export interface SigningKeyRow {
  readonly kid: string
  readonly alg: SigningAlg
  readonly state: SigningKeyState
  readonly public_jwk: JWK
  readonly sealed_private_jwk: string
  /** PEM; of the keys that sign SAML messages only. */
  readonly certificate: string | null
}

// As a provider wants them: of each algorithm the signing one first, the one not yet in use last.
const all = statement<SigningKeyRow>(
  'signing-key.all',
  `select kid, alg, state, public_jwk, sealed_private_jwk, certificate from signing_key
   order by alg, case state when 'current' then 0 when 'previous' then 1 else 2 end, retired desc, kid`,
)
// The partial unique indexes let one key an algorithm be current, and one be next: of several instances one wins each place.
const insert = statement<{ kid: string }>(
  'signing-key.insert',
  `insert into signing_key (kid, alg, state, public_jwk, sealed_private_jwk, certificate, created)
   values ($1, $2, $3, $4, $5, $6, $7)
   on conflict do nothing returning kid`,
)
const retire = statement<{ kid: string }>(
  'signing-key.retire',
  `update signing_key set state = 'previous', retired = $2 where kid = $1 and state = 'current' returning kid`,
)
const promote = statement<{ kid: string }>(
  'signing-key.promote',
  `update signing_key set state = 'current' where alg = $1 and state = 'next' returning kid`,
)
const drop = statement('signing-key.drop', `delete from signing_key where state = 'previous' and retired <= $1`)

/** All the SQL of the table `signing_key`. */
export const signingKeyTable = {
  all: (sql: Sql) => sql.rows(all),
  /** Answers whether the place was free. */
  insert: async (sql: Sql, row: SigningKeyRow, created: Date) =>
    (await sql.row(insert, [
      row.kid,
      row.alg,
      row.state,
      JSON.stringify(row.public_jwk),
      row.sealed_private_jwk,
      row.certificate,
      created,
    ])) !== undefined,
  /** Answers whether this key was the current one. */
  retire: async (tx: Tx, kid: string, at: Date) => (await tx.row(retire, [kid, at])) !== undefined,
  promote: (tx: Tx, alg: SigningAlg) => tx.row(promote, [alg]),
  /** Drops what became previous at or before `retired`. */
  drop: (sql: Sql, retired: Date) => sql.rows(drop, [retired]),
}

import type { JsonWebKey } from 'node:crypto'
import { statement, type Sql, type Tx } from '../platform/index.ts'

const insert = statement(
  'audit-key.insert',
  'insert into audit_key (kid, public_jwk) values ($1, $2) on conflict (kid) do nothing',
)
const find = statement<{ public_jwk: JsonWebKey }>('audit-key.find', 'select public_jwk from audit_key where kid = $1')

/** All the SQL of the table `audit_key`. */
export const auditKeyTable = {
  insert: (tx: Tx, kid: string, publicJwk: object) => tx.rows(insert, [kid, JSON.stringify(publicJwk)]),
  find: async (sql: Sql, kid: string) => (await sql.row(find, [kid]))?.public_jwk,
}

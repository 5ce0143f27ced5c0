import { statement, type Sql } from '../../platform/index.ts'

interface PasswordRow {
  readonly citizen_id: string
  readonly hash: string
  readonly expires_at: Date
  readonly blocked_at: Date | null
}

/** The password of a citizen's Cl@ve Permanente. */
export interface Password {
  readonly citizen: string
  /** PHC string of argon2id. */
  readonly hash: string
  readonly expires: Date
  readonly blocked: boolean
}

const ofDocument = statement<PasswordRow>(
  'permanente-password.of-document',
  // One round trip beside the one that reads the citizen, instead of one after it.
  `select citizen_id, hash, expires_at, blocked_at from permanente_password
   where citizen_id = (select id from citizen where document = $1)`,
)
const ofCitizen = statement<PasswordRow>(
  'permanente-password.of-citizen',
  'select citizen_id, hash, expires_at, blocked_at from permanente_password where citizen_id = $1',
)
const put = statement(
  'permanente-password.put',
  `insert into permanente_password (citizen_id, hash, set_at, expires_at) values ($1, $2, $3, $4)
   on conflict (citizen_id) do update
     set hash = excluded.hash, set_at = excluded.set_at, expires_at = excluded.expires_at, blocked_at = null`,
)
const block = statement(
  'permanente-password.block',
  'update permanente_password set blocked_at = $2 where citizen_id = $1 and blocked_at is null',
)
const renewHash = statement(
  'permanente-password.renew-hash',
  'update permanente_password set hash = $3 where citizen_id = $1 and hash = $2',
)

/** `document` in its normal form. */
export async function findPasswordOfDocument(sql: Sql, document: string): Promise<Password | undefined> {
  return passwordOf(await sql.row(ofDocument, [document]))
}

export async function findPassword(sql: Sql, citizen: string): Promise<Password | undefined> {
  return passwordOf(await sql.row(ofCitizen, [citizen]))
}

/** Sets the password of a citizen, not blocked, whatever was there. */
export async function putPassword(
  sql: Sql,
  password: { readonly citizen: string; readonly hash: string; readonly set: Date; readonly expires: Date },
): Promise<void> {
  await sql.row(put, [password.citizen, password.hash, password.set, password.expires])
}

export async function blockPassword(sql: Sql, citizen: string, now: Date): Promise<void> {
  await sql.row(block, [citizen, now])
}

/** The same password, hashed anew; nothing when it was changed meanwhile. */
export async function renewHashOf(sql: Sql, citizen: string, old: string, hash: string): Promise<void> {
  await sql.row(renewHash, [citizen, old, hash])
}

const passwordOf = (row: PasswordRow | undefined): Password | undefined =>
  row && { citizen: row.citizen_id, hash: row.hash, expires: row.expires_at, blocked: row.blocked_at !== null }

import { statement, type Sql } from '../platform/index.ts'

interface TriedRow {
  readonly right: boolean
  readonly failures: number
}

interface ActivationCodeRow {
  readonly issued_at: Date
  readonly expires_at: Date
  readonly used_at: Date | null
  readonly failures: number
}

const put = statement(
  'activation-code.put',
  `insert into activation_code (citizen_id, digest, issued_at, expires_at) values ($1, $2, $3, $4)
   on conflict (citizen_id) do update set digest = excluded.digest, issued_at = excluded.issued_at,
     expires_at = excluded.expires_at, failures = 0, used_at = null`,
)

const trying = (used: string) => `
  update activation_code set
    used_at = ${used},
    failures = failures + case when digest = $2 then 0 else 1 end
  where citizen_id = $1 and used_at is null and failures < $4 and expires_at > $3::timestamptz
  returning digest = $2 as right, failures`
const redeem = statement<TriedRow>('activation-code.redeem', trying('case when digest = $2 then $3::timestamptz end'))
const check = statement<TriedRow>('activation-code.check', trying('null'))

const find = statement<ActivationCodeRow>(
  'activation-code.find',
  'select issued_at, expires_at, used_at, failures from activation_code where citizen_id = $1',
)

const remove = statement('activation-code.remove', 'delete from activation_code where citizen_id = $1')

export interface Tried {
  readonly citizen: string
  /** Of what was typed. */
  readonly digest: string
  readonly now: Date
  /** Wrong ones that kill it. */
  readonly tries: number
}

/** The SQL of `activation_code`. Of each try one statement compares, counts and decides. */
export const activationCodeTable = {
  /** The citizen's one code from now on. */
  async put(
    sql: Sql,
    code: { readonly citizen: string; readonly digest: string; readonly now: Date; readonly expires: Date },
  ) {
    await sql.row(put, [code.citizen, code.digest, code.now, code.expires])
  },
  /** The right one is used up by it; undefined: there is none alive. */
  redeem: (sql: Sql, { citizen, digest, now, tries }: Tried) => sql.row(redeem, [citizen, digest, now, tries]),
  /** The same, and the right one stays alive. */
  check: (sql: Sql, { citizen, digest, now, tries }: Tried) => sql.row(check, [citizen, digest, now, tries]),
  find: (sql: Sql, citizen: string) => sql.row(find, [citizen]),
  async remove(sql: Sql, citizen: string) {
    await sql.row(remove, [citizen])
  },
}

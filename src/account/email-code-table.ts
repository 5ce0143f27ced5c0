import { layMessageSql, type Laying } from '../messaging/index.ts'
import { statement, type Sql, type Tx } from '../platform/index.ts'

const put = statement<{ citizen_id: string }>(
  'account-email-code.put',
  `with code as (
     insert into account_email_code as had (citizen_id, browser, sealed_address, digest, expires_at, sent_at)
     select id, $2, $3, $4, $5, array[$6::timestamptz] from citizen
     where id = $1 and registration_level is not null and not deceased
     on conflict (citizen_id) do update set browser = excluded.browser, sealed_address = excluded.sealed_address,
       digest = excluded.digest, expires_at = excluded.expires_at, failures = 0, used_at = null,
       sent_at = had.sent_at[greatest(1, cardinality(had.sent_at) - $7::int + 2):] || excluded.sent_at
       where cardinality(had.sent_at) < $7::int or had.sent_at[cardinality(had.sent_at) - $7::int + 1] <= $8
     returning citizen_id
   ), ${layMessageSql('code', 9)}
   select citizen_id from code`,
)

const oldestCounted = statement<{ at: Date | null }>(
  'account-email-code.oldest-counted',
  'select sent_at[cardinality(sent_at) - $2::int + 1] as at from account_email_code where citizen_id = $1',
)

// The citizen's row first, as a renuncia takes them: two that met would wait for each other.
const redeem = statement<{ right: boolean; failures: number; sealed_address: string }>(
  'account-email-code.redeem',
  `with owner as (
     select id from citizen where id = $1 and registration_level is not null and not deceased for update
   )
   update account_email_code as code set
     used_at = case when digest = $3 then $4::timestamptz end,
     failures = failures + case when digest = $3 then 0 else 1 end
   from owner
   where code.citizen_id = owner.id and browser = $2 and used_at is null and failures < $5 and expires_at > $4
   returning used_at is not null as right, failures, sealed_address`,
)

const find = statement<{ sealed_address: string; expires_at: Date; used: boolean }>(
  'account-email-code.find',
  `select sealed_address, expires_at, used_at is not null as used from account_email_code
   where citizen_id = $1 and browser = $2`,
)

const pending = statement<{ sealed_address: string; expires_at: Date }>(
  'account-email-code.pending',
  'select sealed_address, expires_at from account_email_code where citizen_id = $1 and used_at is null',
)

const remove = statement('account-email-code.remove', 'delete from account_email_code where citizen_id = $1')
const sweep = statement('account-email-code.sweep', 'delete from account_email_code where expires_at < $1')

export interface NewEmailCode {
  readonly citizen: string
  /** Digest of the browser's cookie: typed elsewhere, the code is none. */
  readonly browser: string
  /** The address that it proves, sealed. */
  readonly sealed: string
  readonly digest: string
  readonly now: Date
  readonly expires: Date
  /** Codes that one citizen gets in any hour. */
  readonly perHour: number
  /** The message that brings it. */
  readonly message: Laying
}

/** A code that was asked for in this browser. */
export interface AskedCode {
  readonly sealed: string
  readonly expires: Date
  readonly used: boolean
}

const hour = 3_600_000

/** The SQL of `account_email_code`: the one code of each citizen, and when they had their last ones. */
export const emailCodeTable = {
  /** Takes one of the citizen's allowance, makes this the alive code and lays its message; false: it is used up. */
  async put(sql: Sql, one: NewEmailCode): Promise<boolean> {
    const { citizen, browser, sealed, digest, now, expires, perHour, message } = one
    const hourAgo = new Date(now.getTime() - hour)
    const values = [citizen, browser, sealed, digest, expires, now, perHour, hourAgo, ...message]
    return (await sql.row(put, values)) !== undefined
  },
  /** When there may be another, where the allowance is used up. */
  async nextAt(sql: Sql, { citizen, perHour }: Pick<NewEmailCode, 'citizen' | 'perHour'>): Promise<Date | undefined> {
    const at = (await sql.row(oldestCounted, [citizen, perHour]))?.at
    return at ? new Date(at.getTime() + hour) : undefined
  },
  async find(sql: Sql, citizen: string, browser: string): Promise<AskedCode | undefined> {
    const row = await sql.row(find, [citizen, browser])
    return row && { sealed: row.sealed_address, expires: row.expires_at, used: row.used }
  },
  /** The citizen's own that was not redeemed, in whatever browser and however old. */
  async pending(sql: Sql, citizen: string): Promise<Omit<AskedCode, 'used'> | undefined> {
    const row = await sql.row(pending, [citizen])
    return row && { sealed: row.sealed_address, expires: row.expires_at }
  },
  /**
   * One statement compares, counts and decides: of any number of callers with the right code one gets the sealed address.
   * `moved`: it was redeemed before; `dead`: expired, killed by wrong tries, or asked for in another browser.
   */
  async redeem(
    tx: Tx,
    { citizen, browser, digest, now }: Pick<NewEmailCode, 'citizen' | 'browser' | 'digest' | 'now'>,
    tries: number,
  ): Promise<{ readonly sealed: string } | { readonly left: number } | 'moved' | 'dead'> {
    const row = await tx.row(redeem, [citizen, browser, digest, now, tries])
    if (row) return row.right ? { sealed: row.sealed_address } : { left: tries - row.failures }
    return (await tx.row(find, [citizen, browser]))?.used === true ? 'moved' : 'dead'
  },
  async remove(tx: Tx, citizen: string): Promise<void> {
    await tx.row(remove, [citizen])
  },
  async sweep(sql: Sql, before: Date): Promise<void> {
    await sql.row(sweep, [before])
  },
}

import { layMessageSql, type Laying } from '../messaging/index.ts'
import { statement, type Sql } from '../platform/index.ts'

/** One of the allowance of `subject` (a parameter of the statement), where `from` has a row. */
const taking = (name: string, subject: string, from: string) => `${name} as (
  insert into phone_code_allowance as had (subject, sent_at) select ${subject}, array[$5::timestamptz] from ${from}
  on conflict (subject) do update
    set sent_at = had.sent_at[greatest(1, cardinality(had.sent_at) - $6::int + 2):] || excluded.sent_at
    where cardinality(had.sent_at) < $6::int or had.sent_at[cardinality(had.sent_at) - $6::int + 1] <= $7
  returning subject
)`

const put = statement<{ journey: string }>(
  'phone-code.put',
  `with asked as (select 1),
   ${taking('person', '$3', 'asked')}, ${taking('phone', '$4', 'person')}, code as (
     insert into phone_code (journey, digest, expires_at) select $1, $2, $8 from phone
     on conflict (journey) do update set digest = excluded.digest, expires_at = excluded.expires_at,
       failures = 0, used_at = null
     returning journey
   ), ${layMessageSql('code', 9)}
   select journey from code`,
)

const oldestCounted = statement<{ at: Date | null }>(
  'phone-code-allowance.oldest-counted',
  `select max(sent_at[cardinality(sent_at) - $2::int + 1]) as at from phone_code_allowance
   where subject = any($1::text[])`,
)

const redeem = statement<{ right: boolean; failures: number }>(
  'phone-code.redeem',
  `update phone_code set
     used_at = case when digest = $2 then $3::timestamptz end,
     failures = failures + case when digest = $2 then 0 else 1 end
   where journey = $1 and used_at is null and failures < $4 and expires_at > $3::timestamptz
   returning used_at is not null as right, failures`,
)

const used = statement<{ used: boolean }>(
  'phone-code.used',
  'select used_at is not null as used from phone_code where journey = $1',
)

const sweep = statement('phone-code.sweep', 'delete from phone_code where expires_at < $1')
const sweepAllowances = statement(
  'phone-code-allowance.sweep',
  'delete from phone_code_allowance where sent_at[cardinality(sent_at)] < $1',
)

export interface NewPhoneCode {
  readonly journey: string
  readonly digest: string
  /** Keyed digests of the document and of the phone: each has an allowance of its own. */
  readonly person: string
  readonly phone: string
  readonly now: Date
  readonly perHour: number
  readonly expires: Date
  /** The message that brings it. */
  readonly message: Laying
}

const hour = 3_600_000

/** The SQL of `phone_code` and its allowances. */
export const phoneCodeTable = {
  /** Takes one of both allowances, makes this the journey's alive code and lays its message; false: one is used up. */
  async put(sql: Sql, code: NewPhoneCode): Promise<boolean> {
    const { journey, digest, person, phone, now, perHour, expires, message } = code
    const hourAgo = new Date(now.getTime() - hour)
    const values = [journey, digest, person, phone, now, perHour, hourAgo, expires, ...message]
    return (await sql.row(put, values)) !== undefined
  },
  /** When there may be another, where an allowance is used up. */
  async nextAt(sql: Sql, { person, phone, perHour }: NewPhoneCode): Promise<Date | undefined> {
    const at = (await sql.row(oldestCounted, [[person, phone], perHour]))?.at
    return at ? new Date(at.getTime() + hour) : undefined
  },
  /** One statement compares, counts and decides; `moved`: it was redeemed before; `dead`: expired, or killed. */
  async redeem(
    sql: Sql,
    { journey, digest, now, tries }: { journey: string; digest: string; now: Date; tries: number },
  ): Promise<'right' | 'moved' | 'dead' | { readonly left: number }> {
    const row = await sql.row(redeem, [journey, digest, now, tries])
    if (row) return row.right ? 'right' : { left: tries - row.failures }
    return (await sql.row(used, [journey]))?.used === true ? 'moved' : 'dead'
  },
  async sweep(sql: Sql, before: Date): Promise<void> {
    await sql.row(sweep, [before])
    await sql.row(sweepAllowances, [before])
  },
}

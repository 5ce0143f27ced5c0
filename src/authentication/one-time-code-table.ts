import type { RegistrationLevel } from '../citizen/index.ts'
import { layMessageSql, type Laying } from '../messaging/index.ts'
import { statement, type Sql } from '../platform/index.ts'

/**
 * `pin`: the PIN of a login; `permanente`: the code that steps a password up; `password`: the code that stands before a new
 * password; `device`: the code that activates Cl@ve Móvil on a phone. Each citizen has an allowance of each.
 */
export type CodeKind = 'pin' | 'permanente' | 'password' | 'device'

export interface NewCode {
  readonly login: string
  readonly kind: CodeKind
  readonly citizen: string
  readonly digest: string
  readonly expires: Date
  readonly now: Date
  /** Codes that one citizen gets in any hour. */
  readonly perHour: number
  /** The message that brings it. */
  readonly message: Laying
}

const put = statement<{ login: string }>(
  'one-time-code.put',
  `with allowance as (
     insert into one_time_code_allowance as had (citizen_id, kind, sent_at) values ($3, $2, array[$6::timestamptz])
     on conflict (citizen_id, kind) do update
       set sent_at = had.sent_at[greatest(1, cardinality(had.sent_at) - $7::int + 2):] || excluded.sent_at
       where cardinality(had.sent_at) < $7::int or had.sent_at[cardinality(had.sent_at) - $7::int + 1] <= $8
     returning citizen_id
   ), code as (
     insert into one_time_code (login, kind, citizen_id, digest, expires_at)
     select $1, $2, citizen_id, $4, $5 from allowance
     on conflict (login, kind) do update set citizen_id = excluded.citizen_id, digest = excluded.digest,
       expires_at = excluded.expires_at, failures = 0, used_at = null
     returning login
   ), ${layMessageSql('code', 9)}
   select login from code`,
)

const oldestCounted = statement<{ at: Date | null }>(
  'one-time-code.oldest-counted',
  `select sent_at[cardinality(sent_at) - $3::int + 1] as at from one_time_code_allowance where citizen_id = $1 and kind = $2`,
)

/**
 * The registration as it is now, for a `returning` that settles a proof: it may have been given up, or the method been
 * blocked by its citizen, since the code was sent; then it is none here. Read here, in a room that is not the citizen's,
 * since a statement of its own would cost each login ten times as much.
 */
export const registrationNow = `(select registration_level from citizen
   where citizen.id = one_time_code.citizen_id and not deceased and not (case one_time_code.kind
     when 'pin' then 'pin' when 'device' then 'movil' when 'password' then '' else 'permanente' end = any (blocked_methods))) as registration_level`

const redeem = statement<RedeemRow>(
  'one-time-code.redeem',
  `update one_time_code set
     used_at = case when digest = $3 then $4::timestamptz end,
     failures = failures + case when digest = $3 then 0 else 1 end
   where login = $1 and kind = $2 and citizen_id = $6 and used_at is null and failures < $5 and expires_at > $4
   returning used_at is not null as redeemed, failures, ${registrationNow}`,
)

const used = statement<{ used: boolean }>(
  'one-time-code.used',
  'select used_at is not null as used from one_time_code where login = $1 and kind = $2',
)

const sweep = statement('one-time-code.sweep', 'delete from one_time_code where expires_at < $1')

/**
 * Takes one of the citizen's allowance of the last hour, makes this the login's alive code and lays its message, in one
 * statement: of any number of callers no more are let through than there may be. False: the allowance is used up, and
 * nothing changed.
 */
export async function putCode(sql: Sql, code: NewCode): Promise<boolean> {
  const hourAgo = new Date(code.now.getTime() - hour)
  const { login, kind, citizen, digest, expires, now, perHour, message } = code
  const values = [login, kind, citizen, digest, expires, now, perHour, hourAgo, ...message]
  return (await sql.row(put, values)) !== undefined
}

/** When a citizen whose allowance is used up may have another code. */
export async function nextCodeAt(
  sql: Sql,
  kind: CodeKind,
  citizen: string,
  perHour: number,
): Promise<Date | undefined> {
  const at = (await sql.row(oldestCounted, [citizen, kind, perHour]))?.at
  return at ? new Date(at.getTime() + hour) : undefined
}

/** `moved`: it was redeemed before; `dead`: expired, or killed by wrong tries; `left`: wrong, so many tries are left. */
export type Redeemed = { readonly right: Registered } | { readonly left: number } | 'moved' | 'dead'

/** The citizen's registration at the moment of the proof; undefined: given up since, or the person died. */
export interface Registered {
  readonly registrationLevel: RegistrationLevel | undefined
}

/**
 * One statement compares, counts and decides: of any number of callers with the right digest one hears `right`, and of
 * those with a wrong one no more than `tries` are counted. `citizen`: whom the login takes the citizen for. Another one's
 * code, sent in the same login by a request that lost it to this one, is none.
 */
export async function redeemCode(
  sql: Sql,
  code: {
    readonly login: string
    readonly kind: CodeKind
    readonly citizen: string
    readonly digest: string
    readonly now: Date
    readonly tries: number
  },
): Promise<Redeemed> {
  const row = await sql.row(redeem, [code.login, code.kind, code.digest, code.now, code.tries, code.citizen])
  return redeemedFrom(sql, row, code)
}

interface RedeemRow {
  readonly redeemed: boolean
  readonly failures: number
  readonly registration_level: RegistrationLevel | null
}

/** What the row says that a try changed; where none was alive, whether it was redeemed before. */
export async function redeemedFrom(
  sql: Sql,
  row: RedeemRow | undefined,
  { login, kind, tries }: { readonly login: string; readonly kind: CodeKind | 'totp'; readonly tries: number },
): Promise<Redeemed> {
  if (!row) return (await sql.row(used, [login, kind]))?.used === true ? 'moved' : 'dead'
  if (row.redeemed) return { right: { registrationLevel: row.registration_level ?? undefined } }
  return { left: tries - row.failures }
}

/** Removes what died before `before`. */
export async function sweepCodes(sql: Sql, before: Date): Promise<void> {
  await sql.row(sweep, [before])
}

const hour = 3_600_000

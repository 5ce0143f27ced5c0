import type { RegistrationLevel } from '../citizen/index.ts'
import { completeSql, type CompletionValues } from '../lockout/index.ts'
import { layMessageSql, type Laying } from '../messaging/index.ts'
import { quickStatement, statement, unflushed, withoutFlush, type Db, type Sql } from '../platform/index.ts'

/**
 * `pin`: the PIN of a login; `permanente`: the code that steps a password up; `password`: the code that stands before a new
 * password; `device`: the code that activates Cl@ve Móvil on a phone. Each citizen has an allowance of each.
 */
export type CodeKind = 'pin' | 'permanente' | 'password' | 'device'

/** What a citizen has allowances of: the codes, and the PINs that their phone shows. */
export type AllowanceKind = CodeKind | 'shown-pin'

export interface NewCode {
  readonly login: string
  readonly kind: CodeKind
  readonly citizen: string
  readonly digest: string
  /** What another code for the same login, browser and characters is made from. */
  readonly binding: string
  readonly relyingParty: { readonly id: string; readonly name: string }
  readonly expires: Date
  readonly now: Date
  /** Codes that one citizen gets in any hour. */
  readonly perHour: number
  /** The message that brings it. */
  readonly message: Laying
}

/** Ends an insert of `had`: takes one of so many an hour, or answers no row. */
export const takeOne = (perHour: string, hourAgo: string): string => `
  on conflict (citizen_id, kind) do update
    set sent_at = had.sent_at[greatest(1, cardinality(had.sent_at) - ${perHour} + 2):] || excluded.sent_at
    where cardinality(had.sent_at) < ${perHour} or had.sent_at[cardinality(had.sent_at) - ${perHour} + 1] <= ${hourAgo}
  returning citizen_id`

// The worker takes the message by a commit that waits for the disk, so no SMS tells of a code that a crash undoes.
const put = unflushed(
  quickStatement<{ login: string }>(
    'one-time-code.put',
    `with allowance as (
     insert into one_time_code_allowance as had (citizen_id, kind, sent_at) values ($3, $2, array[$6::timestamptz])
     ${takeOne('$7::int', '$8')}
   ), code as (
     insert into one_time_code (login, kind, citizen_id, digest, expires_at, binding, relying_party, agency)
     select $1, $2, citizen_id, $4, $5, $9, $10, $11 from allowance
     on conflict (login, kind) do update set citizen_id = excluded.citizen_id, digest = excluded.digest,
       expires_at = excluded.expires_at, failures = 0, used_at = null, binding = excluded.binding,
       relying_party = excluded.relying_party, agency = excluded.agency, shown_at = null
     returning login
   ), ${layMessageSql('code', 12)}
   select login from code where ${withoutFlush}`,
  ),
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

const redeemSql = `update one_time_code set
     used_at = case when digest = $3 then $4::timestamptz end,
     failures = failures + case when digest = $3 then 0 else 1 end
   where login = $1 and kind = $2 and citizen_id = $6 and used_at is null and failures < $5 and expires_at > $4
   returning used_at is not null as redeemed, failures, shown_at is not null as shown, ${registrationNow}`

const redeem = quickStatement<RedeemRow>('one-time-code.redeem', redeemSql)

// Nobody hears of it before a commit that waits for the disk: the event of the login, or the count of the failure.
const redeemAndComplete = unflushed(
  statement<RedeemRow>(
    'one-time-code.redeem-and-complete',
    `with redeemed as (${redeemSql}), proven as (
     select from redeemed where redeemed and registration_level = any($7::text[])
   ), ${completeSql('proven', 8)}
   select redeemed.*, not exists (select from refused) as heard from redeemed where ${withoutFlush}`,
  ),
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
export async function putCode(db: Db, code: NewCode): Promise<boolean> {
  const { login, kind, citizen, digest, expires, now, perHour, binding, relyingParty, message } = code
  const made = [login, kind, citizen, digest, expires, now, perHour, hourBefore(now)]
  const values = [...made, binding, relyingParty.id, relyingParty.name, ...message]
  return (await db.row(put, values)) !== undefined
}

/** When a citizen whose allowance is used up may have another code. */
export async function nextCodeAt(
  sql: Sql,
  kind: AllowanceKind,
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
  /** The citizen's phone showed this code, so that it was not the one of an SMS. */
  readonly shown: boolean
  /** Of a code that was the whole proof: what `Lockout.completed` answers. */
  readonly heard?: boolean | undefined
}

/** What a code does that is the whole proof, in the statement that redeems it. */
export interface Completion {
  /** Registrations that are enough for what the agency asks; else nothing is completed. */
  readonly levels: readonly RegistrationLevel[]
  readonly values: CompletionValues
}

/**
 * One statement compares, counts and decides: of any number of callers with the right digest one hears `right`, and of
 * those with a wrong one no more than `tries` are counted. `citizen`: whom the login takes the citizen for. Another one's
 * code, sent in the same login by a request that lost it to this one, is none. With `completion` the statement does that
 * as well where the code is right, in one commit.
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
  completion?: Completion,
): Promise<Redeemed> {
  const values = [code.login, code.kind, code.digest, code.now, code.tries, code.citizen]
  const row = await (completion
    ? sql.row(redeemAndComplete, [...values, completion.levels, ...completion.values])
    : sql.row(redeem, values))
  return redeemedFrom(sql, row, code)
}

interface RedeemRow {
  readonly redeemed: boolean
  readonly failures: number
  /** Nothing where no phone could have shown it. */
  readonly shown?: boolean
  /** Nothing where no proof was completed with it. */
  readonly heard?: boolean
  readonly registration_level: RegistrationLevel | null
}

/** What the row says that a try changed; where none was alive, whether it was redeemed before. */
export async function redeemedFrom(
  sql: Sql,
  row: RedeemRow | undefined,
  { login, kind, tries }: { readonly login: string; readonly kind: CodeKind | 'totp'; readonly tries: number },
): Promise<Redeemed> {
  if (!row) return (await sql.row(used, [login, kind]))?.used === true ? 'moved' : 'dead'
  if (row.redeemed) {
    const { registration_level: level, shown, heard } = row
    return { right: { registrationLevel: level ?? undefined, shown: shown === true, heard } }
  }
  return { left: tries - row.failures }
}

/** Removes what died before `before`. */
export async function sweepCodes(sql: Sql, before: Date): Promise<void> {
  await sql.row(sweep, [before])
}

const hour = 3_600_000
export const hourBefore = (now: Date): Date => new Date(now.getTime() - hour)

import { noteEventSql, type EventValues } from '../../audit/index.ts'
import { layMessageSql, type Laying } from '../../messaging/index.ts'
import { quickStatement, statement, type Sql } from '../../platform/index.ts'

interface PasswordRow {
  readonly citizen_id: string
  readonly hash: string
  readonly set_at: Date
  readonly expires_at: Date
  readonly blocked_at: Date | null
}

interface ExpiringRow {
  readonly citizen_id: string
  readonly expires_at: Date
  readonly days: number
  readonly email: string
  readonly locale: string
}

/** The password of a citizen's Cl@ve Permanente. */
export interface Password {
  readonly citizen: string
  /** PHC string of argon2id. */
  readonly hash: string
  readonly set: Date
  readonly expires: Date
  readonly blocked: boolean
}

const ofDocument = quickStatement<PasswordRow>(
  'permanente-password.of-document',
  // One round trip beside the one that reads the citizen, instead of one after it.
  `select citizen_id, hash, set_at, expires_at, blocked_at from permanente_password
   where citizen_id = (select id from citizen where document = $1)`,
)
const ofCitizen = statement<PasswordRow>(
  'permanente-password.of-citizen',
  'select citizen_id, hash, set_at, expires_at, blocked_at from permanente_password where citizen_id = $1',
)
const put = statement(
  'permanente-password.put',
  `insert into permanente_password (citizen_id, hash, set_at, expires_at) values ($1, $2, $3, $4)
   on conflict (citizen_id) do update
     set hash = excluded.hash, set_at = excluded.set_at, expires_at = excluded.expires_at, blocked_at = null,
       warned = null`,
)
const block = statement(
  'permanente-password.block',
  'update permanente_password set blocked_at = $2 where citizen_id = $1 and blocked_at is null',
)
const blockAndTell = statement(
  'permanente-password.block-and-tell',
  `with blocked as (
     update permanente_password set blocked_at = $2 where citizen_id = $1 and blocked_at is null returning citizen_id
   ), ${noteEventSql('blocked', 3)}, ${layMessageSql('blocked', 8)}
   select citizen_id from blocked`,
)

// The proof is taken away: of any number that set a password by it one finds it. A registration may have been given up,
// and its citizen have died, since the proof was made.
const setByProof = statement<{ citizen_id: string }>(
  'permanente-password.set-by-proof',
  `with proof as (
     delete from one_time_code
     where login = $1 and kind = 'password' and citizen_id = $2 and used_at > $3 returning citizen_id
   ), written as (
     insert into permanente_password as had (citizen_id, hash, set_at, expires_at)
     select citizen.id, $4, $5, $6 from proof join citizen on citizen.id = proof.citizen_id
     where registration_level is not null and not deceased
       and ($7 or exists (select from permanente_password where permanente_password.citizen_id = citizen.id))
     on conflict (citizen_id) do update
       set hash = excluded.hash, set_at = excluded.set_at, expires_at = excluded.expires_at, blocked_at = null,
         warned = null
     returning citizen_id
   ), ${noteEventSql('written', 8)}, ${layMessageSql('written', 13)}
   select citizen_id from written`,
)

const change = statement<{ citizen_id: string }>(
  'permanente-password.change',
  `with written as (
     update permanente_password set hash = $3, set_at = $4, expires_at = $5, warned = null
     where citizen_id = $1 and hash = $2 and blocked_at is null returning citizen_id
   ), ${noteEventSql('written', 6)}, ${layMessageSql('written', 11)}
   select citizen_id from written`,
)
// Of the warnings that are due the most urgent one; what another instance holds is passed by.
const expiring = statement<ExpiringRow>(
  'permanente-password.claim-expiring',
  `with due as (
     select password.citizen_id, step.days, citizen.email, citizen.locale
     from permanente_password as password
     join citizen on citizen.id = password.citizen_id and registration_level is not null and not deceased
       and citizen.email is not null
     cross join lateral (
       select min(days) as days from unnest($2::smallint[], $3::timestamptz[]) as step (days, ends)
       where password.expires_at <= ends
     ) as step
     where password.expires_at > $1 and password.expires_at <= $4 and password.blocked_at is null
       and (password.warned is null or password.warned > step.days)
     order by password.expires_at limit $5 for update of password skip locked
   )
   update permanente_password set warned = due.days from due where permanente_password.citizen_id = due.citizen_id
   returning permanente_password.citizen_id, permanente_password.expires_at, due.days, due.email, due.locale`,
)

const tell = statement(
  'permanente-password.tell',
  `with told as (select), ${noteEventSql('told', 1)}, ${layMessageSql('told', 6)} select`,
)

const removeAll = statement(
  'permanente-password.remove-all',
  `with app as (delete from permanente_totp where citizen_id = $1),
   codes as (delete from one_time_code where citizen_id = $1 and kind in ('permanente', 'totp', 'password'))
   delete from permanente_password where citizen_id = $1`,
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

/** What is told of a password that was set or blocked, in the statement that does it: to the audit and to its owner. */
export interface Told {
  readonly event: EventValues
  readonly message: Laying
}

/** Blocks the password, and tells it; a password that was blocked already stays so without a word. */
export async function blockAndTellPassword(sql: Sql, citizen: string, now: Date, told: Told): Promise<void> {
  await sql.row(blockAndTell, [citizen, now, ...told.event, ...told.message])
}

export interface NewPassword extends Told {
  readonly citizen: string
  readonly hash: string
  readonly now: Date
  readonly expires: Date
}

/**
 * Sets a password, not blocked, for whoever proved to have the citizen's phone in this journey after `since`; the proof
 * is used up by it. One statement decides: of any number of callers one is answered true. `first`: there need be no
 * password yet.
 */
export async function setPasswordByProof(
  sql: Sql,
  proof: { readonly journey: string; readonly since: Date; readonly first: boolean },
  { citizen, hash, now, expires, event, message }: NewPassword,
): Promise<boolean> {
  const values = [proof.journey, citizen, proof.since, hash, now, expires, proof.first, ...event, ...message]
  return (await sql.row(setByProof, values)) !== undefined
}

/** Sets another password in the place of the one with this hash; false when that was changed or blocked meanwhile. */
export async function changePasswordFrom(
  sql: Sql,
  old: string,
  { citizen, hash, now, expires, event, message }: NewPassword,
): Promise<boolean> {
  return (await sql.row(change, [citizen, old, hash, now, expires, ...event, ...message])) !== undefined
}

/** A password that ends so soon that its owner is to be told. */
export interface Expiring {
  readonly citizen: { readonly id: string; readonly email: string; readonly locale: string }
  readonly expires: Date
  /** Which warning it is: 30, 7, 1. */
  readonly days: number
}

/** At most `most` warnings that are due; each is answered to one caller only, once. `steps`: so many days ahead each. */
export async function claimExpiring(
  sql: Sql,
  { now, steps, most }: { readonly now: Date; readonly steps: readonly number[]; readonly most: number },
): Promise<readonly Expiring[]> {
  const ends = steps.map((days) => new Date(now.getTime() + days * 86_400_000))
  const last = new Date(Math.max(...ends.map((end) => end.getTime())))
  const rows = await sql.rows(expiring, [now, steps, ends, last, most])
  return rows.map(({ citizen_id: id, expires_at: expires, days, email, locale }) => ({
    citizen: { id, email, locale },
    expires,
    days,
  }))
}

/** Tells of a password what was decided before in the same transaction. */
export async function tellPassword(sql: Sql, { event, message }: Told): Promise<void> {
  await sql.row(tell, [...event, ...message])
}

/** Nothing of the citizen's Permanente is left: password, authenticator app, codes under way (renuncia). */
export async function removePermanente(sql: Sql, citizen: string): Promise<void> {
  await sql.row(removeAll, [citizen])
}

/** The same password, hashed anew; nothing when it was changed meanwhile. */
export async function renewHashOf(sql: Sql, citizen: string, old: string, hash: string): Promise<void> {
  await sql.row(renewHash, [citizen, old, hash])
}

const passwordOf = (row: PasswordRow | undefined): Password | undefined =>
  row && {
    citizen: row.citizen_id,
    hash: row.hash,
    set: row.set_at,
    expires: row.expires_at,
    blocked: row.blocked_at !== null,
  }

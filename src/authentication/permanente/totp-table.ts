import { noteEventSql } from '../../audit/index.ts'
import type { RegistrationLevel } from '../../citizen/index.ts'
import { layMessageSql } from '../../messaging/index.ts'
import { redeemedFrom, registrationNow, type Redeemed } from '../one-time-code-table.ts'
import { statement, type Sql } from '../../platform/index.ts'
import type { Told } from './password-table.ts'

interface TotpRow {
  readonly sealed_secret: string
}

const find = statement<TotpRow>(
  'permanente-totp.find',
  'select sealed_secret from permanente_totp where citizen_id = $1',
)

const put = statement(
  'permanente-totp.put',
  `insert into permanente_totp (citizen_id, sealed_secret, last_step) values ($1, $2, $3)
   on conflict (citizen_id) do update set sealed_secret = excluded.sealed_secret, last_step = excluded.last_step`,
)

const enrol = statement<{ citizen_id: string }>(
  'permanente-totp.enrol',
  `with enrolled as (
     insert into permanente_totp (citizen_id, sealed_secret, last_step)
     select id, $2, $3 from citizen where id = $1 and registration_level is not null and not deceased
     on conflict (citizen_id) do update set sealed_secret = excluded.sealed_secret, last_step = excluded.last_step
     returning citizen_id
   ), ${noteEventSql('enrolled', 4)}, ${layMessageSql('enrolled', 9)}
   select citizen_id from enrolled`,
)

const remove = statement<{ citizen_id: string }>(
  'permanente-totp.remove',
  `with removed as (delete from permanente_totp where citizen_id = $1 returning citizen_id),
   ${noteEventSql('removed', 2)}, ${layMessageSql('removed', 7)}
   select citizen_id from removed`,
)

// Whoever comes back to the page within one login goes on with the tries that were left.
const openTries = statement(
  'permanente-totp.open-tries',
  `insert into one_time_code as had (login, kind, citizen_id, expires_at) values ($1, 'totp', $2, $3)
   on conflict (login, kind) do update set citizen_id = excluded.citizen_id, expires_at = excluded.expires_at,
     failures = case when had.citizen_id = excluded.citizen_id then had.failures else 0 end, used_at = null`,
)

const redeem = statement<{ redeemed: boolean; failures: number; registration_level: RegistrationLevel | null }>(
  'permanente-totp.redeem',
  `with alive as (
     select login, citizen_id from one_time_code
     where login = $1 and kind = 'totp' and citizen_id = $5 and used_at is null and failures < $3 and expires_at > $2
     for update
   ), taken as (
     update permanente_totp set last_step = $4
     from alive where permanente_totp.citizen_id = alive.citizen_id and last_step < $4
     returning permanente_totp.citizen_id
   )
   update one_time_code set
     used_at = case when exists (select 1 from taken) then $2::timestamptz end,
     failures = failures + case when exists (select 1 from taken) then 0 else 1 end
   from alive where one_time_code.login = alive.login and one_time_code.kind = 'totp'
   returning used_at is not null as redeemed, failures, ${registrationNow}`,
)

/** The sealed secret of the citizen's authenticator app, where one is enrolled. */
export async function findTotp(sql: Sql, citizen: string): Promise<string | undefined> {
  return (await sql.row(find, [citizen]))?.sealed_secret
}

/** `lastStep`: the time step of the code that proved the enrolment; none of it or before is taken again. */
export async function putTotp(
  sql: Sql,
  totp: { readonly citizen: string; readonly sealedSecret: string; readonly lastStep: number },
): Promise<void> {
  await sql.row(put, [totp.citizen, totp.sealedSecret, totp.lastStep])
}

/** The same for a citizen who did it, and told; false where there is no registration any more. */
export async function enrolTotp(
  sql: Sql,
  totp: { readonly citizen: string; readonly sealedSecret: string; readonly lastStep: number },
  { event, message }: Told,
): Promise<boolean> {
  const values = [totp.citizen, totp.sealedSecret, totp.lastStep, ...event, ...message]
  return (await sql.row(enrol, values)) !== undefined
}

/** False: there was none. */
export async function removeTotp(sql: Sql, citizen: string, { event, message }: Told): Promise<boolean> {
  return (await sql.row(remove, [citizen, ...event, ...message])) !== undefined
}

/** Lets the citizen try codes of the app in this login. */
export async function openTotpTries(sql: Sql, login: string, citizen: string, expires: Date): Promise<void> {
  await sql.row(openTries, [login, citizen, expires])
}

/**
 * One statement counts the try, takes the time step, and decides: of any number of callers with a right code one is let
 * through, in this login and in all others of the citizen. `step`: the time step whose code it was; undefined: of none.
 * `citizen`: whom the login takes the citizen for; tries that another one opened in it do not count here.
 */
export async function redeemTotp(
  sql: Sql,
  {
    login,
    citizen,
    step,
    now,
    tries,
  }: {
    readonly login: string
    readonly citizen: string
    readonly step: number | undefined
    readonly now: Date
    readonly tries: number
  },
): Promise<Redeemed> {
  const row = await sql.row(redeem, [login, now, tries, step ?? null, citizen])
  return redeemedFrom(sql, row, { login, kind: 'totp', tries })
}

import { noteEventSql, type EventValues } from '../../audit/index.ts'
import { statement, type Sql } from '../../platform/index.ts'
import { hourBefore, takeOne } from '../one-time-code-table.ts'

interface WaitingRow {
  readonly login: string
  readonly binding: string
  readonly relying_party: string
  readonly agency: string
}

/** A PIN is alive: nobody used it, its time is not over, and it was not typed wrong too often. */
const alive = (now: string, tries: string) =>
  `kind = 'pin' and binding is not null and used_at is null and failures < ${tries} and expires_at > ${now}`

const newest = statement<WaitingRow>(
  'one-time-code.newest-pin',
  `select login, binding, relying_party, agency from one_time_code
   where citizen_id = $1 and ${alive('$2', '$3::int')} order by expires_at desc limit 1`,
)

/** A login that waits for its PIN, as far as a phone may know of it. */
export interface WaitingPin {
  readonly login: string
  readonly binding: string
  readonly relyingParty: string
  readonly agency: string
}

/** The newest PIN of this citizen's that is alive. */
export async function findWaitingPin(
  sql: Sql,
  citizen: string,
  now: Date,
  tries: number,
): Promise<WaitingPin | undefined> {
  const row = await sql.row(newest, [citizen, now, tries])
  return row && { ...row, relyingParty: row.relying_party }
}

// The phone is held from its line on: one that ends meanwhile shows nothing, and the counter of its unlock only grows.
const show = statement<{ waits: boolean; unlocked: boolean; expires_at: Date | null }>(
  'one-time-code.show',
  `with waiting as (
     select citizen_id from one_time_code
     where login = $1 and binding = $2 and citizen_id = $3 and ${alive('$5', '$6::int')} for update
   ), phone as (
     update device set credential_counter = $8 from waiting
     where device.id = $7 and device.citizen_id = waiting.citizen_id and ended_at is null
       and (credential_counter < $8 or (credential_counter = 0 and $8 = 0))
     returning device.citizen_id
   ), allowance as (
     insert into one_time_code_allowance as had (citizen_id, kind, sent_at)
     select citizen_id, 'shown-pin', array[$5::timestamptz] from phone ${takeOne('$9::int', '$10')}
   ), shown as (
     update one_time_code set digest = $4, shown_at = $5 from allowance
     where login = $1 and kind = 'pin' and one_time_code.citizen_id = allowance.citizen_id
     returning expires_at
   ), ${noteEventSql('shown', 11)}
   select exists (select from waiting) as waits, exists (select from phone) as unlocked,
     (select expires_at from shown) as expires_at`,
)

export interface NewShownPin {
  readonly waiting: WaitingPin
  readonly citizen: string
  readonly digest: string
  readonly now: Date
  /** Wrong PINs that kill it. */
  readonly tries: number
  /** The phone, and the counter of its unlock's proof. */
  readonly device: string
  readonly counter: number
  /** PINs that one citizen is shown in any hour. */
  readonly perHour: number
}

/**
 * Puts another PIN in the place of the one that was sent: from now on only that one is right. Its time and the tries that
 * are left stay as they were, so that nobody gains a guess. Takes one of the citizen's allowance, and the counter of the
 * phone's unlock, in the same statement. `gone`: nothing waits any more; `not-genuine`: this proof was used, or the phone
 * has ended; `too-many`: the allowance is used up.
 */
export async function putShownPin(
  sql: Sql,
  { waiting, citizen, digest, now, tries, device, counter, perHour }: NewShownPin,
  event: EventValues,
): Promise<{ readonly until: Date } | 'gone' | 'not-genuine' | 'too-many'> {
  const pin = [waiting.login, waiting.binding, citizen, digest, now, tries]
  const row = await sql.row(show, [...pin, device, counter, perHour, hourBefore(now), ...event])
  if (row?.expires_at) return { until: row.expires_at }
  if (!row?.waits) return 'gone'
  return row.unlocked ? 'too-many' : 'not-genuine'
}

import { quickStatement, statement, unflushed, withoutFlush, type Sql } from '../platform/index.ts'
import type { Factor } from './port.ts'

interface StandingRow {
  readonly known: boolean
  readonly refused_until: Date | null
}

const standing = quickStatement<StandingRow>(
  'known-browser.standing',
  `select browser.known, (
     select max(refused_until) from failure
     where subject = $1 and factor = any($3::text[]) and failure.known = browser.known and refused_until > $4
   ) as refused_until
   from (select exists (select 1 from known_browser where subject = $1 and browser = $2) as known) as browser`,
)

const standingToRegister = statement<StandingRow>(
  'known-browser.standing-to-register',
  `select browser.known, (
     select max(refused_until) from failure
     where subject = any(case when browser.known then array[$1::text] else $3::text[] end)
       and factor = 'contrast' and failure.known = browser.known and refused_until > $4
   ) as refused_until
   from (select exists (select 1 from known_browser where subject = $1 and browser = $2) as known) as browser`,
)

/** The values of `completeSql`, in its order. */
export type CompletionValues = readonly [
  subject: string,
  browser: string,
  factors: readonly Factor[],
  known: boolean,
  now: Date,
]

/**
 * Members of a `with` that forget the failures and remember the browser where `proven`, a member before them, has a row:
 * what `Lockout.completed` does, for the one who proves in a statement of their own. `refused` has a row while one of the
 * factors is refused; then neither is done. The values (`Lockout.completion`) are the statement's parameters from `$first`
 * on. The delete looks again at a row that a failure was just changing, so a refusal that begins meanwhile is never
 * forgotten. For a connection of one's own: it may wait for a failure that is being counted.
 */
export function completeSql(proven: string, first: number): string {
  const [subject, browser, factors, known, now] = Array.from({ length: 5 }, (_, nth) => `$${first + nth}`)
  const ofProof = `subject = ${subject} and factor = any(${factors}::text[]) and known = ${known}`
  return `refused as (
     select 1 from failure where ${ofProof} and refused_until > ${now}
   ), forgotten as (
     delete from failure
     where ${ofProof} and (refused_until is null or refused_until <= ${now})
       and exists (select from ${proven}) and not exists (select from refused)
   ), remembered as (
     insert into known_browser as was (subject, browser, last_seen)
     select ${subject}, ${browser}, ${now}::timestamptz
     where exists (select from ${proven}) and not exists (select from refused)
     on conflict (subject, browser) do update set last_seen = excluded.last_seen
       where was.last_seen < excluded.last_seen - interval '1 day'
   )`
}

const complete = statement<{ heard: boolean }>(
  'known-browser.complete',
  `with proven as (select), ${completeSql('proven', 1)} select not exists (select from refused) as heard`,
)

// Nobody hears of it before the event of the login is committed, and that waits for the disk.
const completeUnflushed = unflushed(
  statement<{ heard: boolean }>(
    'known-browser.complete-unflushed',
    `with proven as (select), ${completeSql('proven', 1)}
   select not exists (select from refused) as heard where ${withoutFlush}`,
  ),
)

const count = statement<{ browsers: number }>(
  'known-browser.count',
  'select count(*)::int as browsers from known_browser where subject = $1',
)

const sweep = statement('known-browser.sweep', 'delete from known_browser where last_seen < $1')

/** The SQL of `known_browser`, together with the failures of the same subject where one round trip does both. */
export const knownBrowserTable = {
  /** `refused_until` only while it is ahead. */
  async standing(
    sql: Sql,
    subject: string,
    browser: string,
    factors: readonly Factor[],
    now: Date,
  ): Promise<StandingRow> {
    return (await sql.row(standing, [subject, browser, factors, now])) ?? { known: false, refused_until: null }
  },
  /** As `standing`, of the contrast; `sides`: whose failures count for a browser that is not known. */
  async standingToRegister(sql: Sql, subject: string, browser: string, sides: readonly string[], now: Date) {
    const row = await sql.row(standingToRegister, [subject, browser, sides, now])
    return row ?? { known: false, refused_until: null }
  },
  /** Forgets the failures and remembers the browser; false, and nothing done, while one of the factors is refused. */
  async complete(sql: Sql, values: CompletionValues) {
    return (await sql.row('inTransaction' in sql ? complete : completeUnflushed, values))?.heard === true
  },
  count: async (sql: Sql, subject: string): Promise<number> => (await sql.row(count, [subject]))?.browsers ?? 0,
  sweep: (sql: Sql, before: Date) => sql.row(sweep, [before]),
}

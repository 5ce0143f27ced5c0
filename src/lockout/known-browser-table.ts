import { quickStatement, statement, type Sql } from '../platform/index.ts'
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

// The delete looks again at a row that a failure was just changing, so a refusal that begins meanwhile is never forgotten.
const complete = statement<{ heard: boolean }>(
  'known-browser.complete',
  `with refused as (
     select 1 from failure where subject = $1 and factor = any($3::text[]) and known = $4 and refused_until > $5
   ), forgotten as (
     delete from failure
     where subject = $1 and factor = any($3::text[]) and known = $4
       and not exists (select 1 from refused) and (refused_until is null or refused_until <= $5)
   ), remembered as (
     insert into known_browser as was (subject, browser, last_seen)
     select $1, $2, $5 where not exists (select 1 from refused)
     on conflict (subject, browser) do update set last_seen = excluded.last_seen
       where was.last_seen < excluded.last_seen - interval '1 day'
   )
   select not exists (select 1 from refused) as heard`,
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
  async complete(sql: Sql, subject: string, browser: string, factors: readonly Factor[], known: boolean, now: Date) {
    return (await sql.row(complete, [subject, browser, factors, known, now]))?.heard === true
  },
  count: async (sql: Sql, subject: string): Promise<number> => (await sql.row(count, [subject]))?.browsers ?? 0,
  sweep: (sql: Sql, before: Date) => sql.row(sweep, [before]),
}

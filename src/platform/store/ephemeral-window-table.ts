import { statement, type Sql } from '../db.ts'

export interface Window {
  readonly count: number
  readonly ends: Date
}

const count = statement<Window>(
  'ephemeral-window.count',
  `insert into ephemeral_window as was (key, count, ends) values ($1, 1, $2)
   on conflict (key) do update set
     count = case when was.ends <= $3 then 1 else was.count + 1 end,
     ends = case when was.ends <= $3 then excluded.ends else was.ends end
   returning count, ends`,
)
const sweep = statement<{ swept: number }>(
  'ephemeral-window.sweep',
  `with dead as (select key from ephemeral_window where ends <= $1 limit $2 for update skip locked),
   gone as (delete from ephemeral_window using dead where ephemeral_window.key = dead.key returning 1)
   select count(*)::int as swept from gone`,
)

const clear = statement('ephemeral-window.clear', 'delete from ephemeral_window')

/** All the SQL of the table `ephemeral_window`. */
export const ephemeralWindowTable = {
  /** Adds one; a window that ended begins anew and then ends at `ends`. */
  count: (sql: Sql, key: string, ends: Date, now: Date) => sql.row(count, [key, ends, now]),
  clear: (sql: Sql) => sql.rows(clear),
  sweep: (sql: Sql, now: Date, atMost: number) => sql.row(sweep, [now, atMost]),
}

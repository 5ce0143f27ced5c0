import { statement, type Sql } from '../db.ts'

export interface EphemeralRow {
  readonly key: string
  readonly value: string
  readonly revision: string
  readonly expires: Date
}

const find = statement<EphemeralRow>(
  'ephemeral.find',
  'select key, value, revision, expires from ephemeral where key = $1 and expires > $2',
)
const put = statement(
  'ephemeral.put',
  `insert into ephemeral (key, value, revision, expires, groups) values ($1, $2, $3, $4, $5)
   on conflict (key) do update set value = excluded.value, revision = excluded.revision, expires = excluded.expires, groups = excluded.groups`,
)
// What is past its deadline does not exist: its row is taken over.
const add = statement<{ revision: string }>(
  'ephemeral.add',
  `insert into ephemeral (key, value, revision, expires, groups) values ($1, $2, $3, $4, $5)
   on conflict (key) do update set value = excluded.value, revision = excluded.revision, expires = excluded.expires, groups = excluded.groups
   where ephemeral.expires <= $6
   returning revision`,
)
const swap = statement<{ revision: string }>(
  'ephemeral.swap',
  `update ephemeral set value = $3, revision = $4, expires = $5
   where key = $1 and revision = $2 and expires > $6
   returning revision`,
)
const take = statement<{ value: string }>(
  'ephemeral.take',
  'delete from ephemeral where key = $1 and expires > $2 returning value',
)
const remove = statement('ephemeral.remove', 'delete from ephemeral where key = $1')
// `groups <> '{}'` repeats the condition of the index, so that it is used.
const removeGroup = statement(
  'ephemeral.remove-group',
  `delete from ephemeral where groups @> array[$1] and groups <> '{}'`,
)
const listGroup = statement<EphemeralRow>(
  'ephemeral.list-group',
  `select key, value, revision, expires from ephemeral where groups @> array[$1] and groups <> '{}' and expires > $2 order by key`,
)
// A few at a time and past what others hold: sweepers on several instances neither wait nor hold anybody up.
const sweep = statement<{ swept: number }>(
  'ephemeral.sweep',
  `with dead as (select key from ephemeral where expires <= $1 limit $2 for update skip locked),
   gone as (delete from ephemeral using dead where ephemeral.key = dead.key returning 1)
   select count(*)::int as swept from gone`,
)

const clear = statement('ephemeral.clear', 'delete from ephemeral')

/** All the SQL of the table `ephemeral`. Each function is one statement. */
export const ephemeralTable = {
  find: (sql: Sql, key: string, now: Date) => sql.row(find, [key, now]),
  put: (sql: Sql, row: EphemeralRow, groups: readonly string[]) => sql.rows(put, [...columns(row), groups]),
  add: (sql: Sql, row: EphemeralRow, groups: readonly string[], now: Date) =>
    sql.row(add, [...columns(row), groups, now]),
  swap: (sql: Sql, row: EphemeralRow, revision: string, now: Date) =>
    sql.row(swap, [row.key, revision, row.value, row.revision, row.expires, now]),
  take: (sql: Sql, key: string, now: Date) => sql.row(take, [key, now]),
  remove: (sql: Sql, key: string) => sql.rows(remove, [key]),
  removeGroup: (sql: Sql, group: string) => sql.rows(removeGroup, [group]),
  listGroup: (sql: Sql, group: string, now: Date) => sql.rows(listGroup, [group, now]),
  clear: (sql: Sql) => sql.rows(clear),
  sweep: (sql: Sql, now: Date, atMost: number) => sql.row(sweep, [now, atMost]),
}

const columns = ({ key, value, revision, expires }: EphemeralRow) => [key, value, revision, expires]

import type { Clock } from '../clock.ts'
import { statement, type Db } from '../db.ts'
import type { Random } from '../random.ts'
import { ephemeralTable, type EphemeralRow } from './ephemeral-table.ts'
import { ephemeralWindowTable } from './ephemeral-window-table.ts'
import type { Entry, EphemeralStore } from './port.ts'
import { StoreUnreachable } from './unreachable.ts'

export interface PostgresStoreParts {
  readonly db: Db
  readonly clock: Clock
  readonly random: Random
}

const ping = statement('ephemeral.ping', 'select from ephemeral limit 1')
const atMost = 5_000

/** The ephemeral store in UNLOGGED tables of the database that is there anyway. Each call is one statement. */
export function postgresStore({ db, clock, random }: PostgresStoreParts): EphemeralStore {
  const row = (key: string, value: unknown, expires: Date): EphemeralRow => {
    return { key, value: JSON.stringify(value), revision: random.token(9), expires }
  }
  return {
    driver: 'postgres',
    async get<T>(key: string) {
      const found = await asked(ephemeralTable.find(db, key, clock.now()))
      return found && entry<T>(found)
    },
    async set(key, value, expires, groups = []) {
      await asked(ephemeralTable.put(db, row(key, value, expires), groups))
    },
    async add(key, value, expires, groups = []) {
      return (await asked(ephemeralTable.add(db, row(key, value, expires), groups, clock.now()))) !== undefined
    },
    async swap(key, revision, value, expires) {
      return (await asked(ephemeralTable.swap(db, row(key, value, expires), revision, clock.now())))?.revision
    },
    async take<T>(key: string) {
      const taken = await asked(ephemeralTable.take(db, key, clock.now()))
      return taken && (JSON.parse(taken.value) as T)
    },
    async delete(key) {
      await asked(ephemeralTable.remove(db, key))
    },
    async deleteGroup(group) {
      await asked(ephemeralTable.removeGroup(db, group))
    },
    async listGroup<T>(group: string) {
      const found = await asked(ephemeralTable.listGroup(db, group, clock.now()))
      return found.map((each) => ({ key: each.key, ...entry<T>(each) }))
    },
    async count(key, windowSeconds) {
      const counted = await asked(ephemeralWindowTable.count(db, key, clock.in(windowSeconds), clock.now()))
      if (!counted) throw new Error('ephemeral-window.count answered no row')
      return counted
    },
    async ping() {
      await asked(db.rows(ping))
    },
    async sweep() {
      const now = clock.now()
      for (const table of [ephemeralTable, ephemeralWindowTable])
        while ((await asked(table.sweep(db, now, atMost)))?.swept === atMost);
    },
    async clear() {
      await asked(db.together((tx) => [ephemeralTable.clear(tx), ephemeralWindowTable.clear(tx)]))
    },
    // The pool belongs to whoever opened it.
    close: async () => {},
  }
}

function entry<T>({ value, revision, expires }: EphemeralRow): Entry<T> {
  return { value: JSON.parse(value) as T, revision, expires }
}

/** What PostgreSQL itself refuses has an SQLSTATE and is a bug of ours; everything else is a lost connection. */
async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw isRefused(error) ? error : new StoreUnreachable('postgres', error)
  }
}

function isRefused(error: unknown): boolean {
  const code = (error as { code?: unknown }).code
  // Classes 08 (connection) and 57P (shutdown) are the server going away.
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('08') && !code.startsWith('57P')
}

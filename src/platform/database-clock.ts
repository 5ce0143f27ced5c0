import { clockWith, type Clock } from './clock.ts'
import { statement, type Sql } from './db.ts'
import { systemTimers, type Timers } from './jobs/timers.ts'

export interface DatabaseClock extends Clock {
  /** Ends the measuring. */
  stop(): void
}

export interface DatabaseClockParts {
  readonly db: Sql
  /** Milliseconds between two measurings; a minute unless told. */
  readonly every?: number
  readonly timers?: Timers
  /** Real time in milliseconds since the epoch, as this machine has it. */
  readonly machine?: () => number
  /** Told when the database did not say the time; the clock goes on with the last offset. */
  readonly onLost?: (error: unknown) => void
}

// The only statement that asks SQL for the time: everything else is told a `now`.
const time = statement<{ milliseconds: number }>(
  'clock.time',
  'select (extract(epoch from clock_timestamp()) * 1000)::float8 as milliseconds',
)

/**
 * A clock whose `now()` is the database's, so that all instances decide deadlines by the same hand: this machine's time
 * and an offset, measured at the start and every minute, at the middle of a round trip. Its `wire()` is this machine's.
 * Throws when the database cannot be asked at the start.
 */
export async function databaseClock(parts: DatabaseClockParts): Promise<DatabaseClock> {
  const { db, every = 60_000, timers = systemTimers, onLost = () => {} } = parts
  const machine =
    parts.machine ??
    (() =>
      clockWith(() => 0)
        .wire()
        .getTime())
  let offset = await measure(db, machine)
  let cancel = () => {}
  let stopped = false
  const again = () => {
    cancel = timers.after(every, () => {
      void measure(db, machine)
        .then((measured) => (offset = measured), onLost)
        .then(() => stopped || again())
    })
  }
  again()
  return {
    ...clockWith(() => offset),
    stop() {
      stopped = true
      cancel()
    },
  }
}

/** Of three round trips the shortest, whose middle is the surest. */
async function measure(db: Sql, machine: () => number): Promise<number> {
  let best = { trip: Infinity, offset: 0 }
  for (let i = 0; i < 3; i++) {
    const before = machine()
    const row = await db.row(time)
    const after = machine()
    if (!row) throw new Error('clock.time answered no row')
    if (after - before < best.trip) best = { trip: after - before, offset: row.milliseconds - (before + after) / 2 }
  }
  return Math.round(best.offset)
}

import t from 'tap'
import { clockWith, databaseClock, epochSeconds, type Sql } from '../../src/platform/index.ts'
import { testDatabase } from '../support/database.ts'

/** A database that says these times, and takes so long for each answer on the machine's clock. */
function stage(answers: readonly { said: number | Error; takes: number }[]) {
  let machine = 1_000_000
  let asked = 0
  const waiting: (() => void)[] = []
  const db: Sql = {
    rows: () => Promise.reject(new Error('not asked')),
    row: async <Row>() => {
      const answer = answers[asked++]
      if (!answer) throw new Error('asked once too often')
      machine += answer.takes
      if (answer.said instanceof Error) throw answer.said
      return { milliseconds: answer.said } as Row
    },
  }
  const timers = {
    after(milliseconds: number, run: () => void) {
      t.equal(milliseconds, 60_000)
      waiting.push(run)
      return () => void waiting.splice(0)
    },
  }
  return { db, timers, machine: () => machine, waiting }
}
const settled = () => new Promise((resolve) => setImmediate(resolve))
const ahead = (clock: { now(): Date; wire(): Date }) => clock.now().getTime() - clock.wire().getTime()
const near = (t: { ok(value: boolean, text: string): unknown }, found: number, wanted: number) =>
  t.ok(Math.abs(found - wanted) < 50, `${found} is about ${wanted}`)

t.test('the first hand is moved, the one for the wire is real', async (t) => {
  const clock = clockWith(() => 3_600_000)
  near(t, ahead(clock), 3_600_000)
  near(t, clock.in(60).getTime() - clock.now().getTime(), 60_000)
  t.equal(epochSeconds(new Date(1_999)), 1)
})

t.test('the clock of the database follows it, and its wire is real', async (t) => {
  const { db } = await testDatabase(t)
  const clock = await databaseClock({ db })
  t.teardown(() => clock.stop())
  near(t, ahead(clock), 0)
})

t.test('the offset is taken at the middle of the shortest round trip', async (t) => {
  // Machine: 1000000. The second trip, of 10 ms, is the shortest: its middle is at 1000105.
  const set = stage([
    { said: 6_000_000, takes: 100 },
    { said: 2_000_105, takes: 10 },
    { said: 7_000_000, takes: 50 },
  ])
  const clock = await databaseClock(set)
  near(t, ahead(clock), 1_000_000)
  clock.stop()
})

t.test('it is measured anew every minute, and a silent database leaves the last offset', async (t) => {
  const [early, late] = [
    { said: 1_000_000, takes: 0 },
    { said: 1_500_000, takes: 0 },
  ]
  const set = stage([early, early, early, { said: new Error('no answer'), takes: 0 }, late, late, late])
  const lost: unknown[] = []
  const clock = await databaseClock({ ...set, onLost: (error) => lost.push(error) })
  near(t, ahead(clock), 0)
  set.waiting.shift()?.()
  await settled()
  near(t, ahead(clock), 0)
  t.match(lost, [{ message: 'no answer' }])
  set.waiting.shift()?.()
  await settled()
  near(t, ahead(clock), 500_000)
  t.equal(set.waiting.length, 1)
  clock.stop()
  t.equal(set.waiting.length, 0)
})

t.test('a database that cannot be asked at the start is an error', async (t) => {
  await t.rejects(databaseClock(stage([{ said: new Error('no answer'), takes: 0 }])), { message: 'no answer' })
})

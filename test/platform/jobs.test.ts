import pg from 'pg'
import t, { type Test } from 'tap'
import { addJob, insertJobSql, openDb, startWorker, statement, type WorkerOptions } from '../../src/platform/index.ts'
import { testDatabase } from '../support/database.ts'
import { quietLog } from '../support/log.ts'
import { breakable } from '../support/proxy.ts'
import { testTimers } from '../support/timers.ts'
import { until } from '../support/until.ts'

const jobCount = statement<{ count: number }>('test.jobs', 'select count(*) as count from graphile_worker.jobs')
const killWorker = statement(
  'test.kill-worker',
  "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'clave-worker' and datname = current_database()",
)

const heldJobs = `select payload->>'id' as id from graphile_worker._private_jobs where locked_at is not null order by 1`

type World = Awaited<ReturnType<typeof setUp>>

/** A worker at a job, the next one fetched and waiting within it. */
async function oneRunsAndOneWaits(
  { db, work, ran, owner }: Pick<World, 'db' | 'work' | 'ran' | 'owner'>,
  more: Partial<WorkerOptions> = {},
) {
  let finish = () => {}
  const { stop } = work(() => new Promise<void>((resolve) => (finish = resolve)), { concurrency: 1, ...more })
  await db.transaction((tx) => addJob(tx, 'deliver-message', { id: 'running' }))
  await until(() => ran.length === 1)
  await db.transaction((tx) => addJob(tx, 'deliver-message', { id: 'waiting' }))
  await until(async () => (await owner.query(heldJobs)).rows.length === 2)
  return { finish: () => finish(), stop }
}

async function setUp(t: Test) {
  const database = await testDatabase(t)
  const log = quietLog(t, () => ['99999999R'])
  const timers = testTimers()
  const ran: string[] = []
  const work = (deliver: (id: string) => Promise<void> | void, more: Partial<WorkerOptions> = {}) => {
    const handlers = {
      'deliver-message': async ({ id }: { id: string }) => {
        ran.push(id)
        await deliver(id)
      },
    }
    const worker = startWorker({ url: database.url, handlers, log, timers, ...more })
    let stopped: Promise<void> | undefined
    const stop = () => (stopped ??= worker.stop())
    t.teardown(async () => {
      let over = false
      void stop().then(() => (over = true))
      // It may wait for a queue that never comes to its end.
      await until(() => (timers.advance(20), over))
    })
    return { ...worker, stop }
  }
  const owner = new pg.Client(database.ownerUrl)
  await owner.connect()
  t.teardown(() => owner.end())
  const jobs = async () => (await database.db.row(jobCount))?.count
  return { ...database, lines: log.lines, timers, ran, work, owner, jobs }
}

t.test('a job is there with the transaction that decided on it, and not without', async (t) => {
  const { db, work, ran, jobs } = await setUp(t)
  const failure = db.transaction(async (tx) => {
    await addJob(tx, 'deliver-message', { id: 'undone' })
    throw new Error('rolled back')
  })
  await t.rejects(failure, { message: 'rolled back' })
  t.equal(await jobs(), 0)
  await db.transaction((tx) => addJob(tx, 'deliver-message', { id: 'done' }))
  work(() => {})
  await until(async () => (await jobs()) === 0)
  t.same(ran, ['done'])
})

t.test('a job laid while the worker runs is taken at once, also by the statement that writes its row', async (t) => {
  const { db, work, ran, jobs } = await setUp(t)
  work(() => {})
  await db.transaction((tx) => addJob(tx, 'deliver-message', { id: 'first' }))
  await until(() => ran.length === 1)
  const lay = statement(
    'test.lay',
    `with claimed as (insert into once (kind, id, expires) values ('test', $1, $2) returning id)
     ${insertJobSql('deliver-message', { id: 'claimed.id' }, 'claimed')}`,
  )
  await db.transaction((tx) => tx.rows(lay, ["it's", new Date(0)]))
  await until(async () => (await jobs()) === 0)
  t.same(ran, ['first', "it's"])
})

t.test('many jobs, two workers: each runs once', async (t) => {
  const { db, work, ran, jobs } = await setUp(t)
  const ids = Array.from({ length: 300 }, (_, index) => `job-${index}`)
  await db.transaction(async (tx) => {
    for (const id of ids) await addJob(tx, 'deliver-message', { id })
  })
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
  work(turn)
  work(turn)
  await until(async () => (await jobs()) === 0)
  t.same([...ran].sort(), [...ids].sort())
})

t.test('a job that throws is kept for later with nothing of what it carried, and the log tells its name', async (t) => {
  const { db, work, lines, owner, jobs } = await setUp(t)
  work(() => {
    throw new TypeError('value "99999999R" is not good')
  })
  await db.transaction((tx) => addJob(tx, 'deliver-message', { id: 'x' }))
  const failed = async () =>
    (
      await owner.query<{ last_error: string | null; later: boolean }>(
        'select last_error, run_at > now() as later from graphile_worker.jobs',
      )
    ).rows[0]
  await until(async () => (await failed())?.last_error !== null)
  t.same(await failed(), { last_error: 'TypeError', later: true })
  t.equal(await jobs(), 1)
  t.match(lines.join(), /"job":"deliver-message".*job failed/)
})

t.test('stopping finishes the job that runs and takes no other', async (t) => {
  const { db, work, ran, jobs } = await setUp(t)
  let finish = () => {}
  const worker = work(() => new Promise<void>((resolve) => (finish = resolve)), { concurrency: 1 })
  await db.transaction((tx) => addJob(tx, 'deliver-message', { id: 'running' }))
  await until(() => ran.length === 1)
  await db.transaction((tx) => addJob(tx, 'deliver-message', { id: 'waiting' }))
  const stopped = worker.stop()
  finish()
  await stopped
  t.same(ran, ['running'])
  t.equal(await jobs(), 1)
})

t.test('what was fetched and never begun goes back when the worker stops', async (t) => {
  const { db, work, ran, owner } = await setUp(t)
  const { finish, stop } = await oneRunsAndOneWaits({ db, work, ran, owner })
  const stopped = stop()
  finish()
  await stopped
  t.same((await owner.query(heldJobs)).rows, [])
})

t.test('a stop while the database is away comes to its end, and no rejection is left to nobody', async (t) => {
  const { db, url, work, ran, owner, timers } = await setUp(t)
  const wire = await breakable(t, url)
  const { finish, stop } = await oneRunsAndOneWaits({ db, work, ran, owner }, { url: wire.url })
  wire.cut()
  let over = false
  const stopped = stop().then(() => (over = true))
  finish()
  await until(() => (timers.advance(20), over))
  await stopped
})

t.test('what a killed worker held is free again after five minutes', async (t) => {
  const { db, work, ran, owner, jobs } = await setUp(t)
  for (const id of ['dead', 'alive']) await db.transaction((tx) => addJob(tx, 'deliver-message', { id }))
  await owner.query(`update graphile_worker._private_jobs set locked_by = 'pool-' || (payload->>'id'),
    locked_at = now() - case payload->>'id' when 'dead' then interval '6 minutes' else interval '4 minutes' end`)
  const worker = work(() => {})
  await worker.sweepDue()
  await db.transaction((tx) => addJob(tx, 'deliver-message', { id: 'new' }))
  await until(async () => (await jobs()) === 1)
  t.same([...ran].sort(), ['dead', 'new'])
})

t.test('the worker outlives the loss of every connection to the database', async (t) => {
  const { db, url, work, ran, timers, jobs } = await setUp(t)
  work(() => {})
  await db.transaction((tx) => addJob(tx, 'deliver-message', { id: 'before' }))
  await until(async () => (await jobs()) === 0)
  await db.rows(killWorker)
  const other = openDb({ url, size: 1 })
  await other.transaction((tx) => addJob(tx, 'deliver-message', { id: 'after' }))
  await other.close()
  await until(async () => {
    timers.advance(1000)
    return ran.includes('after')
  })
  t.same(ran, ['before', 'after'])
})

t.test('a database that was away for long finds the queue at work when it is back', async (t) => {
  const { db, url, work, ran, timers, lines, owner } = await setUp(t)
  const wire = await breakable(t, url)
  let [begin, finish] = [() => {}, () => {}]
  const begun = new Promise<void>((resolve) => (begin = resolve))
  const finished = new Promise<void>((resolve) => (finish = resolve))
  const deliver = (id: string) => (id === 'during' ? (begin(), finished) : undefined)
  const worker = work(deliver, { url: wire.url })
  await db.transaction((tx) => addJob(tx, 'deliver-message', { id: 'during' }))
  await begun
  t.ok(worker.fetching())
  wire.cut()
  finish()
  // It ends by itself, or gives itself up and never comes to the end.
  await until(() => !worker.fetching() && lines.some((line) => line.includes('job queue failed')))
  for (let look = 0; look < 20; look++) {
    timers.advance(1_000)
    await new Promise((resolve) => setImmediate(resolve))
  }
  t.notOk(worker.fetching())
  wire.mend()
  await db.transaction((tx) => addJob(tx, 'deliver-message', { id: 'after' }))
  await until(() => (timers.advance(1_000), ran.includes('after')))
  await until(() => worker.fetching())
  // What ran meanwhile may be held, until it runs again.
  await until(async () => !(await owner.query<{ id: string }>(heldJobs)).rows.some(({ id }) => id === 'after'))
})

t.test('a network that swallowed everything finds the queue at work when it is back', async (t) => {
  const { db, url, work, ran, timers, jobs } = await setUp(t)
  const wire = await breakable(t, url)
  const worker = work(() => {}, { url: wire.url, answerTimeout: 400 })
  await db.transaction((tx) => addJob(tx, 'deliver-message', { id: 'before' }))
  await until(async () => (await jobs()) === 0)
  wire.swallow()
  await until(() => !worker.fetching())
  wire.mend()
  await db.transaction((tx) => addJob(tx, 'deliver-message', { id: 'after' }))
  await until(() => {
    timers.advance(1_000)
    return ran.includes('after')
  })
  await until(() => worker.fetching())
})

t.test('a queue that stands still while the database answers is started again', async (t) => {
  const { db, url, work, ran, timers, lines } = await setUp(t)
  const wire = await breakable(t, url)
  wire.cut()
  // Its very first question fails, and the library keeps that for good.
  const worker = work(() => {}, { url: wire.url })
  await until(() => !worker.fetching())
  const look = async () => {
    await until(() => timers.waiting().some((left) => left <= 5_000))
    timers.advance(5_000)
  }
  await look()
  await look()
  await look()
  t.notOk(
    lines.some((line) => line.includes('stands still')),
    'while the database is away nothing is started',
  )
  wire.mend()
  await db.transaction((tx) => addJob(tx, 'deliver-message', { id: 'after' }))
  await look()
  await until(() => ran.includes('after'))
  t.ok(worker.fetching())
  t.equal(lines.filter((line) => line.includes('stands still')).length, 1)
})

t.test('a sweep runs again and again, one at a time, and at once when the clock was moved', async (t) => {
  const { work, timers, lines } = await setUp(t)
  let [running, runs, most] = [0, 0, 0]
  let fail = false
  const run = async () => {
    most = Math.max(most, ++running)
    await new Promise((resolve) => setImmediate(resolve))
    running--
    runs++
    if (fail) throw new RangeError('no')
  }
  const worker = work(() => {}, { sweeps: [{ name: 'test-sweep', every: 10, run }] })
  timers.advance(10_000)
  await until(() => runs === 1)
  await Promise.all([worker.sweepDue(), worker.sweepDue()])
  t.equal(runs, 3)
  fail = true
  await until(() => timers.waiting().includes(10_000))
  timers.advance(10_000)
  await until(() => lines.some((line) => line.includes('"job":"test-sweep"')))
  await t.rejects(worker.sweepDue())
  fail = false
  await until(() => timers.waiting().includes(10_000))
  timers.advance(10_000)
  await until(() => runs === 6)
  t.equal(most, 1)
  await worker.stop()
  timers.advance(100_000)
  t.equal(runs, 6)
})

t.test('sweeps rest while something is done that none may run beside', async (t) => {
  const { work } = await setUp(t)
  const said: string[] = []
  const gate = Promise.withResolvers<void>()
  const run = async () => {
    said.push('begins')
    await gate.promise
    said.push('ends')
  }
  const worker = work(() => {}, { sweeps: [{ name: 'test-sweep', every: 10, run }] })
  const before = worker.sweepDue()
  await until(() => said.includes('begins'))
  const rest = worker.whileSweepsRest(async () => {
    said.push('rest')
    await new Promise((resolve) => setImmediate(resolve))
    said.push('rest is over')
    throw new RangeError('no')
  })
  const after = worker.sweepDue()
  gate.resolve()
  await t.rejects(rest, RangeError)
  await Promise.all([before, after])
  t.strictSame(said, ['begins', 'ends', 'rest', 'rest is over', 'begins', 'ends'])
})

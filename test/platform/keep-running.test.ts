import type { WorkerPool } from 'graphile-worker'
import t, { type Test } from 'tap'
import { keepRunning } from '../../src/platform/jobs/keep-running.ts'
import { quietLog } from '../support/log.ts'
import { testTimers } from '../support/timers.ts'

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** A queue whose database answers when the test says so. */
function setUp(t: Test) {
  const timers = testTimers()
  const begun: { failing: boolean; giveUp: () => void; end: () => void }[] = []
  const asked: (() => void)[] = []
  const start = () => {
    let [over, end] = [false, () => {}]
    const promise = new Promise<void>((resolve) => (end = resolve))
    const giveUp = () => (over = true)
    const finish = () => (giveUp(), end())
    const queue = { failing: false, giveUp, end: finish }
    begun.push(queue)
    const pool = {
      promise,
      get _shuttingDown() {
        return over
      },
      gracefulShutdown: async () => finish(),
    } as unknown as WorkerPool
    return { pool, failing: () => queue.failing }
  }
  const answers = () => new Promise<void>((resolve) => asked.push(resolve))
  const run = keepRunning(
    start,
    answers,
    quietLog(t, () => []),
    timers,
  )
  t.teardown(() => run.stop())
  /** The watch has found that it stands still once, and asks the database now. */
  const suspected = async () => {
    begun[0]!.failing = true
    await run.watch.run()
    const watching = run.watch.run()
    const answered = asked.shift()
    return { answer: async () => (answered?.(), await watching) }
  }
  const afterPause = async () => {
    timers.advance(1_000)
    asked.shift()?.()
    await turn()
  }
  return { run, begun, timers, suspected, afterPause }
}

t.test('one that ended by itself while the watch asked the database is begun once', async (t) => {
  const { run, begun, suspected, afterPause } = setUp(t)
  const { answer } = await suspected()
  begun[0]!.end()
  await turn()
  await answer()
  t.equal(begun.length, 1, 'not by the watch')
  await afterPause()
  t.equal(begun.length, 2)
  t.ok(run.fetching())
})

t.test('one that ended by itself and was begun again while the watch asked the database is left alone', async (t) => {
  const { run, begun, suspected, afterPause } = setUp(t)
  const { answer } = await suspected()
  begun[0]!.end()
  await turn()
  await afterPause()
  await answer()
  t.equal(begun.length, 2)
  t.ok(run.fetching())
})

t.test('one that the watch replaced is not begun again when it ends', async (t) => {
  const { run, begun, suspected, afterPause } = setUp(t)
  const { answer } = await suspected()
  await answer()
  await afterPause()
  t.equal(begun.length, 2)
  t.ok(run.fetching())
})

t.test('one that gave itself up and never comes to its end is left for a new one', async (t) => {
  const { run, begun, suspected, afterPause } = setUp(t)
  begun[0]!.giveUp()
  t.notOk(run.fetching())
  const { answer } = await suspected()
  await answer()
  t.equal(begun.length, 2)
  t.ok(run.fetching())
  begun[0]!.end()
  await turn()
  await afterPause()
  t.equal(begun.length, 2, 'and when it does come to its end after all, nothing is begun for it')
})

t.test('a stop waits for what still runs, and only so long for what never comes to its end', async (t) => {
  const { run, begun, timers, suspected } = setUp(t)
  begun[0]!.giveUp()
  const { answer } = await suspected()
  await answer()
  let stopped = false
  const stop = run.stop().then(() => (stopped = true))
  await turn()
  t.notOk(stopped, 'the one that was left may still be at a job')
  timers.advance(5_999)
  await turn()
  t.notOk(stopped)
  timers.advance(1)
  await stop
  t.same(timers.waiting(), [])
  begun[0]!.end()
})

t.test('nothing is begun once it was stopped', async (t) => {
  const watched = setUp(t)
  const { answer } = await watched.suspected()
  await watched.run.stop()
  await answer()
  t.equal(watched.begun.length, 1, 'not by the watch')
  const ended = setUp(t)
  ended.begun[0]!.end()
  await turn()
  ended.timers.advance(1_000)
  await ended.run.stop()
  await ended.afterPause()
  t.equal(ended.begun.length, 1, 'not by the end of the one before')
})

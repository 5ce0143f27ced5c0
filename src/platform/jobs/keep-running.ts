import type { WorkerPool } from 'graphile-worker'
import type { Log } from '../log.ts'
import type { Sweep } from './sweep.ts'
import type { Timers } from './timers.ts'

/** The library at work. */
export interface Running {
  readonly pool: WorkerPool
  /** Its last try to fetch jobs, or to say what became of them, failed. */
  failing(): boolean
}

export interface KeptRunning {
  /** Whether jobs are being fetched, as far as is known. */
  fetching(): boolean
  /** Finds a pool that stands still. */
  readonly watch: Sweep
  /** Finishes the jobs that run, within six seconds. */
  stop(): Promise<void>
}

/** Milliseconds between the end of a pool and the next look whether the database is there. */
const pause = 1_000
/** Milliseconds that a stop waits for the jobs that run: some of the ten that the process has go to what is stopped after it. */
const patience = 6_000

/**
 * Starts the library's pool again whenever it ends by itself, and leaves it for a new one where it stands still while the
 * database answers: it keeps the failure of its first question for good and fetches nothing any more; or it gives itself up
 * and never comes to the end, for after a batch of completed jobs that could not be written it counts the next one twice
 * (graphile-worker 0.18). A new one begins only when the database answers. `answers`: asks the database something, and rejects while it is away.
 */
export function keepRunning(
  start: () => Running,
  answers: () => Promise<unknown>,
  log: Log,
  timers: Timers,
): KeptRunning {
  let stopping = false
  let cancel = () => {}
  let suspect: Running | undefined
  let left: Running | undefined
  const begun = new WeakSet<Running>()
  const run = (): Running => {
    const running = start()
    begun.add(running)
    const ended = (error?: unknown) => {
      begun.delete(running)
      if (stopping || running !== current) return
      log.error({ err: error }, 'worker ended by itself; it is started again')
      later()
    }
    running.pool.promise.then(() => ended(), ended)
    return running
  }
  const again = () => {
    if (!stopping) current = run()
  }
  const later = () => {
    if (!stopping) cancel = timers.after(pause, () => void answers().then(again, later))
  }
  // One that has come to its end is being started again.
  const standsStill = (running: Running) => begun.has(running) && (running.failing() || over(running))
  let current = run()
  const watch = async () => {
    const known = suspect
    suspect = standsStill(current) ? current : undefined
    if (!suspect || suspect !== known || !(await there(answers))) return
    if (stopping || current !== known || !standsStill(known)) return
    log.error('job queue stands still; it is started again')
    again()
    left = known
    // Not waited for: it may never come to its end.
    void end(known)
  }
  return {
    fetching: () => !current.failing() && !over(current),
    watch: { name: 'watch-job-queue', every: 5, run: watch },
    async stop() {
      stopping = true
      cancel()
      await new Promise<void>((resolve) => {
        const giveUp = timers.after(patience, resolve)
        void Promise.all([end(current), left && end(left)]).then(() => (giveUp(), resolve()))
      })
    },
  }
}

const over = ({ pool }: Running): boolean => pool._shuttingDown

const there = (answers: () => Promise<unknown>): Promise<boolean> =>
  answers().then(
    () => true,
    () => false,
  )

/** What it cannot write (the database is away) is done once more by another worker. */
async function end({ pool }: Running): Promise<void> {
  if (!pool._shuttingDown) await Promise.resolve(pool.gracefulShutdown()).catch(() => {})
  await pool.promise.catch(() => {})
}

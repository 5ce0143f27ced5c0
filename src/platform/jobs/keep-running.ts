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
  stop(): Promise<void>
}

/** Milliseconds between the end of a pool and the next look whether the database is there. */
const pause = 1_000

/**
 * Starts the library's pool again whenever it ends by itself, or goes on failing while the database answers: it keeps the
 * failure of its first question for good, and fetches nothing any more. A new one begins only when the database answers.
 * `answers`: asks the database something, and rejects while it is away.
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
  const run = (): Running => {
    const begun = start()
    const ended = (error?: unknown) => {
      if (stopping || begun !== current) return
      log.error({ err: error }, 'worker ended by itself; it is started again')
      later()
    }
    begun.pool.promise.then(() => ended(), ended)
    return begun
  }
  const again = () => {
    if (!stopping) current = run()
  }
  const later = () => {
    if (!stopping) cancel = timers.after(pause, () => void answers().then(again, later))
  }
  let current = run()
  const watch = async () => {
    const known = suspect
    suspect = current.failing() ? current : undefined
    if (!suspect || suspect !== known || !(await there(answers))) return
    // One that ended by itself, also meanwhile, is being started again.
    if (stopping || current !== known || over(known)) return
    log.error('job queue stands still; it is started again')
    again()
    await end(known)
  }
  return {
    fetching: () => !current.failing() && !over(current),
    watch: { name: 'watch-job-queue', every: 5, run: watch },
    async stop() {
      stopping = true
      cancel()
      await end(current)
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

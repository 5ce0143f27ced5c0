import { EventEmitter } from 'node:events'
import { Logger, runTaskList, type TaskList, type WorkerEvents } from 'graphile-worker'
import type pg from 'pg'
import type { JobName, JobPayloads } from '../jobs.ts'
import type { Log } from '../log.ts'
import { openPool, type OpenPool } from '../open-pool.ts'
import { keepRunning, type Running } from './keep-running.ts'
import { repeat, type Sweep } from './sweep.ts'
import { systemTimers, type Timers } from './timers.ts'

export type JobHandlers = { readonly [Name in JobName]: (payload: JobPayloads[Name]) => Promise<void> }

export interface WorkerOptions {
  /** The role without DDL: the owner has migrated before. */
  readonly url: string
  readonly handlers: JobHandlers
  readonly sweeps?: readonly Sweep[]
  /** Jobs that run at once. */
  readonly concurrency?: number
  readonly log: Log
  readonly timers?: Timers
  /** Milliseconds after which a connection is given up that leaves a statement unanswered; ten seconds unless told. */
  readonly answerTimeout?: number
}

export interface Worker {
  /** Whether jobs are being fetched, as far as is known: for the health of the process. */
  fetching(): boolean
  /** Runs every sweep now: after the sandbox moved the clock. Rejects when one fails. */
  sweepDue(): Promise<void>
  /** Does what no sweep may run beside: waits for those under way, and holds the others back until it is done. */
  whileSweepsRest(work: () => Promise<void>): Promise<void>
  /** Takes no more jobs and finishes those that run, within six seconds; what is cut off then runs once more. */
  stop(): Promise<void>
}

/**
 * Runs the jobs until it is stopped. A job that throws is tried again e^attempts seconds later, at most 25 times; when
 * the library gives its pool up (the database went away while it wrote), a new one takes over as soon as the database is
 * there; what a killed process held is free again after five minutes. So a job runs at least once, and its handler must
 * bear a second time.
 */
export function startWorker(options: WorkerOptions): Worker {
  const { timers = systemTimers } = options
  const log = options.log.child({ part: 'worker' })
  const { pool, end } = connectTo(options, log)
  const run = keepRunning(
    () => runPool({ ...options, log }, pool),
    () => pool.query('select'),
    log,
    timers,
  )
  const sweeps = [...(options.sweeps ?? []), unlockDeadWorkers(pool), run.watch].map((sweep) =>
    repeat(sweep, timers, (error) => log.error({ job: sweep.name, err: error }, 'sweep failed')),
  )
  return {
    fetching: () => run.fetching(),
    async sweepDue() {
      await Promise.all(sweeps.map((sweep) => sweep.now()))
    },
    async whileSweepsRest(work) {
      const { promise: end, resolve } = Promise.withResolvers<void>()
      try {
        await Promise.all(sweeps.map((sweep) => sweep.rest(end)))
        await work()
      } finally {
        resolve()
      }
    },
    async stop() {
      await Promise.all([run.stop(), ...sweeps.map((sweep) => sweep.stop())])
      await end()
    },
  }
}

function runPool(options: WorkerOptions, pool: pg.Pool): Running {
  const { concurrency = 32, log } = options
  const tasks: TaskList = {}
  for (const name of Object.keys(options.handlers) as JobName[]) {
    tasks[name] = async (payload) => {
      try {
        await options.handlers[name](payload as JobPayloads[JobName])
      } catch (error) {
        log.error({ job: name, err: error }, 'job failed')
        // What is thrown ends up in the jobs' table.
        throw new Error(errorName(error), { cause: error })
      }
    }
  }
  // Jobs are fetched and completed in batches, since each statement costs more than a job. What waits here longer than
  // `ttl` (milliseconds) goes back to the other workers. The poll is a read of an empty index, mostly.
  const worker = {
    concurrentJobs: concurrency,
    pollInterval: 20,
    localQueue: { size: concurrency, ttl: 60_000 },
    completeJobBatchDelay: 100,
    failJobBatchDelay: 20,
  }
  let failing = false
  const logger = quietLogger(log, () => (failing = true))
  const events: WorkerEvents = new EventEmitter()
  events.on('localQueue:getJobs:complete', () => (failing = false))
  events.on('localQueue:init', ({ localQueue }) => bearRelease(localQueue))
  const running = runTaskList({ noHandleSignals: true, logger, events, preset: { worker } }, tasks, pool)
  return { pool: running, failing: () => failing }
}

/**
 * On its release graphile-worker 0.18 sends back the jobs that wait in its queue, then refuses to wait for that, as it had
 * nothing else to wait for: its shutdown fails, and where the database is away so does the process, by a rejection that
 * nobody hears. Here it is waited for, as the library means to.
 */
function bearRelease(localQueue: unknown): void {
  const queue = localQueue as {
    backgroundCount: number
    background: (work: Promise<unknown>) => void
    readonly decreaseBackgroundCount: () => void
    readonly decreaseBackgroundCountWithError: (error: unknown) => void
  }
  queue.background = (work) => {
    queue.backgroundCount++
    work.then(queue.decreaseBackgroundCount, queue.decreaseBackgroundCountWithError)
  }
}

/**
 * The library says each job twice, failures with all they carry: only its own faults are passed on, and one in ten
 * seconds, since while the database is away every poll fails.
 */
function quietLogger(log: Log, failed: () => void): Logger {
  let silentUntil = 0
  return new Logger(() => (level, _message, meta) => {
    if (level !== 'error' || meta?.['failure']) return
    failed()
    if (performance.now() < silentUntil) return
    silentUntil = performance.now() + 10_000
    log.error({ err: meta?.['error'] }, 'job queue failed')
  })
}

function connectTo({ url, answerTimeout = 10_000 }: WorkerOptions, log: Log): OpenPool {
  // A lock or a completion that a crash of the database loses means a job run once more: not worth a flush to disk each.
  const options = {
    connectionString: url,
    max: 6,
    application_name: 'clave-worker',
    options: '-c synchronous_commit=off',
    idle_in_transaction_session_timeout: 10_000,
    query_timeout: answerTimeout,
    connectionTimeoutMillis: answerTimeout / 2,
  }
  return openPool(options, (err) => log.error({ err }, 'database connection of the worker lost'))
}

/** Five minutes: longer than any job may take. The library's own limit, four hours, is longer than a code lives. */
function unlockDeadWorkers(pool: pg.Pool): Sweep {
  const text = `select graphile_worker.force_unlock_workers(array(
    select distinct locked_by from graphile_worker.jobs where locked_at < now() - interval '5 minutes'))`
  return { name: 'unlock-dead-workers', every: 60, run: async () => void (await pool.query(text)) }
}

function errorName(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}

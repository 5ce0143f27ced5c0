import type { Timers } from './timers.ts'

/** Work that is found by its own due column, again and again: a job that waits would not notice a moved clock. */
export interface Sweep {
  readonly name: string
  /** Seconds of real time from the end of one run to the next. */
  readonly every: number
  run(): Promise<void>
}

export interface Repeated {
  /** Runs it now, after the run that may be under way; rejects when it fails. */
  now(): Promise<void>
  /** Begins no run before `end`; resolves when none is under way. */
  rest(end: Promise<void>): Promise<void>
  /** Ends the repetition, and waits for the run that may be under way. */
  stop(): Promise<void>
}

export function repeat(sweep: Sweep, timers: Timers, failed: (error: unknown) => void): Repeated {
  let last: Promise<void> = Promise.resolve()
  let stopped = false
  let cancel = () => {}
  // One after the other: two runs at once would only look at the same rows.
  const now = () => {
    const run = last.then(() => sweep.run())
    last = run.catch(() => {})
    return run
  }
  const wait = () => {
    if (!stopped) cancel = timers.after(sweep.every * 1000, () => void now().catch(failed).then(wait))
  }
  wait()
  return {
    now,
    rest(end) {
      const still = last
      last = last.then(() => end)
      return still
    },
    async stop() {
      stopped = true
      cancel()
      await last
    },
  }
}

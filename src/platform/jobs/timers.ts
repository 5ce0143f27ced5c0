/** Waiting in real time. A test hands in its own, so that nothing waits for a stopwatch. */
export interface Timers {
  /** Runs once after so many milliseconds, unless the answer is called before. */
  after(milliseconds: number, run: () => void): () => void
}

export const systemTimers: Timers = {
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds)
    return () => clearTimeout(timer)
  },
}

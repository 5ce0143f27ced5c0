import type { Timers } from '../../src/platform/index.ts'

export interface TestTimers extends Timers {
  /** Lets so much time pass: what is due by then runs, in its order. */
  advance(milliseconds: number): void
  /** Milliseconds until each thing that waits. */
  waiting(): readonly number[]
}

/** Timers that stand still until they are moved. */
export function testTimers(): TestTimers {
  const waiting = new Set<{ readonly at: number; readonly run: () => void }>()
  let now = 0
  return {
    after(milliseconds, run) {
      const timer = { at: now + milliseconds, run }
      waiting.add(timer)
      return () => waiting.delete(timer)
    },
    advance(milliseconds) {
      const end = now + milliseconds
      for (;;) {
        const [next] = [...waiting].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
        if (!next) break
        waiting.delete(next)
        now = next.at
        next.run()
      }
      now = end
    },
    waiting: () => [...waiting].map(({ at }) => at - now),
  }
}

import { clockWith, type Clock } from '../../src/platform/index.ts'

export interface TestClock extends Clock {
  /** Moves `now()` on; `wire()` stays real. */
  advance(seconds: number): void
}

/** A clock whose `now()` stands still at `start` until it is moved. */
export function testClock(start: Date = systemStart): TestClock {
  let at = start.getTime()
  return {
    now: () => new Date(at),
    wire: systemWire,
    in: (seconds) => new Date(at + seconds * 1000),
    advance(seconds) {
      at += seconds * 1000
    },
  }
}

const { now, wire: systemWire } = clockWith(() => 0)
const systemStart = now()

import type { Random, Timers } from '../platform/index.ts'

/** Milliseconds: half a second, doubling to half a minute, and up to as much again by chance, so that instances do not come together. */
export function backOff(failures: number, random: Random): number {
  return Math.min(30_000, 500 * 2 ** failures) * (1 + Number(random.digits(3)) / 1000)
}

export function pause(milliseconds: number, timers: Timers, abandon: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      cancel()
      abandon.removeEventListener('abort', done)
      resolve()
    }
    const cancel = timers.after(milliseconds, done)
    abandon.addEventListener('abort', done)
  })
}

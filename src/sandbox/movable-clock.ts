import { clockWith, type Clock } from '../platform/index.ts'

/** The sandbox's clock: `now()` can be moved forward, `wire()` is always real. */
export interface MovableClock extends Clock {
  advance(seconds: number): void
  reset(): void
}

/** `keep` is told each new offset in milliseconds, so that it outlives a restart. */
export function movableClock(offset: number, keep: (offset: number) => void): MovableClock {
  let ahead = offset
  const move = (milliseconds: number) => {
    ahead = milliseconds
    keep(ahead)
  }
  return {
    ...clockWith(() => ahead),
    advance: (seconds) => move(ahead + seconds * 1000),
    reset: () => move(0),
  }
}

const isoDuration = /^P(?=.)(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?=.)(?:(\d{1,6})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?$/

/** Seconds of an ISO 8601 duration (weeks to seconds, no months or years: they have no fixed length); undefined: not one. */
export function parseDuration(text: string): number | undefined {
  const parts = isoDuration.exec(text)
  if (!parts) return undefined
  const [, weeks = '0', days = '0', hours = '0', minutes = '0', seconds = '0'] = parts
  return (
    Number(weeks) * 604_800 + Number(days) * 86_400 + Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)
  )
}

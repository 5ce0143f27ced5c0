import { refusal, type Refusal } from '../refusal/index.ts'

/** Those who wait for one document already; more are told that the service is busy. */
const atMost = 100

/**
 * Runs guesses at one document one after the other: sent a thousand at once, they would all be compared before the first
 * failure is counted. Several instances hear one each at a time.
 */
export function makeTurns(): <T>(document: string, work: () => Promise<T>) => Promise<T | Refusal> {
  const lines = new Map<string, { last: Promise<unknown>; waiting: number }>()
  return async (document, work) => {
    const line = lines.get(document) ?? { last: Promise.resolve(), waiting: 0 }
    if (line.waiting >= atMost) return refusal('BUSY-01-try-again')
    lines.set(document, line)
    line.waiting += 1
    const turn = line.last.then(work)
    line.last = turn.catch(() => {})
    try {
      return await turn
    } finally {
      line.waiting -= 1
      if (line.waiting === 0) lines.delete(document)
    }
  }
}

import { refusal, type Refusal } from '../refusal/index.ts'

/** Work on one key one after the other, work on different keys side by side. */
export type InTurn = <T>(key: string, work: () => Promise<T>) => Promise<T | Refusal>

/**
 * Guesses at one document are heard one after the other: sent a thousand at once, they would all be compared before the
 * first failure is counted, and one of them may be right. Several instances hear one each at a time.
 * Who comes when `atMost` wait already is refused with BUSY-01; known and unknown documents alike.
 */
export function makeTurns(atMost = 100): InTurn {
  const lines = new Map<string, { last: Promise<unknown>; waiting: number }>()
  return async (key, work) => {
    const line = lines.get(key) ?? { last: Promise.resolve(), waiting: 0 }
    if (line.waiting >= atMost) return refusal('BUSY-01-try-again')
    lines.set(key, line)
    line.waiting += 1
    const turn = line.last.then(work)
    line.last = turn.catch(() => {})
    try {
      return await turn
    } finally {
      line.waiting -= 1
      if (line.waiting === 0) lines.delete(key)
    }
  }
}

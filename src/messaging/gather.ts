import { setTimeout as rest } from 'node:timers/promises'

/** A function for one thing at a time, whose calls are carried out together: one statement instead of fifty. */
export type Gathered<Item, Answer> = (item: Item) => Promise<Answer>

/**
 * What is asked for in one turn, or while the work before is under way, goes together, at most `most` at once: the busier
 * it is the more goes together. `work` answers in the order of its items. `pause`: milliseconds between one work and the
 * next, for what nobody waits for; there is none where more is waiting than goes together, nor before what comes alone.
 */
export function gather<Item, Answer>(
  most: number,
  work: (items: readonly Item[]) => Promise<readonly Answer[]>,
  pause = 0,
): Gathered<Item, Answer> {
  const waiting: { item: Item; resolve: (answer: Answer) => void; reject: (error: unknown) => void }[] = []
  let busy = false
  const run = async () => {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, most)
      try {
        const answers = await work(batch.map(({ item }) => item))
        batch.forEach(({ resolve }, index) => resolve(answers[index] as Answer))
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
      if (pause > 0 && batch.length < most) await rest(pause)
    }
    busy = false
  }
  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (busy) return
      busy = true
      setImmediate(() => void run())
    })
}

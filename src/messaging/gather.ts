/** A function for one thing at a time, whose calls are carried out together: one statement instead of fifty. */
export type Gathered<Item, Answer> = (item: Item) => Promise<Answer>

/**
 * What is asked for in one turn, or while the work before is under way, goes together, at most `most` at once: the busier
 * it is the more goes together. `work` answers in the order of its items. `pause`: milliseconds between one work and the
 * next, for what nobody waits for; it is over as soon as so many are waiting as go together, and there is none before what
 * comes alone.
 */
export function gather<Item, Answer>(
  most: number,
  work: (items: readonly Item[]) => Promise<readonly Answer[]>,
  pause = 0,
): Gathered<Item, Answer> {
  const waiting: { item: Item; resolve: (answer: Answer) => void; reject: (error: unknown) => void }[] = []
  let busy = false
  let goOn: (() => void) | undefined
  const rest = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pause)
      goOn = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  const run = async () => {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, most)
      try {
        const answers = await work(batch.map(({ item }) => item))
        batch.forEach(({ resolve }, index) => resolve(answers[index] as Answer))
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
      if (pause > 0 && waiting.length < most) await rest()
      goOn = undefined
    }
    busy = false
  }
  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (waiting.length >= most) goOn?.()
      if (busy) return
      busy = true
      setImmediate(() => void run())
    })
}

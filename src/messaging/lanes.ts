/** A few places where messages are sent, so that a slow provider holds nothing but them. */
export interface Lanes<Item> {
  /**
   * Opens as many lanes as there are places and as `take` finds work for, at most `most` (`Infinity`: all there is);
   * answers once the work is taken, not when it is done. What has no place is not taken: the lane that ends next asks for it.
   */
  open(most: number, take: (places: number) => Promise<readonly Item[]>): Promise<void>
  /** When none is open. */
  idle(): Promise<void>
}

export interface LanesParts<Item> {
  /** Lanes at once. */
  readonly places: number
  readonly work: (item: Item) => Promise<void>
  /** What is due next; a lane goes on with it where others were turned away. */
  readonly next: () => Promise<Item | undefined>
  /** Told of what `work` or `next` threw. */
  readonly failed: (error: unknown) => void
}

export function makeLanes<Item>({ places, work, next, failed }: LanesParts<Item>): Lanes<Item> {
  const running = new Set<Promise<void>>()
  let free = places
  let turnedAway = false
  const goOn = async () => {
    const item = turnedAway ? await next() : undefined
    turnedAway &&= item !== undefined
    return item
  }
  const run = async (first: Item) => {
    for (let item: Item | undefined = first; item; item = await goOn()) await work(item)
  }
  const start = (item: Item) => {
    const lane = run(item)
      .catch(failed)
      .finally(() => {
        free++
        running.delete(lane)
      })
    running.add(lane)
  }
  return {
    async open(most, take) {
      const taken = Math.min(most, free)
      if (taken < most) turnedAway = true
      if (taken === 0) return
      // Kept for what is being taken, so that two who ask at once do not get the same places.
      free -= taken
      const items = await take(taken).catch((error: unknown) => {
        free += taken
        throw error
      })
      free += taken - items.length
      items.forEach(start)
    },
    async idle() {
      while (running.size > 0) await Promise.all(running)
    },
  }
}

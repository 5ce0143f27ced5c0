import type { Clock, Sql, Timers } from '../../platform/index.ts'

export interface WatchParts {
  readonly db: Sql
  readonly clock: Clock
  readonly timers: Timers
  /** Told once of each time that the database cannot be asked, and of a page or phone that could not be told. */
  readonly failed: (error: unknown) => void
}

/** What is asked for all who wait, and how often. */
export interface Question<Found> {
  /** Milliseconds from the answer to one question to the next. */
  readonly pause: number
  /** Whether who just came does not wait for that, unless there was no answer to the last question. */
  readonly atOnce: boolean
  /** Milliseconds by which a question looks further back than the last: another process wrote an instant and committed later. */
  readonly overlap: number
  /** So many questions, and everything that is waited for is asked by its name: what came later still, and what time alone changed. */
  readonly roundsToAll: number
  /** What changed after `since`, and how these stand. */
  readonly ask: (since: Date, names: readonly string[], now: Date) => Promise<readonly Found[]>
}

/** Who waits at this process. */
export interface Waiters<Tell, Found> {
  /** By the names of what they wait for. */
  readonly byName: Pick<Map<string, unknown>, 'size' | 'has' | 'keys' | 'clear'>
  /** Answers how to take it away again. */
  add(name: string, tell: Tell): () => void
  /** Tells whom it concerns; never throws. */
  hear(found: readonly Found[]): void
}

export interface Watch<Tell> {
  /** Answers how to stop. */
  follow(name: string, tell: Tell): () => void
  /** Ends the question that may be under way; nobody is told anything any more. */
  close(): Promise<void>
}

/**
 * Asks the database one question for all who wait at this process, again and again, only while somebody does: what changed
 * since the last, in whatever process, and how that stands which was never asked for. It costs the same for one who waits
 * as for ten thousand (ADR 0033). A database that fails is asked again.
 */
export function watchByOneQuestion<Tell, Found>(
  parts: WatchParts,
  question: Question<Found>,
  waiters: Waiters<Tell, Found>,
): Watch<Tell> {
  const { byName } = waiters
  const asker = makeAsker(parts, question, waiters)
  let closed = false
  let asking: Promise<void> | undefined
  let cancel: (() => void) | undefined

  const next = (): void => {
    const soon = question.atOnce && asker.anyNew()
    if (closed || asking || byName.size === 0 || (cancel && !soon)) return
    cancel?.()
    cancel = parts.timers.after(soon ? 0 : question.pause, () => {
      cancel = undefined
      asking = asker.ask().then(() => {
        asking = undefined
        next()
      })
    })
  }
  const rest = (): void => {
    cancel?.()
    cancel = undefined
  }
  return {
    follow(name, tell) {
      asker.came(name)
      const remove = waiters.add(name, tell)
      next()
      return () => {
        remove()
        asker.went(name)
        if (byName.size === 0) rest()
      }
    },
    async close() {
      closed = true
      rest()
      byName.clear()
      await asking
    },
  }
}

function makeAsker<Tell, Found>(
  { clock, failed }: WatchParts,
  { overlap, roundsToAll, ask }: Question<Found>,
  waiters: Waiters<Tell, Found>,
) {
  const { byName } = waiters
  /** To be asked by their names: nobody asked them yet, or the question failed. */
  const fresh = new Set<string>()
  let asked = clock.now()
  let rounds = 0
  let broken = false
  const takeNames = (): string[] => {
    rounds += 1
    const names = rounds % roundsToAll === 0 ? [...byName.keys()] : [...fresh]
    fresh.clear()
    return names
  }
  return {
    /** Whether somebody came whom an answer waits for: not while there is none. */
    anyNew: () => fresh.size > 0 && !broken,
    /** Called before they are among the waiters. */
    came(name: string): void {
      // What was before nobody waits for.
      if (byName.size === 0) asked = clock.now()
      fresh.add(name)
    },
    went(name: string): void {
      if (!byName.has(name)) fresh.delete(name)
    },
    /** Never rejects. */
    async ask(): Promise<void> {
      const now = clock.now()
      const names = takeNames()
      // The clock may have been set back.
      const since = new Date(Math.min(asked.getTime(), now.getTime()) - overlap)
      try {
        const found = await ask(since, names, now)
        asked = now
        broken = false
        waiters.hear(found)
      } catch (error) {
        for (const name of names) if (byName.has(name)) fresh.add(name)
        if (!broken) failed(error)
        broken = true
      }
    },
  }
}

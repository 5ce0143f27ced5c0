import type { Clock, Sql, Timers } from '../../platform/index.ts'
import type { Standing } from './contract.ts'
import { changedSince } from './waiting-table.ts'

export interface WatchParts {
  readonly db: Sql
  readonly clock: Clock
  readonly timers: Timers
  /** Told once of each time that the database cannot be asked, and of a page that could not be told. */
  readonly failed: (error: unknown) => void
}

export interface RequestWatch {
  /**
   * Tells how a request stands, within some tenths of a second, and again whenever that changes; nothing as long as nobody
   * has scanned. Answers how to stop.
   */
  follow(request: string, tell: (standing: Standing) => void): () => void
  /** Ends the question that may be under way; nobody is told anything any more. */
  close(): Promise<void>
}

/** Milliseconds from the answer to one question to the next question. */
const pause = 100
/** Milliseconds by which a question looks further back than the last: another process wrote an instant and committed later. */
const overlap = 1_000
/** So many questions, and everything that is waited for is asked by its name: what came later still, and what expired. */
const roundsToAll = 50

/**
 * Lets all pages of a process that wait for a phone know how their requests stand, in whatever process the phone was heard:
 * one question a tenth of a second, only while somebody waits. A database that fails is asked again.
 */
export function watchRequests(parts: WatchParts): RequestWatch {
  const followers = makeFollowers(parts.failed)
  const question = makeQuestion(parts, followers)
  let closed = false
  let asking: Promise<void> | undefined
  let cancel: (() => void) | undefined

  const next = (): void => {
    if (closed || asking || cancel || followers.none()) return
    cancel = parts.timers.after(pause, () => {
      cancel = undefined
      asking = question.ask().then(() => {
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
    follow(request, tell) {
      if (followers.none()) question.beginNow()
      const remove = followers.add(request, tell)
      next()
      return () => {
        remove()
        if (followers.none()) rest()
      }
    },
    async close() {
      closed = true
      rest()
      followers.clear()
      await asking
    },
  }
}

function makeQuestion({ db, clock, failed }: WatchParts, followers: Followers) {
  let asked = clock.now()
  let rounds = 0
  let broken = false
  return {
    /** What was before nobody waits for. */
    beginNow() {
      asked = clock.now()
    },
    /** Never rejects. */
    async ask(): Promise<void> {
      rounds += 1
      const now = clock.now()
      const fresh = followers.takeFresh()
      const ids = rounds % roundsToAll === 0 ? followers.all() : fresh
      // The clock may have been set back.
      const since = new Date(Math.min(asked.getTime(), now.getTime()) - overlap)
      try {
        const found = await changedSince(db, since, ids, now)
        asked = now
        broken = false
        for (const { id, standing } of found) followers.tell(id, standing)
      } catch (error) {
        followers.askAgain(ids)
        if (!broken) failed(error)
        broken = true
      }
    },
  }
}

interface Follower {
  readonly tell: (standing: Standing) => void
  told: Standing | undefined
}
type Followers = ReturnType<typeof makeFollowers>

/** Who waits for which request, and which are to be asked by their names: nobody asked them yet, or the question failed. */
function makeFollowers(failed: (error: unknown) => void) {
  const byRequest = new Map<string, Set<Follower>>()
  const fresh = new Set<string>()
  return {
    none: () => byRequest.size === 0,
    all: () => [...byRequest.keys()],
    clear: () => byRequest.clear(),
    takeFresh(): string[] {
      const taken = [...fresh]
      fresh.clear()
      return taken
    },
    askAgain(requests: readonly string[]): void {
      for (const request of requests) if (byRequest.has(request)) fresh.add(request)
    },
    /** Answers how to take it away again. */
    add(request: string, tell: Follower['tell']): () => void {
      const follower: Follower = { tell, told: undefined }
      const those = byRequest.get(request) ?? new Set()
      byRequest.set(request, those.add(follower))
      fresh.add(request)
      return () => {
        if (!those.delete(follower) || those.size > 0) return
        byRequest.delete(request)
        fresh.delete(request)
      }
    },
    tell(request: string, standing: Standing): void {
      for (const follower of byRequest.get(request) ?? []) {
        if (follower.told === standing) continue
        follower.told = standing
        try {
          follower.tell(standing)
        } catch (error) {
          failed(error)
        }
      }
    },
  }
}

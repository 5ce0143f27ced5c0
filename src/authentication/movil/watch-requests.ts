import type { Standing } from './contract.ts'
import { watchByOneQuestion, type Question, type Waiters, type WatchParts } from './one-question.ts'
import { changedSince, type RequestStanding } from './waiting-table.ts'

type Tell = (standing: Standing) => void

export interface RequestWatch {
  /**
   * Tells how a request stands, within some tenths of a second, and again whenever that changes; nothing as long as nobody
   * has scanned. Answers how to stop.
   */
  follow(request: string, tell: Tell): () => void
  /** Ends the question that may be under way; nobody is told anything any more. */
  close(): Promise<void>
}

/** Ten times a second; what expired is told within five seconds. */
const often = { pause: 100, atOnce: false, overlap: 1_000, roundsToAll: 50 }

/** Lets all pages of a process that wait for a phone know how their requests stand, in whatever process the phone was heard. */
export function watchRequests(parts: WatchParts): RequestWatch {
  const question: Question<RequestStanding> = {
    ...often,
    ask: (since, requests, now) => changedSince(parts.db, since, requests, now),
  }
  return watchByOneQuestion(parts, question, makePages(parts.failed))
}

interface Page {
  readonly tell: Tell
  told: Standing | undefined
}

/** Who waits for which request: the tabs of one login all wait for the same. */
function makePages(failed: (error: unknown) => void): Waiters<Tell, RequestStanding> {
  const byRequest = new Map<string, Set<Page>>()
  const say = (page: Page, standing: Standing): void => {
    if (page.told === standing) return
    page.told = standing
    try {
      page.tell(standing)
    } catch (error) {
      failed(error)
    }
  }
  return {
    byName: byRequest,
    add(request, tell) {
      const page: Page = { tell, told: undefined }
      const those = byRequest.get(request) ?? new Set()
      byRequest.set(request, those.add(page))
      return () => {
        if (those.delete(page) && those.size === 0) byRequest.delete(request)
      }
    },
    hear(found) {
      for (const { id, standing } of found) for (const page of byRequest.get(id) ?? []) say(page, standing)
    },
  }
}

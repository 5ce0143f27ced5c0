import { phoneNewsSince, type PhoneNews } from './phone-news-table.ts'
import type { WatchParts } from './watch-requests.ts'

/**
 * What a phone that listens hears. `request`: something may wait for it, or waits no more; `ended`: it is no phone of
 * anybody's any more; `replaced`: it listens anew, so that here it is told nothing any more.
 */
export type PhoneEvent = 'request' | 'ended' | 'replaced'

export interface PhoneWatch {
  /** Tells this phone, at once what waits already. One listens at a time: a newer takes the place of the older. Answers how to stop. */
  follow(device: string, tell: (event: PhoneEvent) => void): () => void
  /** Ends the question that may be under way; nobody is told anything any more. */
  close(): Promise<void>
}

/** Milliseconds from the answer to one question to the next. */
const pause = 500
/** Milliseconds by which a question looks further back than the last: another process wrote an instant and committed later. */
const overlap = 1_500
/** So many questions, and all that listen are asked for by their ids: what came later still. */
const roundsToAll = 40

/**
 * Lets all phones that listen to a process know what waits for them, wherever it was asked: one question twice a second,
 * only while somebody listens; at once for who just came. A database that fails is asked again.
 */
export function watchPhones(parts: WatchParts): PhoneWatch {
  const listeners = makeListeners(parts.failed)
  const question = makeQuestion(parts, listeners)
  let closed = false
  let asking: Promise<void> | undefined
  let cancel: (() => void) | undefined

  const next = (): void => {
    // Who just came does not wait for the next question, unless there was no answer to the last.
    const soon = listeners.anyFresh() && !question.broken()
    if (closed || asking || listeners.none() || (cancel && !soon)) return
    cancel?.()
    cancel = parts.timers.after(soon ? 0 : pause, () => {
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
    follow(device, tell) {
      if (listeners.none()) question.beginNow()
      const remove = listeners.add(device, tell)
      next()
      return () => {
        remove()
        if (listeners.none()) rest()
      }
    },
    async close() {
      closed = true
      rest()
      listeners.clear()
      await asking
    },
  }
}

function makeQuestion({ db, clock, failed }: WatchParts, listeners: Listeners) {
  let asked = clock.now()
  let rounds = 0
  let broken = false
  return {
    broken: () => broken,
    /** What was before nobody listens for. */
    beginNow() {
      asked = clock.now()
    },
    /** Never rejects. */
    async ask(): Promise<void> {
      rounds += 1
      const now = clock.now()
      const fresh = listeners.takeFresh()
      const devices = rounds % roundsToAll === 0 ? listeners.all() : fresh
      // The clock may have been set back.
      const since = new Date(Math.min(asked.getTime(), now.getTime()) - overlap)
      try {
        const found = await phoneNewsSince(db, since, devices, now)
        asked = now
        broken = false
        listeners.hear(found)
      } catch (error) {
        listeners.askAgain(devices)
        if (!broken) failed(error)
        broken = true
      }
    },
  }
}

interface Listener {
  readonly tell: (event: PhoneEvent) => void
  /** The change that it was told of last. */
  heard: string | undefined
}

type Listeners = ReturnType<typeof makeListeners>

/** Who listens, and who of them is to be asked for by their id: nobody did yet, or the question failed. */
function makeListeners(failed: (error: unknown) => void) {
  const byDevice = new Map<string, Listener>()
  const fresh = new Set<string>()
  const say = ({ tell }: Listener, event: PhoneEvent): void => {
    try {
      tell(event)
    } catch (error) {
      failed(error)
    }
  }
  return {
    none: () => byDevice.size === 0,
    all: () => [...byDevice.keys()],
    anyFresh: () => fresh.size > 0,
    clear(): void {
      byDevice.clear()
      fresh.clear()
    },
    takeFresh(): string[] {
      const taken = [...fresh]
      fresh.clear()
      return taken
    },
    askAgain(devices: readonly string[]): void {
      for (const device of devices) if (byDevice.has(device)) fresh.add(device)
    },
    add(device: string, tell: Listener['tell']): () => void {
      const former = byDevice.get(device)
      const listener: Listener = { tell, heard: undefined }
      byDevice.set(device, listener)
      fresh.add(device)
      if (former) say(former, 'replaced')
      return () => {
        if (byDevice.get(device) !== listener) return
        byDevice.delete(device)
        fresh.delete(device)
      }
    },
    hear(news: readonly PhoneNews[]): void {
      for (const [device, { ended, heard }] of newestOf(news)) {
        const listener = byDevice.get(device)
        if (!listener) continue
        if (ended) {
          byDevice.delete(device)
          say(listener, 'ended')
        } else if (heard !== undefined && heard !== listener.heard) {
          listener.heard = heard
          say(listener, 'request')
        }
      }
    },
  }
}

interface Newest {
  ended: boolean
  at: number
  heard: string | undefined
}

/** Of all that was found about a phone the end, or else the change that came last. */
function newestOf(news: readonly PhoneNews[]): Map<string, Newest> {
  const newest = new Map<string, Newest>()
  for (const { device, ended, request } of news) {
    const known = newest.get(device) ?? { ended: false, at: 0, heard: undefined }
    newest.set(device, known)
    known.ended ||= ended
    const at = request?.changed.getTime() ?? 0
    if (!request || at < known.at) continue
    known.at = at
    known.heard = `${request.id} ${at}`
  }
  return newest
}

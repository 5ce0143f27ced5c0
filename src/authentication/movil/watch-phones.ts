import { watchByOneQuestion, type Question, type Waiters, type WatchParts } from './one-question.ts'
import { phoneNewsSince, type PhoneNews } from './phone-news-table.ts'

/**
 * What a phone that listens hears. `request`: something may wait for it, or waits no more; `ended`: it is no phone of
 * anybody's any more; `replaced`: it listens anew, so that here it is told nothing any more.
 */
export type PhoneEvent = 'request' | 'ended' | 'replaced'

type Tell = (event: PhoneEvent) => void

export interface PhoneWatch {
  /** Tells this phone, at once what waits already. One listens at a time: a newer takes the place of the older. Answers how to stop. */
  follow(device: string, tell: Tell): () => void
  /** Ends the question that may be under way; nobody is told anything any more. */
  close(): Promise<void>
}

/** Twice a second; what was committed late is told within twenty seconds. */
const often = { pause: 500, atOnce: true, overlap: 1_500, roundsToAll: 40 }

/** Lets all phones that listen to a process know what waits for them, wherever it was asked; at once who just came. */
export function watchPhones(parts: WatchParts): PhoneWatch {
  const question: Question<PhoneNews> = {
    ...often,
    ask: (since, devices, now) => phoneNewsSince(parts.db, since, devices, now),
  }
  return watchByOneQuestion(parts, question, makeListeners(parts.failed))
}

interface Listener {
  readonly tell: Tell
  /** The change that it was told of last. */
  heard: string | undefined
}

/** Which phones listen, each once. */
function makeListeners(failed: (error: unknown) => void): Waiters<Tell, PhoneNews> {
  const byDevice = new Map<string, Listener>()
  const say = ({ tell }: Listener, event: PhoneEvent): void => {
    try {
      tell(event)
    } catch (error) {
      failed(error)
    }
  }
  return {
    byName: byDevice,
    add(device, tell) {
      const former = byDevice.get(device)
      const listener: Listener = { tell, heard: undefined }
      byDevice.set(device, listener)
      if (former) say(former, 'replaced')
      return () => {
        if (byDevice.get(device) === listener) byDevice.delete(device)
      }
    },
    hear(news) {
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

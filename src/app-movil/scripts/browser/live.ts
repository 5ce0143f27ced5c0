import { call, once, type Answer } from './api.ts'
import type { Phone } from './phone-store.ts'
import type { ShownRequest } from './words.ts'

export interface LiveOptions {
  readonly phone: Phone
  readonly locale: string
  /** How the phone stands: told at each reconnection and at each event, so that nothing is missed in between. */
  readonly told: (answer: Answer<ShownRequest | undefined>) => void
  /** The server says that the phone is none any more. */
  readonly ended: () => void
}

export interface Live {
  /** Asks at once instead of when the pause is over. */
  wake(): void
  stop(): void
}

/** Milliseconds of silence after which a stream is taken for dead: the server's heart beats more often. */
const silence = 60_000
const shortest = 1_000
const longest = 15_000

/**
 * Follows what waits for this phone while the page is seen: a stream, read with fetch since it is signed. Whenever it ends
 * the question is asked anew and the stream opened again; where no stream comes through, this is polling.
 */
export function followRequests(options: LiveOptions): Live {
  const sleep = makeSleep()
  let stopped = false
  let failures = 0
  /** Another window of this phone listens: this one asks now and then. */
  let replaced = false
  let current: AbortController | undefined

  const round = async (): Promise<void> => {
    current = new AbortController()
    try {
      options.told(await ask(options, current.signal))
      const end = replaced ? 'none' : await readStream(options, current)
      replaced ||= end === 'replaced'
      failures = end === 'over' ? 0 : failures + 1
    } catch {
      failures += 1
    }
  }
  const stopWatching = watchPage((seen) => {
    if (!seen) return current?.abort()
    replaced = false
    sleep.rouse()
  })
  void (async () => {
    while (!stopped) {
      if (isSeen()) await round()
      if (!stopped) await sleep.rest(isSeen() ? pause(failures) : aDay)
    }
  })()
  return {
    wake() {
      failures = 0
      sleep.rouse()
      current?.abort()
    },
    stop() {
      stopped = true
      stopWatching()
      sleep.rouse()
      current?.abort()
    },
  }
}

const aDay = 86_400_000
const isSeen = (): boolean => document.visibilityState === 'visible'

/** Tells when the page comes to be seen or hidden, and when the network is back; answers how to stop. */
function watchPage(tell: (seen: boolean) => void): () => void {
  const changed = () => tell(isSeen())
  document.addEventListener('visibilitychange', changed)
  window.addEventListener('online', changed)
  return () => {
    document.removeEventListener('visibilitychange', changed)
    window.removeEventListener('online', changed)
  }
}

/** A pause that can be cut short. */
function makeSleep() {
  let rouse = (): void => undefined
  return {
    rouse: () => rouse(),
    rest: (milliseconds: number): Promise<void> =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, milliseconds)
        rouse = () => {
          clearTimeout(timer)
          resolve()
        }
      }),
  }
}

/** Doubles, and no two phones come back at the same instant. */
function pause(failures: number): number {
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1))
  return Math.min(longest, shortest * 2 ** Math.min(failures, 10)) * (0.5 + random / 2 ** 32)
}

const ask = ({ phone, locale }: LiveOptions, signal: AbortSignal): Promise<Answer<ShownRequest | undefined>> =>
  call<ShownRequest | undefined>({ method: 'GET', path: '/request', phone, locale, signal })

/** Why a stream is no more; `none`: there was none. */
type End = 'over' | 'replaced' | 'none'

async function readStream(options: LiveOptions, control: AbortController): Promise<End> {
  const { phone, locale } = options
  const answer = await once({ method: 'GET', path: '/events', phone, locale, signal: control.signal })
  const reader = answer?.ok ? answer.body?.getReader() : undefined
  if (!reader) return 'none'
  const decoder = new TextDecoder()
  let watchdog = 0
  let rest = ''
  try {
    for (;;) {
      watchdog = window.setTimeout(() => control.abort(), silence)
      const { done, value } = await reader.read()
      clearTimeout(watchdog)
      if (done) return 'over'
      const blocks = (rest + decoder.decode(value, { stream: true })).replace(/\r\n?/g, '\n').split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) {
        const event = eventIn(block)
        if (event === 'request') options.told(await ask(options, control.signal))
        if (event === 'ended') options.ended()
        if (event === 'replaced') return 'replaced'
      }
    }
  } finally {
    clearTimeout(watchdog)
  }
}

/** A block of the stream (HTML Living Standard, 9.2.6): its event's name is all we need; a comment is its heartbeat. */
const eventIn = (block: string): string | undefined => /^event: ?(.*)$/m.exec(block)?.[1]

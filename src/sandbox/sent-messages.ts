import type { SentMessage } from './parts.ts'

/** What all channels have sent, in the order in which it arrived. */
export interface SentMessages {
  readonly add: (message: SentMessage) => void
  /** Newest last. */
  all(): readonly SentMessage[]
  forget(): void
}

export function keepSent(most = 1000): SentMessages {
  const sent: SentMessage[] = []
  return {
    add(message) {
      if (sent.push(message) > most) sent.shift()
    },
    all: () => sent,
    forget: () => void sent.splice(0),
  }
}

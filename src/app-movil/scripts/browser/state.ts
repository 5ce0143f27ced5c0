import type { Live } from './live.ts'
import type { Phone } from './phone-store.ts'
import type { ShownRequest } from './words.ts'

/** What the server tells of this phone (`GET /app/api/phone`). */
export interface About {
  readonly device: string
  readonly name: string
  /** ISO 8601. */
  readonly activated: string
  readonly unlock: boolean
  readonly mustScan: boolean
  readonly person: {
    readonly name: string
    readonly document: string
    readonly phone: string
    readonly email: string | null
    readonly level: string
  }
}

/** What the app knows while it is open. */
export const state: {
  phone: Phone | undefined
  about: About | undefined
  pending: ShownRequest | undefined
  /** The request that was decided last: an answer that was under way may still bring it. */
  decided: string | undefined
  /** The server knows this phone no more: it was ended elsewhere. */
  ended: boolean
  live: Live | undefined
  /** The browser's own offer to install the app (Chromium). */
  install: InstallOffer | undefined
} = {
  phone: undefined,
  about: undefined,
  pending: undefined,
  decided: undefined,
  ended: false,
  live: undefined,
  install: undefined,
}

export interface InstallOffer extends Event {
  prompt(): Promise<unknown>
}

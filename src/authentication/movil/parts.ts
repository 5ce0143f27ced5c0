import type { Envelope, EphemeralStore } from '../../platform/index.ts'
import type { CodeParts } from '../one-time-code.ts'
import type { RecogniseParts } from '../recognise.ts'
import type { RequestWatch } from './watch-requests.ts'

/** What the acts of Cl@ve Móvil work with. */
export interface MovilParts extends CodeParts, RecogniseParts {
  readonly store: EphemeralStore
  readonly envelope: Envelope
  /** BASE_URL: what a phone signs for, and what it shows as the genuine host. */
  readonly baseUrl: string
}

/** What the pages of a login need beside: to learn how the request that they wait for stands. */
export interface MovilPageParts extends MovilParts {
  readonly watch: RequestWatch
}

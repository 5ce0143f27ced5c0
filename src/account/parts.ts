import type account from '../../locales/es/account.json'
import type { Method } from '../authentication/index.ts'
import type { EphemeralStore } from '../platform/index.ts'
import type { LoginEngine, Session } from '../login/index.ts'
import type { RelyingParty } from '../relying-party/index.ts'
import type { ActsParts } from './acts-parts.ts'

declare module '../platform/i18n.ts' {
  interface Texts {
    account: typeof account
  }
}

/** What Mi Cl@ve works with. */
export interface AccountParts extends ActsParts {
  readonly store: EphemeralStore
  /** BASE_URL. */
  readonly baseUrl: string
  /** In the order of their tiles. */
  readonly methods: readonly Method[]
  /** Must know `ownParty`. */
  readonly login: Pick<
    LoginEngine,
    'enter' | 'ended' | 'present' | 'leave' | 'sessionsOf' | 'endSession' | 'endSessionsOf'
  >
  /** As registered; `ownParty` is none of them. */
  readonly relyingParties: { find(id: string): Promise<RelyingParty | undefined> }
  /**
   * Tells the agencies of a session that the citizen ended in this browser (the digest of its cookie). Answers where the
   * browser goes on: to `then` in the end.
   */
  readonly farewell: (left: Session, browser: string, then: string) => Promise<string>
}

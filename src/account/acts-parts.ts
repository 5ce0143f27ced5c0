import type { PermanenteLife } from '../authentication/index.ts'
import type { Citizens } from '../citizen/index.ts'
import type { Limits } from '../lockout/index.ts'
import type { LoginEngine, Session } from '../login/index.ts'
import type { Messages } from '../messaging/index.ts'
import type { RelyingParty } from '../relying-party/index.ts'
import type { Clock, Db, Digest, Envelope, EphemeralStore, I18n, Random } from '../platform/index.ts'

/** What the citizen's own acts work with. */
export interface ActsParts {
  readonly db: Db
  readonly store: EphemeralStore
  readonly clock: Clock
  readonly random: Random
  readonly digest: Digest
  /** Seals an address until it is proven, and a receipt until it is downloaded. */
  readonly envelope: Envelope
  readonly i18n: I18n
  readonly limits: Limits
  readonly messages: Messages
  readonly citizens: Citizens
  readonly relyingParties: { find(id: string): Promise<RelyingParty | undefined> }
  readonly permanente: Omit<PermanenteLife, 'routes'>
  readonly login: Pick<LoginEngine, 'sessionsOf' | 'endSessionsOf'>
  /** Tells the agencies of a session that it ended. */
  readonly tellEnded: (session: Session) => Promise<unknown>
}

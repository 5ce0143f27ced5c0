import type { Citizens } from '../citizen/index.ts'
import type { CivilRegister } from '../civil-register/index.ts'
import type { Limits, Lockout, SlowDown } from '../lockout/index.ts'
import type { Messages } from '../messaging/index.ts'
import type { Clock, Db, Digest, Envelope, EphemeralStore, I18n, Random, Tx } from '../platform/index.ts'
import type { ActivationParts } from './activation-codes.ts'

/** What every act on a registration needs: those of officers, of the citizen's area and of the app as well. */
export interface ActParts extends ActivationParts {
  readonly messages: Messages
}

/** What the pages of /register work with. */
export interface RegistrationParts extends ActParts {
  readonly db: Db
  readonly store: EphemeralStore
  readonly clock: Clock
  readonly random: Random
  readonly digest: Digest
  /** Seals a receipt until it is downloaded. */
  readonly envelope: Envelope
  readonly limits: Limits
  readonly i18n: I18n
  readonly citizens: Citizens
  readonly register: CivilRegister
  readonly lockout: Lockout
  readonly slowDown: SlowDown
  /** When letters are made: in the coming night, or with the next run of the job (sandbox). */
  readonly lettersMade: 'nightly' | 'at-once'
}

export interface RenunciaParts extends ActParts {
  /**
   * Ends every use of the registration: passwords and devices in this transaction, sessions wherever they are. Handed in
   * by app.ts, since the rooms that keep them are above this one.
   */
  readonly endUse: (tx: Tx, citizen: string) => Promise<void>
}

/** Where a request came from, as the audit notes it. */
export interface Origin {
  /** Digest of the browser's cookie. */
  readonly browser?: string
  readonly address?: string
}

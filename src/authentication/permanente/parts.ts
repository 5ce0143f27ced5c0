import type { Citizens } from '../../citizen/index.ts'
import type { InTurn, Lockout, SlowDown } from '../../lockout/index.ts'
import type { Envelope } from '../../platform/index.ts'
import type { CodeParts } from '../one-time-code.ts'
import type { Claimant } from '../prove.ts'
import type { HashQueue } from './hash-queue.ts'

export interface PermanenteParts extends CodeParts {
  readonly envelope: Envelope
  readonly citizens: Citizens
  readonly lockout: Lockout
  readonly slowDown: SlowDown
  readonly hashes: HashQueue
  /** What is verified where there is no password: the hash of something that nobody knows. */
  readonly dummy: string
  readonly inTurn: InTurn
}

/** What the login remembers once the password was right. */
export interface PasswordRight extends Claimant {
  /** The agency asks for more than a password shows: a one-time code follows. */
  readonly stepUp: boolean
}

/** While the citizen is warned that the password ends soon. */
export interface Warned extends PasswordRight {
  /** ISO 8601. */
  readonly ends: string
}

/** While the citizen stands on the page of the one-time code. */
export type CodeAsked = Claimant & (CodeSent | AppAsked)

interface CodeSent {
  readonly way: 'sms'
  /** The phone's last three digits. */
  readonly phone: string
  /** ISO 8601: until when the code may be typed. */
  readonly until: string
  /** The citizen asked for another one. */
  readonly another?: boolean
}

interface AppAsked {
  readonly way: 'totp'
}

import type { CodeParts } from '../one-time-code.ts'
import type { Claimant } from '../prove.ts'
import type { RecogniseParts } from '../recognise.ts'

export interface PinParts extends CodeParts, RecogniseParts {}

/** What the login remembers while the citizen stands on the page of the PIN. */
export interface PinSent extends Claimant {
  /** The phone's last three digits. */
  readonly phone: string
  /** ISO 8601: until when the PIN may be typed. */
  readonly until: string
  /** Digest of the citizen's own characters, where there are any. */
  readonly prefix?: string
  /** The citizen asked for another one. */
  readonly another?: boolean
}

import type { EphemeralStore, Locale } from '../../../platform/index.ts'
import type { RecogniseParts } from '../../recognise.ts'
import type { PermanenteParts } from '../parts.ts'
import type { IsCommon } from './common-passwords.ts'

export interface LifeParts extends PermanenteParts, RecogniseParts {
  readonly store: EphemeralStore
  readonly isCommon: IsCommon
  /** Ends the citizen's gateway sessions everywhere, but the one with this cookie. Where there is none, nothing happens. */
  readonly endSessionsOf: (citizen: string, but: string | undefined) => Promise<void>
}

/** From where something is asked. */
export interface Caller {
  /** Digest of the browser's cookie. */
  readonly browser: string
  readonly address: string
  /** The gateway session's cookie, where there is one. */
  readonly session: string | undefined
  readonly locale: Locale
}

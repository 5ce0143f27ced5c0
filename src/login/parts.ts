import type { AuditEvent, FormerLogin } from '../audit/index.ts'
import type { Method } from '../authentication/index.ts'
import type { Citizen, MethodName } from '../citizen/index.ts'
import type { Limits } from '../lockout/index.ts'
import type { Clock, Digest, EphemeralStore, Random } from '../platform/index.ts'
import type { Refusal, RefusalCode } from '../refusal/index.ts'
import type { RelyingParty } from '../relying-party/index.ts'
import type { LoginRequest } from './outcome.ts'

/** What the engine works with. */
export interface LoginParts {
  readonly store: EphemeralStore
  readonly clock: Clock
  readonly random: Random
  readonly digest: Digest
  /** In the order of their tiles. */
  readonly methods: readonly Method[]
  readonly relyingParties: { find(id: string): Promise<RelyingParty | undefined> }
  /** For the page "you are already identified as …". */
  readonly citizens: { find(id: string): Promise<Citizen | undefined> }
  /** Seconds, each. */
  readonly limits: Pick<
    Limits,
    'loginLifetime' | 'loginLongest' | 'interactionLifetime' | 'sessionIdle' | 'sessionLongest'
  >
  readonly presets?: Presets
  /** Writes an event of the audit. */
  readonly note: (event: AuditEvent) => Promise<void>
  /**
   * Writes that a citizen identified, unless it was written under this name before; answers their last login in another
   * session. In one statement. `expires` (wire time): when the name may be forgotten.
   */
  readonly noteLogin: (
    event: Extract<AuditEvent, { kind: 'login' }>,
    once: { readonly id: string; readonly expires: Date },
  ) => Promise<FormerLogin | undefined>
  /** Told of every login that ends, for metrics. */
  readonly observe?: (ending: LoginEnding) => void
}

/** Logins that complete without a page, by the real rules (sandbox, next-login). */
export interface Presets {
  /** Whether one is pending for this request. */
  waits(request: LoginRequest): Promise<boolean>
  /** Of any number of takers one gets it. */
  take(request: LoginRequest): Promise<Preset | undefined>
}
export type Preset = { readonly citizen: string; readonly method: MethodName } | Refusal

export interface LoginEnding {
  readonly relyingParty: string
  readonly method: MethodName | undefined
  readonly result: 'identified' | RefusalCode
  readonly seconds: number
}

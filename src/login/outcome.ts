import type { LevelsAsked, Loa, MethodName, RegistrationLevel } from '../citizen/index.ts'
import type { Locale } from '../platform/index.ts'
import type { Refusal } from '../refusal/index.ts'

/** What an agency asks, in the words of neither protocol. */
export interface LoginRequest {
  readonly relyingParty: string
  /** The application's own name, for display, where the protocol carries one. */
  readonly application?: string
  readonly asked: LevelsAsked
  /** Methods that the agency switched off. */
  readonly excluded: readonly MethodName[]
  /** The citizen must prove again who they are: no session counts (prompt=login, ForceAuthn). */
  readonly force: boolean
  /** Seconds that the last proof may be old (max_age). */
  readonly maxAge?: number
  /** No page may be shown (prompt=none, IsPassive). */
  readonly passive: boolean
  /** Always ask whether to go on as the citizen of the session (prompt=select_account). */
  readonly choose?: boolean
  /** Only this citizen will do (id_token_hint). */
  readonly citizen?: string
  /** The document to fill in (login_hint). */
  readonly hint?: string
  readonly locale?: Locale
  /** Where the browser goes when the login has its outcome: a path of the protocol's door. */
  readonly door: string
  /** Known to the protocol only. */
  readonly resume: string
}

export type LoginOutcome = Who | Refusal

/** The citizen's last login in another session, for "your last login was …" (ENS op.acc.5 R5). */
export interface FormerLogin {
  /** ms of `clock.now()`. */
  readonly at: number
  readonly method: MethodName
  /** The agency's name; absent where it is registered no more. */
  readonly agency?: string
}

/** How a login ended; `former` where a citizen identified who did so before. */
export interface Ended {
  readonly outcome: LoginOutcome
  readonly former?: FormerLogin | undefined
}

/** Who identified, how, and how surely. */
export interface Who {
  readonly citizen: string
  readonly method: MethodName
  readonly factors: readonly string[]
  /** The level the agency is told: the highest it asked for that was reached. */
  readonly level: Loa
  readonly registrationLevel: RegistrationLevel | undefined
  /** When the citizen proved it, wire time. */
  readonly at: Date
  /** The gateway session this came from. */
  readonly session: string
  /** The phone that approved, where one did in this login. */
  readonly device?: string
}

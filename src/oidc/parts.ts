import type { Citizen } from '../citizen/index.ts'
import type { Limits } from '../lockout/index.ts'
import type { LoginEngine, Session } from '../login/index.ts'
import type { Clock, Digest, EphemeralStore, Log, Once, Random, SigningKeys } from '../platform/index.ts'
import type { RelyingParties } from '../relying-party/index.ts'

/** What the OpenID Connect face works with. */
export interface OidcParts {
  readonly store: EphemeralStore
  readonly once: Once
  readonly clock: Clock
  readonly random: Random
  readonly keys: Pick<SigningKeys, 'ring' | 'refresh'>
  readonly login: Pick<LoginEngine, 'enter' | 'ended' | 'passive' | 'session' | 'leave'>
  readonly relyingParties: Pick<RelyingParties, 'findByClientId'>
  /** Seconds, each. */
  readonly limits: Pick<Limits, 'authorizationCodeLifetime' | 'accessTokenLifetime' | 'interactionLifetime'>
  readonly citizens: { find(id: string): Promise<Citizen | undefined> }
  /** The issuer: BASE_URL, an origin without a slash at its end. */
  readonly baseUrl: string
  /** Of `sub` and `sid` (PAIRWISE_SECRET): never changes. */
  readonly pairwise: Digest
  /** 32 bytes each: the first signs the cookies, all verify them. */
  readonly cookieKeys: readonly Buffer[]
  /** For agencies' jwks_uri and back-channel logout, instead of Node's. */
  readonly fetch?: typeof fetch
  /**
   * Tells the other agencies of a session that it ended; answers where the browser goes on, which leads to `then` in the
   * end. `browser`: the digest of its cookie; `by`: the agency at which the citizen logged out, if there was one.
   */
  readonly farewell?: (left: Session, browser: string, by: string | undefined, then: string) => Promise<string>
  readonly log: Pick<Log, 'warn'>
}

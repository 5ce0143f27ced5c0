import type { Citizen } from '../citizen/index.ts'
import type { Limits } from '../lockout/index.ts'
import type { LoginEngine, Session } from '../login/index.ts'
import type { Clock, Digest, EphemeralStore, Once, Random, SigningKeys } from '../platform/index.ts'
import type { RefusalCode } from '../refusal/index.ts'
import type { RelyingParties } from '../relying-party/index.ts'

/** What the SAML face works with. */
export interface SamlParts {
  readonly store: EphemeralStore
  readonly once: Once
  readonly clock: Clock
  readonly random: Random
  /** Keyed: session indexes and transient names are made with it, so that none need be kept. */
  readonly digest: Digest
  readonly keys: Pick<SigningKeys, 'ring'>
  readonly login: Pick<LoginEngine, 'enter' | 'ended' | 'session' | 'leave'>
  readonly relyingParties: Pick<
    RelyingParties,
    'find' | 'findBySamlName' | 'findBySamlCertificate' | 'findBySamlReturnAddress'
  >
  readonly citizens: { find(id: string): Promise<Citizen | undefined> }
  /** Seconds, each. */
  readonly limits: Pick<Limits, 'interactionLifetime'>
  /** Our entityID: BASE_URL, an origin without a slash at its end; the issuer of OpenID Connect too. */
  readonly baseUrl: string
  /** Of persistent names (PAIRWISE_SECRET): never changes. */
  readonly pairwise: Digest
  /** Tells the agencies of the other protocol that a session ended, all but `except`; answers the ids of those that heard it. */
  readonly tellOthers: (session: Session, except: string | undefined) => Promise<readonly string[]>
  /** Told of every message that was refused, for metrics. */
  readonly observe?: (refused: { readonly relyingParty: string | undefined; readonly code: RefusalCode }) => void
}

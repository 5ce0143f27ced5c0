import type { Clock, Random } from '../../platform/index.ts'
import type { SamlDemoAgency } from './agency.ts'
import type { PendingLogin } from './saml-answer.ts'
import type { SamlKeys } from './saml-keys.ts'
import type { SamlPeer } from './saml-peer.ts'
import type { AgencyError, AgencySession, Waiting } from './visitors.ts'

/** What the agency's pages and its client share. */
export interface SamlDealings {
  readonly agency: SamlDemoAgency
  readonly clock: Clock
  readonly random: Random
  readonly keys: SamlKeys
  readonly peer: SamlPeer
  readonly names: SamlNames
  readonly logins: Waiting<PendingLogin>
  /** Logouts under way, by the request's ID, and whose they are. */
  readonly logouts: Waiting<{ readonly relayState: string }>
  /** Results that wait for the GET which brings the cookie, by ticket. */
  readonly arrivals: Waiting<Arrival>
}

export interface Arrival {
  /** Undefined: nobody's, so it may be shown to whoever brought it. */
  readonly visitor: string | undefined
  readonly result: AgencySession | AgencyError
}

export interface SamlNames {
  readonly entityId: string
  readonly acs: string
  /** Where the answer to a logout comes back. */
  readonly logoutReturn: string
  readonly metadata: string
}

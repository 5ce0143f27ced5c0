import type { MovilParts, PhoneWatch } from '../authentication/index.ts'
import type { EndpointRules, Subscription, SubscriptionFault } from '../messaging/index.ts'
import type { I18n, Once, Timers } from '../platform/index.ts'

/** What app.ts hands in. */
export interface AppMovilGiven extends Omit<MovilParts, 'inTurn'> {
  readonly once: Once
  readonly i18n: I18n
  readonly timers: Timers
  /** The public key by which push services know us (VAPID), base64url. */
  readonly pushKey: () => Promise<string>
  /** PUSH_HOSTS, and whether plain http will do (the sandbox). */
  readonly push: Pick<EndpointRules, 'hosts' | 'allowHttp'>
  /** Told of what went wrong where nobody waits for an answer. */
  readonly failed: (error: unknown) => void
}

/** What the app's interface works with. */
export interface AppMovilParts extends AppMovilGiven, MovilParts {
  readonly watch: PhoneWatch
  readonly checkSubscription: (given: unknown) => Subscription | SubscriptionFault
}

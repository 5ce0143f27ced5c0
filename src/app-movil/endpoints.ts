import { activationEndpoints } from './activation.ts'
import type { Endpoint } from './endpoint.ts'
import { eventEndpoints } from './events.ts'
import { phoneEndpoints } from './phone.ts'
import { pinEndpoints } from './pin.ts'
import { requestEndpoints } from './request.ts'
import { subscriptionEndpoints } from './subscription.ts'
import { unlockEndpoints } from './unlock.ts'

export const apiBase = '/app/api'

/** The whole interface of the app but its own description. */
export const endpoints: readonly Endpoint[] = [
  ...activationEndpoints,
  ...phoneEndpoints,
  ...unlockEndpoints,
  ...requestEndpoints,
  ...eventEndpoints,
  ...subscriptionEndpoints,
  ...pinEndpoints,
]

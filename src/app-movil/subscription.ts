import { putSubscription, removeSubscription } from '../authentication/index.ts'
import { endpointDigest } from '../messaging/index.ts'
import { refusal } from '../refusal/index.ts'
import { open, signed, type Endpoint } from './endpoint.ts'
import { answers, bodies } from './schemas.ts'

const key = open({
  method: 'GET',
  path: '/push-key',
  summary: 'The key that a subscription is made with (VAPID, RFC 8292).',
  answers: { 200: { what: 'It never changes.', schema: answers.pushKey } },
  refused: [],
  answer: async ({ parts }) => ({ status: 200, body: { key: await parts.pushKey() } }),
})

const fields = { endpoint: 'endpoint', p256dh: 'keys.p256dh', auth: 'keys.auth', shape: 'endpoint' } as const

const put = signed({
  method: 'PUT',
  path: '/subscription',
  summary: 'Where this phone is pushed to, in the place of what it said before.',
  body: bodies.subscription,
  answers: { 204: { what: 'Kept.' } },
  refused: [],
  async answer({ parts, call: { device }, body }) {
    const subscription = parts.checkSubscription(body)
    if ('fault' in subscription) return { field: fields[subscription.fault] }
    const kept = await putSubscription(parts, device.id, subscription, endpointDigest(subscription.endpoint))
    return kept ? { status: 204 } : refusal('MOVIL-10-device-unknown')
  },
})

const remove = signed({
  method: 'DELETE',
  path: '/subscription',
  summary: 'No pushes any more.',
  answers: { 204: { what: 'There is none.' } },
  refused: [],
  async answer({ parts, call: { device } }) {
    await removeSubscription(parts.db, device.id)
    return { status: 204 }
  },
})

export const subscriptionEndpoints: readonly Endpoint[] = [key, put, remove]

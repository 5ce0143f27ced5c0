import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { Subscription } from '../../src/messaging/index.ts'
import { systemClock, systemRandom } from '../../src/platform/index.ts'
import { makePushDevice, readVapid, type PushDevice, type Vapid } from '../../src/sandbox/push-reading.ts'
import type { Teardown } from './database.ts'

/** A message as the push service got it, and as the browser opened it. */
export interface Pushed {
  readonly endpoint: string
  readonly headers: IncomingMessage['headers']
  /** Octets on the wire. */
  readonly body: Buffer
  readonly vapid: Vapid
  readonly text: string
}

/** A push service that speaks RFC 8030, checks RFC 8292, opens RFC 8291, and behaves as it is told. */
export interface PushService {
  readonly origin: string
  readonly pushed: readonly Pushed[]
  /** Requests that came, taken or not. */
  readonly requests: number
  /** Requests that wait for their answer. */
  readonly waiting: number
  /** A new subscription; with `key` only its owner may send there (RFC 8292, 4). */
  subscribe(key?: string): Subscription
  /** Ends a subscription: 410 from then on. */
  end(endpoint: string): void
  /** Instead of taking a message: this answer, none at all, or one without an end. */
  answer: (() => Refusal | 'silence' | 'endless' | undefined) | undefined
}

export interface Refusal {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
}

export async function startPushService(t: Teardown): Promise<PushService> {
  const subscriptions = new Map<string, { device: PushDevice; key: string | undefined }>()
  const pushed: Pushed[] = []
  let [requests, waiting] = [0, 0]

  const take = async (request: IncomingMessage, response: ServerResponse) => {
    requests++
    const body = await buffer(request)
    const told = service.answer?.()
    if (told === 'silence') {
      waiting++
      return void request.socket.on('close', () => waiting--)
    }
    if (told === 'endless') return babble(response)
    if (told) return void response.writeHead(told.status, told.headers).end('somebody@example.org said no')
    const subscription = subscriptions.get(request.url ?? '')
    if (!subscription) return void response.writeHead(410).end()
    const { headers } = request
    const vapid = readVapid(headers.authorization, service.origin, systemClock.wire())
    if (!vapid || (subscription.key ?? vapid.key) !== vapid.key) return void response.writeHead(403).end()
    const topic = String(headers['topic'] ?? '')
    if (request.method !== 'POST' || !/^\d+$/.test(String(headers['ttl'])) || !/^[\w-]{0,32}$/.test(topic))
      return void response.writeHead(400).end()
    if (body.length > 4096) return void response.writeHead(413).end()
    const text = subscription.device.open(body)
    pushed.push({ endpoint: service.origin + request.url, headers, body, vapid, text })
    response.writeHead(201, { location: `${service.origin}/message/${pushed.length}` }).end()
  }
  const server = createServer((request, response) => {
    take(request, response).catch(() => response.writeHead(400).end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const service: PushService = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pushed,
    get requests() {
      return requests
    },
    get waiting() {
      return waiting
    },
    subscribe(key) {
      const device = makePushDevice(systemRandom)
      const path = `/push/${systemRandom.token()}`
      subscriptions.set(path, { device, key })
      return { endpoint: service.origin + path, p256dh: device.p256dh, auth: device.auth }
    },
    end: (endpoint) => void subscriptions.delete(new URL(endpoint).pathname),
    answer: undefined,
  }
  return service
}

/** Sends as long as anybody takes it. */
function babble(response: ServerResponse): void {
  const push = () => {
    while (response.write('x'.repeat(100_000)));
  }
  response
    .writeHead(201)
    .on('drain', push)
    .on('error', () => {})
  push()
}

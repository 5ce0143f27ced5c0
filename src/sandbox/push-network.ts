import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { Subscription } from '../messaging/index.ts'
import type { Clock, Random } from '../platform/index.ts'
import type { SentMessage } from './parts.ts'
import { makePushDevice, readVapid, type PushDevice } from './push-reading.ts'

export interface PushNetworkParts {
  readonly clock: Clock
  readonly random: Random
  /** 0, the default: any free port. */
  readonly port?: number
  /** Told of each message as it arrives. */
  readonly onMessage: (message: SentMessage) => void
}

/** Browsers that are not there, and their push service: a real one (RFC 8030) on this machine only. */
export interface PushNetwork {
  /** A new browser of the citizen with this document. */
  subscribe(document: string): Subscription
  /** Ends all subscriptions: what is sent there is answered with 410. */
  reset(): void
  close(): Promise<void>
}

interface Device extends PushDevice {
  readonly document: string
}

/** Octets of a message: RFC 8030, 7.2 has push services take at least 4096. */
const most = 4096

export async function startPushNetwork(parts: PushNetworkParts): Promise<PushNetwork> {
  const devices = new Map<string, Device>()
  let origin = ''
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await buffer(request)
    const device = devices.get(request.url ?? '')
    const status = statusOf(request, body, device, readVapid(request.headers.authorization, origin, parts.clock.wire()))
    if (status !== 201 || !device) return void response.writeHead(status).end()
    const message = read(parts, device, body)
    parts.onMessage(message)
    response.writeHead(201, { location: `${origin}/message/${message.id}` }).end()
  }
  const server = createServer((request, response) => {
    // What does not open, or a sender that hangs up, is no fault of the sandbox.
    take(request, response).catch(() => response.writeHead(400).end())
  })
  server.listen(parts.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    subscribe(document) {
      const device = makePushDevice(parts.random)
      const path = `/push/${parts.random.token()}`
      devices.set(path, { ...device, document })
      return { endpoint: origin + path, p256dh: device.p256dh, auth: device.auth }
    },
    reset: () => devices.clear(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** RFC 8030, 5: TTL is needed, a Topic has at most 32 characters; 410 where the subscription has ended (7.3). */
function statusOf(
  { method, headers }: IncomingMessage,
  body: Buffer,
  device: Device | undefined,
  vapid: unknown,
): number {
  const { ttl, topic = '' } = headers
  if (method !== 'POST') return 405
  if (!device) return 410
  if (!vapid) return 403
  if (body.length > most) return 413
  const fit = /^\d+$/.test(String(ttl)) && /^[\w-]{0,32}$/.test(String(topic))
  return fit && headers['content-encoding'] === 'aes128gcm' ? 201 : 400
}

function read({ clock, random }: PushNetworkParts, device: Device, body: Buffer): SentMessage {
  const { title, body: text, url } = JSON.parse(device.open(body)) as Record<'title' | 'body' | 'url', string>
  const [id, at] = [random.uuid(), clock.wire().toISOString()]
  return { id, at, channel: 'push', to: device.document, subject: title, text, url }
}

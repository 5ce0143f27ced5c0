import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { Teardown } from './database.ts'

export interface Breakable {
  /** The same service, through a wire that can be cut. */
  readonly url: string
  /** Cuts what is connected and whatever connects. */
  cut(): void
  /** Swallows what comes from either end, and closes nothing: a network that lost its way, a service that stands still. */
  swallow(): void
  /** For what connects from now on. */
  mend(): void
}

/** A wire of our own in front of a server, to see what happens when it is cut. */
export async function breakable(t: Teardown, serviceUrl: string): Promise<Breakable> {
  const service = new URL(serviceUrl)
  const sockets = new Set<Socket>()
  let state: 'whole' | 'cut' | 'swallowing' = 'whole'
  const server = createServer((near) => {
    if (state === 'cut') return void near.destroy()
    if (state === 'swallowing') return void sockets.add(near.on('error', () => {}).resume())
    const far = connect(Number(service.port), service.hostname)
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => {}).on('close', () => (sockets.delete(socket), other.destroy()))
      socket.pipe(other)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = () => {
    state = 'cut'
    for (const socket of sockets) socket.destroy()
  }
  const swallow = () => {
    state = 'swallowing'
    for (const socket of sockets) socket.unpipe().resume()
  }
  t.teardown(() => {
    cut()
    server.close()
  })
  const url = new URL(serviceUrl)
  url.port = String((server.address() as AddressInfo).port)
  return { url: url.href, cut, swallow, mend: () => void (state = 'whole') }
}

import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import closeWithGrace from 'close-with-grace'
import type { FastifyInstance } from 'fastify'
import type { Log } from './log.ts'

/** One thing to bring to its end, in the order of the list: what takes work in first, what the work needs last. */
export interface StopStep {
  readonly name: string
  stop(): Promise<unknown> | void
}

/** Milliseconds for all of it; then the process ends whatever is left. */
const limit = 10_000
/** Milliseconds that requests under way may take; what is left of the limit is for the steps after. */
const patience = 7_000

/**
 * On SIGTERM or SIGINT carries out the steps and ends the process: with 0 when all went well, with 1 when a step failed,
 * time ran out, or an error that nobody caught was the reason. A second signal ends it at once.
 */
export function stopWithGrace(log: Log, steps: readonly StopStep[]): void {
  const say = { error: () => log.error('stopping was cut short') }
  const onTimeout = () => {
    log.error({ ms: limit }, 'stopping took too long')
    log.flush()
  }
  closeWithGrace(
    { delay: limit, logger: say, onTimeout, skip: ['SIGHUP', 'SIGUSR2', 'beforeExit'] },
    async ({ signal, err }) => {
      if (err) log.fatal({ err }, 'an error that nobody caught')
      else log.info({ signal }, 'stopping')
      const failed = await carryOut(log, steps)
      log.info({ count: failed }, 'stopped')
      log.flush()
      if (failed > 0) throw new Error('a step of stopping failed')
    },
  )
}

async function carryOut(log: Log, steps: readonly StopStep[]): Promise<number> {
  let failed = 0
  for (const { name, stop } of steps) {
    try {
      await stop()
    } catch (err) {
      failed++
      log.error({ step: name, err }, 'a step of stopping failed')
    }
  }
  return failed
}

/** Connections on which nothing was asked yet. */
const unused = new WeakMap<Server, Set<Socket>>()
/** Milliseconds that a stop leaves them: a first request may be on its way. */
const unusedPatience = 1_000

/**
 * Browsers open connections ahead of need, and Node takes one on which nothing was asked yet for busy. From here on they are
 * known, so that they hold up no stop; to be called before the server listens.
 */
export function noteUnusedConnections({ server }: FastifyInstance): void {
  const known = new Set<Socket>()
  unused.set(server, known)
  server.on('connection', (socket) => {
    known.add(socket)
    socket.once('close', () => known.delete(socket))
  })
  server.on('request', ({ socket }) => known.delete(socket))
}

/** Stops accepting, waits for the requests under way, and cuts off those that do not come to an end. */
export async function closeServer(app: FastifyInstance, wait = patience): Promise<void> {
  // A browser's connection outlives its last answer; it is closed as soon as nothing runs on it.
  const sweep = setInterval(() => app.server.closeIdleConnections(), 50)
  const timers = [
    setTimeout(() => unused.get(app.server)?.forEach((socket) => socket.destroy()), unusedPatience),
    setTimeout(() => app.server.closeAllConnections(), wait),
  ]
  await app.close().finally(() => {
    clearInterval(sweep)
    timers.forEach(clearTimeout)
  })
}

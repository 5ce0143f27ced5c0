/** A server as `serve` puts it together, with one slow page and one that never ends: the child of shutdown.test.ts. */
import { fastify } from 'fastify'
import { makeHealth } from '../../src/platform/health.ts'
import { healthRoutes } from '../../src/platform/health-routes.ts'
import { makeLog } from '../../src/platform/log.ts'
import { closeServer, noteUnusedConnections, stopWithGrace } from '../../src/platform/shutdown.ts'

const log = makeLog({ level: 'info', deployment: 'test' })
const health = makeHealth({ checks: [] })
const app = fastify()
noteUnusedConnections(app)
/** Resolves when the test says this word. */
const told = (word: string) =>
  new Promise<void>((resolve) => process.on('message', (message) => void (message === word && resolve())))
const say = (text: string) => process.stdout.write(`${text}\n`)
healthRoutes(app, health)
app.get('/slow', async () => {
  say('slow began')
  await told('finish')
  return 'finished'
})
app.get('/endless', () => {
  say('endless began')
  return new Promise(() => {})
})
app.get('/crash', () => {
  setImmediate(() => {
    throw new Error('nobody catches this')
  })
  return 'ok'
})
await app.listen({ port: 0, host: '127.0.0.1' })
stopWithGrace(log, [
  { name: 'ready', stop: () => health.stop() },
  { name: 'drain', stop: () => told('drained') },
  { name: 'server', stop: () => closeServer(app, Number(process.argv[2])) },
  { name: 'pools', stop: () => void say('pools closed') },
])
process.send?.({ port: (app.server.address() as { port: number }).port })

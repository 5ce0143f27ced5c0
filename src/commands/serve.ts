import { setTimeout as wait } from 'node:timers/promises'
import { buildApp } from '../app.ts'
import { openMachinery } from '../machinery.ts'
import { closeServer, stopWithGrace, type Environment } from '../platform/index.ts'
import { settingsFor } from '../settings.ts'

/** Seconds after which a key that another process rotated is taken over: far less than a next key is published ahead. */
const keysEvery = 30

export async function serve(_argv: readonly string[], environment: Environment): Promise<void> {
  const config = settingsFor('serve', environment)
  const machinery = await openMachinery({ config })
  const { log } = machinery
  const { app, health, refreshKeys } = await buildApp(machinery)
  const taking = setInterval(
    () => void refreshKeys().catch((err: unknown) => log.warn({ err }, 'keys were not read')),
    keysEvery * 1000,
  )
  stopWithGrace(log, [
    {
      name: 'ready',
      async stop() {
        health.stop()
        clearInterval(taking)
        await wait(config.drainSeconds * 1000)
      },
    },
    { name: 'server', stop: () => closeServer(app, 7_000 - config.drainSeconds * 1000) },
    { name: 'machinery', stop: () => machinery.close() },
  ])
  await app.listen({ host: config.host, port: config.port })
  log.info({ origin: config.baseUrl }, 'serving')
}

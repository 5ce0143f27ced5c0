import { setPriority } from 'node:os'
import { fastify } from 'fastify'
import { openMachinery, type Machinery } from '../machinery.ts'
import {
  closeServer,
  healthRoutes,
  makeHealth,
  metricsRoutes,
  pendingMigrations,
  stopWithGrace,
  type Environment,
} from '../platform/index.ts'
import { buildWorker, type WorkerApp } from '../worker-app.ts'
import { settingsFor } from '../settings.ts'

/**
 * Where the server runs beside it under the same group of processes, somebody in front of a page comes first
 * (setpriority(2): 19 is the last). In containers the same is said to their groups, by docker-compose.yml.
 */
const priority = 5

export async function worker(_argv: readonly string[], environment: Environment): Promise<void> {
  setPriority(priority)
  const config = settingsFor('worker', environment)
  const machinery = await openMachinery({ config })
  const { log } = machinery
  const work = buildWorker(machinery)
  const health = healthOf(machinery, work)
  // Health and metrics only; nothing of it concerns a citizen, so it needs none of the pages' machinery.
  const app = fastify({ logger: false })
  healthRoutes(app, health)
  if (config.metrics !== 'off')
    metricsRoutes(app, machinery.metrics, config.metricsToken === undefined ? 'open' : { token: config.metricsToken })
  stopWithGrace(log, [
    { name: 'ready', stop: () => health.stop() },
    { name: 'work', stop: () => work.stop() },
    { name: 'server', stop: () => closeServer(app, 1_000) },
    { name: 'machinery', stop: () => machinery.close() },
  ])
  await app.listen({ host: config.host, port: config.workerPort })
  log.info('working')
}

function healthOf({ db, store }: Machinery, work: WorkerApp) {
  return makeHealth({
    checks: [
      {
        name: 'migrations',
        check: async () => ((await pendingMigrations(db)).length > 0 ? 'some are missing' : undefined),
      },
      { name: 'store', check: () => store.ping() },
      { name: 'queue', check: async () => (work.fetchesJobs() ? undefined : 'no jobs are fetched') },
      { name: 'sms', check: async () => (work.smsBound() ? undefined : 'no connection to the SMS gateway') },
      ...(work.emailReachable() === undefined
        ? []
        : [{ name: 'email', check: async () => (work.emailReachable() ? undefined : 'the mail server is away') }]),
    ],
  })
}

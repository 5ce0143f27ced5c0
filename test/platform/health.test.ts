import { fastify } from 'fastify'
import t from 'tap'
import { makeHealth, type HealthCheck } from '../../src/platform/health.ts'
import { healthRoutes } from '../../src/platform/health-routes.ts'

const good: HealthCheck = { name: 'good', check: async () => undefined }
function appWith(checks: readonly HealthCheck[], timeLimit?: number) {
  const health = makeHealth({ checks, ...(timeLimit === undefined ? {} : { timeLimit }) })
  const app = fastify()
  healthRoutes(app, health)
  return { app, health }
}

t.test('live asks nobody', async (t) => {
  const { app } = appWith([{ name: 'broken', check: () => Promise.reject(new Error('down')) }])
  const answer = await app.inject('/health/live')
  t.equal(answer.statusCode, 200)
  t.strictSame(answer.json(), { status: 'live' })
})

t.test('ready names each check with its state and latency', async (t) => {
  const answer = await appWith([good]).app.inject('/health/ready')
  t.equal(answer.statusCode, 200)
  t.match(answer.json(), { status: 'ready', checks: [{ name: 'good', ok: true, latency_ms: Number }] })
  t.equal(answer.headers['cache-control'], 'no-store')
})

t.test('one thing down is 503, and its detail tells no secret', async (t) => {
  const refused = Object.assign(new Error('connect to secret-host as clave:password'), { code: 'ECONNREFUSED' })
  const checks = [
    good,
    { name: 'postgresql', check: () => Promise.reject(refused) },
    { name: 'migrations', check: async () => '2 pending' },
  ]
  const answer = await appWith(checks).app.inject('/health/ready')
  t.equal(answer.statusCode, 503)
  t.match(answer.json(), {
    status: 'down',
    checks: [{ ok: true }, { ok: false, detail: 'ECONNREFUSED' }, { ok: false, detail: '2 pending' }],
  })
  t.notMatch(answer.body, /secret-host|password/)
})

t.test('a check that does not answer is down after its time', async (t) => {
  const silent: HealthCheck = { name: 'silent', check: () => new Promise(() => {}) }
  const answer = await appWith([silent], 20).app.inject('/health/ready')
  t.equal(answer.statusCode, 503)
  t.match(answer.json(), { checks: [{ ok: false, detail: 'no answer within 20 ms' }] })
})

t.test('about to stop is not ready, though all is well', async (t) => {
  const { app, health } = appWith([good])
  health.stop()
  const answer = await app.inject('/health/ready')
  t.equal(answer.statusCode, 503)
  t.match(answer.json(), { status: 'stopping', checks: [{ ok: true }] })
})

t.test('both answer HEAD', async (t) => {
  const { app } = appWith([good])
  for (const url of ['/health/live', '/health/ready'])
    t.equal((await app.inject({ method: 'HEAD', url })).statusCode, 200)
})

t.test('callers at the same time share one round of checks', async (t) => {
  let asked = 0
  const counted: HealthCheck = { name: 'counted', check: async () => void asked++ }
  const { health } = appWith([counted])
  await Promise.all(Array.from({ length: 10 }, () => health.ready()))
  t.equal(asked, 1)
})

t.test('another method is refused as a program is told', async (t) => {
  const { app } = appWith([good])
  for (const url of ['/health/live', '/health/ready']) {
    const answer = await app.inject({ method: 'POST', url })
    t.match([answer.statusCode, answer.headers['allow']], [405, 'GET, HEAD'])
    t.match(answer.headers['content-type'], /^application\/problem\+json/)
  }
})

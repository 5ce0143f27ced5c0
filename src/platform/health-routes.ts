import type { FastifyInstance } from 'fastify'
import { refuseOtherMethods } from './http/other-methods.ts'
import type { Health } from './health.ts'

/**
 * `/health/live`: the process answers; asks nobody. `/health/ready`: it can serve citizens; 503 while something that it
 * needs is down, or when it is about to end. Both also by HEAD.
 */
export function healthRoutes(app: FastifyInstance, health: Health): void {
  app.get('/health/live', (_request, reply) => reply.header('cache-control', 'no-store').send({ status: 'live' }))
  app.get('/health/ready', async (_request, reply) => {
    const readiness = await health.ready()
    return reply
      .code(readiness.status === 'ready' ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(readiness)
  })
  refuseOtherMethods(app, '/health/live', '/health/ready')
}

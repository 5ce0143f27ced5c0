import { timingSafeEqual } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { refuseOtherMethods } from './http/other-methods.ts'
import type { Metrics } from './metrics.ts'

/** Who may read `/metrics`: everybody who reaches the port, or who sends this bearer token. */
export type MetricsAccess = 'open' | { readonly token: string }

/** Measures every answer of the app. To be called before the routes are added. */
export function measureRequests(app: FastifyInstance, metrics: Metrics): void {
  app.addHook('onResponse', (request, reply, done) => {
    // How long somebody waited for news is no time that an answer took.
    if (String(reply.raw.getHeader('content-type')).startsWith('text/event-stream')) return done()
    metrics.request(request.method, request.routeOptions.url ?? 'none', reply.statusCode, reply.elapsedTime / 1000)
    done()
  })
}

export function metricsRoutes(app: FastifyInstance, metrics: Metrics, access: MetricsAccess): void {
  app.get('/metrics', async (request, reply) => {
    if (access !== 'open' && !isBearer(request.headers.authorization, access.token)) {
      return reply.code(401).header('www-authenticate', 'Bearer').type('text/plain').send('A bearer token is needed.\n')
    }
    return reply.type(metrics.contentType).send(await metrics.text())
  })
  refuseOtherMethods(app, '/metrics')
}

function isBearer(authorization: string | undefined, token: string): boolean {
  const given = Buffer.from(authorization ?? '')
  const expected = Buffer.from(`Bearer ${token}`)
  return given.length === expected.length && timingSafeEqual(given, expected)
}

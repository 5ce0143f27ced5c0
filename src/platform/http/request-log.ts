import { LogController } from 'fastify'
import type { FastifyReply, FastifyRequest } from 'fastify'

/**
 * One line a request: the route as it was declared, never the address that was asked for, which may hold what somebody
 * typed. Errors are logged by the error handler.
 */
class RequestLog extends LogController {
  override incomingRequest(): void {}
  override defaultErrorLog(): void {}
  override routeNotFound(): void {}
  override requestCompleted(_error: Error | null | undefined, request: FastifyRequest, reply: FastifyReply): void {
    const { method, routeOptions } = request
    const ms = Math.round(reply.elapsedTime * 10) / 10
    reply.log.info({ method, route: routeOptions.url ?? 'none', status: reply.statusCode, ms }, 'request')
  }
}

export const requestLog = (): LogController => new RequestLog()

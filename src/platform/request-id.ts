import type { IncomingMessage } from 'node:http'
import type { Random } from './random.ts'

// As nginx ($request_id), HAProxy (%ID as a UUID) and the cloud's balancers make them. Nothing that a person typed fits.
const wellFormed = /^([0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/

/** For Fastify's `genReqId`: the proxy's X-Request-Id where a proxy is believed and it is well formed, else a drawn one. */
export function requestIds(random: Random, proxied: boolean): (request: IncomingMessage) => string {
  return ({ headers }) => {
    const given = proxied ? headers['x-request-id'] : undefined
    return typeof given === 'string' && wellFormed.test(given) ? given : random.bytes(16).toString('hex')
  }
}

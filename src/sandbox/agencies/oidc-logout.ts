import type { FastifyInstance } from 'fastify'
import { createRemoteJWKSet, jwtVerify, type JWTPayload } from 'jose'
import type { Configuration } from 'openid-client'
import type { Clock } from '../../platform/index.ts'
import type { OidcDemoAgency } from './agency.ts'
import type { Desk } from './client.ts'
import { Waiting } from './visitors.ts'

export interface LogoutReceiverParts {
  readonly agency: OidcDemoAgency
  readonly issuer: string
  readonly clock: Clock
  readonly configuration: () => Promise<Configuration>
}

const event = 'http://schemas.openid.net/event/backchannel-logout'

/**
 * The agency's ear for logouts elsewhere: POST /<agency>/backchannel-logout with `logout_token`. 200 when the sessions
 * are ended, 400 with `error` when the token is none to believe (OpenID Connect Back-Channel Logout 1.0, 2.6 and 2.8).
 */
export function logoutReceiver(app: FastifyInstance, desk: Desk, parts: LogoutReceiverParts): void {
  const heard = new Waiting<true>()
  let keys: ReturnType<typeof createRemoteJWKSet> | undefined
  app.post<{ Body: Record<string, unknown> | undefined }>(`${desk.path}/backchannel-logout`, async (request, reply) => {
    try {
      const { jwks_uri: jwks = '' } = (await parts.configuration()).serverMetadata()
      keys ??= createRemoteJWKSet(new URL(jwks))
      const { payload } = await jwtVerify(String(request.body?.['logout_token']), keys, {
        issuer: parts.issuer,
        audience: parts.agency.id,
        algorithms: ['ES256', 'RS256', 'PS256'],
        currentDate: parts.clock.wire(),
        maxTokenAge: '5 minutes',
        requiredClaims: ['iss', 'aud', 'iat', 'exp', 'jti', 'events'],
      })
      const fault = faultOf(payload) ?? (heard.take(payload.jti) ? 'the token was used before' : undefined)
      heard.put(payload.jti!, true)
      if (fault !== undefined) throw new Error(fault)
      desk.endSessions((told) => names(payload, told))
      return await reply.code(200).send()
    } catch (error) {
      return reply.code(400).send({ error: 'invalid_request', error_description: (error as Error).message })
    }
  })
}

/** What sets a logout token apart from an ID token (2.6, steps 4 to 6). */
function faultOf(payload: JWTPayload): string | undefined {
  const { sub, sid, events } = payload as JWTPayload & { sid?: unknown; events?: unknown }
  if (typeof sub !== 'string' && typeof sid !== 'string') return 'neither sub nor sid'
  const said = typeof events === 'object' && events !== null ? (events as Record<string, unknown>)[event] : undefined
  if (typeof said !== 'object' || said === null) return 'no logout event'
  return 'nonce' in payload ? 'a nonce, so an ID token' : undefined
}

/** A `sid` names one session, a `sub` alone all of that citizen. */
function names(
  { sub, sid }: JWTPayload & { readonly sid?: unknown },
  told: Readonly<Record<string, unknown>>,
): boolean {
  const claims = told['claims'] as Readonly<Record<string, unknown>> | undefined
  if (!claims) return false
  return (sid === undefined || claims['sid'] === sid) && (sub === undefined || claims['sub'] === sub)
}

import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { refuseOtherMethods, type App } from '../platform/index.ts'
import { discoveryPaths, paths } from './paths.ts'

/** Answers one request; `uid` at the door, where logins come back. */
export type Serve = (request: FastifyRequest, reply: FastifyReply, uid?: string) => Promise<FastifyReply>

/** Endpoints of programs. The public documents may be read from any page (CORS); the others from none. */
const apis = [
  ['POST', paths.token],
  ['GET', paths.userinfo],
  ['POST', paths.userinfo],
  ['POST', paths.pushed_authorization_request],
  ['POST', paths.introspection],
  ['POST', paths.revocation],
  ...([paths.jwks, ...discoveryPaths] as const).flatMap((url) => [['GET', url] as const, ['OPTIONS', url] as const]),
] as const

const pages = [
  ['GET', paths.authorization],
  ['GET', paths.end_session],
  ['GET', `${paths.end_session}/success`],
  ['POST', `${paths.end_session}/confirm`],
] as const

/** Doors that agencies may POST to from their own pages. */
const posted = [paths.authorization, paths.end_session] as const

/** Mounts the endpoints. The library reads bodies itself, so this scope parses none. */
export function mountOidc(app: App, serve: Serve): void {
  void app.register(async (scope: App) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    for (const [method, url] of apis) {
      scope.route({
        method,
        url,
        config: { csrf: false, api: true },
        handler: (request, reply) => serve(request, reply),
      })
    }
    refuseOtherMethods(scope, ...new Set(apis.map(([, url]) => url)))
    const config = { csrf: false, formTargets: 'agencies' } as const
    for (const [method, url] of pages) {
      scope.route({ method, url, config, handler: (request, reply) => serve(request, reply) })
    }
    const params = Type.Object({ uid: Type.String() })
    scope.get(`${paths.authorization}/:uid`, { schema: { params }, config }, (request, reply) =>
      serve(request, reply, request.params.uid),
    )
  })
  void app.register(async (scope: App) => mountPosted(scope))
}

/**
 * A cross-site POST brings no cookie (SameSite=Lax): nothing is verified here, the browser is sent on to the same address
 * by GET, which does bring it (OpenID Connect Core 3.1.2.1 wants both methods).
 */
function mountPosted(scope: App): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 8 * 1024 },
    (_request, body, done) => done(null, body),
  )
  for (const url of posted) {
    scope.post(url, { config: { csrf: false } }, (request, reply) => {
      const sent = new URLSearchParams(typeof request.body === 'string' ? request.body : '')
      return reply.redirect(`${url}?${sent.toString()}`, 303)
    })
  }
}

import { Type } from '@fastify/type-provider-typebox'
import type { Assets } from '../assets.ts'
import type { App } from './http.ts'

/** Names hold the hash of their content: what was fetched once is never asked for again. */
const forever = 'public, max-age=31536000, immutable'

export function serveAssets(app: App, assets: Assets): void {
  app.get('/assets/:name', { schema: { params: Type.Object({ name: Type.String() }) } }, (request, reply) => {
    const asset = assets.file(request.params.name)
    if (!asset) return reply.callNotFound()
    const accepted = request.headers['accept-encoding'] ?? ''
    const encoding = /\bbr\b/.test(accepted) ? 'br' : /\bgzip\b/.test(accepted) ? 'gzip' : undefined
    void reply.headers({ 'cache-control': forever, vary: 'accept-encoding', 'content-type': asset.type })
    if (encoding) void reply.header('content-encoding', encoding)
    return reply.send(encoding === 'br' ? asset.brotli : encoding === 'gzip' ? asset.gzip : asset.plain)
  })
  app.get('/favicon.ico', (_request, reply) => reply.redirect(assets.url('platform/views/images/favicon.svg'), 302))
}

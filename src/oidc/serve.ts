import type { FastifyReply } from 'fastify'
import type { Context, Provider } from 'oidc-provider'
import { withoutLifetime } from './cookies.ts'
import { passDoor } from './door.ts'
import { beginExchange, exchangeOf, type Exchange } from './exchange.ts'
import { askWhetherToLogOut, logOut } from './logout.ts'
import { pageBack } from './page-back.ts'
import { tellUnavailable } from './pages.ts'
import type { OidcParts } from './parts.ts'
import { discoveryPaths, paths } from './paths.ts'
import { makeProvider } from './provider.ts'
import type { Serve } from './routes.ts'
import { firstLocale } from './session-policy.ts'

/** The library ready to run, with the keys of one version of the ring. */
interface Running {
  readonly version: string
  readonly provider: Provider
  readonly run: (exchange: Exchange) => Promise<Context>
}

/** Requests on their way through the library. Where the ring of keys has changed, by a provider made anew. */
export function makeServe(parts: OidcParts): { readonly serve: Serve; provider(): Provider } {
  let running = start(parts)
  const current = (): Running => {
    if (running.version !== parts.keys.ring().version) running = start(parts)
    return running
  }
  const serve: Serve = async (request, reply, uid) => {
    const { provider, run } = current()
    const exchange: Exchange = { request, reply, clients: new Map() }
    beginExchange(exchange)
    suggestLanguage(exchange)
    if (uid !== undefined && (await passDoor(parts, provider, exchange, uid))) return reply
    addressAs(parts.baseUrl, exchange)
    const ctx = await run(exchange)
    if (ctx.path === paths.end_session) askWhetherToLogOut(ctx)
    if (ctx.path === `${paths.end_session}/confirm`) await logOut(parts, ctx)
    const answered = answer(provider, ctx, exchange)
    letGo(ctx)
    return answered
  }
  return { serve, provider: () => current().provider }
}

function start(parts: OidcParts): Running {
  const { version } = parts.keys.ring()
  const provider = makeProvider(parts)
  // The library computes the answer; Fastify sends it, with the headers and cookies of all our answers.
  provider.use(async (ctx, next) => {
    ctx.respond = false
    try {
      await next()
      exchangeOf(ctx).computed = { ctx }
    } catch (error) {
      exchangeOf(ctx).computed = { ctx, error: error as Error }
    }
  })
  provider.on('server_error', (ctx, err: Error & { readonly statusCode?: number }) => {
    if (err.statusCode === 503) tellUnavailable(ctx, err)
    else exchangeOf(ctx).request.log.error({ err }, 'oidc request failed')
  })
  for (const event of refusals)
    provider.on(event, (ctx, error) => {
      logRefusal(ctx, error)
      tellDetail(ctx, error)
    })
  const handle = provider.callback()
  return {
    version,
    provider,
    async run(exchange) {
      await handle(exchange.request.raw, exchange.reply.raw)
      const { computed } = exchange
      if (!computed || computed.error) throw computed?.error ?? new Error('oidc-provider gave no answer')
      return computed.ctx
    },
  }
}

/** For operators: which agency gets which error of the protocol. */
const refusals = [
  'authorization.error',
  'pushed_authorization_request.error',
  'grant.error',
  'userinfo.error',
  'introspection.error',
  'revocation.error',
  'end_session.error',
] as const

interface RefusedError extends Error {
  readonly error?: string
  readonly error_detail?: string
}

function logRefusal(ctx: Context, error: RefusedError): void {
  const relyingParty = ctx.oidc.entities.Client?.clientId
  exchangeOf(ctx).request.log.info({ outcome: error.error, relyingParty }, 'oidc request refused')
}

/**
 * "client authentication failed" and "grant request is invalid" cost integrators hours; what the library found (the method,
 * the secret, the code's age, the verifier) it says in words of its own, never with a value. RFC 6749, 5.2: no quotation
 * mark and no backslash.
 */
function tellDetail({ body }: Context, { error_detail: detail }: RefusedError): void {
  if (typeof body !== 'object' || body === null || detail === undefined) return
  const told = body as { error_description?: string }
  // Of some the library says the same in both.
  if (told.error_description === undefined || told.error_description.includes(detail)) return
  told.error_description = `${told.error_description}: ${detail}`.replace(/["\\]/g, "'").replace(/[^\x20-\x7e]/g, '?')
}

/** The addresses that the library tells and compares with are those of BASE_URL, whatever Host a request names. */
function addressAs(baseUrl: string, { request }: Exchange): void {
  const { host, protocol } = new URL(baseUrl)
  Object.assign(request.raw.headers, { host, 'x-forwarded-host': host, 'x-forwarded-proto': protocol.slice(0, -1) })
}

function suggestLanguage({ request }: Exchange): void {
  const { ui_locales: languages } = request.query as { ui_locales?: unknown }
  if (typeof languages === 'string') request.suggestedLocale = firstLocale(languages)
}

function answer(provider: Provider, ctx: Context, exchange: Exchange): FastifyReply {
  const { reply } = exchange
  moveHeaders(provider, ctx, reply)
  if (exchange.page) return exchange.page()
  // OPTIONS from no page: it answers those of pages (CORS) only.
  if (ctx.status === 404 && ctx.body === undefined) {
    if (exchange.request.routeOptions.config.api) return reply.problem({ status: 404, title: 'Not found' })
    reply.callNotFound()
    return reply
  }
  if (discoveryPaths.some((path) => path === ctx.path) || ctx.path === paths.jwks) publish(ctx, reply)
  const page = pageBack(ctx, exchange)
  if (page) return page
  void reply.status(ctx.status)
  // What a redirect says in words nobody reads.
  if (ctx.status >= 300 && ctx.status < 400) return reply.removeHeader('content-type').send('')
  const { body } = ctx
  return reply.send(
    typeof body === 'string' || body === undefined || body === null ? (body ?? '') : JSON.stringify(body),
  )
}

/**
 * Empties the context of a request that is answered. The library defines `ctx.oidc` by a getter; V8 makes getters among
 * the old objects, where this one would keep the context, and by it the whole request, until the next full collection
 * (ADR 0005).
 */
function letGo(ctx: Context): void {
  for (const held of [ctx.oidc, ctx] as readonly (object | undefined)[]) {
    if (!held) continue
    for (const name of Reflect.ownKeys(held)) Reflect.set(held, name, undefined)
  }
  // Koa still listens for the end of the answer, and would read the context to tell of a connection that broke before it:
  // what is thrown there nobody catches, and the process ends.
  Reflect.set(ctx, 'onerror', ignoreLateError)
}

/** The answer is Fastify's by then, and so is what becomes of its connection. */
function ignoreLateError(): void {}

/** Koa wrote its headers onto Node's response: Fastify has to know them, or it would write over them. */
function moveHeaders(provider: Provider, ctx: Context, reply: FastifyReply): void {
  const { raw } = reply
  const kept = [
    provider.cookieName('resume'),
    ...(ctx.path.startsWith(paths.end_session) ? [provider.cookieName('session')] : []),
  ]
  for (const [name, value] of Object.entries(raw.getHeaders())) {
    raw.removeHeader(name)
    if (value === undefined || name === 'content-length') continue
    if (name !== 'set-cookie') void reply.header(name, value)
    else for (const cookie of withoutLifetime([value].flat().map(String), kept)) void reply.header(name, cookie)
  }
}

/** Documents for everyone: they may be kept a while, since a new key is published long before it signs. */
function publish(ctx: Context, reply: FastifyReply): void {
  void reply.header('cache-control', 'public, max-age=300').header('cross-origin-resource-policy', 'cross-origin')
  if (ctx.path !== paths.jwks && ctx.body) Object.assign(ctx.body, { response_modes_supported: ['query', 'fragment'] })
}

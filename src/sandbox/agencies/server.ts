import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import cookie from '@fastify/cookie'
import nunjucks from 'nunjucks'
import type { Random } from '../../platform/index.ts'
import { demoAgencies, type DemoAgency } from './agency.ts'
import { agencyError, makeOidcClient, type OidcClient } from './oidc-client.ts'
import { sessionAsJson } from './session.ts'
import { addPending, Visitors } from './visitors.ts'

/** The demo agencies, on a port of their own: another site than Cl@ve, as in production. */
export interface Agencies {
  readonly url: string
  listen(): Promise<void>
  /** Forgets who was logged in. */
  reset(): void
  close(): Promise<void>
}

export interface AgenciesParts {
  readonly port: number
  /** Address to listen on; 127.0.0.1 unless told. */
  readonly host?: string | undefined
  readonly issuer: string
  readonly random: Random
  /** Registers an agency at Cl@ve; answers its client secret where it gets one. */
  readonly register: (
    agency: DemoAgency,
    home: string,
    metadata: Readonly<Record<string, unknown>>,
  ) => Promise<string | undefined>
}

/** Request parameters that a developer may set in an agency's login link: /aeat/login?prompt=none&max_age=0. */
const wishNames = [
  'acr_values',
  'claims',
  'id_token_hint',
  'login_hint',
  'max_age',
  'prompt',
  'scope',
  'ui_locales',
] as const

interface MountedAgency {
  readonly agency: DemoAgency
  readonly client: OidcClient
  readonly base: string
  readonly visitors: Visitors
}

export async function makeAgencies({ port, host, issuer, random, register }: AgenciesParts): Promise<Agencies> {
  const url = `http://127.0.0.1:${port}`
  const mounted: MountedAgency[] = await Promise.all(
    demoAgencies.map(async (agency) => {
      const base = `${url}/${agency.id}`
      const client = await makeOidcClient({
        agency,
        issuer,
        base,
        register: (metadata) => register(agency, base, metadata),
      })
      return { agency, client, base, visitors: new Visitors() }
    }),
  )
  const app = fastify({ logger: false, forceCloseConnections: true })
  await app.register(cookie)
  const views = nunjucks.configure(`${import.meta.dirname}/views`, { autoescape: true })
  const page = (reply: FastifyReply, template: string, model: object) =>
    reply.type('text/html; charset=utf-8').send(views.render(template, model))

  app.addHook('onSend', async (_request, reply) => {
    reply.headers({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
  })
  app.get('/', (_request, reply) => page(reply, 'index.njk', { agencies: demoAgencies, issuer }))
  app.get('/favicon.ico', (_request, reply) => reply.code(204).send())
  app.get('/style.css', (_request, reply) => reply.type('text/css').send(views.render('style.css', {})))
  for (const one of mounted) mountAgency(app, one, { issuer, random, page })

  return {
    url,
    listen: async () => {
      await app.listen({ port, host: host ?? '127.0.0.1' })
    },
    reset: () => mounted.forEach(({ visitors }) => visitors.clear()),
    close: () => app.close(),
  }
}

interface MountParts {
  readonly issuer: string
  readonly random: Random
  readonly page: (reply: FastifyReply, template: string, model: object) => FastifyReply
}

function mountAgency(
  app: FastifyInstance,
  { agency, client, base, visitors }: MountedAgency,
  { issuer, random, page }: MountParts,
) {
  const path = `/${agency.id}`
  const cookieName = `${agency.id}-visitor`
  const visitorOf = (request: FastifyRequest) => visitors.find(request.cookies[cookieName])
  const newVisitor = (reply: FastifyReply) => {
    const id = random.token()
    reply.setCookie(cookieName, id, { path, httpOnly: true, sameSite: 'lax' })
    return visitors.create(id)
  }
  // The registered return address is on 127.0.0.1; a browser that came by "localhost" would lose its cookie on the way.
  const onCanonicalHost = (request: FastifyRequest, reply: FastifyReply): boolean => {
    if (request.host === new URL(base).host) return true
    void reply.redirect(new URL(request.url, base).href)
    return false
  }

  app.get(path, (request, reply) => {
    const visitor = visitorOf(request)
    return page(reply, 'agency.njk', {
      agency,
      issuer,
      session: visitor?.session,
      error: visitor?.error,
      view: sessionAsJson(agency, visitor),
    })
  })
  app.get(`${path}/session`, (request) => sessionAsJson(agency, visitorOf(request)))

  app.get<{ Querystring: Record<string, string> }>(`${path}/login`, async (request, reply) => {
    if (!onCanonicalHost(request, reply)) return reply
    const visitor = visitorOf(request) ?? newVisitor(reply)
    const wishes = Object.fromEntries(
      wishNames.flatMap((name) => (request.query[name] ? [[name, request.query[name]]] : [])),
    )
    try {
      const { url, state, pending } = await client.begin(wishes)
      addPending(visitor, state, pending)
      visitor.error = undefined
      return await reply.redirect(url.href)
    } catch (error) {
      // A pushed request can be refused before the browser ever leaves.
      visitor.error = agencyError(error)
      return reply.redirect(path)
    }
  })

  app.get<{ Querystring: Record<string, string> }>(`${path}/callback`, async (request, reply) => {
    const visitor = visitorOf(request) ?? newVisitor(reply)
    const state = request.query.state ?? ''
    const pending = visitor.pending.get(state)
    visitor.pending.delete(state)
    if (pending === undefined) {
      visitor.error = {
        error: 'unknown_state',
        error_description: 'This answer belongs to no login that this browser began here.',
      }
      return reply.redirect(path)
    }
    const result = await client.finish(new URL(request.url, base), state, pending)
    if ('error' in result) {
      visitor.session = undefined
      visitor.error = result
    } else {
      visitor.session = result
      visitor.error = undefined
    }
    return reply.redirect(path)
  })

  app.get(`${path}/logout`, async (request, reply) => {
    const visitor = visitorOf(request)
    const url = await client.logoutUrl(visitor?.session)
    if (visitor) visitor.session = undefined
    return reply.redirect(url.href)
  })
}

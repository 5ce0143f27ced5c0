import cookie from '@fastify/cookie'
import { fastifyFormbody } from '@fastify/formbody'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import nunjucks from 'nunjucks'
import type { Clock, Random } from '../../platform/index.ts'
import { indented } from '../indent-xml.ts'
import { demoAgencies, type DemoAgency } from './agency.ts'
import type { AgencyClient, Desk, Step } from './client.ts'
import { pin24hRoutes, type Pin24hParts } from './pin24h.ts'
import { makeOidcClient } from './oidc-client.ts'
import { makeSamlClient } from './saml-client.ts'
import { sessionAsJson } from './session.ts'
import { Visitors } from './visitors.ts'

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
  readonly clock: Clock
  readonly random: Random
  /** Registers an agency at Cl@ve by its `oidc`, `saml` or `clave` body; answers its client secret where it gets one. */
  readonly register: (
    agency: DemoAgency,
    home: string,
    input: Readonly<Record<string, unknown>>,
  ) => Promise<string | undefined>
  /** The older login that one of them has of its own; absent: it is not there. */
  readonly pin24h?: Pin24hParts | undefined
}

interface MountedAgency {
  readonly agency: DemoAgency
  readonly client: AgencyClient
  readonly base: string
  readonly visitors: Visitors
}

export async function makeAgencies(parts: AgenciesParts): Promise<Agencies> {
  const { port, host, issuer, random, pin24h } = parts
  const url = `http://127.0.0.1:${port}`
  const mounted = await Promise.all(
    demoAgencies.map(async (agency): Promise<MountedAgency> => {
      const base = `${url}/${agency.id}`
      return { agency, base, client: await clientOf(parts, agency, base), visitors: new Visitors() }
    }),
  )
  const app = fastify({ logger: false, forceCloseConnections: true })
  await app.register(cookie)
  await app.register(fastifyFormbody)
  const views = nunjucks.configure(`${import.meta.dirname}/views`, { autoescape: true })
  const page = (reply: FastifyReply, template: string, model: object) =>
    reply.type('text/html; charset=utf-8').send(views.render(template, model))

  app.addHook('onSend', async (_request, reply) => {
    reply.headers(fixedHeaders)
  })
  app.get('/', (_request, reply) => page(reply, 'index.njk', { agencies: demoAgencies, issuer }))
  app.get('/favicon.ico', (_request, reply) => reply.code(204).send())
  app.get('/style.css', (_request, reply) => reply.type('text/css').send(views.render('style.css', {})))
  app.get('/send.js', (_request, reply) => reply.type('text/javascript').send('document.forms[0].submit()\n'))
  for (const one of mounted) mountAgency(app, one, { issuer, random, page, pin24h })

  return {
    url,
    listen: async () => {
      await app.listen({ port, host: host ?? '127.0.0.1' })
    },
    reset() {
      for (const { visitors, client } of mounted) {
        visitors.clear()
        client.reset()
      }
    },
    close: () => app.close(),
  }
}

const fixedHeaders = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
}

function clientOf(parts: AgenciesParts, agency: DemoAgency, base: string): Promise<AgencyClient> {
  const { issuer, clock, random } = parts
  const register = (input: Readonly<Record<string, unknown>>) => parts.register(agency, base, input)
  const common = { issuer, base, clock, random, register }
  return agency.protocol === 'oidc' ? makeOidcClient({ ...common, agency }) : makeSamlClient({ ...common, agency })
}

interface MountParts {
  readonly issuer: string
  readonly random: Random
  readonly pin24h: Pin24hParts | undefined
  readonly page: (reply: FastifyReply, template: string, model: object) => FastifyReply
}

function deskOf({ agency, visitors }: MountedAgency, { issuer, random, page }: MountParts): Desk {
  const path = `/${agency.id}`
  const cookieName = `${agency.id}-visitor`
  return {
    path,
    visitorOf: (request) => visitors.find(request.cookies[cookieName]),
    newVisitor(reply) {
      const id = random.token()
      reply.setCookie(cookieName, id, { path, httpOnly: true, sameSite: 'lax' })
      return visitors.create(id)
    },
    endSessions: (fits) => visitors.endSessions(fits),
    go: (reply, step: Step) =>
      'to' in step ? reply.redirect(step.to) : page(reply, 'send.njk', { agency, issuer, step }),
  }
}

function mountAgency(app: FastifyInstance, mounted: MountedAgency, parts: MountParts): void {
  const { agency, client, base } = mounted
  const desk = deskOf(mounted, parts)
  const { path } = desk
  // The registered return address is on 127.0.0.1; a browser that came by "localhost" would lose its cookie on the way.
  const onCanonicalHost = (request: FastifyRequest, reply: FastifyReply): boolean => {
    if (request.host === new URL(base).host) return true
    void reply.redirect(new URL(request.url, base).href)
    return false
  }
  const wishesOf = (query: Readonly<Record<string, string>>) =>
    Object.fromEntries(client.wishNames.flatMap((name) => (query[name] ? [[name, query[name]]] : [])))

  app.get(path, (request, reply) => {
    const visitor = desk.visitorOf(request)
    const { session, error } = visitor ?? {}
    const { assertion } = session?.told ?? {}
    const readable = typeof assertion === 'string' ? indented(assertion) : ''
    return parts.page(reply, 'agency.njk', { agency, issuer: parts.issuer, session, error, assertion: readable })
  })
  app.get(`${path}/session`, (request) => sessionAsJson(agency, desk.visitorOf(request)))

  app.get<{ Querystring: Record<string, string> }>(`${path}/login`, async (request, reply) => {
    if (!onCanonicalHost(request, reply)) return reply
    const visitor = desk.visitorOf(request) ?? desk.newVisitor(reply)
    const step = await client.begin(visitor, wishesOf(request.query))
    visitor.error = 'error' in step ? step : undefined
    return 'error' in step ? reply.redirect(path) : desk.go(reply, step)
  })

  app.get<{ Querystring: Record<string, string> }>(`${path}/logout`, async (request, reply) => {
    if (!onCanonicalHost(request, reply)) return reply
    const visitor = desk.visitorOf(request)
    const step = await client.logout(visitor?.session, wishesOf(request.query))
    if (visitor) visitor.session = undefined
    return desk.go(reply, step)
  })
  client.routes(app, desk)
  const { issuer, page, pin24h } = parts
  if (agency.hasPin24h && pin24h) pin24hRoutes(app, desk, { ...pin24h, agency, issuer, page })
}

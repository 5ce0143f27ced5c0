import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { locales, type I18n, type Locale } from '../../platform/index.ts'
import type { DemoAgency } from './agency.ts'
import type { Desk } from './client.ts'
import type { AgencySession } from './visitors.ts'

/** Who entered with PIN 24 horas. */
export interface Pin24hEntered {
  readonly person: AgencySession['person']
  /** They have not come into Cl@ve yet, so they are told about it. */
  readonly open: boolean
}

/** What the old login of the Tax Agency works with. */
export interface Pin24hParts {
  readonly i18n: I18n
  /** Undefined: not these. */
  readonly enter: (document: string, pin: string) => Promise<Pin24hEntered | undefined>
  /** A test citizen who can try it, for the page to say. */
  readonly example: { readonly document: string; readonly pin: string }
}

interface Site extends Pin24hParts {
  readonly agency: DemoAgency
  readonly issuer: string
  readonly page: (reply: FastifyReply, template: string, model: object) => FastifyReply
}

type Query = Readonly<Record<string, unknown>>

/**
 * The agency's own older login, from before Cl@ve, and what those who still use it are told on entering, each time
 * (clave-domain, "Registering" 5): "register in Cl@ve", or "at another time". Nothing of it passes through Cl@ve.
 */
export function pin24hRoutes(app: FastifyInstance, desk: Desk, site: Site): void {
  const path = `${desk.path}/pin24h`
  const show = (request: FastifyRequest, reply: FastifyReply, template: string, more: object = {}) => {
    const { agency, issuer, example } = site
    const locale = localeOf(request)
    const t = site.i18n.translator(locale)
    return site.page(reply, template, { agency, issuer, example, path, locale, locales, t, ...more })
  }
  app.get(path, (request, reply) => show(request, reply, 'pin24h.njk'))
  app.post<{ Body: Query | undefined }>(path, async (request, reply) => {
    const typed = textOf(request.body?.['document'])
    const entered = await site.enter(typed, textOf(request.body?.['pin']))
    if (!entered) return show(request, reply.code(422), 'pin24h.njk', { wrong: true, typed })
    const visitor = desk.visitorOf(request) ?? desk.newVisitor(reply)
    visitor.error = undefined
    // The agency itself vouches for no more than the lowest level.
    visitor.session = { person: entered.person, level: 'low', method: 'pin24h', told: {} }
    return reply.redirect(entered.open ? `${path}/notice?lang=${localeOf(request)}` : desk.path, 303)
  })
  app.get(`${path}/notice`, (request, reply) =>
    isInside(desk, request) ? show(request, reply, 'pin24h-notice.njk') : reply.redirect(path, 303),
  )
  app.get(`${path}/logout`, (request, reply) => {
    const visitor = desk.visitorOf(request)
    if (visitor && isInside(desk, request)) visitor.session = undefined
    return reply.redirect(desk.path, 303)
  })
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 100) : '')

const isInside = (desk: Desk, request: FastifyRequest): boolean => desk.visitorOf(request)?.session?.method === 'pin24h'

/** What `?lang=` says, else the browser's first language; English, as all of these agencies' pages are. */
function localeOf({ query, headers }: FastifyRequest): Locale {
  const wanted = (query as Query)['lang'] ?? headers['accept-language']?.slice(0, 2).toLowerCase()
  return locales.find((locale) => locale === wanted) ?? 'en'
}

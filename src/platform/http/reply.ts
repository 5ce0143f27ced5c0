import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Digest } from '../envelope.ts'
import { type I18n, locales, type TextDetails, type TextKey } from '../i18n.ts'
import { blank, type Printed } from '../views/stencil.ts'
import type { PageProblem, Views } from '../views/views.ts'
import { csrfToken } from './csrf.ts'
import { inLanguage } from './language.ts'

/** A refusal as this room sees it: the table that gives it a status is handed in. */
export interface Refused {
  readonly refused: string
  readonly details?: TextDetails
}

/** What the layout itself understands; the rest of a model belongs to the template. */
export interface PageModel {
  /** Which public body asks the citizen to identify. */
  readonly asking?: { readonly name: Printed; readonly application?: Printed | undefined } | undefined
  /** Back to the agency: a form's POST (`action`) or a link (`href`). */
  readonly wayOut?: { readonly name: Printed; readonly action?: Printed; readonly href?: string } | undefined
  /** Whole seconds until the page lapses, and the POST that gives more time, where more can be given. */
  readonly timeout?: { readonly seconds: number; readonly extend?: string | undefined } | undefined
  /** The page is the same for everybody but for its blanks (`Views.fill`): nothing else of the model is personal. */
  readonly stencil?: boolean
  readonly problems?: readonly PageProblem[] | undefined
  /** None where the page cannot be loaded again; this page's own address in each language unless told. */
  readonly languages?: readonly { readonly code: string; readonly href: string }[]
  readonly [name: string]: unknown
}

/** A room's own page for a refusal extends platform/views/refusal.njk. */
export interface RefusalModel extends PageModel {
  readonly template?: string
}

/** An error of HTTP for an API caller (RFC 9457). */
export interface HttpProblem {
  readonly status: number
  readonly title: string
  readonly detail?: string
  readonly field?: string
  readonly type?: string
}

/** The pages of platform:error.<name>. */
export type ErrorPage =
  'badRequest' | 'forged' | 'notFound' | 'tooLarge' | 'unsupported' | 'tooMany' | 'unavailable' | 'broken'

export interface ReplyParts {
  readonly i18n: I18n
  readonly views: Views
  readonly digest: Digest
  /** The HTTP status of a refusal, from its table. */
  readonly refusalStatus: (code: string) => number
}

/** API callers are those who say so, or whose route is an API; everyone else is a person. */
export function wantsProblem(request: FastifyRequest): boolean {
  if (request.routeOptions.config.api === true) return true
  const accept = request.headers.accept ?? ''
  return accept.includes('json') && !accept.includes('text/html')
}

export function sendProblem(reply: FastifyReply, { status, title, detail, field, type }: HttpProblem): FastifyReply {
  const body = { type: type ?? 'about:blank', title, status, ...(detail && { detail }), ...(field && { field }) }
  return reply.status(status).type('application/problem+json').send(JSON.stringify(body))
}

/** What a person quotes: the beginning of the request's id, short enough to be read out, long enough to find its lines. */
export const incidentOf = (request: FastifyRequest): string => request.id.slice(0, 12)

/** The token is made when a template first prints it: a page without a form sets no cookie. */
function lazyToken(digest: Digest, reply: FastifyReply): Printed {
  let token: string | undefined
  return blank(() => (token ??= csrfToken(digest, reply.ensureBrowser())))
}

const timeLeft = ({ seconds, extend }: NonNullable<PageModel['timeout']>): object => ({
  seconds: blank(String(seconds)),
  minutes: Math.ceil(seconds / 60),
  extend: blank(extend),
})

export function sendPage(
  parts: ReplyParts,
  reply: FastifyReply,
  template: string,
  model: PageModel,
  status = 200,
): FastifyReply {
  const { request } = reply
  const whole = {
    languages: locales.map((code) => ({ code, href: blank(inLanguage(request.url, code)) })),
    ...model,
    timeout: model.timeout && timeLeft(model.timeout),
    csrf: lazyToken(parts.digest, reply),
    nonce: blank(reply.nonce),
  }
  const { views } = parts
  const html = model.stencil
    ? views.fill(template, request.locale, whole)
    : views.render(template, request.locale, whole)
  return reply.status(status).type('text/html; charset=utf-8').send(html)
}

export function sendError(
  parts: ReplyParts,
  reply: FastifyReply,
  status: number,
  page: ErrorPage,
  field?: string,
): FastifyReply {
  const { request } = reply
  const t = parts.i18n.translator(request.locale)
  if (wantsProblem(request)) {
    const detail = t(`platform:error.${page}.body`)
    return sendProblem(reply, { status, title: t(`platform:error.${page}.title`), detail, ...(field && { field }) })
  }
  return sendPage(parts, reply, 'platform/views/error.njk', { error: page, incident: incidentOf(request) }, status)
}

export function sendRefusal(
  parts: ReplyParts,
  reply: FastifyReply,
  refusal: Refused,
  model: RefusalModel = {},
): FastifyReply {
  const { request } = reply
  const { refused, details } = refusal
  const status = parts.refusalStatus(refused)
  const text = (part: 'title' | 'body' | 'remedy') =>
    parts.i18n.translator(request.locale)(`refusal:${refused}.${part}` as TextKey, details)
  if (wantsProblem(request)) {
    const problem = { status, title: text('title'), detail: `${text('body')} ${text('remedy')}` }
    return sendProblem(reply, { ...problem, type: `urn:clave:refusal:${refused}` })
  }
  const { template, ...rest } = model
  const page = {
    ...rest,
    refusal: { code: refused, title: text('title'), body: text('body'), remedy: text('remedy') },
  }
  return sendPage(
    parts,
    reply,
    template ?? 'platform/views/refusal.njk',
    { ...page, incident: incidentOf(request) },
    status,
  )
}

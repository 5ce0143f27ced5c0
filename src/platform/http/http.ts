import { fastifyFormbody } from '@fastify/formbody'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import {
  fastify,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from 'fastify'
import { readAssets } from '../assets.ts'
import type { Digest } from '../envelope.ts'
import type { I18n, Locale } from '../i18n.ts'
import type { Random } from '../random.ts'
import { requestIds } from '../request-id.ts'
import { noteUnusedConnections } from '../shutdown.ts'
import { makeViews } from '../views/views.ts'
import { serveAssets } from './asset-routes.ts'
import { isForged } from './csrf.ts'
import { addEventStreams } from './event-stream.ts'
import { handleError, handleNotFound, handleUnroutable } from './errors.ts'
import { cameraPermissions, contentPolicy, fixedHeaders, type FormTargets } from './headers.ts'
import { languageChoice, preferredLocale } from './language.ts'
import { requestLog } from './request-log.ts'
import {
  type HttpProblem,
  type PageModel,
  type RefusalModel,
  type Refused,
  type ReplyParts,
  sendError,
  sendPage,
  sendProblem,
  sendRefusal,
} from './reply.ts'
import { serveStaticPages } from './static-pages.ts'
import { cookieNames, cookieSetters, markRaw, readVisit, type Visit } from './visit.ts'

export interface HttpParts {
  readonly i18n: I18n
  readonly random: Random
  readonly digest: Digest
  /** The HTTP status of a refusal, from its table. */
  readonly refusalStatus: (code: string) => number
  /** TLS stands before this server: cookies get `__Host-` and Secure, HSTS is sent. */
  readonly secure: boolean
  /** Agencies may have http return addresses (sandbox only). */
  readonly insecureFormTargets?: boolean
  /** Which proxies' X-Forwarded-* headers are believed. */
  readonly trustProxy?: NonNullable<FastifyServerOptions['trustProxy']>
  /** Where neither the agency nor the browser asks for a language that there is; Spanish unless told. */
  readonly defaultLocale?: Locale
  readonly log?: FastifyBaseLogger
  /** Event streams that may be open at once; 20,000 unless told. */
  readonly mostStreams?: number
}

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `false`: the form is not sent by a page of ours (a door for agencies), or no cookie matters (an API). */
    csrf?: boolean
    /** `true`: errors are always problem+json, never pages. */
    api?: boolean
    /** `agencies`: the forms of this page may lead, through redirects, to an agency. */
    formTargets?: FormTargets
    /** `true`: this page is the citizen's app: it may use the camera, the phone's own unlock, and a service worker. */
    camera?: boolean
  }
  interface FastifyRequest {
    readonly visit: Visit
    /** The language of the pages: chosen with the switch, else suggested, else the browser's, else Spanish. */
    readonly locale: Locale
    /** A language to use unless the person chose one (ui_locales). */
    suggestedLocale: Locale | undefined
    visitRead: Visit | undefined
  }
  interface FastifyReply {
    /** For `<script nonce>`: the one of this answer's policy. */
    nonce: string
    /** The digest of the browser's cookie, which is set where there was none. */
    ensureBrowser(): string
    setSession(token: string): void
    clearSession(): void
    setLanguage(locale: Locale): void
    page(template: string, model?: PageModel, status?: number): FastifyReply
    /** Says a refusal: a page with its texts, or problem+json for API callers. */
    refuse(refusal: Refused, model?: RefusalModel): FastifyReply
    /** 503: a page, or problem+json for API callers. */
    unavailable(): FastifyReply
    /** problem+json, whoever asks. */
    problem(problem: HttpProblem): FastifyReply
  }
}

/** Fastify with everything that all pages share. Routes are added by the rooms. */
export function makeHttp(parts: HttpParts): App {
  const assets = readAssets()
  const views = makeViews({
    i18n: parts.i18n,
    assets,
    onUnfit: (template) => parts.log?.warn({ part: template }, 'a page does not fit its stencil'),
  })
  const replyParts: ReplyParts = { ...parts, views }
  const headers = headerSetter(parts)
  const app = bareServer(parts, (error, request, reply) => {
    headers(request, reply)
    handleUnroutable(replyParts)(error, request, reply)
  })
  addVisit(app, parts)
  addEventStreams(app, parts.mostStreams)
  addReplies(app, parts, replyParts)
  app.addHook('onRequest', (request, reply, done) => {
    markRaw(request)
    headers(request, reply)
    const choice = languageChoice(request)
    if (!choice) return done()
    reply.setLanguage(choice.locale)
    reply.redirect(choice.to, 303)
  })
  app.addHook('preValidation', (request, reply, done) => {
    if (!isForged(parts.digest, request)) return done()
    sendError(replyParts, reply, 403, 'forged')
  })
  app.setErrorHandler(handleError(replyParts))
  app.setNotFoundHandler(handleNotFound(replyParts))
  serveAssets(app, assets)
  serveStaticPages(app, cookieNames(parts.secure))
  return app
}

function bareServer(parts: HttpParts, onBadRequest: NonNullable<FastifyServerOptions['frameworkErrors']>): App {
  const app = fastify({
    ...(parts.log ? { loggerInstance: parts.log } : {}),
    ...(parts.trustProxy === undefined ? {} : { trustProxy: parts.trustProxy }),
    logController: requestLog(),
    genReqId: requestIds(parts.random, parts.trustProxy !== undefined && parts.trustProxy !== false),
    requestIdHeader: false,
    bodyLimit: 32 * 1024,
    requestTimeout: 15_000,
    keepAliveTimeout: 30_000,
    // What comes while the server stops, on a connection that is in use, is answered as ever: the machinery ends last.
    return503OnClosing: false,
    frameworkErrors: onBadRequest,
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, useDefaults: true } },
  }).withTypeProvider<TypeBoxTypeProvider>()
  noteUnusedConnections(app)
  app.removeContentTypeParser('text/plain')
  app.register(fastifyFormbody)
  return app
}

function addVisit(app: App, parts: HttpParts): void {
  const names = cookieNames(parts.secure)
  const fallback = parts.defaultLocale ?? 'es'
  app.decorateRequest('visitRead', undefined)
  app.decorateRequest('suggestedLocale', undefined)
  app.decorateRequest('visit', {
    getter() {
      return (this.visitRead ??= readVisit(names, this))
    },
  })
  app.decorateRequest('locale', {
    getter() {
      return this.visit.language ?? this.suggestedLocale ?? preferredLocale(this.headers['accept-language']) ?? fallback
    },
  })
}

function addReplies(app: App, parts: HttpParts, replyParts: ReplyParts): void {
  const { ensureBrowser, setSession, clearSession, setLanguage } = cookieSetters(parts)
  app.decorateReply('nonce', '')
  app.decorateReply('ensureBrowser', ensureBrowser)
  app.decorateReply('setSession', setSession)
  app.decorateReply('clearSession', clearSession)
  app.decorateReply('setLanguage', setLanguage)
  app.decorateReply('page', function (this: FastifyReply, template: string, model: PageModel = {}, status = 200) {
    return sendPage(replyParts, this, template, model, status)
  })
  app.decorateReply('refuse', function (this: FastifyReply, refusal: Refused, model?: RefusalModel) {
    return sendRefusal(replyParts, this, refusal, model)
  })
  app.decorateReply('unavailable', function (this: FastifyReply) {
    return sendError(replyParts, this, 503, 'unavailable')
  })
  app.decorateReply('problem', function (this: FastifyReply, problem: HttpProblem) {
    return sendProblem(this, problem)
  })
}

function headerSetter(parts: HttpParts): (request: FastifyRequest, reply: FastifyReply) => void {
  const options = { secure: parts.secure, insecureFormTargets: parts.insecureFormTargets ?? false }
  const fixed = fixedHeaders(options)
  const policy = contentPolicy(options)
  return (request, reply) => {
    reply.nonce = parts.random.token(16)
    const { formTargets = 'self', camera = false } = request.routeOptions.config
    reply.headers(fixed)
    if (camera) reply.header('permissions-policy', cameraPermissions)
    reply.header('content-security-policy', policy(reply.nonce, formTargets))
  }
}

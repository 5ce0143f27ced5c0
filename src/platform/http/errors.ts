import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { preferredLocale } from './language.ts'
import { type ErrorPage, incidentOf, type ReplyParts, sendError } from './reply.ts'

const pages: Record<number, ErrorPage> = {
  403: 'forged',
  404: 'notFound',
  413: 'tooLarge',
  415: 'unsupported',
  429: 'tooMany',
  503: 'unavailable',
}

/** The only error handler: a page for people, problem+json for API callers, and the log for the unexpected. */
export const handleError = (parts: ReplyParts) =>
  function (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const status = error.validation ? 400 : statusOf(error)
    if (status === 503) notePutOff(reply, error)
    else if (status >= 500) request.log.error({ err: error }, 'request failed')
    const page = pages[status] ?? (status >= 500 ? 'broken' : 'badRequest')
    try {
      return sendError(parts, reply, status, page, faultyField(error))
    } catch (err) {
      // Fastify would say the error's message to whoever asked.
      request.log.error({ err }, 'the page of an error failed')
      return reply.status(500).type('text/plain').send('500\n')
    }
  }

/** Something that the request needs is away for now: a warning to the operator; the caller hears when to come again. */
export function notePutOff(reply: FastifyReply, err: Error): void {
  reply.request.log.warn({ err }, 'request put off')
  void reply.header('retry-after', '5')
}

export const handleNotFound = (parts: ReplyParts) =>
  function (_request: FastifyRequest, reply: FastifyReply): FastifyReply {
    return sendError(parts, reply, 404, 'notFound')
  }

/** What Fastify cannot route (`/%zz`) reaches neither hooks nor decorations: the page is made from what is left. */
export const handleUnroutable = (parts: ReplyParts) =>
  function (_error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
    const locale = preferredLocale(request.headers['accept-language']) ?? 'es'
    const model = { error: 'badRequest', incident: incidentOf(request), nonce: reply.nonce, languages: [] }
    const html = parts.views.render('platform/views/error.njk', locale, model)
    void reply.status(400).type('text/html; charset=utf-8').send(html)
  }

function statusOf(error: FastifyError): number {
  const status = error.statusCode
  return status !== undefined && status >= 400 && status < 600 ? status : 500
}

/** The field that a schema refused: its path, or the property that is missing or too many. */
function faultyField(error: FastifyError): string | undefined {
  const fault = error.validation?.[0]
  if (!fault) return undefined
  const extra = fault.params['missingProperty'] ?? fault.params['additionalProperty']
  const path = fault.instancePath.split('/').filter(Boolean)
  return [...path, ...(typeof extra === 'string' ? [extra] : [])].join('.') || undefined
}

import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import { parseDocument } from '../citizen/index.ts'
import type { App } from '../platform/index.ts'
import { parseDuration } from './movable-clock.ts'
import { nextLoginRoutes } from './next-login-routes.ts'
import type { SandboxParts } from './parts.ts'

const api = { config: { api: true, csrf: false } } as const
const base = '/sandbox/api'

/** The JSON for tests (sandbox.md); errors are problem+json and name the field at fault. */
export function apiRoutes(app: App, parts: SandboxParts): void {
  app.addHook('onRequest', async (request, reply) => {
    if (!request.url.startsWith(base)) return
    // Programs rarely say a language, and what this door says itself is English.
    if (!/\bes\b/i.test(request.headers['accept-language'] ?? '')) request.suggestedLocale = 'en'
    // Any page that a developer happens to have open could send these with a form.
    if (request.headers['sec-fetch-site'] !== 'cross-site') return
    return reply.problem({
      status: 403,
      title: 'Cross-site request',
      detail: 'Call the sandbox from a program, or from its own page.',
    })
  })
  app.get(`${base}/citizens`, api, () => parts.citizens('en'))
  messages(app, parts)
  nextLoginRoutes(app, parts)
  clock(app, parts)
  relyingParties(app, parts)
  app.post(`${base}/reset`, api, async (_request, reply) => {
    await parts.reset()
    return reply.code(204).send()
  })
  app.all(`${base}/*`, api, (request, reply) => {
    const detail = `There is no ${request.method} ${request.url}; docs/integrators/sandbox.md lists the calls.`
    return reply.problem({ status: 404, title: 'No such call', detail })
  })
}

const unreadable = (reply: FastifyReply, field: string, detail: string) =>
  reply.problem({ status: 422, title: 'Unreadable value', detail, field })

function messages(app: App, parts: SandboxParts): void {
  const querystring = Type.Object({
    document: Type.Optional(Type.String()),
    channel: Type.Optional(Type.Union(['sms', 'email', 'letter', 'push'].map((channel) => Type.Literal(channel)))),
    after: Type.Optional(Type.String()),
  })
  app.get(`${base}/messages`, { ...api, schema: { querystring } }, ({ query }, reply) => {
    // What is mistyped would be waited for in vain. An id that is unknown is no mistake: a reset forgets it.
    if (query.document && 'wrong' in parseDocument(query.document))
      return unreadable(reply, 'document', 'A DNI or NIE with its letter, e.g. 99999999R.')
    return parts.messages(query)
  })
  const params = Type.Object({ id: Type.String(), nth: Type.String({ pattern: '^[0-9]{1,3}$' }) })
  app.get(`${base}/messages/:id/attachments/:nth`, { ...api, schema: { params } }, ({ params: { id, nth } }, reply) => {
    const found = parts.attachment(id, Number(nth))
    if (found === undefined) {
      const detail = 'GET /sandbox/api/messages lists the attachments of each message.'
      return reply.problem({ status: 404, title: 'No such attachment', detail })
    }
    const name = encodeURIComponent(found.filename).replace(
      /['()*]/g,
      (character) => `%${character.charCodeAt(0).toString(16)}`,
    )
    return reply
      .type(found.type)
      .header('content-disposition', `attachment; filename*=UTF-8''${name}`)
      .send(found.content)
  })
}

/** Seconds that one call may move the clock: ten years, so that a mistyped duration does not end every test citizen. */
const longestMove = 10 * 366 * 86_400

function clock(app: App, parts: SandboxParts): void {
  const now = () => ({ now: parts.clock.now().toISOString(), real: parts.clock.wire().toISOString() })
  app.get(`${base}/clock`, api, now)
  app.post(
    `${base}/clock`,
    { ...api, schema: { body: Type.Object({ advance: Type.Unknown() }) } },
    async ({ body }, reply) => {
      const seconds = typeof body.advance === 'string' ? parseDuration(body.advance) : undefined
      if (seconds === undefined || seconds > longestMove) {
        const detail =
          'A text: an ISO 8601 duration of weeks, days, hours, minutes and seconds, forward only, ten years at most: "PT10M", "P30D".'
        return reply.problem({ status: 422, title: 'Not a duration', detail, field: 'advance' })
      }
      parts.clock.advance(seconds)
      await parts.clockMoved()
      return now()
    },
  )
}

function relyingParties(app: App, parts: SandboxParts): void {
  const path = `${base}/relying-parties`
  app.get(path, api, () => parts.relyingParties.list())
  app.post(path, { ...api, schema: { body: Type.Object({}) } }, async ({ body }, reply) => {
    const answer = await parts.relyingParties.register(body)
    return 'problem' in answer
      ? reply.problem({ status: 422, ...answer.problem })
      : reply.code(201).send(answer.registered)
  })
  const byId = { ...api, schema: { body: Type.Object({}), params: Type.Object({ id: Type.String() }) } }
  app.put(`${path}/:id`, byId, async ({ params, body }, reply) => {
    const answer = await parts.relyingParties.change(params.id, body)
    if (answer === undefined)
      return reply.problem({
        status: 404,
        title: 'Unknown relying party',
        detail: `No relying party has the id "${params.id}".`,
      })
    return 'problem' in answer ? reply.problem({ status: 422, ...answer.problem }) : answer.registered
  })
}

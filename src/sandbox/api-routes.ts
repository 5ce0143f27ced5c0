import { Type } from 'typebox'
import { methodNames } from '../citizen/index.ts'
import type { App } from '../platform/index.ts'
import { refusals, type RefusalCode } from '../refusal/index.ts'
import { parseDuration } from './movable-clock.ts'
import type { SandboxParts } from './parts.ts'

const api = { config: { api: true, csrf: false } } as const
const base = '/sandbox/api'

/** The JSON for tests (sandbox.md); errors are problem+json and name the field at fault. */
export function apiRoutes(app: App, parts: SandboxParts): void {
  // Any page that a developer happens to have open could send these with a form.
  app.addHook('onRequest', async (request, reply) => {
    if (!request.url.startsWith(base) || request.headers['sec-fetch-site'] !== 'cross-site') return
    return reply.problem({
      status: 403,
      title: 'Cross-site request',
      detail: 'Call the sandbox from a program, or from its own page.',
    })
  })
  app.get(`${base}/citizens`, api, () => parts.citizens())
  messages(app, parts)
  nextLogin(app, parts)
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

function messages(app: App, parts: SandboxParts): void {
  const querystring = Type.Object({
    document: Type.Optional(Type.String()),
    channel: Type.Optional(Type.Union(['sms', 'email', 'letter', 'push'].map((channel) => Type.Literal(channel)))),
    after: Type.Optional(Type.String()),
  })
  app.get(`${base}/messages`, { ...api, schema: { querystring } }, ({ query }) => parts.messages(query))
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

function nextLogin(app: App, parts: SandboxParts): void {
  const body = Type.Object({
    citizen: Type.Optional(Type.String()),
    method: Type.Optional(Type.String()),
    rp: Type.Optional(Type.String()),
    outcome: Type.Optional(Type.String()),
  })
  app.post(`${base}/next-login`, { ...api, schema: { body } }, async ({ body: wish }, reply) => {
    const unknown = (field: string, detail: string) =>
      reply.problem({ status: 422, title: 'Unknown value', detail, field })
    if (wish.rp !== undefined && !(await parts.relyingParties.find(wish.rp))) {
      return unknown('rp', `No relying party has the id "${wish.rp}".`)
    }
    if (wish.outcome !== undefined) {
      if (!isRefusalCode(wish.outcome)) return unknown('outcome', `One of: ${Object.keys(refusals).join(', ')}.`)
      return { id: await parts.nextLogins.put(wish.rp, { outcome: wish.outcome }) }
    }
    const citizen = await parts.citizenId(wish.citizen ?? '')
    if (citizen === undefined) return unknown('citizen', 'The document of a test citizen, e.g. 99999999R.')
    const method = methodNames.find((name) => name === wish.method && parts.methods.includes(name))
    if (method === undefined) return unknown('method', `One of: ${parts.methods.join(', ')}.`)
    return { id: await parts.nextLogins.put(wish.rp, { citizen, method }) }
  })
}

const isRefusalCode = (text: string): text is RefusalCode => Object.hasOwn(refusals, text)

/** Seconds that one call may move the clock: ten years, so that a mistyped duration does not end every test citizen. */
const longestMove = 10 * 366 * 86_400

function clock(app: App, parts: SandboxParts): void {
  const now = () => ({ now: parts.clock.now().toISOString(), real: parts.clock.wire().toISOString() })
  app.get(`${base}/clock`, api, now)
  app.post(
    `${base}/clock`,
    { ...api, schema: { body: Type.Object({ advance: Type.String() }) } },
    async ({ body }, reply) => {
      const seconds = parseDuration(body.advance)
      if (seconds === undefined || seconds > longestMove) {
        const detail =
          'An ISO 8601 duration of weeks, days, hours, minutes and seconds, forward only, ten years at most: PT10M, P30D.'
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

import { Type } from 'typebox'
import type { App } from '../platform/index.ts'
import { refusals, type RefusalCode } from '../refusal/index.ts'
import { methodNames } from '../citizen/index.ts'
import { phoneTold } from './movil-routes.ts'
import type { SandboxParts } from './parts.ts'

/** What a developer may move the clock by, with one button each: the lifetimes that are worth seeing lapse. */
const moves = [
  { text: 'sandbox:clock.minute', seconds: 60 },
  { text: 'sandbox:clock.tenMinutes', seconds: 600 },
  { text: 'sandbox:clock.hour', seconds: 3_600 },
  { text: 'sandbox:clock.day', seconds: 86_400 },
  { text: 'sandbox:clock.month', seconds: 30 * 86_400 },
  { text: 'sandbox:clock.year', seconds: 365 * 86_400 },
] as const

/** The sandbox by hand: what the JSON does, as a page. */
export function pageRoutes(app: App, parts: SandboxParts): void {
  app.get('/', (_request, reply) =>
    reply.page('sandbox/views/home.njk', { issuer: parts.issuer, agenciesUrl: parts.agenciesUrl }),
  )

  const query = Type.Object({ phone: Type.Optional(Type.String()) })
  app.get('/sandbox', { schema: { querystring: query } }, async (request, reply) => {
    const [messages, relyingParties] = await Promise.all([parts.messages({}), parts.relyingParties.list()])
    return reply.page('sandbox/views/sandbox.njk', {
      agenciesUrl: parts.agenciesUrl,
      citizens: parts.citizens(),
      messages: messages.slice(-20).reverse(),
      relyingParties,
      methods: parts.methods,
      phoneTold: phoneTold.find((told) => told === request.query.phone),
      outcomes: Object.keys(refusals),
      moves,
      now: parts.clock.now().toISOString(),
      real: parts.clock.wire().toISOString(),
    })
  })

  const clockBody = Type.Object({ seconds: Type.String({ pattern: '^[0-9]{1,9}$' }) })
  app.post('/sandbox/clock', { schema: { body: clockBody } }, async ({ body }, reply) => {
    parts.clock.advance(Number(body.seconds))
    await parts.clockMoved()
    return reply.redirect('/sandbox#clock', 303)
  })

  const nextBody = Type.Object({
    citizen: Type.String(),
    method: Type.String(),
    outcome: Type.String(),
    rp: Type.String(),
  })
  app.post('/sandbox/next-login', { schema: { body: nextBody } }, async ({ body }, reply) => {
    const rp = body.rp === '' ? undefined : body.rp
    const citizen = await parts.citizenId(body.citizen)
    const method = methodNames.find((name) => name === body.method)
    if (Object.hasOwn(refusals, body.outcome)) await parts.nextLogins.put(rp, { outcome: body.outcome as RefusalCode })
    else if (citizen !== undefined && method !== undefined) await parts.nextLogins.put(rp, { citizen, method })
    return reply.redirect('/sandbox#next-login', 303)
  })

  app.post('/sandbox/reset', async (_request, reply) => {
    await parts.reset()
    return reply.redirect('/sandbox', 303)
  })
}

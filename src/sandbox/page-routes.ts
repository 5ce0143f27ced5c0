import { Type } from 'typebox'
import type { App, Locale } from '../platform/index.ts'
import { refusals } from '../refusal/index.ts'
import { phoneTold } from './movil-routes.ts'
import { nextTold } from './next-login-routes.ts'
import type { PendingLogin } from './next-login.ts'
import type { ListedParty, SandboxParts, ShownCitizen } from './parts.ts'

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

  const text = Type.Optional(Type.String())
  const query = Type.Object({ phone: text, next: text })
  app.get('/sandbox', { schema: { querystring: query } }, async (request, reply) => {
    const [messages, relyingParties] = await Promise.all([parts.messages({}), parts.relyingParties.list()])
    const citizens = parts.citizens(request.locale)
    const pending = await parts.nextLogins.pending()
    return reply.page('sandbox/views/sandbox.njk', {
      agenciesUrl: parts.agenciesUrl,
      citizens,
      withPassword: passwordOf(citizens, request.locale),
      messages: messages.slice(-20).reverse(),
      relyingParties,
      methods: parts.methods,
      pending: pending.map((one) => namedIn(one, citizens, relyingParties)),
      nextTold: nextTold.find((told) => told === request.query.next),
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

  app.post('/sandbox/reset', async (_request, reply) => {
    await parts.reset()
    return reply.redirect('/sandbox', 303)
  })
}

/** Who has a password, and which: all have the same. */
function passwordOf(citizens: readonly ShownCitizen[], locale: Locale) {
  const some = citizens.filter(({ password }) => password !== null)
  const documents = new Intl.ListFormat(locale).format(some.map(({ document }) => document))
  return { documents, password: some[0]?.password ?? '' }
}

/** A pending login with the names that people know. */
function namedIn(one: PendingLogin, citizens: readonly ShownCitizen[], parties: readonly ListedParty[]) {
  const name = citizens.find(({ document }) => document === one.citizen)?.name ?? ''
  return { ...one, name, document: one.citizen, party: parties.find(({ id }) => id === one.rp)?.name ?? one.rp }
}

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { settle, unexpected, type Desk } from './client.ts'
import { inResponseTo, invalid, readAnswer, statusOf, type AnswerParts } from './saml-answer.ts'
import type { Arrival, SamlDealings } from './saml-dealings.ts'
import { logoutResponse } from './saml-messages.ts'
import type { VerifiedMessage } from './saml-peer.ts'
import { attributesOf, elementsOf, rootOf, textOf } from './saml-reading.ts'
import { newId, send } from './saml-send.ts'

type Form = Readonly<Record<string, string | undefined>>

/** Where the answers of Cl@ve come in, and its wish that a session ends. */
export function samlRoutes(app: FastifyInstance, desk: Desk, dealings: SamlDealings): void {
  const { agency, names } = dealings
  // A form that comes from another site brings no cookie: what it says waits for a GET of ours, which does.
  const keep = (reply: FastifyReply, arrival: Arrival) => {
    const ticket = dealings.random.token()
    dealings.arrivals.put(ticket, arrival)
    return reply.redirect(`${desk.path}/arrived?ticket=${ticket}`, 303)
  }
  app.post<{ Body: Form | undefined }>(`${desk.path}/acs`, async (request, reply) =>
    keep(reply, await arrived(dealings, request.body ?? {})),
  )
  app.get<{ Querystring: Form }>(`${desk.path}/arrived`, (request, reply) => {
    const visitor = desk.visitorOf(request) ?? desk.newVisitor(reply)
    const arrival = dealings.arrivals.take(request.query['ticket'])
    if (arrival === undefined || (arrival.visitor ?? visitor.id) !== visitor.id) visitor.error = unexpected
    else settle(visitor, arrival.result)
    return reply.redirect(desk.path)
  })
  if (agency.face === 'clave')
    app.post<{ Body: Form | undefined }>(`${desk.path}/logout-return`, async (request, reply) =>
      loggedOut(dealings, keep, reply, desk, request.body?.['logoutResponse'], request.body?.['RelayState']),
    )
  else {
    app.get(`${desk.path}/metadata`, (_request, reply) =>
      reply.type('application/samlmetadata+xml').send(names.metadata),
    )
    singleLogout(app, desk, dealings, keep)
  }
}

/** Every check of a Response that came in; the pending login is used up by it. */
async function arrived(dealings: SamlDealings, form: Form): Promise<Arrival> {
  const { agency, names, clock, logins } = dealings
  let message: VerifiedMessage
  try {
    message = await dealings.peer.verify(form['SAMLResponse'] ?? '')
    const pending = logins.take(inResponseTo(message.xml))
    if (pending === undefined) return { visitor: undefined, result: unexpected }
    const parts: AnswerParts = {
      agency,
      audience: agency.face === 'clave' ? names.acs : names.entityId,
      acs: names.acs,
      peer: await dealings.peer.known(),
      now: clock.wire(),
    }
    return { visitor: pending.visitor, result: readAnswer(parts, message, pending, form['RelayState']) }
  } catch (error) {
    return { visitor: undefined, result: invalid((error as Error).message) }
  }
}

type Keep = (reply: FastifyReply, arrival: Arrival) => FastifyReply

/** The answer to our LogoutRequest: only a failure has something to say. */
async function loggedOut(
  dealings: SamlDealings,
  keep: Keep,
  reply: FastifyReply,
  desk: Desk,
  answer: string | VerifiedMessage | undefined,
  relayState: string | undefined,
): Promise<FastifyReply> {
  const { names, peer, logouts } = dealings
  try {
    const { xml } = typeof answer === 'object' ? answer : await peer.verify(answer ?? '')
    const pending = logouts.take(inResponseTo(xml))
    const [{ destination } = {}] = attributesOf(xml, ['LogoutResponse'], ['Destination', 'Version'])
    if (pending === undefined) return keep(reply, { visitor: undefined, result: unexpected })
    if (destination !== names.logoutReturn) throw new Error(`Destination is ${destination}, not ${names.logoutReturn}`)
    if (relayState !== pending.relayState) throw new Error('RelayState is not what was sent')
    const status = statusOf(xml)
    if (status.status !== 'Success') return keep(reply, { visitor: undefined, result: status })
    return reply.redirect(desk.path, 303)
  } catch (error) {
    return keep(reply, { visitor: undefined, result: invalid((error as Error).message) })
  }
}

/** Single logout of the standard face (SAML 2.0 profiles, 4.4): by address or form, begun here or elsewhere. */
function singleLogout(app: FastifyInstance, desk: Desk, dealings: SamlDealings, keep: Keep): void {
  const { peer } = dealings
  const take = async (
    reply: FastifyReply,
    values: Form,
    binding: 'redirect' | 'post',
    verify: (message: string) => Promise<VerifiedMessage>,
  ) => {
    const { SAMLRequest: asked, SAMLResponse: answered, RelayState: relayState } = values
    try {
      const message = await verify(asked ?? answered ?? '')
      if (asked === undefined) return await loggedOut(dealings, keep, reply, desk, message, relayState)
      return desk.go(reply, await endSession(dealings, desk, message.xml, relayState, binding))
    } catch (error) {
      return keep(reply, { visitor: undefined, result: invalid((error as Error).message) })
    }
  }
  const queryOf = (request: FastifyRequest) => request.url.slice(request.url.indexOf('?') + 1)
  app.get<{ Querystring: Form }>(`${desk.path}/slo`, (request, reply) =>
    take(reply, request.query, 'redirect', () => peer.verifyRedirect(queryOf(request))),
  )
  app.post<{ Body: Form | undefined }>(`${desk.path}/slo`, (request, reply) =>
    take(reply, request.body ?? {}, 'post', (message) => peer.verify(message)),
  )
}

/** Ends what the LogoutRequest names: the citizen logged out at Cl@ve or at another agency. */
async function endSession(
  dealings: SamlDealings,
  desk: Desk,
  xml: string,
  relayState: string | undefined,
  binding: 'redirect' | 'post',
) {
  const { names, clock, random } = dealings
  const { entityId, slo } = await dealings.peer.known()
  const [{ id, destination } = {}] = attributesOf(xml, [rootOf(xml)], ['ID', 'Destination'])
  if (rootOf(xml) !== 'LogoutRequest' || textOf(xml, ['LogoutRequest', 'Issuer']) !== entityId)
    throw new Error('no LogoutRequest of the identity provider')
  if (destination !== names.logoutReturn) throw new Error(`Destination is ${destination}, not ${names.logoutReturn}`)
  const nameId = textOf(xml, ['LogoutRequest', 'NameID'])
  const sessions = elementsOf(xml, ['LogoutRequest', 'SessionIndex']).map((one) => textOf(one, ['SessionIndex']))
  desk.endSessions(
    (told) =>
      told['name_id'] === nameId && (sessions.length === 0 || sessions.includes(told['session_index'] as string)),
  )
  const answer = logoutResponse({
    ...{ id: newId(random), at: clock.wire() },
    destination: slo,
    issuer: names.entityId,
    inResponseTo: id ?? '',
  })
  return send(dealings, { field: 'SAMLResponse', address: slo, xml: answer, relayState, binding })
}

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Session } from '../login/index.ts'
import type { SamlRelyingParty } from '../relying-party/index.ts'
import { encoded, namesOf, newId, postTo, signingKey, type GivenName } from './answers.ts'
import { answerLogout, sayLoggedOut } from './answer-logout.ts'
import { findFarewell, leavingFrom, moveFarewell, takeFarewell, type Farewell, type FarewellEntry } from './farewell.ts'
import { logoutRequest, signedRedirect } from './logout-message.ts'
import type { SamlParts } from './parts.ts'
import { logoutPath } from './paths.ts'
import { takeReached } from './reached.ts'

/** Where the browser comes with its cookies: the session ends, then one agency after another is told. */
export async function passLogout(
  parts: SamlParts,
  id: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const entry = await findFarewell(parts, id)
  if (!entry) return sayWhetherOut(parts, reply)
  const begun = entry.farewell.begun ? entry : await leave(parts, id, entry, request, reply)
  if (!begun) return reply.redirect(logoutPath(id), 303)
  const { browser } = begun.farewell
  if (browser !== undefined && browser !== reply.ensureBrowser()) return sayWhetherOut(parts, reply)
  return sayNext(parts, id, begun, reply)
}

/** For a browser that comes to no logout of its own: it is over, or never was. */
async function sayWhetherOut({ login }: SamlParts, reply: FastifyReply): Promise<FastifyReply> {
  return sayLoggedOut(reply, { stayed: (await login.session(reply.request.visit)) !== undefined })
}

/** Ends the browser's session, where it is the one that is meant; nothing when another request was faster. */
async function leave(
  parts: SamlParts,
  id: string,
  { farewell, revision }: FarewellEntry,
  { visit }: FastifyRequest,
  reply: FastifyReply,
): Promise<FarewellEntry | undefined> {
  const session = await parts.login.session(visit)
  const meant = session ? await isMeant(parts, farewell, session) : 'over'
  const leaving =
    session && meant === 'this'
      ? leavingFrom(farewell, reply.ensureBrowser(), session)
      : { ...farewell, begun: true, another: meant === 'another' }
  const moved = await moveFarewell(parts, id, revision, leaving)
  if (moved === undefined) return undefined
  if (session && meant === 'this') {
    const { initiator } = farewell
    const by = initiator.by === 'other' ? undefined : initiator.relyingParty
    await parts.login.leave(visit, reply, by)
    return passBy(parts, id, { farewell: leaving, revision: moved }, await parts.tellOthers(session, by))
  }
  return { farewell: leaving, revision: moved }
}

/** Those that heard it in another way are not on the walk; nothing when another request was faster. */
async function passBy(
  parts: SamlParts,
  id: string,
  entry: FarewellEntry,
  heard: readonly string[],
): Promise<FarewellEntry | undefined> {
  if (heard.length === 0) return entry
  const farewell = { ...entry.farewell, left: entry.farewell.left.filter((one) => !heard.includes(one)) }
  const revision = await moveFarewell(parts, id, entry.revision, farewell)
  return revision === undefined ? undefined : { farewell, revision }
}

/**
 * Whether the browser's session is the one that the agency speaks of: by the citizen's name there, whichever SessionIndex
 * stands beside it, since a citizen who proves again who they are goes on under another. One that never reached the agency
 * began after theirs was over; one that did, under a name that it does not say, is another and goes on.
 */
async function isMeant(
  parts: SamlParts,
  { initiator, asked }: Farewell,
  session: Session,
): Promise<'this' | 'another' | 'over'> {
  if (initiator.by === 'other' || !asked) return 'this'
  const called = session.reached[initiator.relyingParty]
  const party = called === undefined ? undefined : await parts.relyingParties.find(initiator.relyingParty)
  if (called === undefined || !party) return 'over'
  return namesOf(parts, party, session.citizen, called).includes(asked.nameId) ? 'this' : 'another'
}

/** The next agency's turn, or the end. One that was told and did not come back is passed by. */
async function sayNext(
  parts: SamlParts,
  id: string,
  { farewell, revision }: FarewellEntry,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { waiting, ...back } = farewell
  const complete = back.complete && waiting === undefined
  const [relyingParty, ...left] = back.left
  if (relyingParty === undefined) {
    if (!(await takeFarewell(parts, id))) return sayWhetherOut(parts, reply)
    return answerInitiator(parts, back, complete, reply)
  }
  const request = newId(parts)
  const told: Farewell = { ...back, left, complete, waiting: { relyingParty, request } }
  // Whoever has the turn takes the name: moved first, so that of two requests one goes on.
  const moved = await moveFarewell(parts, id, revision, told)
  if (moved === undefined) return reply.redirect(logoutPath(id), 303)
  const called = back.reached?.[relyingParty]
  const party = await parts.relyingParties.find(relyingParty)
  const given = called !== undefined && party?.saml?.slo && (await takeReached(parts, called, relyingParty))
  if (party?.saml && given) return askToLogOut(parts, { ...party, saml: party.saml }, given, { id, request }, reply)
  const cannotBeTold = party?.saml?.face === 'clave'
  return sayNext(parts, id, { farewell: { ...back, left, complete: complete && cannotBeTold }, revision: moved }, reply)
}

function askToLogOut(
  parts: SamlParts,
  party: SamlRelyingParty,
  { nameId, nameIdFormat, sessionIndex }: GivenName,
  { id, request }: { readonly id: string; readonly request: string },
  reply: FastifyReply,
): FastifyReply {
  const { slo, name } = party.saml
  if (!slo) throw new Error(`askToLogOut: ${party.id} has no logout service`)
  const at = parts.clock.wire()
  const message = {
    issuer: parts.baseUrl,
    destination: slo.url,
    at,
    id: request,
    nameId,
    nameIdFormat,
    spNameQualifier: name,
    sessionIndex,
    notOnOrAfter: new Date(at.getTime() + 300_000),
  }
  const key = signingKey(parts)
  if (slo.binding === 'redirect')
    return reply.redirect(signedRedirect(slo.url, 'SAMLRequest', logoutRequest(undefined, message), id, key), 303)
  return postTo(reply, party, slo.url, { SAMLRequest: encoded(logoutRequest(key, message)), RelayState: id })
}

async function answerInitiator(
  parts: SamlParts,
  { initiator, another }: Farewell,
  complete: boolean,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (initiator.by === 'other') return reply.redirect(initiator.then, 303)
  const party = await parts.relyingParties.find(initiator.relyingParty)
  if (!party?.saml) return sayWhetherOut(parts, reply)
  const success = another ? false : complete ? true : 'partial'
  return answerLogout(parts, { ...party, saml: party.saml }, initiator, success, reply)
}

import type { FastifyReply, FastifyRequest } from 'fastify'
import { atLeast, stillStands } from '../citizen/index.ts'
import { sayFormer, type Who } from '../login/index.ts'
import type { Visit } from '../platform/index.ts'
import { isRefusal, refusal, type Refusal } from '../refusal/index.ts'
import { matchesAddress, type SamlRelyingParty } from '../relying-party/index.ts'
import { encoded, noteRefused, postTo, refuseMessage, sayWho, targetOf, type GivenName } from './answers.ts'
import { answerRefused } from './login-door.ts'
import type { SamlParts } from './parts.ts'
import { loginPath } from './paths.ts'
import { noteReached } from './reached.ts'
import { classRefOf } from './levels.ts'
import { wrongFace } from './sender.ts'
import { findLogin, takeLogin, type SamlLogin } from './transaction.ts'

/** Where the browser comes with its cookies: into the login that was asked for, and out of it with the answer. */
export async function passLogin(
  parts: SamlParts,
  id: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const login = await findLogin(parts, id)
  if (!login) return parts.login.ended(id, request, reply)
  const wanted = { ...login.request, door: loginPath(id), resume: id }
  const entered = await parts.login.enter(wanted, request.visit, reply)
  if ('go' in entered) return reply.redirect(entered.go, 303)
  const party = await stillRegistered(parts, login)
  if (isRefusal(party)) return refuseMessage(parts, request, reply, party)
  const { outcome } = entered
  const said = isRefusal(outcome) ? outcome : await answerWho(parts, party, login, outcome, request.visit)
  // Made before it is taken: what breaks on the way can be asked for again.
  if (!(await takeLogin(parts, id))) return parts.login.ended(id, request, reply)
  if (isRefusal(said)) {
    noteRefused(parts, request, party.id, said)
    return answerRefused(parts, party, targetOf(login), said, reply)
  }
  if (!isRefusal(outcome)) await noteReached(parts, outcome, party, said.given)
  const fields = { SAMLResponse: encoded(said.xml), RelayState: login.relayState }
  return postTo(reply, party, login.acs, fields, sayFormer(entered.former, request.locale))
}

/** The registration may have changed while the citizen identified. */
async function stillRegistered(parts: SamlParts, login: SamlLogin): Promise<SamlRelyingParty | Refusal> {
  const { relyingParty } = login.request
  const found = await parts.relyingParties.find(relyingParty)
  if (!found?.saml) return refusal('SAML-08-unknown-provider', { reason: `"${relyingParty}" is registered no more.` })
  if (found.saml.face !== login.face) return wrongFace({ ...found, saml: found.saml })
  if (found.saml.acs.some(({ url }) => matchesAddress(url, login.acs))) return { ...found, saml: found.saml }
  return refusal('SAML-10-return-address', { reason: `${login.acs} is registered no more.` })
}

async function answerWho(
  parts: SamlParts,
  party: SamlRelyingParty,
  login: SamlLogin,
  who: Who,
  visit: Visit,
): Promise<{ readonly xml: string; readonly given: GivenName } | Refusal> {
  // Logged out in another tab meanwhile: nobody would tell this agency of it any more.
  if ((await parts.login.session(visit))?.citizen !== who.citizen) return refusal('LOGIN-02-expired')
  if (party.excluded.includes(who.method)) return refusal('LOGIN-06-no-method')
  if (!atLeast([who.level], party.leastLevel))
    return refusal('SAML-14-level-below-least', { reason: `The least level is ${classRefOf(party.leastLevel)} now.` })
  const citizen = await parts.citizens.find(who.citizen)
  // The login may be older than its citizen's renuncia.
  return stillStands(citizen, who.registrationLevel)
    ? sayWho(parts, party, login, who, citizen)
    : refusal('CITIZEN-03-not-registered')
}

import type { FastifyReply } from 'fastify'
import type { Visit } from '../platform/index.ts'
import { refusal } from '../refusal/index.ts'
import type { RelyingParty } from '../relying-party/index.ts'
import { chosenFrom, needsStepUp, whoFrom, withExclusions } from './judge.ts'
import { observeEnd } from './move-login.ts'
import { noteIdentified, noteRefused } from './note-ending.ts'
import type { LoginRequest, Who } from './outcome.ts'
import type { Move } from './page.ts'
import type { LoginParts } from './parts.ts'
import { addLogin, findLogin, formerOf, loginId, movedTo, type At, type LoginRecord } from './record.ts'
import { findSession, noteUse, type SessionEntry } from './session.ts'
import { endingIn } from './settle-login.ts'
import { settlePreset } from './settle-preset.ts'

/** What a login keeps of the relying party. */
export type Asking = Pick<RelyingParty, 'name' | 'home' | 'excluded'>

/** The login of this request: found, or begun. */
export async function enterLogin(
  parts: LoginParts,
  request: LoginRequest,
  visit: Visit,
  reply: FastifyReply,
  fresh: Asking | undefined,
): Promise<LoginRecord> {
  const id = loginId(parts, request.relyingParty, request.resume)
  const found = fresh ? undefined : await findLogin(parts, id)
  if (found) return found.login
  const asking = fresh ?? (await parts.relyingParties.find(request.relyingParty))
  // The door has checked the relying party in this very request.
  if (!asking) throw new Error(`enterLogin: no relying party ${request.relyingParty}`)
  const begun = beginLogin(parts, id, request, asking, reply.ensureBrowser())
  const { to, tried, won, stepUp } = await firstPlace(parts, begun, visit)
  const noted = await noteIdentified(parts, begun, to, visit)
  const login = { ...movedTo(begun, noted), stepUp: stepUp ?? false }
  if (!(await addLogin(parts, login))) return (await findLogin(parts, id))?.login ?? login
  await won?.(reply, formerOf(noted))
  observeEnd(parts, login)
  await noteRefused(parts, begun, to, visit, tried)
  return login
}

function beginLogin(
  parts: LoginParts,
  id: string,
  request: LoginRequest,
  asking: Asking,
  browser: string,
): LoginRecord {
  const { name, home } = asking
  return {
    id,
    request: withExclusions(request, asking),
    relyingParty: { name, ...(home === undefined ? {} : { home }) },
    browser,
    begun: parts.clock.now().getTime(),
    seed: parts.random.token(16),
    expires: parts.clock.in(parts.limits.loginLifetime).getTime(),
    stepUp: false,
    at: { page: 'choose' },
  }
}

/** Where a login begins: at its end already, by the session or without a page, or on the first page that it needs. */
async function firstPlace(
  parts: LoginParts,
  login: LoginRecord,
  visit: Visit,
): Promise<Move & { readonly stepUp?: boolean }> {
  const { request } = login
  const preset = await parts.presets?.take(request)
  if (preset) return settlePreset(parts, login, visit, preset)
  const found = await findSession(parts, visit)
  const who = found && (await whoFrom(parts, found.session, request))
  if (who) return placeBySession(parts, request, found, who)
  return { ...startOf(parts, request), stepUp: found !== undefined && needsStepUp(found.session, request) }
}

async function placeBySession(parts: LoginParts, request: LoginRequest, found: SessionEntry, who: Who): Promise<Move> {
  const silent = isConfirmed(found, request) && (await noteUse(parts, found, request.relyingParty, true))
  return silent ? endingIn(who) : { to: { page: 'identified' } }
}

/** To the choice of method, or straight to the only one there is; back to the agency where there is none. */
export function startOf(parts: LoginParts, request: LoginRequest): Move {
  const [first, ...others] = chosenFrom(parts.methods, request)
  if (!first) return endingIn(refusal('LOGIN-06-no-method'))
  return { to: others.length > 0 ? { page: 'choose' } : firstStepOf(first) }
}

export function firstStepOf({ name, steps }: LoginParts['methods'][number]): At {
  const [first] = steps
  if (!first) throw new Error(`method ${name} has no step`)
  return { page: 'step', step: first.name, data: undefined }
}

/** Whether the citizen need not be asked again whether to go on to this agency. */
export const isConfirmed = ({ session }: SessionEntry, request: LoginRequest): boolean =>
  request.choose !== true && session.confirmed.includes(request.relyingParty)

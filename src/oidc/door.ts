import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context, Provider } from 'oidc-provider'
import type { LoginOutcome } from '../login/index.ts'
import { visitOf } from '../platform/index.ts'
import { isRefusal, refusalRow } from '../refusal/index.ts'
import { interactionKey, type KeptInteraction } from './adapter.ts'
import { relyingPartyOf } from './clients.ts'
import { exchangeOf, type Exchange } from './exchange.ts'
import type { OidcParts } from './parts.ts'
import { paths } from './paths.ts'
import { loginDetails } from './session-policy.ts'

const doorOf = (uid: string): string => `${paths.authorization}/${uid}`

/** The library's hook on where an interaction goes: into the login, or past it where there is an outcome already. */
export async function enterFrom(parts: OidcParts, ctx: Context, { uid }: { readonly uid: string }): Promise<string> {
  const { wanted, reply } = exchangeOf(ctx)
  if (!wanted) throw new Error('an interaction without a login to begin')
  const request = { ...wanted.request, door: doorOf(uid), resume: uid }
  const entered = await parts.login.enter(request, visitOf(ctx.req), reply, { fresh: relyingPartyOf(ctx.oidc.client) })
  return 'go' in entered ? entered.go : request.door
}

/**
 * Where the browser comes back to: the address at which the library resumes, since only that one sees its cookie. Leads
 * back into a login that is under way; where the login has its outcome, lays it beside the request for the library to go on.
 * Answers whether all is said: not with the reply, which is thenable and would be awaited away.
 */
export async function passDoor(
  parts: OidcParts,
  provider: Provider,
  exchange: Exchange,
  uid: string,
): Promise<boolean> {
  const { request, reply } = exchange
  const kept = cookieOf(provider, request, reply) === uid ? await find(parts, uid) : undefined
  if (!kept) {
    await parts.login.ended(uid, request, reply)
    return true
  }
  const { interaction, wanted } = kept
  request.suggestedLocale = wanted.request.locale
  const entered = await parts.login.enter({ ...wanted.request, door: doorOf(uid), resume: uid }, request.visit, reply)
  if ('go' in entered) {
    void reply.redirect(entered.go, 303)
    return true
  }
  if (entered.former) exchange.former = entered.former
  exchange.interaction = { ...interaction, result: resultOf(entered.outcome) }
  exchange.wanted = wanted
  return false
}

const find = async ({ store }: OidcParts, uid: string): Promise<KeptInteraction | undefined> =>
  (await store.get<KeptInteraction>(interactionKey(uid)))?.value

/** The signed cookie that binds an interaction to its browser; its path lets it be seen at its own door only. */
function cookieOf(provider: Provider, request: FastifyRequest, reply: FastifyReply): string | undefined {
  const { cookies } = provider.createContext(request.raw, reply.raw)
  return cookies.get(provider.cookieName('resume'), { signed: true })
}

/** The outcome as the library takes it. */
function resultOf(outcome: LoginOutcome): object {
  if (isRefusal(outcome)) {
    const { error, description } = refusalRow(outcome.refused).oidc
    return { error, error_description: description }
  }
  const { loginTs: ts, ...details } = loginDetails(outcome)
  const { method, registrationLevel, session } = outcome
  // Every prompt that was asked for is answered by it.
  return { login: { ...details, ts, method, registrationLevel, session }, select_account: {} }
}

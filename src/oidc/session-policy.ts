import { errors, interactionPolicy, type Context, type Grant } from 'oidc-provider'
import type { Who } from '../login/index.ts'
import { epochSeconds, locales, visitOf, type Locale } from '../platform/index.ts'
import { isRefusal, refusalRow } from '../refusal/index.ts'
import { accountNamed } from './account.ts'
import { checkRequest, type Asked } from './check-request.ts'
import { relyingPartyOf } from './clients.ts'
import { exchangeOf, type Wanted } from './exchange.ts'
import { grantId } from './grant.ts'
import { acrOf } from './levels.ts'
import { sessionIdFor, type Pairwise } from './pairwise.ts'
import type { OidcParts } from './parts.ts'

/**
 * When a page is needed: the gateway session decides, for both protocols (ARCHITECTURE, "One session decides"), and the
 * library's own session lives for one request. Of its checks only "select_account was asked for" is left; no consent.
 */
export function sessionPolicy(parts: OidcParts, pairwise: Pairwise) {
  const { description } = refusalRow('LOGIN-05-page-needed').oidc
  const { Check, Prompt } = interactionPolicy
  const gateway = new Check('gateway', description, 'login_required', (ctx) => needsPage(parts, pairwise, ctx))
  const login = new Prompt({ name: 'login', requestable: true }, gateway)
  // The gateway's asks it too; the library's own comes first, and answers prompt=none&max_age=0 in words of its own.
  login.checks.remove('login_prompt')
  return [login, new Prompt({ name: 'select_account', requestable: true })]
}

async function needsPage(parts: OidcParts, pairwise: Pairwise, ctx: Context): Promise<boolean> {
  const { oidc } = ctx
  if (oidc.result?.login) return false
  const wanted = await wantedBy(parts, pairwise, ctx, checkRequest(ctx))
  exchangeOf(ctx).wanted = wanted
  const { passive } = wanted.request
  if (!passive && (oidc.promptPending('login') || oidc.promptPending('select_account'))) return true
  const who = await parts.login.passive({ ...wanted.request, door: '', resume: '' }, visitOf(ctx.req))
  if (!isRefusal(who)) {
    identify(parts, ctx, who)
    return false
  }
  // Where pages are allowed, the login that begins says it.
  if (passive && who.refused === 'LOGIN-06-no-method')
    throw new errors.UnmetAuthenticationRequirements(refusalRow(who.refused).oidc.description)
  return true
}

async function wantedBy(parts: OidcParts, pairwise: Pairwise, ctx: Context, asked: Asked): Promise<Wanted> {
  const { client, params, prompts } = ctx.oidc
  const { id, sector } = relyingPartyOf(client)
  const { max_age: maxAge, login_hint: hint, ui_locales: languages } = params
  const locale = languages === undefined ? undefined : firstLocale(languages)
  const request = {
    relyingParty: id,
    asked: asked.levels,
    // OpenID Connect has no word for it; the engine adds what the registration switches off.
    excluded: [],
    force: prompts.has('login'),
    passive: prompts.has('none'),
    choose: prompts.has('select_account'),
    ...(maxAge === undefined ? {} : { maxAge: Number(maxAge) }),
    ...(hint === undefined ? {} : { hint }),
    ...(locale === undefined ? {} : { locale }),
  }
  const { subject } = asked
  if (subject === undefined) return { request }
  // `sub` cannot be turned back into a citizen: either the session's is the one, or whoever identifies now is compared.
  const session = await parts.login.session(visitOf(ctx.req))
  if (session && pairwise(sector, session.citizen) === subject) {
    return { request: { ...request, citizen: session.citizen }, subject }
  }
  return { request: { ...request, force: true }, subject }
}

/** The first of `ui_locales` (BCP 47, in order of preference) that there is. */
export function firstLocale(languages: string): Locale | undefined {
  const wanted = languages
    .toLowerCase()
    .split(' ')
    .map((tag) => tag.split('-')[0])
  return wanted.map((language) => locales.find((locale) => locale === language)).find(Boolean)
}

/** As a login is told to the library: by the door, or at once out of the gateway session. */
export const loginDetails = (who: Who) => ({
  accountId: who.citizen,
  acr: acrOf(who.level),
  amr: [...who.factors],
  loginTs: epochSeconds(who.at),
})

/** The citizen of the gateway session identifies for this one request. */
function identify(parts: OidcParts, ctx: Context, who: Who): void {
  const { oidc } = ctx
  const details = loginDetails(who)
  const grant = makeGrant(parts, ctx, { ...who, ...details })
  oidc.session.loginAccount(details)
  oidc.session.grantIdFor(oidc.client.clientId, grant.jti)
  oidc.entity('Account', accountNamed(who.citizen))
  oidc.entity('Grant', grant)
}

/**
 * The library's hook that grants, when a login came back. It takes the stored request as it was; here it is judged again,
 * since the row may have changed while the citizen identified.
 */
export function grantFromLogin(parts: OidcParts, pairwise: Pairwise, ctx: Context): Grant | undefined {
  const { client, params, result } = ctx.oidc
  if (!result?.login) return undefined
  if (!client.redirectUriAllowed(params['redirect_uri'] ?? '')) throw new errors.InvalidRedirectUri()
  const login = result.login as unknown as ReturnedLogin
  const subject = exchangeOf(ctx).wanted?.subject
  if (subject !== undefined && pairwise(relyingPartyOf(client).sector, login.accountId) !== subject) {
    throw new errors.LoginRequired(refusalRow('LOGIN-07-other-citizen').oidc.description)
  }
  return makeGrant(parts, ctx, login)
}

/** What the door says of a login. */
type ReturnedLogin = Pick<Who, 'method' | 'registrationLevel' | 'session'> & {
  readonly accountId: string
  readonly acr: string
}

/** What the agency gets is what it asked for: all of it is in its registration, and nobody is asked for consent. */
function makeGrant(parts: OidcParts, ctx: Context, login: ReturnedLogin): Grant {
  const { client, provider } = ctx.oidc
  const { accountId, acr, method, registrationLevel, session } = login
  const { scopes, claims, levels } = checkRequest(ctx)
  if (!levels.some((level) => acrOf(level) === acr)) {
    throw new errors.UnmetAuthenticationRequirements(refusalRow('LEVEL-02-method-too-low').oidc.description)
  }
  const scope = scopes.join(' ')
  const root = parts.random.token(16)
  const { clientId } = client
  ctx.oidc.session.sidFor(clientId, sessionIdFor(parts.pairwise, session, clientId))
  const jti = grantId({ root, clientId, accountId, scope, claims, method, registrationLevel })
  return new provider.Grant({ jti, clientId, accountId, openid: { scope, claims } })
}

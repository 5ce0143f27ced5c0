import type { Context } from 'oidc-provider'
import { relyingPartyOf } from './clients.ts'
import { exchangeOf } from './exchange.ts'
import type { OidcParts } from './parts.ts'
import { paths } from './paths.ts'

/**
 * RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0). The library checks id_token_hint, client and return
 * address, and keeps them with a secret; the citizen is always asked, on a page of ours. (Its own page would be left out,
 * since its session never names anyone.)
 */
export function askWhetherToLogOut(ctx: Context): void {
  const exchange = exchangeOf(ctx)
  // Koa says 200 where a page was made; errors have theirs already.
  if (exchange.page || ctx.status !== 200) return
  const { entities, session } = ctx.oidc
  const model = {
    action: `${paths.end_session}/confirm`,
    xsrf: session.state?.secret,
    agency: entities.Client && relyingPartyOf(entities.Client).name,
  }
  exchange.page = () => exchange.reply.page('oidc/views/logout.njk', model)
}

/**
 * The answer: the library has checked the secret and knows where to go; the session that counts is ended here, and the
 * agencies that it led to are told.
 */
export async function logOut(parts: OidcParts, ctx: Context): Promise<void> {
  const { request, reply } = exchangeOf(ctx)
  if (ctx.status !== 303 || ctx.oidc.params['logout'] === undefined) return
  const { Client: client } = ctx.oidc.entities
  const by = client && relyingPartyOf(client).id
  const left = await parts.login.leave(request.visit, reply, by)
  if (!left || !parts.farewell) return
  const then = String(ctx.response.get('location'))
  ctx.redirect(await parts.farewell(left, reply.ensureBrowser(), by, then))
}

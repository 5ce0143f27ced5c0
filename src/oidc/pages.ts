import type { Context } from 'oidc-provider'
import { incidentOf, notePutOff } from '../platform/index.ts'
import { refusal } from '../refusal/index.ts'
import { relyingPartyOf } from './clients.ts'
import { exchangeOf } from './exchange.ts'
import { paths } from './paths.ts'

/** Endpoints that only programs call. */
const apis: readonly string[] = [
  paths.token,
  paths.userinfo,
  paths.pushed_authorization_request,
  paths.introspection,
  paths.revocation,
  paths.jwks,
]

interface ErrorOut {
  readonly error: string
  readonly error_description?: string
}

/** The library's hook for an error that cannot be told to the agency: people get a page, programs what the protocol says. */
export async function sayError(ctx: Context, out: ErrorOut, error: Error & { error_detail?: string }): Promise<void> {
  const exchange = exchangeOf(ctx)
  const { reply } = exchange
  const { status } = ctx
  if (apis.includes(ctx.path) || ctx.accepts('html', 'json') !== 'html') ctx.body = status === 503 ? unavailable : out
  else if (status === 503) exchange.page = () => reply.unavailable()
  else if (error.name === 'SessionNotFound') exchange.page = () => reply.refuse(refusal('LOGIN-04-unknown'))
  else
    exchange.page = () =>
      reply.page(
        'oidc/views/error.njk',
        { ...errorModel(ctx, out, error), incident: incidentOf(reply.request) },
        status,
      )
}

/** RFC 6749, 4.1.2.1 */
const unavailable: ErrorOut = {
  error: 'temporarily_unavailable',
  error_description: 'The service is not available right now; try again.',
}

/** The store or the database is away: to a program nothing to report, but a reason to come back. */
export function tellUnavailable(ctx: Context, error: Error): void {
  notePutOff(exchangeOf(ctx).reply, error)
  if (ctx.body !== undefined) ctx.body = unavailable
}

/** The agency is named only where it is certain who it is, and led back to only at the address it registered. */
function errorModel(ctx: Context, out: ErrorOut, error: { readonly error_detail?: string }): object {
  const { Client: client } = ctx.oidc.entities
  const agency = client && relyingPartyOf(client)
  return {
    asking: agency && { name: agency.name },
    wayOut: agency?.home === undefined ? undefined : { name: agency.name, href: agency.home },
    ours: out.error === 'server_error',
    leaving: ctx.path.startsWith(paths.end_session),
    technical: [
      ['error', out.error],
      ['error_description', out.error_description],
      ['detail', error.error_detail],
      ['client_id', client?.clientId ?? ctx.query['client_id']],
      ['redirect_uri', ctx.query['redirect_uri']],
      ['endpoint', ctx.path],
    ].filter(([, value]) => typeof value === 'string'),
  }
}

/** The library's hook at the end of a logout that leads back to no agency. */
export async function sayLoggedOut(ctx: Context): Promise<void> {
  const exchange = exchangeOf(ctx)
  const { Client: client } = ctx.oidc.entities
  // It names the client only where the citizen chose to stay.
  const stayed = client !== undefined
  const home = client && relyingPartyOf(client).home
  const wayOut = client && home !== undefined ? { name: relyingPartyOf(client).name, href: home } : undefined
  exchange.page = () => exchange.reply.page('oidc/views/logged-out.njk', { stayed, wayOut })
}

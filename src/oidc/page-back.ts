import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from 'oidc-provider'
import { sayFormer } from '../login/index.ts'
import { relyingPartyOf } from './clients.ts'
import type { Exchange } from './exchange.ts'

/**
 * The redirect to the agency as a page that goes there by itself, where there is something to tell on the way: when the
 * citizen identified before (ENS op.acc.5 R5). Only for a window in which a page of ours asked them: who was asked nothing
 * (a session, a login of the sandbox) did not identify, and a client without a window would not go on.
 */
export function pageBack(ctx: Context, { request, reply, former }: Exchange): FastifyReply | undefined {
  const to = reply.getHeader('location')
  const { client } = ctx.oidc
  if (!former || !client || typeof to !== 'string' || !/[?#&]code=/.test(to) || !comesFromOurPage(request))
    return undefined
  void reply.removeHeader('location').removeHeader('content-type')
  const agency = { name: relyingPartyOf(client).name }
  // Loading this page again in another language would find the answer given.
  return reply.page('oidc/views/back.njk', { agency, to, languages: [], ...sayFormer(former, request.locale) })
}

/** Fetch Metadata: what every browser says of itself towards a trustworthy origin, and no page can change. */
function comesFromOurPage({ headers }: FastifyRequest): boolean {
  return (
    headers['sec-fetch-site'] === 'same-origin' &&
    headers['sec-fetch-mode'] === 'navigate' &&
    headers['sec-fetch-dest'] === 'document'
  )
}

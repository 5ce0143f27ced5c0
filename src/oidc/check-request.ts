import { hash } from 'node:crypto'
import { errors, type ClaimsRequest, type Context } from 'oidc-provider'
import type { LevelsAsked } from '../citizen/index.ts'
import { epochSeconds } from '../platform/index.ts'
import { relyingPartyOf } from './clients.ts'
import { exchangeOf } from './exchange.ts'
import { levelsFor } from './levels.ts'
import { fixedLimits } from './limits.ts'
import type { OidcParts } from './parts.ts'
import { lackingScopes, scopesOfClaims } from './scopes.ts'

/** What an authorization request asks for, in one place. */
export interface Asked {
  readonly scopes: readonly string[]
  /** Claims asked for by name. */
  readonly claims: readonly string[]
  readonly levels: LevelsAsked
  /** The `sub` that alone will do. */
  readonly subject: string | undefined
}

/**
 * What our rules say of an authorization request beyond the protocol's own: throws the library's error, which goes to the
 * agency. Said when the request comes in, pushed or not, and again when the login comes back: the row may have changed.
 */
export function checkRequest(ctx: Context): Asked {
  const { client, params } = ctx.oidc
  const { leastLevel, scopes: allowed } = relyingPartyOf(client)
  const scopes = words(params['scope']) ?? []
  const request = claimsRequest(params['claims'])
  const claims = [...new Set([...Object.keys(request.id_token ?? {}), ...Object.keys(request.userinfo ?? {})])]
  if (!scopes.includes('openid')) throw new errors.InvalidRequest('The scope must include openid.')
  refuseLacking(lackingScopes(scopes, allowed), 'asked for')
  refuseLacking(lackingScopes(scopesOfClaims(claims), allowed), 'that the claims asked for belong to')
  const levels = levelsFor(acrRequest(params['acr_values'], request), leastLevel)
  if ('unmet' in levels) throw new errors.UnmetAuthenticationRequirements(levels.unmet)
  return { scopes, claims, levels, subject: expectedSubject(ctx, request) }
}

/** Anybody may ask for a login, and what is asked is kept until it ends: no more than an agency needs. */
function refuseLong(params: Context['oidc']['params']): void {
  for (const [name, most] of Object.entries(fixedLimits.characters)) {
    if ((params[name]?.length ?? 0) > most)
      throw new errors.InvalidRequest(`${name} is longer than ${most} characters.`)
  }
}

function refuseLacking(lacking: readonly string[], which: string): void {
  if (lacking.length === 0) return
  const names = lacking.join(' ')
  throw new errors.InvalidScope(`The registration of this client does not allow the scopes ${which}: ${names}.`, names)
}

const words = (text: string | undefined): readonly string[] | undefined => text?.split(' ').filter(Boolean)

/** The library has checked that it is an object of objects (or null). */
const claimsRequest = (text: string | undefined): ClaimsRequest =>
  text === undefined ? {} : (JSON.parse(text) as ClaimsRequest)

function acrRequest(acrValues: string | undefined, { id_token: claims }: ClaimsRequest) {
  const claim = (claims?.['acr'] ?? {}) as { essential?: unknown; value?: unknown; values?: unknown }
  const listed = claim.values ?? (claim.value === undefined ? undefined : [claim.value])
  if (listed !== undefined && !isTexts(listed)) throw new errors.InvalidRequest('claims.id_token.acr must name texts')
  const essential = claim.essential === true ? listed : undefined
  const named = essential ? words(acrValues) : [...(words(acrValues) ?? []), ...(listed ?? [])]
  return { essential, voluntary: named?.length ? named : undefined }
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string')

function expectedSubject(ctx: Context, { id_token: claims }: ClaimsRequest): string | undefined {
  const hinted = ctx.oidc.entities.IdTokenHint?.payload.sub
  const named = (claims?.['sub'] as { value?: unknown } | null | undefined)?.value
  if (named === undefined) return hinted
  if (typeof named !== 'string') throw new errors.InvalidRequest('claims.id_token.sub.value must be a text')
  if (hinted !== undefined && hinted !== named)
    throw new errors.InvalidRequest('id_token_hint and claims name two subjects')
  return named
}

/**
 * The library's hook on a request as it came in, after everything else was checked; also its signature, so that nobody
 * can spend another's request object.
 */
export async function checkNewRequest(parts: OidcParts, ctx: Context): Promise<void> {
  // A pushed request was checked when it was pushed.
  if (ctx.oidc.entities.PushedAuthorizationRequest) return void checkRequest(ctx)
  refuseLong(ctx.oidc.params)
  const { requestObject } = exchangeOf(ctx)
  // As it was sent: the library drops offline_access in silence.
  const sent = requestObject ? requestObject.scope : (ctx.oidc.body ?? ctx.query)['scope']
  if (typeof sent === 'string')
    refuseLacking(lackingScopes(words(sent) ?? [], relyingPartyOf(ctx.oidc.client).scopes), 'asked for')
  checkRequest(ctx)
  if (!requestObject) return
  const id = hash(
    'sha256',
    JSON.stringify(['request object', ctx.oidc.client.clientId, requestObject.jti]),
    'base64url',
  )
  const forgotten = new Date((requestObject.exp + fixedLimits.skew) * 1000)
  if (!(await parts.once('oidc-replay', id, forgotten)))
    throw new errors.InvalidRequestObject('The request object was used already.')
}

/** The library's hook on the claims of a request object (RFC 9101), before it verifies the signature. */
export function noteRequestObject(parts: OidcParts, ctx: Context, claims: Readonly<Record<string, unknown>>): void {
  if (ctx.oidc.entities.PushedAuthorizationRequest) return
  const { jti, exp, scope } = claims
  if (typeof jti !== 'string' || jti === '')
    throw new errors.InvalidRequestObject('The request object must have a jti.')
  if (typeof exp !== 'number') throw new errors.InvalidRequestObject('The request object must have an exp.')
  if (isTooFar(parts, exp)) throw new errors.InvalidRequestObject(`exp must be within ${fixedLimits.signedByClient} s.`)
  exchangeOf(ctx).requestObject = { jti, exp, scope }
}

/** The library's hook on a client assertion (RFC 7523): its jti is remembered until exp, so exp has to be near. */
export function checkAssertion(parts: OidcParts, { exp }: Readonly<Record<string, unknown>>): void {
  if (isTooFar(parts, Number(exp)))
    throw new errors.InvalidClientAuth(`exp must be within ${fixedLimits.signedByClient} s`)
}

const isTooFar = ({ clock }: OidcParts, exp: number): boolean =>
  !(exp <= epochSeconds(clock.wire()) + fixedLimits.signedByClient + fixedLimits.skew)

/** Whether an identifier of an issuer is new: client assertions and DPoP proofs, also after the store was flushed. */
export const isUnique =
  (parts: OidcParts) =>
  (iss: string, jti: string, exp: number): Promise<boolean> =>
    parts.once(
      'oidc-replay',
      hash('sha256', JSON.stringify([iss, jti]), 'base64url'),
      new Date((exp + fixedLimits.proofAhead) * 1000),
    )

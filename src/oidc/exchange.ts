import type { IncomingMessage } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Provider, type Context, type Payload } from 'oidc-provider'
import type { Citizen } from '../citizen/index.ts'
import type { FormerLogin, LoginRequest } from '../login/index.ts'
import type { RelyingParty } from '../relying-party/index.ts'

/** One request on its way through oidc-provider: what its hooks, which know Koa's context only, need of ours. */
export interface Exchange {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  /** The client of this request, asked of the database once. */
  readonly clients: Map<string, Promise<RelyingParty | undefined>>
  /** What the agency wants of the login that begins. */
  wanted?: Wanted
  /** The interaction that the door found, with its result. */
  interaction?: Payload
  /** When the citizen who identified did so before: told on the way back to the agency. */
  former?: FormerLogin
  /** The request object, from when its claims are read until its signature is verified. */
  requestObject?: { readonly jti: string; readonly exp: number; readonly scope: unknown }
  /** Whose code is redeemed, and that citizen, read in the round trip that decides who redeems it. */
  redeeming?: { readonly citizen: string; read?: Promise<Citizen | undefined> }
  /** A page of ours instead of the library's answer. */
  page?: () => FastifyReply
  /** What the library computed, or what stopped it. */
  computed?: { readonly ctx: Context; readonly error?: Error }
}

/** A login request before it has a place to come back to; `subject`: the `sub` that the agency expects, if it names one. */
export interface Wanted {
  readonly request: Omit<LoginRequest, 'door' | 'resume'>
  readonly subject?: string
}

/**
 * Where a request carries its exchange. Not a WeakMap: a young collection takes what an old WeakMap holds for alive, and so
 * each request, with all that hangs on it, would grow old and wait for a full collection (ADR 0005).
 */
const carried = Symbol('exchange')

type Carrier = IncomingMessage & { [carried]?: Exchange }

export const beginExchange = (exchange: Exchange): void => {
  const raw: Carrier = exchange.request.raw
  raw[carried] = exchange
}

export function exchangeOf(ctx: Pick<Context, 'req'>): Exchange {
  const exchange = (ctx.req as Carrier)[carried]
  if (!exchange) throw new Error('exchangeOf: the request did not come in through our routes')
  return exchange
}

/** The client of the request under way; the library has looked for it, and where it must, authenticated it. */
export function currentClientId(): string {
  const clientId = Provider.ctx?.oidc.entities.Client?.clientId
  if (clientId === undefined) throw new Error('currentClientId: the library asked for no client yet')
  return clientId
}

/** Where the library calls without its context. */
export function currentExchange(): Exchange | undefined {
  const ctx = Provider.ctx
  return ctx && exchangeOf(ctx)
}

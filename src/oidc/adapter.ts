import { hash, timingSafeEqual } from 'node:crypto'
import { errors, type Adapter, type Payload } from 'oidc-provider'
import { findClient } from './clients.ts'
import { currentClientId, currentExchange, type Wanted } from './exchange.ts'
import { grantOf, grantPayload } from './grant.ts'
import type { OidcParts } from './parts.ts'

/** Where each of the library's models lives. What is not named here is not kept, and never found. */
type Model = Partial<Adapter>

const sha256 = (text: string): string => hash('sha256', text, 'base64url')

export const interactionKey = (uid: string): string => `oidc:interaction:${uid}`
const codeKey = (code: string): string => `oidc:code:${sha256(code)}`
const tokenKey = (root: string): string => `oidc:token:${root}`
const pushedKey = (id: string, clientId: string): string => `oidc:par:${sha256(JSON.stringify([clientId, id]))}`
const logoutKey = (id: string): string => `oidc:logout:${id}`

/** What waits for a login to end. */
export interface KeptInteraction {
  readonly interaction: Payload
  readonly wanted: Wanted
}

/** The library's storage, by model; each call is one round trip at most. */
export function adapterFor(parts: OidcParts): (model: string) => Adapter {
  const models: Readonly<Record<string, Model>> = {
    Client: { find: (id) => findClient(parts, id) },
    Interaction: interactions(parts),
    AuthorizationCode: codes(parts),
    AccessToken: accessTokens(parts),
    PushedAuthorizationRequest: pushedRequests(parts),
    Session: logouts(parts),
    // Never written: a grant's id says all of it. What it led to ends with its access token.
    Grant: { find: async (id) => grantPayload(id) },
  }
  return (name) => ({ ...nothing, ...models[name] })
}

const nothing: Adapter = {
  upsert: async () => {},
  find: async () => undefined,
  findByUserCode: async () => undefined,
  findByUid: async () => undefined,
  consume: async () => {},
  destroy: async () => {},
  revokeByGrantId: async () => {},
}

function interactions({ store, clock }: OidcParts): Model {
  return {
    async upsert(uid, { parJti: _spent, ...interaction }, seconds) {
      const wanted = currentExchange()?.wanted
      if (!wanted) throw new Error('an interaction without a login to begin')
      // What names the citizen is in the login request, which the engine forgets in time; nobody needs it here.
      const { login_hint: _hint, id_token_hint: _token, ...params } = interaction['params'] as Payload
      const kept: KeptInteraction = { interaction: { ...interaction, params }, wanted: withoutHint(wanted) }
      await store.set(interactionKey(uid), kept, clock.in(seconds))
    },
    // The door read it, and put the result in.
    find: async () => currentExchange()?.interaction,
    // Of any number of requests that bring the same outcome back one goes on.
    async destroy(uid) {
      const taken = await store.take(interactionKey(uid))
      if (!taken) throw new errors.SessionNotFound('this login was answered already')
    },
  }
}

function withoutHint({ request: { hint: _, ...request }, ...wanted }: Wanted): Wanted {
  return { request, ...wanted }
}

function codes(parts: OidcParts): Model {
  const { store, clock, once, citizens } = parts
  return {
    upsert: (code, { jti: _, ...payload }, seconds) => store.set(codeKey(code), payload, clock.in(seconds)),
    async find(code) {
      const entry = await store.get<Payload>(codeKey(code))
      const exchange = currentExchange()
      if (entry && exchange) exchange.redeeming = { citizen: String(entry.value['accountId']) }
      return entry && { ...entry.value, jti: code }
    },
    // PostgreSQL decides which of several redemptions is the first, on both drivers. The others end what it led to
    // (RFC 6749, 4.1.2).
    async consume(code) {
      const forgotten = new Date(clock.wire().getTime() + longest(parts) * 1000)
      const claimed = once('oidc-code', sha256(code), forgotten)
      const redeeming = currentExchange()?.redeeming
      if (redeeming) redeeming.read = citizens.find(redeeming.citizen)
      // Asked for by the library next, but not by the later ones.
      redeeming?.read?.catch(() => {})
      if (await claimed) return
      const entry = await store.get<Payload>(codeKey(code))
      if (entry) await revoke(parts, String(entry.value['grantId']))
      throw new errors.InvalidGrant('authorization code already consumed')
    },
  }
}

/** Puts an end to the access token of a grant, whether it was issued or is just about to be. */
const revoke = (parts: OidcParts, grant: string): Promise<void> =>
  parts.store.set(tokenKey(grantOf(grant).root), { revoked: true }, parts.clock.in(longest(parts)))

/** Seconds after which nothing that came of an authorization is alive any more. */
const longest = ({ limits }: OidcParts): number => 2 * (limits.authorizationCodeLifetime + limits.accessTokenLifetime)

/** An access token: `<root of its grant>.<secret>`; what is kept of it cannot be used as the token. */
export const rootOf = (token: string): string => token.slice(0, Math.max(0, token.indexOf('.')))

function accessTokens(parts: OidcParts): Model {
  const { store, clock } = parts
  return {
    // Only where nothing is: a code that was used again meanwhile has left its mark there, and the token is born dead.
    async upsert(token, { jti: _, ...payload }, seconds) {
      await store.add(tokenKey(rootOf(token)), { ...payload, digest: sha256(token) }, clock.in(seconds))
    },
    async find(token) {
      const root = rootOf(token)
      if (!/^[\w-]{22}$/.test(root)) return undefined
      const { digest, ...payload } = (await store.get<Payload>(tokenKey(root)))?.value ?? {}
      return typeof digest === 'string' && equal(digest, sha256(token)) ? { ...payload, jti: token } : undefined
    },
    destroy: (token) => store.delete(tokenKey(rootOf(token))),
    revokeByGrantId: (grant) => revoke(parts, grant),
  }
}

const equal = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))

function pushedRequests({ store, clock }: OidcParts): Model {
  return {
    upsert: (id, payload, seconds) => store.set(pushedKey(id, currentClientId()), payload, clock.in(seconds)),
    // Taken when it is used: a request_uri is good for one time (RFC 9126, 4). It lies where only its own client looks, so
    // that whoever shows it under another client_id uses nothing up.
    find: async (id) => store.take<Payload>(pushedKey(id, currentClientId())),
  }
}

/** The library's session lives for one request, but for the question whether to log out, which needs its answer. */
function logouts({ store, clock }: OidcParts): Model {
  return {
    async upsert(id, payload, seconds) {
      if (payload['state'] !== undefined) await store.set(logoutKey(id), payload, clock.in(seconds))
    },
    async find(id) {
      return (await store.get<Payload>(logoutKey(id)))?.value
    },
    destroy: (id) => store.delete(logoutKey(id)),
  }
}

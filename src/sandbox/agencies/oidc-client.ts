import { exportJWK, generateKeyPair, type JWK } from 'jose'
import * as client from 'openid-client'
import type { OidcDemoAgency } from './agency.ts'
import { settle, unexpected, type AgencyClient, type Desk, type Step, type Wishes } from './client.ts'
import { logoutReceiver } from './oidc-logout.ts'
import { Waiting, type AgencyError, type AgencySession } from './visitors.ts'
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../../platform/index.ts'

export interface OidcClientParts {
  readonly agency: OidcDemoAgency
  readonly issuer: string
  /** Where this agency is reached, e.g. http://127.0.0.1:8090/aeat. */
  readonly base: string
  readonly clock: Clock
  /** Registers the agency at Cl@ve (RFC 7591 names); answers the client secret where it gets one. */
  readonly register: (input: { readonly oidc: Readonly<Record<string, unknown>> }) => Promise<string | undefined>
}

/** A login that the agency sent off and waits for. */
interface PendingLogin {
  readonly visitor: string
  readonly verifier: string
  readonly nonce: string
  readonly maxAge: number | undefined
}

/** Request parameters that a developer may set in an agency's login link: /aeat/login?prompt=none&max_age=0. */
const wishNames = [
  'acr_values',
  'claims',
  'id_token_hint',
  'login_hint',
  'max_age',
  'prompt',
  'scope',
  'ui_locales',
] as const

/** An OpenID Connect relying party, by openid-client. */
export async function makeOidcClient(parts: OidcClientParts): Promise<AgencyClient> {
  const { agency, base } = parts
  const callback = `${base}/callback`
  const configuration = await registered(parts, callback)
  const pendings = new Waiting<PendingLogin>()
  return {
    wishNames,
    begin: (visitor, wishes) => begin({ agency, callback, configuration, pendings }, visitor.id, wishes),
    async logout(session) {
      const hint = session?.told['id_token']
      const to = client.buildEndSessionUrl(await configuration(), {
        post_logout_redirect_uri: base,
        ...(typeof hint === 'string' ? { id_token_hint: hint } : {}),
      })
      return { to: to.href }
    },
    routes(app, desk) {
      callbackRoute(app, desk, { base, configuration, pendings })
      if (agency.hearsLogouts) logoutReceiver(app, desk, { ...parts, configuration })
    },
    reset: () => pendings.clear(),
  }
}

interface BeginParts {
  readonly agency: OidcDemoAgency
  readonly callback: string
  readonly configuration: () => Promise<client.Configuration>
  readonly pendings: Waiting<PendingLogin>
}

async function begin(
  { agency, callback, configuration, pendings }: BeginParts,
  visitor: string,
  wishes: Wishes,
): Promise<Step | AgencyError> {
  try {
    const config = await configuration()
    const state = client.randomState()
    const pending: PendingLogin = {
      visitor,
      verifier: client.randomPKCECodeVerifier(),
      nonce: client.randomNonce(),
      maxAge: wishes['max_age'] === undefined ? undefined : Number(wishes['max_age']),
    }
    const build = agency.pushes ? client.buildAuthorizationUrlWithPAR : client.buildAuthorizationUrl
    const to = await build(config, { ...(await requestOf(agency, pending)), ...wishes, redirect_uri: callback, state })
    pendings.put(state, pending)
    return { to: to.href }
  } catch (error) {
    // A pushed request can be refused before the browser ever leaves.
    return agencyError(error)
  }
}

/** Registers the agency; what it answers discovers Cl@ve. */
async function registered({ agency, issuer, base, register }: OidcClientParts, callback: string) {
  const keyPair =
    agency.authentication === 'private_key_jwt' ? await generateKeyPair('ES256', { extractable: true }) : undefined
  const publicJwk: JWK | undefined = keyPair && {
    ...(await exportJWK(keyPair.publicKey)),
    kid: agency.id,
    use: 'sig',
    alg: 'ES256',
  }
  const secret = await register({
    oidc: {
      redirect_uris: [callback, callback.replace('//127.0.0.1', '//localhost')],
      post_logout_redirect_uris: [base, base.replace('//127.0.0.1', '//localhost')],
      token_endpoint_auth_method: agency.authentication,
      ...(publicJwk ? { jwks: { keys: [publicJwk] } } : {}),
      ...(agency.pushes ? { require_pushed_authorization_requests: true } : {}),
      ...(agency.hearsLogouts
        ? { backchannel_logout_uri: `${base}/backchannel-logout`, backchannel_logout_session_required: true }
        : {}),
    },
  })
  const authentication = keyPair
    ? client.PrivateKeyJwt({ key: keyPair.privateKey, kid: agency.id })
    : client.ClientSecretBasic(secret)
  // Asked for at the first login, not at start: an agency does not depend on the identity provider to be up.
  let discovered: Promise<client.Configuration> | undefined
  return (): Promise<client.Configuration> => {
    discovered ??= client
      .discovery(new URL(issuer), agency.id, {}, authentication, { execute: [client.allowInsecureRequests] })
      .catch((error: unknown) => {
        discovered = undefined
        throw error
      })
    return discovered
  }
}

const requestOf = async ({ scopes, leastLevel }: OidcDemoAgency, { nonce, verifier }: PendingLogin) => ({
  scope: ['openid', ...scopes].join(' '),
  ...(leastLevel === 'low' ? {} : { acr_values: `http://eidas.europa.eu/LoA/${leastLevel}` }),
  nonce,
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
})

interface CallbackParts {
  readonly base: string
  readonly configuration: () => Promise<client.Configuration>
  readonly pendings: Waiting<PendingLogin>
}

function callbackRoute(app: FastifyInstance, desk: Desk, { base, configuration, pendings }: CallbackParts): void {
  app.get<{ Querystring: Record<string, string> }>(`${desk.path}/callback`, async (request, reply) => {
    const visitor = desk.visitorOf(request) ?? desk.newVisitor(reply)
    const state = request.query['state']
    const pending = pendings.take(state)
    if (pending?.visitor === visitor.id && state !== undefined)
      settle(visitor, await finish(await configuration(), new URL(request.url, base), state, pending))
    else visitor.error = unexpected
    return reply.redirect(desk.path)
  })
}

/** Verifies everything that came back and fetches the person. */
async function finish(
  config: client.Configuration,
  callback: URL,
  state: string,
  pending: PendingLogin,
): Promise<AgencySession | AgencyError> {
  try {
    const tokens = await client.authorizationCodeGrant(config, callback, {
      pkceCodeVerifier: pending.verifier,
      expectedState: state,
      expectedNonce: pending.nonce,
      idTokenExpected: true,
      ...(pending.maxAge === undefined ? {} : { maxAge: pending.maxAge }),
    })
    const claims = tokens.claims()!
    const person = await client.fetchUserInfo(config, tokens.access_token, claims.sub)
    const acr = claims['acr'] as string
    return {
      person,
      level: acr.slice(acr.lastIndexOf('/') + 1),
      method: person['method'],
      told: { registration_level: person['registration_level'], claims, id_token: tokens.id_token },
    }
  } catch (error) {
    return agencyError(error)
  }
}

/** An error that the identity provider answered is data for the agency; anything else is ours and thrown on. */
function agencyError(error: unknown): AgencyError {
  if (error instanceof client.AuthorizationResponseError || error instanceof client.ResponseBodyError) {
    return { error: error.error, error_description: error.error_description }
  }
  if (error instanceof client.ClientError)
    return { error: error.code ?? 'invalid_response', error_description: error.message }
  throw error
}

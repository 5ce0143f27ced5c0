import { errors, Provider, type Configuration, type Context, type TokenLike } from 'oidc-provider'
import { locales } from '../platform/index.ts'
import { clientSigningAlgs } from '../relying-party/index.ts'
import { accountNamed, findAccount } from './account.ts'
import { adapterFor } from './adapter.ts'
import { checkAssertion, checkNewRequest, isUnique, noteRequestObject } from './check-request.ts'
import { extraMetadata, relyingPartyOf, secretFits } from './clients.ts'
import { cookieNames, cookieSigner } from './cookies.ts'
import { enterFrom } from './door.ts'
import { grantOf } from './grant.ts'
import { acrValues } from './levels.ts'
import { fixedLimits } from './limits.ts'
import { sayLoggedOut, sayError } from './pages.ts'
import { pairwiseWith, type Pairwise } from './pairwise.ts'
import type { OidcParts } from './parts.ts'
import { paths } from './paths.ts'
import { RingKey } from './ring-key.ts'
import { claimsOf, claimsOfEveryLogin } from './scopes.ts'
import { grantFromLogin, sessionPolicy } from './session-policy.ts'

/**
 * oidc-provider with our policy. It keeps nothing of its own between requests: one made anew with other keys goes on
 * where the former stood.
 */
export function makeProvider(parts: OidcParts): Provider {
  const provider = new RedirectingProvider(parts.baseUrl, configuration(parts, pairwiseWith(parts.pairwise)))
  // Host and scheme come from BASE_URL, by headers that serve.ts sets itself.
  provider.proxy = true
  // Koa would write broken connections to the console.
  provider.silent = true
  provider.Client.prototype.compareClientSecret = secretFits
  provider.ReplayDetection.unique = isUnique(parts)
  provider.AccessToken.prototype.generateTokenId = function () {
    this.format = 'opaque'
    return `${grantOf(this.grantId).root}.${parts.random.token()}`
  }
  return provider
}

/** Answers by redirects only: an answer by form would be a page of the library's own, which needs JavaScript. */
class RedirectingProvider extends Provider {
  override registerResponseMode(name: string, handler: unknown): void {
    if (name !== 'form_post') super.registerResponseMode(name, handler)
  }
}

const configuration = (parts: OidcParts, pairwise: Pairwise): Configuration => ({
  adapter: adapterFor(parts),
  jwks: { keys: parts.keys.ring().keys.map((key) => new RingKey(key)) },
  routes: paths,
  ...whatIsSpoken,
  cookies: cookies(parts),
  interactions: {
    policy: sessionPolicy(parts, pairwise),
    url: (ctx: Context, interaction: { readonly uid: string }) => enterFrom(parts, ctx, interaction),
  },
  features: features(parts),
  pairwiseIdentifier: (_ctx: Context, citizen: string, client: Parameters<typeof relyingPartyOf>[0]) =>
    pairwise(relyingPartyOf(client).sector, citizen),
  sectorIdentifierUriValidate: () => false,
  extraClientMetadata: { properties: [...extraMetadata] },
  findAccount: (_ctx: Context, citizen: string, token?: TokenLike) =>
    token ? findAccount(parts, citizen, token) : accountNamed(citizen),
  loadExistingGrant: async (ctx: Context) => grantFromLogin(parts, pairwise, ctx),
  // A token is opaque and short-lived; the session it came from is not asked for.
  expiresWithSession: async () => false,
  pkce: { required: () => true },
  allowOmittingSingleRegisteredRedirectUri: false,
  clientBasedCORS: () => false,
  clockTolerance: fixedLimits.skew,
  // The only hook that sees every request, pushed or not, after all else was checked.
  extraParams: { scope: (ctx: Context) => checkNewRequest(parts, ctx) },
  assertJwtClientAuthClaimsAndHeader: async (_ctx: Context, claims: Readonly<Record<string, unknown>>) =>
    checkAssertion(parts, claims),
  renderError: sayError,
  fetch: (url: string, options: RequestInit) => (parts.fetch ?? globalThis.fetch)(url, options),
  fetchResponseBodyLimits: { jwks_uri: 64 * 1024 },
  ttl: {
    AccessToken: parts.limits.accessTokenLifetime,
    AuthorizationCode: parts.limits.authorizationCodeLifetime,
    IdToken: fixedLimits.idToken,
    Interaction: parts.limits.interactionLifetime,
    Session: fixedLimits.logout,
  },
})

/** What discovery tells, but for the features. */
const whatIsSpoken = {
  responseTypes: ['code'],
  scopes: ['openid'],
  claims: { openid: claimsOfEveryLogin, ...claimsOf },
  acrValues,
  subjectTypes: ['pairwise'],
  clientAuthMethods: ['private_key_jwt', 'client_secret_basic', 'none'],
  clientDefaults: {
    grant_types: ['authorization_code'],
    response_types: ['code'],
    id_token_signed_response_alg: 'ES256',
    token_endpoint_auth_method: 'client_secret_basic',
  },
  enabledJWA: {
    clientAuthSigningAlgValues: clientSigningAlgs,
    requestObjectSigningAlgValues: clientSigningAlgs,
    idTokenSigningAlgValues: ['ES256', 'RS256'],
    dPoPSigningAlgValues: ['ES256', 'PS256', 'RS256', 'Ed25519', 'EdDSA'],
  },
  discovery: { ui_locales_supported: locales, prompt_values_supported: ['none', 'login', 'select_account'] },
} as const

function features(parts: OidcParts): object {
  const isOwn = (client: { readonly clientId: string }, token: { readonly clientId: string }) =>
    client.clientId === token.clientId
  return {
    devInteractions: { enabled: false },
    externalSigningSupport: { enabled: true, ack: 'experimental-01' },
    resourceIndicators: { enabled: false },
    claimsParameter: { enabled: true },
    pushedAuthorizationRequests: { enabled: true },
    requestObjects: {
      enabled: true,
      assertJwtClaimsAndHeader: async (ctx: Context, claims: Readonly<Record<string, unknown>>) =>
        noteRequestObject(parts, ctx, claims),
    },
    dPoP: { enabled: true },
    introspection: {
      enabled: true,
      // Worth as much as at UserInfo.
      allowedPolicy: async (...[, client, token]: TokenAndCaller) =>
        isOwn(client, token) && (await findAccount(parts, token.accountId, token)) !== undefined,
    },
    revocation: {
      enabled: true,
      allowedPolicy: async (...[, client, token]: TokenAndCaller) => {
        if (isOwn(client, token)) return true
        // RFC 7009, 2.1: the client is told.
        throw new errors.InvalidRequest('This token was issued to another client.')
      },
    },
    backchannelLogout: { enabled: true },
    // The question itself is asked by logout.ts, out of what the library's own checks found.
    rpInitiatedLogout: { enabled: true, logoutSource: async () => {}, postLogoutSuccessSource: sayLoggedOut },
  }
}

type TokenAndCaller = [
  ctx: Context,
  client: { readonly clientId: string },
  token: TokenLike & { readonly clientId: string; readonly accountId: string },
]

function cookies({ baseUrl, cookieKeys }: OidcParts): object {
  const common = { httpOnly: true, sameSite: 'lax', signed: true, overwrite: true }
  return {
    names: cookieNames(baseUrl.startsWith('https:')),
    keys: cookieSigner(cookieKeys),
    short: common,
    // Only the question whether to log out is kept over two requests.
    long: { ...common, path: paths.end_session },
  }
}

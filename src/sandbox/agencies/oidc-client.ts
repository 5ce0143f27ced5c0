import { exportJWK, generateKeyPair, type JWK } from 'jose'
import * as client from 'openid-client'
import type { DemoAgency } from './agency.ts'
import type { AgencyError, AgencySession, PendingLogin } from './visitors.ts'

/** The relying-party side of one demo agency: a library's code throughout, none of the server's own. */
export interface OidcClient {
  /** Starts a login; `wishes` are request parameters that a developer wants to try. */
  begin(
    wishes: Readonly<Record<string, string>>,
  ): Promise<{ readonly url: URL; readonly state: string; readonly pending: PendingLogin }>
  /** Verifies everything that came back and fetches the person. */
  finish(callback: URL, state: string, pending: PendingLogin): Promise<AgencySession | AgencyError>
  logoutUrl(session: AgencySession | undefined): Promise<URL>
}

export interface OidcClientParts {
  readonly agency: DemoAgency
  readonly issuer: string
  /** Where this agency is reached, e.g. http://127.0.0.1:8090/aeat. */
  readonly base: string
  /** Registers the agency at Cl@ve (RFC 7591 names); answers the client secret where it gets one. */
  readonly register: (metadata: Readonly<Record<string, unknown>>) => Promise<string | undefined>
}

export async function makeOidcClient({ agency, issuer, base, register }: OidcClientParts): Promise<OidcClient> {
  const callback = `${base}/callback`
  const keyPair =
    agency.authentication === 'private_key_jwt' ? await generateKeyPair('ES256', { extractable: true }) : undefined
  const publicJwk: JWK | undefined = keyPair && {
    ...(await exportJWK(keyPair.publicKey)),
    kid: agency.id,
    use: 'sig',
    alg: 'ES256',
  }
  const secret = await register({
    redirect_uris: [callback, callback.replace('//127.0.0.1', '//localhost')],
    post_logout_redirect_uris: [base, base.replace('//127.0.0.1', '//localhost')],
    token_endpoint_auth_method: agency.authentication,
    ...(publicJwk ? { jwks: { keys: [publicJwk] } } : {}),
    ...(agency.pushes ? { require_pushed_authorization_requests: true } : {}),
  })
  const authentication = keyPair
    ? client.PrivateKeyJwt({ key: keyPair.privateKey, kid: agency.id })
    : client.ClientSecretBasic(secret)

  // Asked for at the first login, not at start: an agency does not depend on the identity provider to be up.
  let discovered: Promise<client.Configuration> | undefined
  const configuration = () => {
    discovered ??= client
      .discovery(new URL(issuer), agency.id, {}, authentication, { execute: [client.allowInsecureRequests] })
      .catch((error: unknown) => {
        discovered = undefined
        throw error
      })
    return discovered
  }

  return {
    async begin(wishes) {
      const config = await configuration()
      const pending: PendingLogin = {
        verifier: client.randomPKCECodeVerifier(),
        nonce: client.randomNonce(),
        maxAge: wishes.max_age === undefined ? undefined : Number(wishes.max_age),
      }
      const state = client.randomState()
      const parameters = {
        scope: ['openid', ...agency.scopes].join(' '),
        ...(agency.leastLevel === 'low' ? {} : { acr_values: `http://eidas.europa.eu/LoA/${agency.leastLevel}` }),
        ...wishes,
        redirect_uri: callback,
        state,
        nonce: pending.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(pending.verifier),
        code_challenge_method: 'S256',
      }
      const build = agency.pushes ? client.buildAuthorizationUrlWithPAR : client.buildAuthorizationUrl
      return { url: await build(config, parameters), state, pending }
    },

    async finish(callbackUrl, state, pending) {
      const config = await configuration()
      try {
        const tokens = await client.authorizationCodeGrant(config, callbackUrl, {
          pkceCodeVerifier: pending.verifier,
          expectedState: state,
          expectedNonce: pending.nonce,
          idTokenExpected: true,
          ...(pending.maxAge === undefined ? {} : { maxAge: pending.maxAge }),
        })
        const claims = tokens.claims()!
        const person = await client.fetchUserInfo(config, tokens.access_token, claims.sub)
        return { claims, person, idToken: tokens.id_token!, at: new Date(claims.iat * 1000).toISOString() }
      } catch (error) {
        return agencyError(error)
      }
    },

    async logoutUrl(session) {
      return client.buildEndSessionUrl(await configuration(), {
        post_logout_redirect_uri: base,
        ...(session ? { id_token_hint: session.idToken } : {}),
      })
    },
  }
}

/** An error that the identity provider answered is data for the agency; anything else is ours and thrown on. */
export function agencyError(error: unknown): AgencyError {
  if (error instanceof client.AuthorizationResponseError || error instanceof client.ResponseBodyError) {
    return { error: error.error, error_description: error.error_description }
  }
  if (error instanceof client.ClientError)
    return { error: error.code ?? 'invalid_response', error_description: error.message }
  throw error
}

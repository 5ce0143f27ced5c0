import { exportJWK, generateKeyPair, type CryptoKey } from 'jose'
import * as client from 'openid-client'
import type { App } from '../../src/platform/index.ts'
import type { RelyingParties, RelyingPartyInput } from '../../src/relying-party/index.ts'

/** An agency's web application that knows nothing of the server but its issuer: all of it is openid-client's work. */
export interface OidcAgency {
  readonly id: string
  readonly callback: string
  readonly config: client.Configuration
  readonly secret: string | undefined
  /** Of private_key_jwt and request objects. */
  readonly privateKey: CryptoKey
  readonly publicJwk: object
  /** A login as an agency begins it. */
  begin(wishes?: Wishes): Promise<Begun>
  /** Checks everything that came back (state, iss, nonce, signature, times) and redeems the code. */
  finish(begun: Begun, at: URL, dpop?: client.DPoPHandle): Promise<Tokens>
  userInfo(tokens: Tokens, dpop?: client.DPoPHandle): Promise<client.UserInfoResponse>
}

export type Wishes = Readonly<Record<string, string>>
export type Tokens = Awaited<ReturnType<typeof client.authorizationCodeGrant>>

export interface Begun {
  readonly url: URL
  readonly state: string
  readonly nonce: string
  readonly verifier: string
  readonly parameters: Record<string, string>
}

export interface AgencyOptions {
  readonly id?: string
  readonly authentication?: 'client_secret_basic' | 'private_key_jwt' | 'none'
  /** How the request is brought: in the address, pushed (RFC 9126), or in a signed object (RFC 9101). */
  readonly brings?: 'query' | 'par' | 'jar'
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly registration?: RelyingPartyInput
  readonly dpop?: boolean
}

interface Server {
  readonly app: App
  readonly relyingParties: RelyingParties
}

let agencies = 0

/** Registers an agency and lets it discover the server, without a network: its requests are injected. */
export async function oidcAgency(server: Server, issuer: string, options: AgencyOptions = {}): Promise<OidcAgency> {
  const { authentication = 'client_secret_basic', metadata = {}, registration = {} } = options
  const id = options.id ?? `agency-${++agencies}`
  const callback = `https://${id}.test/callback`
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const publicJwk = { ...(await exportJWK(publicKey)), kid: id, use: 'sig', alg: 'ES256' }
  const written = await server.relyingParties.register({
    ...{ id, name: `Agency ${id}`, home: `https://${id}.test/` },
    scopes: ['profile', 'document', 'registration', 'email', 'phone'],
    ...registration,
    oidc: {
      redirect_uris: [callback],
      post_logout_redirect_uris: [`https://${id}.test/bye`],
      token_endpoint_auth_method: authentication,
      ...('jwks_uri' in metadata ? {} : { jwks: { keys: [publicJwk] } }),
      ...metadata,
    },
  })
  if (!written || 'problems' in written) throw new Error(JSON.stringify(written?.problems))
  const { clientSecret } = written
  const authenticate = {
    client_secret_basic: () => client.ClientSecretBasic(clientSecret),
    private_key_jwt: () => client.PrivateKeyJwt({ key: privateKey, kid: id }),
    none: () => client.None(),
  }[authentication]()
  const alg =
    typeof metadata['id_token_signed_response_alg'] === 'string' ? metadata['id_token_signed_response_alg'] : 'ES256'
  const config = await client.discovery(new URL(issuer), id, { id_token_signed_response_alg: alg }, authenticate, {
    [client.customFetch]: injecting(server.app),
  })
  return {
    ...{ id, callback, config, privateKey, publicJwk, secret: clientSecret },
    begin: (wishes = {}) => begin({ config, callback, privateKey, id, brings: options.brings ?? 'query' }, wishes),
    finish: (begun, at, dpop) =>
      client.authorizationCodeGrant(
        config,
        at,
        {
          expectedState: begun.state,
          expectedNonce: begun.nonce,
          pkceCodeVerifier: begun.verifier,
          idTokenExpected: true,
        },
        undefined,
        dpop ? { DPoP: dpop } : undefined,
      ),
    userInfo: (tokens, dpop) =>
      client.fetchUserInfo(config, tokens.access_token, tokens.claims()?.sub ?? '', dpop ? { DPoP: dpop } : undefined),
  }
}

type Beginner = Pick<OidcAgency, 'config' | 'callback' | 'privateKey' | 'id'> & {
  readonly brings: 'query' | 'par' | 'jar'
}

async function begin({ config, callback, privateKey, id, brings }: Beginner, wishes: Wishes): Promise<Begun> {
  const verifier = client.randomPKCECodeVerifier()
  const state = client.randomState()
  const nonce = client.randomNonce()
  const parameters = {
    scope: 'openid profile document registration email phone',
    redirect_uri: callback,
    ...{ state, nonce },
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...wishes,
  }
  const url = {
    query: () => client.buildAuthorizationUrl(config, parameters),
    par: () => client.buildAuthorizationUrlWithPAR(config, parameters),
    jar: () => client.buildAuthorizationUrlWithJAR(config, parameters, { key: privateKey, kid: id }),
  }[brings]
  return { url: await url(), state, nonce, verifier, parameters }
}

/** Fetch without a network. */
export function injecting(app: App): client.CustomFetch {
  return async (url, { method, headers, body }) => {
    const { pathname, search } = new URL(url)
    const answer = await app.inject({
      method: method as 'GET' | 'POST',
      url: pathname + search,
      headers: headers,
      ...(body === null || body === undefined
        ? {}
        : { payload: body instanceof URLSearchParams ? body.toString() : (body as string) }),
    })
    const sent = Object.entries(answer.headers).flatMap(([name, value]) =>
      [value ?? []].flat().map((one) => [name, String(one)] as [string, string]),
    )
    return new Response([204, 304].includes(answer.statusCode) ? null : answer.payload, {
      status: answer.statusCode,
      headers: sent,
    })
  }
}

import type { Loa, MethodName } from '../citizen/index.ts'
import type { SamlParty } from './saml-party.ts'

/** An agency's web application, as registered. */
export interface RelyingParty {
  /** For OIDC also the `client_id`. */
  readonly id: string
  /** As citizens read it. */
  readonly name: string
  /** The public body: applications of one body see the same pairwise `sub`. */
  readonly sector: string
  /** The least level this relying party may be answered with. */
  readonly leastLevel: Loa
  /** What it may ask for beside `openid`. */
  readonly scopes: readonly Scope[]
  /** Where the citizen finds the agency when no protocol answer is possible any more. */
  readonly home: string | undefined
  /** Methods that it never takes, whatever a request says. */
  readonly excluded: readonly MethodName[]
  /** OIDC client metadata (RFC 7591 names), the secret only as its hash. */
  readonly oidc: OidcClient | undefined
  /** How it speaks SAML; it speaks one protocol. */
  readonly saml: SamlParty | undefined
}

export type SamlRelyingParty = RelyingParty & { readonly saml: SamlParty }

export const scopes = ['profile', 'document', 'registration', 'email', 'phone'] as const
export type Scope = (typeof scopes)[number]

/** Algorithms by which a client may sign what it sends (client assertions, request objects). */
export const clientSigningAlgs = ['ES256', 'PS256', 'RS256'] as const
export type ClientSigningAlg = (typeof clientSigningAlgs)[number]

export interface OidcClient {
  readonly client_id: string
  readonly application_type?: 'web' | 'native'
  readonly redirect_uris: readonly string[]
  readonly post_logout_redirect_uris?: readonly string[]
  readonly token_endpoint_auth_method: 'client_secret_basic' | 'private_key_jwt' | 'none'
  readonly token_endpoint_auth_signing_alg?: ClientSigningAlg
  /** SHA-256 of a secret of 256 random bits, base64url: with that much entropy a slow hash adds nothing. */
  readonly client_secret_hash?: string
  readonly jwks?: { readonly keys: readonly Record<string, unknown>[] }
  readonly jwks_uri?: string
  readonly id_token_signed_response_alg?: 'ES256' | 'RS256'
  readonly request_object_signing_alg?: ClientSigningAlg
  readonly require_pushed_authorization_requests?: boolean
  readonly require_signed_request_object?: boolean
  readonly dpop_bound_access_tokens?: boolean
  readonly backchannel_logout_uri?: string
  readonly backchannel_logout_session_required?: boolean
}

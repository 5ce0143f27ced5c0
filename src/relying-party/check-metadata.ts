import { faultOfReturnAddress, faultOfWebAddress, type AddressRules } from './check-address.ts'
import { faultOfJwks, isRecord } from './check-jwks.ts'
import { clientSigningAlgs, type OidcClient } from './relying-party.ts'

/** One thing wrong with what was to be written; `field` is its path in the input. */
export interface RelyingPartyProblem {
  readonly field: string
  readonly title: string
  readonly detail: string
}

/** Client metadata that passed; without what the registry itself adds. */
export type CheckedMetadata = Omit<OidcClient, 'client_id' | 'client_secret_hash'>

/** The fault in words ("must …"), or nothing. */
type Check = (value: unknown, rules: AddressRules) => string | undefined

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' && value.length <= 200 ? undefined : 'must be a text of 1 to 200 characters'
export const truth = (value: unknown): string | undefined =>
  typeof value === 'boolean' ? undefined : 'must be true or false'
export const oneOf =
  (...values: readonly string[]) =>
  (value: unknown): string | undefined =>
    values.includes(value as string) ? undefined : `must be ${values.length > 1 ? 'one of ' : ''}${values.join(', ')}`
const only =
  (one: string): Check =>
  (value) =>
    Array.isArray(value) && value.length === 1 && value[0] === one ? undefined : `must be ["${one}"]`

/** `least` to 50 different addresses to which browsers may be sent. */
const returnAddresses =
  (least: number): Check =>
  (value, rules) => {
    if (!Array.isArray(value) || value.length < least || value.length > 50)
      return `must be a list of ${least} to 50 addresses`
    if (new Set(value).size !== value.length) return 'must not name an address twice'
    const faults = value.map((address) => faultOfReturnAddress(address, rules))
    const at = faults.findIndex((fault) => fault !== undefined)
    return at < 0 ? undefined : `[${at}] ${faults[at]}`
  }

/** What is kept of a client's metadata (RFC 7591, OpenID Connect Registration, RFC 9126, 9101, 9449). */
const kept: Readonly<Record<keyof CheckedMetadata, Check>> = {
  application_type: oneOf('web', 'native'),
  redirect_uris: returnAddresses(1),
  post_logout_redirect_uris: returnAddresses(0),
  token_endpoint_auth_method: oneOf('client_secret_basic', 'private_key_jwt', 'none'),
  token_endpoint_auth_signing_alg: oneOf(...clientSigningAlgs),
  jwks: faultOfJwks,
  jwks_uri: faultOfWebAddress,
  id_token_signed_response_alg: oneOf('ES256', 'RS256'),
  request_object_signing_alg: oneOf(...clientSigningAlgs),
  require_pushed_authorization_requests: truth,
  require_signed_request_object: truth,
  dpop_bound_access_tokens: truth,
  backchannel_logout_uri: faultOfWebAddress,
  backchannel_logout_session_required: truth,
}

const texts: Check = (value) =>
  Array.isArray(value) && value.every((one) => text(one) === undefined)
    ? undefined
    : 'must be a list of texts of 1 to 200 characters'

/** What may be said because it is so for every client, is kept elsewhere in the row, or is for people and shown nowhere here. */
const understood: Readonly<Record<string, Check>> = {
  client_id: text,
  client_name: text,
  client_uri: faultOfWebAddress,
  logo_uri: faultOfWebAddress,
  policy_uri: faultOfWebAddress,
  tos_uri: faultOfWebAddress,
  contacts: texts,
  software_id: text,
  software_version: text,
  scope: (value) => (typeof value === 'string' ? undefined : 'must be scopes separated by spaces'),
  response_types: only('code'),
  grant_types: only('authorization_code'),
  subject_type: oneOf('pairwise'),
  pkce_method: oneOf('S256'),
  client_secret: () => 'must be left out: the secret is made here and told once',
}

/** Client metadata as an integrator sends it: what of it is kept, or everything that is wrong with it. */
export function checkMetadata(
  given: unknown,
  { allowHttp }: Pick<AddressRules, 'allowHttp'>,
): CheckedMetadata | { readonly problems: readonly RelyingPartyProblem[] } {
  if (!isRecord(given)) return { problems: [problem('oidc', 'must be an object of client metadata')] }
  const metadata: Record<string, unknown> = { token_endpoint_auth_method: 'client_secret_basic', ...given }
  const rules = { allowHttp, native: metadata['application_type'] === 'native' }
  const problems = Object.entries(metadata).flatMap(([name, value]) => {
    const check = Object.hasOwn(kept, name)
      ? kept[name as keyof CheckedMetadata]
      : Object.hasOwn(understood, name)
        ? understood[name]
        : undefined
    if (!check) return [unknown(name)]
    const fault = check(value, rules)
    return fault ? [problem(`oidc.${name}`, fault)] : []
  })
  if (!('redirect_uris' in metadata)) problems.push(problem('oidc.redirect_uris', 'must be given'))
  problems.push(...faultsTogether(metadata))
  if (problems.length > 0) return { problems }
  return Object.fromEntries(Object.entries(metadata).filter(([name]) => name in kept)) as unknown as CheckedMetadata
}

/** What each value alone does not show. */
function faultsTogether(metadata: Record<string, unknown>): RelyingPartyProblem[] {
  const has = (name: string) => metadata[name] !== undefined
  const method = metadata['token_endpoint_auth_method']
  const problems: RelyingPartyProblem[] = []
  const unless = (fine: boolean, field: string, detail: string) => {
    if (!fine) problems.push(problem(`oidc.${field}`, detail))
  }
  unless(!(has('jwks') && has('jwks_uri')), 'jwks', 'must not stand beside jwks_uri: one place for the keys')
  const keys = has('jwks') || has('jwks_uri')
  unless(method !== 'private_key_jwt' || keys, 'jwks', 'must be given (or jwks_uri) for private_key_jwt')
  unless(
    metadata['require_signed_request_object'] !== true || keys,
    'jwks',
    'must be given (or jwks_uri) for signed request objects',
  )
  unless(
    !has('token_endpoint_auth_signing_alg') || method === 'private_key_jwt',
    'token_endpoint_auth_signing_alg',
    'has a meaning for private_key_jwt only',
  )
  unless(
    metadata['application_type'] !== 'native' || method !== 'client_secret_basic',
    'token_endpoint_auth_method',
    'must be none or private_key_jwt for a native application: a secret inside an app is none (RFC 8252, 8.5)',
  )
  unless(
    metadata['backchannel_logout_session_required'] !== true || has('backchannel_logout_uri'),
    'backchannel_logout_uri',
    'must be given where backchannel_logout_session_required is true',
  )
  return problems
}

export const problem = (field: string, detail: string): RelyingPartyProblem => ({
  field,
  title: 'The relying party was not written',
  detail: `${field} ${detail}`,
})

const unknown = (name: string): RelyingPartyProblem => ({
  field: `oidc.${name}`,
  title: 'Unknown client metadata',
  detail: `oidc.${name} is not known here; known: ${[...Object.keys(kept), ...Object.keys(understood)].sort().join(', ')}`,
})

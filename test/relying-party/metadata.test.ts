import { generateKeyPairSync } from 'node:crypto'
import t, { type Test } from 'tap'
import { checkMetadata } from '../../src/relying-party/check-metadata.ts'

const jwk = (kind: 'P-256' | 'P-384' | 2048 | 1024): Record<string, unknown> => {
  const { publicKey } =
    typeof kind === 'string'
      ? generateKeyPairSync('ec', { namedCurve: kind })
      : generateKeyPairSync('rsa', { modulusLength: kind })
  return { ...publicKey.export({ format: 'jwk' }) }
}
const ec = jwk('P-256')
const good = { redirect_uris: ['https://agency.example/callback'] }
const strict = { allowHttp: false }

/** The fields that are refused, and nothing else. */
function refused(t: Test, metadata: unknown, fields: readonly string[], rules = strict): void {
  const checked = checkMetadata(metadata, rules)
  const problems = 'problems' in checked ? checked.problems : []
  t.same(
    problems.map(({ field }) => field),
    fields,
    JSON.stringify(metadata).slice(0, 200),
  )
  for (const { title, detail } of problems) t.ok(title && detail)
}

t.test('a client that says no more than where it returns to authenticates with a secret', async (t) => {
  t.same(checkMetadata(good, strict), { ...good, token_endpoint_auth_method: 'client_secret_basic' })
})

t.test('a return address is https, whole, and no pattern', async (t) => {
  const bad = [
    'http://agency.example/callback',
    'https://agency.example/callback#fragment',
    'https://agency.example/callback#',
    'https://user@agency.example/callback',
    'https://user:password@agency.example/callback',
    'https://@agency.example/callback',
    'https://*.agency.example/callback',
    'https://agency.example/*',
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    'data:text/html,x',
    'agency.example/callback',
    '//agency.example/callback',
    '/callback',
    'https:/agency.example/callback',
    'https:agency.example',
    'https:///callback',
    'https:\\\\agency.example\\callback',
    'https://agency.example/call back',
    'https://agency.example/\ncallback',
    'https://agency.example/ñ',
    'https://localhost/callback',
    'https://127.0.0.1/callback',
    'https://[::1]/callback',
    'com.agency.app:/callback',
    'http://127.0.0.1:8080/callback',
    '',
    42,
    `https://agency.example/${'a'.repeat(2_000)}`,
  ]
  for (const address of bad) refused(t, { redirect_uris: [address] }, ['oidc.redirect_uris'])
  for (const address of [
    'https://agency.example',
    'https://agency.example:8443/a/b?c=d&e',
    'https://agency.example/%C3%B1',
  ]) {
    refused(t, { redirect_uris: [address] }, [])
  }
})

t.test('the sandbox takes http and its own machine, but nothing else more', async (t) => {
  const rules = { allowHttp: true }
  for (const address of [
    'http://127.0.0.1:8090/aeat/callback',
    'http://localhost:3000/cb',
    'https://localhost/cb',
    'http://agency.test/cb',
  ]) {
    refused(t, { redirect_uris: [address] }, [], rules)
  }
  for (const address of [
    'http://user@localhost/cb',
    'http://localhost/cb#',
    'http://*/cb',
    'javascript:alert(1)',
    'ftp://localhost/',
  ]) {
    refused(t, { redirect_uris: [address] }, ['oidc.redirect_uris'], rules)
  }
})

t.test('an app on the device returns to a loopback address or a scheme of its own (RFC 8252)', async (t) => {
  const native = { application_type: 'native', token_endpoint_auth_method: 'none' }
  for (const address of [
    'http://127.0.0.1/cb',
    'http://[::1]:7777/cb',
    'com.agency.app:/callback',
    'https://agency.example/app',
  ]) {
    refused(t, { ...native, redirect_uris: [address] }, [])
  }
  for (const address of [
    'http://localhost/cb',
    'http://agency.example/cb',
    'agencyapp:/callback',
    'javascript:alert(1)',
    'http://127.0.0.1.evil.example/',
  ]) {
    refused(t, { ...native, redirect_uris: [address] }, ['oidc.redirect_uris'])
  }
  refused(t, { application_type: 'native', redirect_uris: ['com.agency.app:/cb'] }, ['oidc.token_endpoint_auth_method'])
})

t.test('there is at least one return address, and none twice', async (t) => {
  refused(t, {}, ['oidc.redirect_uris'])
  for (const redirect_uris of [[], 'https://agency.example', [good.redirect_uris[0], good.redirect_uris[0]], null]) {
    refused(t, { redirect_uris }, ['oidc.redirect_uris'])
  }
  refused(t, { ...good, post_logout_redirect_uris: [] }, [])
  refused(t, { ...good, post_logout_redirect_uris: ['http://agency.example/'] }, ['oidc.post_logout_redirect_uris'])
})

t.test('only what the service does can be asked for', async (t) => {
  const bad: Record<string, unknown> = {
    token_endpoint_auth_method: 'client_secret_post',
    response_types: ['code id_token'],
    grant_types: ['authorization_code', 'refresh_token'],
    subject_type: 'public',
    pkce_method: 'plain',
    id_token_signed_response_alg: 'none',
    request_object_signing_alg: 'HS256',
    require_pushed_authorization_requests: 'yes',
    dpop_bound_access_tokens: 1,
    backchannel_logout_uri: 'http://agency.example/logout',
    client_secret: 'chosen by me',
    application_type: 'service',
    contacts: 'it@agency.example',
    logo_uri: 'javascript:alert(1)',
  }
  for (const [name, value] of Object.entries(bad)) refused(t, { ...good, [name]: value }, [`oidc.${name}`])
  const fine = {
    response_types: ['code'],
    grant_types: ['authorization_code'],
    subject_type: 'pairwise',
    pkce_method: 'S256',
    scope: 'openid profile',
    client_name: 'An agency',
    client_uri: 'https://agency.example',
    logo_uri: 'https://agency.example/logo.png',
    policy_uri: 'https://agency.example/privacy',
    tos_uri: 'https://agency.example/terms',
    contacts: ['it@agency.example'],
    software_id: 'agency-web',
    software_version: '1.2',
    id_token_signed_response_alg: 'RS256',
    require_pushed_authorization_requests: true,
    dpop_bound_access_tokens: true,
    backchannel_logout_uri: 'https://agency.example/logout',
    backchannel_logout_session_required: true,
  }
  refused(t, { ...good, ...fine }, [])
  t.notHas(checkMetadata({ ...good, ...fine }, strict), { response_types: [] }, 'what holds for all is not kept')
})

t.test('metadata that the service does not know are named, not dropped', async (t) => {
  refused(t, { ...good, id_token_encrypted_response_alg: 'RSA-OAEP', tls_client_auth_subject_dn: 'x' }, [
    'oidc.id_token_encrypted_response_alg',
    'oidc.tls_client_auth_subject_dn',
  ])
  for (const name of ['client_secret_hash', 'toString', 'constructor'])
    refused(t, { ...good, [name]: 'x' }, [`oidc.${name}`])
  for (const metadata of [null, [], 'text', 1]) refused(t, metadata, ['oidc'])
})

t.test('keys are public, well formed, and of a kind that we verify with', async (t) => {
  const keyed = (keys: unknown) => ({ ...good, token_endpoint_auth_method: 'private_key_jwt', jwks: keys })
  refused(
    t,
    keyed({
      keys: [
        { ...ec, kid: '1', use: 'sig', alg: 'ES256' },
        { ...jwk(2048), kid: '2' },
      ],
    }),
    [],
  )
  const bad = [
    [],
    { keys: [] },
    { keys: 'x' },
    { keys: ['x'] },
    { keys: [{ ...ec, d: 'AAAA' }] },
    { keys: [{ kty: 'oct', k: 'AAAA' }] },
    { keys: [jwk('P-384')] },
    { keys: [jwk(1024)] },
    { keys: [{ ...ec, x: 'AAAA' }] },
    { keys: [{ ...ec, y: undefined }] },
    { keys: [{ ...ec, use: 'enc' }] },
    { keys: [{ ...ec, alg: 'RS256' }] },
    { keys: [{ ...ec, alg: 'none' }] },
    { keys: [{ ...ec, kid: 7 }] },
    {
      keys: [
        { ...ec, kid: 'one' },
        { ...jwk('P-256'), kid: 'one' },
      ],
    },
  ]
  for (const jwks of bad) refused(t, keyed(jwks), ['oidc.jwks'])
})

t.test('what each value alone does not show', async (t) => {
  const jwks = { keys: [ec] }
  refused(t, { ...good, token_endpoint_auth_method: 'private_key_jwt' }, ['oidc.jwks'])
  refused(t, { ...good, token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://agency.example/jwks' }, [])
  refused(t, { ...good, jwks, jwks_uri: 'https://agency.example/jwks' }, ['oidc.jwks'])
  refused(t, { ...good, require_signed_request_object: true }, ['oidc.jwks'])
  refused(t, { ...good, require_signed_request_object: true, jwks }, [])
  refused(t, { ...good, token_endpoint_auth_signing_alg: 'ES256' }, ['oidc.token_endpoint_auth_signing_alg'])
  refused(t, { ...good, backchannel_logout_session_required: true }, ['oidc.backchannel_logout_uri'])
})

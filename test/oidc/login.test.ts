import * as client from 'openid-client'
import t from 'tap'
import { oidcAgency } from '../support/oidc-agency.ts'
import { by, identityProvider, issuer } from './identity-provider.ts'
import { comesBack, errorOf, send, titleOf } from './steps.ts'

const substantial = 'http://eidas.europa.eu/LoA/substantial'

t.test('an agency logs a citizen in, in every way that it may bring and authenticate its request', async (t) => {
  const idp = await identityProvider(t, { algs: ['ES256', 'RS256'] })
  const ways = [
    { authentication: 'client_secret_basic', brings: 'query' },
    { authentication: 'private_key_jwt', brings: 'par' },
    { authentication: 'private_key_jwt', brings: 'jar', metadata: { require_signed_request_object: true } },
    { authentication: 'client_secret_basic', brings: 'par', metadata: { require_pushed_authorization_requests: true } },
    { authentication: 'none', brings: 'query' },
    { authentication: 'client_secret_basic', brings: 'query', metadata: { id_token_signed_response_alg: 'RS256' } },
  ] as const
  for (const way of ways) {
    const agency = await oidcAgency(idp, issuer, way)
    const { begun, at } = await comesBack(idp, agency)
    const tokens = await agency.finish(begun, at)
    t.match(
      { claims: tokens.claims(), expires: tokens.expires_in, scope: tokens.scope, refresh: tokens.refresh_token },
      {
        claims: { iss: issuer, aud: agency.id, acr: substantial, amr: ['otp', 'sms'], nonce: begun.nonce },
        expires: 600,
        scope: 'openid profile document registration email phone',
        refresh: undefined,
      },
      JSON.stringify(way),
    )
    t.match(await agency.userInfo(tokens), { sub: tokens.claims()?.sub, document: '99999999R' })
  }
})

t.test('PAR, private_key_jwt and DPoP together: the token is of no use without its key', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer, {
    authentication: 'private_key_jwt',
    brings: 'par',
    metadata: { dpop_bound_access_tokens: true, require_pushed_authorization_requests: true },
  })
  const dpop = client.getDPoPHandle(agency.config, await client.randomDPoPKeyPair('ES256'))
  const { begun, at } = await comesBack(idp, agency)
  const tokens = await agency.finish(begun, at, dpop)
  t.equal(tokens.token_type, 'dpop')
  t.match(await agency.userInfo(tokens, dpop), { name: 'CARMEN PRUEBA FICTICIA' })
  t.match(await errorOf(agency.userInfo(tokens)), { status: 401 }, 'as a bearer token')
  const other = client.getDPoPHandle(agency.config, await client.randomDPoPKeyPair('ES256'))
  t.match(await errorOf(agency.userInfo(tokens, other)), { status: 401 }, "with another's key")

  const again = await comesBack(idp, agency)
  t.match(await errorOf(agency.finish(again.begun, again.at)), { error: 'invalid_grant' }, 'without a proof')
})

t.test('UserInfo tells what the scopes stand for, and leaves out what is not there', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer)
  const told = async (citizen: string, method: 'pin' | 'permanente' = 'pin') => {
    const { begun, at } = await comesBack(idp, agency, { preset: by(citizen, method) })
    const { sub: _, ...person } = await agency.userInfo(await agency.finish(begun, at))
    return person
  }
  t.same(await told(idp.carmen), {
    ...{ name: 'CARMEN PRUEBA FICTICIA', given_name: 'CARMEN', family_name: 'PRUEBA FICTICIA' },
    ...{ first_surname: 'PRUEBA', second_surname: 'FICTICIA' },
    ...{ document: '99999999R', document_type: 'DNI', registration_level: 'advanced', method: 'pin' },
    ...{ email: 'carmen@correo.example', email_verified: false },
    ...{ phone_number: '+34600000001', phone_number_verified: true },
  })
  t.same(
    await told(idp.wei, 'permanente'),
    {
      ...{ name: 'WEI ZHANG', given_name: 'WEI', family_name: 'ZHANG', first_surname: 'ZHANG' },
      ...{ document: 'X9999999J', document_type: 'NIE', registration_level: 'advanced', method: 'permanente' },
    },
    'no second surname, no phone, no e-mail',
  )
})

t.test('the ID token says how and when, and the person only where claims asks for it', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer)
  const plain = await comesBack(idp, agency, { wishes: { scope: 'openid document' } })
  const { sub, auth_time: at, ...claims } = (await agency.finish(plain.begun, plain.at)).claims() ?? {}
  t.same(Object.keys(claims).sort(), ['acr', 'amr', 'aud', 'exp', 'iat', 'iss', 'nonce'])
  t.match(sub, /^[\w-]{43}$/)
  t.ok(Math.abs(Number(at) - Date.now() / 1000) < 60, 'auth_time is real time')

  const named = { id_token: { document: { essential: true }, method: null }, userinfo: { given_name: null } }
  const asked = await comesBack(idp, agency, { wishes: { scope: 'openid', claims: JSON.stringify(named) } })
  const tokens = await agency.finish(asked.begun, asked.at)
  t.match(tokens.claims(), { document: '99999999R', method: 'pin', name: undefined })
  t.same(await agency.userInfo(tokens), { sub, given_name: 'CARMEN' })
})

t.test('introspection and revocation are for own tokens only', async (t) => {
  const idp = await identityProvider(t)
  const [agency, other] = [await oidcAgency(idp, issuer), await oidcAgency(idp, issuer)]
  const { begun, at } = await comesBack(idp, agency)
  const { access_token: token, ...tokens } = await agency.finish(begun, at)
  t.match(await client.tokenIntrospection(agency.config, token), {
    active: true,
    client_id: agency.id,
    token_type: 'Bearer',
  })
  t.same(await client.tokenIntrospection(other.config, token), { active: false })
  t.same(await client.tokenIntrospection(agency.config, 'nothing-of-ours'), { active: false })
  t.match(await send(idp, '/oidc/introspect', { token }), { status: 400 }, 'nobody in particular')
  t.match(await errorOf(client.tokenRevocation(other.config, token)), { error: 'invalid_request' })
  t.ok(await client.fetchUserInfo(agency.config, token, client.skipSubjectCheck), "another's revocation did nothing")
  await client.tokenRevocation(agency.config, token)
  t.match(await errorOf(client.fetchUserInfo(agency.config, token, client.skipSubjectCheck)), { status: 401 })
  t.same(await client.tokenIntrospection(agency.config, token), { active: false })
  t.ok(tokens.id_token)
})

t.test('discovery tells what there is and nothing else, and may be read from any page', async (t) => {
  const idp = await identityProvider(t)
  for (const path of ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server']) {
    const answer = await idp.app.inject({ url: path, headers: { host: 'evil.test', origin: 'https://agency.test' } })
    t.equal(answer.headers['access-control-allow-origin'], 'https://agency.test')
    t.equal(answer.headers['cache-control'], 'public, max-age=300')
    t.match(answer.json(), {
      issuer,
      authorization_endpoint: `${issuer}/oidc/authorize`,
      token_endpoint: `${issuer}/oidc/token`,
      pushed_authorization_request_endpoint: `${issuer}/oidc/par`,
      end_session_endpoint: `${issuer}/oidc/logout`,
      acr_values_supported: ['low', 'substantial', 'high'].map((level) => `http://eidas.europa.eu/LoA/${level}`),
      scopes_supported: ['openid', 'profile', 'document', 'registration', 'email', 'phone'],
      response_types_supported: ['code'],
      response_modes_supported: ['query', 'fragment'],
      grant_types_supported: ['authorization_code'],
      subject_types_supported: ['pairwise'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['private_key_jwt', 'client_secret_basic', 'none'],
      registration_endpoint: undefined,
      device_authorization_endpoint: undefined,
      backchannel_authentication_endpoint: undefined,
    })
  }
  const { keys } = (await idp.app.inject({ url: '/oidc/jwks' })).json<{ keys: Record<string, unknown>[] }>()
  t.equal(keys.length, 2, 'the current key and the next')
  t.notOk(keys.some((key) => 'd' in key))
})

t.test('endpoints for programs answer no page of another origin', async (t) => {
  const idp = await identityProvider(t)
  for (const url of ['/oidc/token', '/oidc/userinfo', '/oidc/par', '/oidc/introspect', '/oidc/revoke']) {
    const preflight = await idp.app.inject({ method: 'OPTIONS', url, headers: { origin: 'https://agency.test' } })
    t.equal(preflight.headers['access-control-allow-origin'], undefined, url)
  }
  const ofNoPage = await idp.app.inject({ method: 'OPTIONS', url: '/oidc/jwks' })
  t.equal(ofNoPage.statusCode, 404, 'a question that no page asks is no fault of ours')
})

t.test('cookies are bound to one login, signed, Secure, without a lifetime', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer)
  const begun = await agency.begin()
  const browser = idp.browser()
  const { location, setCookies } = await browser.get(begun.url)
  t.match(location?.pathname, /^\/login\//)
  const [cookie, signature] = setCookies.filter((one) => one.includes('oidc'))
  t.match(cookie, /^__Secure-clave-oidc=[\w-]{20,}; path=\/oidc\/authorize\/[\w-]+; samesite=lax; secure; httponly$/)
  t.match(signature, /^__Secure-clave-oidc\.sig=[\w-]{43}; /)
  t.equal(setCookies.length, 3, 'and the one that knows the browser')

  const uid = /=([\w-]+)/.exec(cookie ?? '')?.[1]
  const forged = idp.browser()
  forged.cookies = browser.cookies.map((one) => (one.name.endsWith('.sig') ? { ...one, value: 'A'.repeat(43) } : one))
  const page = await forged.get(`/oidc/authorize/${uid}`)
  t.match([page.status, titleOf(page.body)], [404, 'Esta identificación ya no está disponible'])
})

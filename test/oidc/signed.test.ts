import { createPublicKey, type JsonWebKey } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import * as client from 'openid-client'
import t from 'tap'
import { sweepOnce } from '../../src/platform/index.ts'
import { oidcAgency, type OidcAgency } from '../support/oidc-agency.ts'
import { by, identityProvider, issuer, type IdentityProvider } from './identity-provider.ts'
import { codeFor, codeOf, comesBack, errorAt, errorOf, flush, send, titleOf } from './steps.ts'

type Claims = Readonly<Record<string, unknown>>
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

function assertion(agency: OidcAgency, claims: Claims = {}, key = agency.privateKey): Promise<string> {
  const all = {
    iss: agency.id,
    sub: agency.id,
    aud: issuer,
    jti: crypto.randomUUID(),
    iat: inSeconds(0),
    exp: inSeconds(60),
  }
  return new SignJWT({ ...all, ...claims }).setProtectedHeader({ alg: 'ES256', kid: agency.id }).sign(key)
}

/** The public key taken for a shared secret: by it a verifier is fooled that believes the header's alg. */
function withPublicKey({ publicJwk, id }: OidcAgency, claims: Claims): Promise<string> {
  const pem = createPublicKey({ key: publicJwk as JsonWebKey, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
  return new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: id }).sign(new TextEncoder().encode(String(pem)))
}

const ask = (idp: IdentityProvider, agency: OidcAgency, request: string) =>
  idp
    .browser()
    .open(
      `/oidc/authorize?${new URLSearchParams({ client_id: agency.id, redirect_uri: agency.callback, response_type: 'code', scope: 'openid', request }).toString()}`,
    )

t.test('a client assertion has to be the client’s own, for us, fresh, near its end, and new', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer, { authentication: 'private_key_jwt' })
  const other = await oidcAgency(idp, issuer, { authentication: 'private_key_jwt' })
  const push = async (client_assertion: string) => {
    const { parameters } = await agency.begin()
    const form = {
      ...parameters,
      response_type: 'code',
      client_id: agency.id,
      client_assertion,
      client_assertion_type: assertionType,
    }
    return send(idp, '/oidc/par', form)
  }
  const refused = { status: 401, json: { error: 'invalid_client', request_uri: undefined } }
  const claims = { iss: agency.id, sub: agency.id, aud: issuer, jti: 'x', exp: inSeconds(60) }
  t.match(await push(await assertion(agency)), { status: 201 })
  for (const [what, wrong] of Object.entries({
    "another's key": await assertion(agency, {}, other.privateKey),
    'alg none': new UnsecuredJWT(claims).encode(),
    'HS256 with the public key': await withPublicKey(agency, claims),
    expired: await assertion(agency, { exp: inSeconds(-60) }),
    'not yet valid': await assertion(agency, { nbf: inSeconds(120) }),
    'for ever': await assertion(agency, { exp: inSeconds(365 * 24 * 3600) }),
    'for another server': await assertion(agency, { aud: 'https://other.test' }),
    'by another issuer': await assertion(agency, { iss: other.id }),
    'without jti': await assertion(agency, { jti: undefined }),
    'without exp': await assertion(agency, { exp: undefined }),
  }))
    t.match(await push(wrong), refused, what)
  t.match(await push(await assertion(other)), { status: 400, json: { error: 'invalid_request' } }, "another client's")

  const once = await assertion(agency)
  t.match(await push(once), { status: 201 })
  t.match(await push(once), refused, 'used again')
  await flush(idp)
  t.match(await push(once), refused, 'used again after the store was lost')
  const many = await assertion(agency)
  const statuses = (await Promise.all(Array.from({ length: 8 }, () => push(many)))).map(({ status }) => status)
  t.same(statuses.filter((status) => status === 201).length, 1, 'eight at once')
})

t.test('a request object has to be signed by its client, for us, fresh, near its end, and new', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer)
  const other = await oidcAgency(idp, issuer)
  const { parameters } = await agency.begin()
  const claims = {
    ...parameters,
    client_id: agency.id,
    response_type: 'code',
    iss: agency.id,
    aud: issuer,
    exp: inSeconds(60),
  }
  const signed = (changed: Claims = {}, key = agency.privateKey) =>
    new SignJWT({ jti: crypto.randomUUID(), ...claims, ...changed })
      .setProtectedHeader({ alg: 'ES256', kid: agency.id })
      .sign(key)
  for (const [what, wrong] of Object.entries({
    "another's key": await signed({}, other.privateKey),
    'alg none': new UnsecuredJWT({ ...claims, jti: 'x' }).encode(),
    'HS256 with the public key': await withPublicKey(agency, { ...claims, jti: 'x' }),
    expired: await signed({ exp: inSeconds(-60) }),
    'for ever': await signed({ exp: inSeconds(24 * 3600) }),
    'for another server': await signed({ aud: 'https://other.test' }),
    'by another issuer': await signed({ iss: other.id }),
    'for another client': await signed({ client_id: other.id }),
    'without exp': await signed({ exp: undefined }),
    'without jti': await signed({ jti: undefined }),
    'no JWT': 'a.b.c',
  }))
    t.equal(errorAt(await ask(idp, agency, wrong))['error'], 'invalid_request_object', what)

  const forged = await signed({ jti: 'spent-by-a-stranger' }, other.privateKey)
  t.equal(errorAt(await ask(idp, agency, forged))['error'], 'invalid_request_object')
  idp.next(agency.id, by(idp.carmen))
  const one = await signed({ jti: 'spent-by-a-stranger' })
  t.ok(errorAt(await ask(idp, agency, one))['code'], 'only a good signature spends a jti')
  t.equal(errorAt(await ask(idp, agency, one))['error'], 'invalid_request_object', 'used again')
  await flush(idp)
  t.equal(errorAt(await ask(idp, agency, one))['error'], 'invalid_request_object', 'after the store was lost')
})

t.test('only what the request object says counts', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer, { brings: 'jar' })
  idp.next(agency.id, by(idp.carmen))
  const begun = await agency.begin({ scope: 'openid document' })
  begun.url.searchParams.set('scope', 'openid phone')
  begun.url.searchParams.set('redirect_uri', 'https://evil.test/')
  const at = (await idp.browser().open(begun.url)).location!
  t.equal((await agency.finish(begun, at)).scope, 'openid document')
  const strict = await oidcAgency(idp, issuer, { metadata: { require_signed_request_object: true } })
  t.equal(errorAt(await idp.browser().open((await strict.begin()).url))['error'], 'invalid_request')
})

t.test('a pushed request is good for one use, for its client, for a minute', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer, {
    brings: 'par',
    metadata: { require_pushed_authorization_requests: true },
  })
  const other = await oidcAgency(idp, issuer)
  const { begun } = await comesBack(idp, agency)
  t.equal(titleOf((await idp.browser().open(begun.url)).body), 'No podemos empezar la identificación', 'used again')

  const foreign = (await agency.begin()).url
  foreign.searchParams.set('client_id', other.id)
  t.equal((await idp.browser().open(foreign)).location, undefined, 'by another client: nothing in it is to be trusted')
  const late = await agency.begin()
  idp.clock.advance(60)
  t.equal((await idp.browser().open(late.url)).location, undefined, 'too late')

  const unpushed = client.buildAuthorizationUrl(agency.config, late.parameters)
  t.equal(errorAt(await idp.browser().open(unpushed))['error'], 'invalid_request', 'not pushed')
  t.match(await errorOf(agency.begin({ redirect_uri: 'https://evil.test/' })), { error: 'invalid_request' })
  t.match(await errorOf(agency.begin({ code_challenge_method: 'plain' })), { error: 'invalid_request' })
  t.match(await errorOf(agency.begin({ request_uri: 'urn:x' })), { error: 'request_uri_not_supported' })
})

t.test('nobody but its client uses a pushed request up, and of its uses at once one wins', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer, { brings: 'par' })
  const stranger = await oidcAgency(idp, issuer)
  const begun = await agency.begin()
  const foreign = new URL(begun.url)
  foreign.searchParams.set('client_id', stranger.id)
  t.equal((await idp.browser().open(foreign)).location, undefined)
  foreign.searchParams.set('redirect_uri', stranger.callback)
  const told = await idp.browser().open(foreign)
  t.equal(told.location?.hostname, new URL(stranger.callback).hostname)
  t.equal(errorAt(told)['error'], 'invalid_request_uri', 'as if there were none')
  idp.next(agency.id, by(idp.carmen))
  const { location } = await idp.browser().open(begun.url)
  t.ok(await agency.finish(begun, location!))

  const once = await agency.begin()
  const pages = await Promise.all(Array.from({ length: 8 }, () => idp.browser().open(once.url)))
  const paths = pages.map(({ at }) => at.pathname.replace(/^\/login\/[^/]+/, ''))
  t.equal(paths.filter((path) => path === '/choose').length, 1, paths.join())
})

t.test('a DPoP proof is used once, also after the store was lost', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer)
  const pair = await generateKeyPair('ES256')
  const jwk = await exportJWK(pair.publicKey)
  const proof = (claims: Claims = {}, header: object = {}) =>
    new SignJWT({ htm: 'POST', htu: `${issuer}/oidc/token`, jti: crypto.randomUUID(), iat: inSeconds(0), ...claims })
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk, ...header })
      .sign(pair.privateKey)
  const redeemWith = async (DPoP: string) => {
    const form = { grant_type: 'authorization_code', ...(await codeFor(idp, agency, { scope: 'openid' })) }
    const authorization = `Basic ${Buffer.from(`${agency.id}:${agency.secret}`).toString('base64')}`
    return send(idp, '/oidc/token', form, { authorization, DPoP })
  }
  const one = await proof()
  t.match(await redeemWith(one), { status: 200, json: { token_type: 'DPoP' } })
  t.match(await redeemWith(one), { status: 400, json: { access_token: undefined } })
  await flush(idp)
  t.match(await redeemWith(one), { status: 400, json: { access_token: undefined } })
  const ahead = await proof({ iat: inSeconds(290) })
  t.match(await redeemWith(ahead), { status: 200 }, 'by a clock that is ahead')
  await sweepOnce(idp.db, new Date(Date.now() + 310_000))
  t.match(await redeemWith(ahead), { status: 400 }, 'it is good for as long again, and remembered as long')
  for (const [what, wrong] of Object.entries({
    'for another endpoint': await proof({ htu: `${issuer}/oidc/userinfo` }),
    'for another host': await proof({ htu: 'https://evil.test/oidc/token' }),
    'for another method': await proof({ htm: 'GET' }),
    old: await proof({ iat: inSeconds(-3600) }),
    'of another type': await proof({}, { typ: 'jwt' }),
    'alg none': new UnsecuredJWT({ jti: 'x' }).encode(),
  }))
    t.match(await redeemWith(wrong), { status: 400, json: { access_token: undefined } }, what)
})

t.test('a code bound to a key when it was asked for is redeemed with that key only', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer)
  const [mine, stolen] = await Promise.all([client.randomDPoPKeyPair('ES256'), client.randomDPoPKeyPair('ES256')])
  const handle = client.getDPoPHandle(agency.config, mine)
  const wishes = { dpop_jkt: await handle.calculateThumbprint() }
  const { begun, at } = await comesBack(idp, agency, { wishes })
  const other = client.getDPoPHandle(agency.config, stolen)
  t.match(await errorOf(agency.finish(begun, at, other)), { error: 'invalid_grant' })
  const again = await comesBack(idp, agency, { wishes })
  t.ok(await agency.finish(again.begun, again.at, handle))
  t.ok(codeOf(agency, again.begun, again.at))
})

t.test('keys at an address of the client are fetched once a minute, and never from inside', async (t) => {
  const key = await generateKeyPair('ES256')
  const published = { keys: [] as object[] }
  const fetched: unknown[] = []
  const idp = await identityProvider(t, {
    fetch: async (url, options) => {
      fetched.push({ url, options })
      return Response.json(published)
    },
  })
  const agency = await oidcAgency(idp, issuer, {
    authentication: 'private_key_jwt',
    metadata: { jwks_uri: 'https://keys.test/jwks' },
  })
  published.keys = [{ ...(await exportJWK(key.publicKey)), kid: agency.id }]
  for (const expected of [200, 200]) {
    const client_assertion = await assertion(agency, {}, key.privateKey)
    const form = { token: 'x', client_assertion, client_assertion_type: assertionType }
    t.equal((await send(idp, '/oidc/introspect', form)).status, expected)
  }
  t.equal(fetched.length, 1)
  t.match(
    fetched,
    [{ url: 'https://keys.test/jwks', options: { dispatcher: {} } }],
    'with the guard against private addresses',
  )
  const strange = { token: 'x', client_assertion: await assertion(agency), client_assertion_type: assertionType }
  t.equal((await send(idp, '/oidc/introspect', strange)).status, 401)
})

import t from 'tap'
import { need } from '../support/need.ts'
import { oidcAgency } from '../support/oidc-agency.ts'
import { identityProvider, issuer, type IdentityProvider } from './identity-provider.ts'
import { basic, codeFor, codeOf, comesBack, flush, redeem, send, userInfo } from './steps.ts'

const grant = { grant_type: 'authorization_code' }

t.test('a code wants its verifier, its client and its client’s secret', async (t) => {
  const idp = await identityProvider(t)
  const [agency, other] = [await oidcAgency(idp, issuer), await oidcAgency(idp, issuer)]
  const code = await codeFor(idp, agency)
  const { code_verifier: _, ...without } = code
  const refused = { status: 400, json: { error: 'invalid_grant', access_token: undefined } }
  t.match(await redeem(idp, agency, { ...code, code_verifier: 'x'.repeat(43) }), refused, 'wrong verifier')
  t.match(await send(idp, '/oidc/token', { ...grant, ...without }, basic(agency)), refused, 'no verifier')
  t.match(await send(idp, '/oidc/token', { ...grant, ...code }, basic(other)), refused, 'another client')
  const client = (secret: string) => send(idp, '/oidc/token', { ...grant, ...code }, basic({ id: agency.id, secret }))
  t.match(await client('wrong'), { status: 401, json: { error: 'invalid_client' } }, 'wrong secret')
  t.match(await client(''), { status: 400 }, 'no secret')
  t.match(
    await send(idp, '/oidc/token', { ...grant, ...code, client_id: agency.id }),
    { status: 401 },
    'not authenticated',
  )
  const inBody = { ...grant, ...code, client_id: agency.id, client_secret: agency.secret ?? '' }
  t.match(await send(idp, '/oidc/token', inBody), { status: 401 }, 'the secret in the body')
  t.match(await redeem(idp, agency, { ...code, code: 'guessed' }), refused)
  t.match(await redeem(idp, agency, code), { status: 200 }, 'none of these tries spent it')
})

t.test('who is refused a token hears which part of the request is wrong', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer)
  const code = await codeFor(idp, agency)
  const said = async (form: object, as: Record<string, string> = basic(agency)) => {
    const { json } = await send(idp, '/oidc/token', { ...grant, ...form }, as)
    t.match(json['error_description'], /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/, 'RFC 6749, 5.2')
    return json['error_description']
  }
  const authentication = (detail: string) => `client authentication failed: ${detail}`
  const request = (detail: string) => `grant request is invalid: ${detail}`
  t.equal(await said(code, basic({ id: agency.id, secret: 'wrong' })), authentication('invalid secret provided'))
  t.equal(await said(code, basic({ id: 'nobody', secret: 'wrong' })), authentication('client not found'))
  t.match(
    await said({ ...code, client_id: agency.id, client_secret: agency.secret ?? '' }, {}),
    /^client authentication failed: the provided authentication mechanism does not match/,
  )
  t.equal(await said({ ...code, code: 'guessed' }), request('authorization code not found'))
  t.match(await said({ ...code, code_verifier: 'x'.repeat(43) }), /^grant request is invalid: .*code_verifier/)
  t.equal(
    await said({ ...code, redirect_uri: 'https://elsewhere.test/' }),
    request('authorization code redirect_uri mismatch'),
  )
  idp.clock.advance(60)
  t.match(await said(code), /^grant request is invalid: authorization code /)
})

t.test('no other way to a token', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer)
  for (const type of [
    'client_credentials',
    'refresh_token',
    'password',
    'implicit',
    'urn:openid:params:grant-type:ciba',
  ]) {
    const form = { grant_type: type, refresh_token: 'x', scope: 'openid', username: 'x', password: 'x' }
    t.match(
      await send(idp, '/oidc/token', form, basic(agency)),
      { status: 400, json: { error: 'unsupported_grant_type' } },
      type,
    )
  }
  for (const path of ['/oidc/device', '/oidc/reg', '/reg', '/oidc/backchannel', '/interaction/x'])
    t.equal((await idp.app.inject({ url: path })).statusCode, 404, path)
})

t.test('a code is good for 60 seconds', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer)
  const code = await codeFor(idp, agency)
  idp.clock.advance(60)
  t.match(await redeem(idp, agency, code), { json: { error: 'invalid_grant' } })
})

t.test('a code used again is refused, and takes back what was issued from it', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer)
  const code = await codeFor(idp, agency)
  const first = await redeem(idp, agency, code)
  t.match(await userInfo(idp, first.json['access_token']), { status: 200 })
  t.match(await redeem(idp, agency, { ...code, code_verifier: 'x'.repeat(43) }), { json: { error: 'invalid_grant' } })
  t.match(await userInfo(idp, first.json['access_token']), { status: 200 }, 'who lacks the verifier takes nothing back')
  t.match(await redeem(idp, agency, code), { status: 400, json: { error: 'invalid_grant' } })
  t.match(await userInfo(idp, first.json['access_token']), { status: 401, json: { error: 'invalid_token' } })
})

t.test('a code is not good again when the store forgets that it was used', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer)
  const code = await codeFor(idp, agency)
  const before = await idp.db.rows<{ key: string; value: string }>({
    name: 'test.all',
    text: 'select key, value from ephemeral',
  })
  t.match(await redeem(idp, agency, code), { status: 200 })
  await flush(idp)
  t.match(await redeem(idp, agency, code), { json: { error: 'invalid_grant' } })
  const stale = before.find(({ key }) => key.startsWith('oidc:code:'))!
  await idp.store.set(stale.key, JSON.parse(stale.value), idp.clock.in(60))
  t.match(
    await redeem(idp, agency, code),
    { json: { error: 'invalid_grant' } },
    'even a replica that comes back with it',
  )
})

t.test('what the store keeps of a code or token cannot be used as one', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer)
  const { begun, at } = await comesBack(idp, agency)
  const code = codeOf(agency, begun, at)
  const kept = async () =>
    JSON.stringify(await idp.db.rows({ name: 'test.all', text: 'select key, value from ephemeral' }))
  t.notMatch(await kept(), code.code)
  const { json } = await redeem(idp, agency, code)
  t.notMatch(await kept(), String(json['access_token']))
  const [root, secret = ''] = String(json['access_token']).split('.')
  for (const forged of [root, `${root}.`, `${root}.${'A'.repeat(secret.length)}`, `.${secret}`, '', `${root}.%00`])
    t.match(await userInfo(idp, forged), { json: { error: /^invalid_(token|request)$/ } }, `${forged}`)
})

const sixTimes = async (idp: IdentityProvider, tries: number): Promise<Record<string, number>> => {
  const agency = await oidcAgency(idp, issuer)
  const { browser } = await comesBack(idp, agency)
  const seen: Record<string, number> = {}
  for (let i = 0; i < tries; i++) {
    const begun = await agency.begin({ prompt: 'none', scope: 'openid' })
    const code = codeOf(agency, begun, (await browser.open(begun.url)).location!)
    const answers = await Promise.all(Array.from({ length: 6 }, () => redeem(idp, agency, code)))
    const tokens = answers.flatMap(({ json }) => (json['access_token'] === undefined ? [] : [json['access_token']]))
    const usable = await Promise.all(tokens.map((token) => userInfo(idp, token)))
    const alive = usable.filter(({ status }) => status === 200).length
    const said = `${tokens.length} issued, ${alive} alive`
    seen[said] = (seen[said] ?? 0) + 1
  }
  return seen
}

t.test(
  'of six redemptions at once one gets a token, which the others take back: 200 tries on PostgreSQL',
  async (t) => {
    const idp = await identityProvider(t)
    t.same(await sixTimes(idp, 200), { '1 issued, 0 alive': 200 })
  },
)

t.test('and on Redis', { skip: need('redis-server') }, async (t) => {
  const idp = await identityProvider(t, { driver: 'redis' })
  t.same(await sixTimes(idp, 200), { '1 issued, 0 alive': 200 })
})

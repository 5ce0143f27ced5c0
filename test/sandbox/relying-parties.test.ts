import { generateKeyPairSync } from 'node:crypto'
import t from 'tap'
import { testSandbox } from '../support/sandbox.ts'
import { registerParty, type Registered } from './party.ts'

const sandbox = await testSandbox(t)

type Row = Registered & { readonly name: string; readonly level: string; readonly oidc: Record<string, unknown> }
const register = (body: object) => sandbox.api<Row & { field?: string }>('relying-parties', body)
const change = (id: string, body: object) => sandbox.api<Row & { field?: string }>(`relying-parties/${id}`, body, 'PUT')
const list = async () => (await sandbox.api<Row[]>('relying-parties')).body
const redirect = { redirect_uris: ['http://127.0.0.1:9/callback'] }

t.test('a relying party is used as soon as it is registered', async (t) => {
  const answer = await register({ name: 'My agency', level: 'low', scopes: ['document'], oidc: redirect })
  t.equal(answer.status, 201)
  const { id, client_id, client_secret } = answer.body
  t.match({ id, client_id, client_secret }, { id: /^[\w-]+$/, client_id: id, client_secret: /^[\w-]{43}$/ })
  const party = await registerParty(sandbox)
  await sandbox.api('next-login', { citizen: '99999999R', method: 'pin', rp: party.id })
  t.match(await party.identify(), { person: { name: 'CARMEN PRUEBA FICTICIA', document: '99999999R' } })
})

t.test('one that signs gets no secret, and no list shows one', async (t) => {
  const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })
  const answer = await register({
    oidc: { ...redirect, token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [{ ...jwk, kid: 'one' }] } },
  })
  t.equal(answer.status, 201)
  t.notHas(answer.body, { client_secret: String })
  const all = await list()
  for (const [id, level] of Object.entries({ aeat: 'low', dgt: 'substantial', interior: 'high' }))
    t.match(
      all.find((one) => one.id === id),
      { level },
      id,
    )
  t.notMatch(JSON.stringify(all), /secret_hash|client_secret"/)
  t.notMatch(JSON.stringify(answer.body), /secret_hash/)
})

t.test('what is listed can be sent back as it is', async (t) => {
  for (const { id } of await list()) {
    const before = (await list()).find((one) => one.id === id)
    t.equal((await change(id, before ?? {})).status, 200, id)
    t.strictSame(
      (await list()).find((one) => one.id === id),
      before,
    )
  }
})

t.test('a change acts on the next request', async (t) => {
  const party = await registerParty(sandbox, { scopes: ['profile', 'document', 'registration'] })
  const login = async (wishes?: Record<string, string>) => {
    await sandbox.api('next-login', { citizen: '99999998T', method: 'pin', rp: party.id })
    const { at } = (await party.send(wishes)).arrived
    return at.searchParams.get('error') ?? (at.searchParams.has('code') ? 'code' : at.href)
  }
  t.equal(await login(), 'code')
  t.match(await change(party.id, { level: 'substantial' }), {
    status: 200,
    body: { id: party.id, level: 'substantial' },
  })
  t.equal(await login(), 'unmet_authentication_requirements')
  await change(party.id, { level: 'low', scopes: ['document'] })
  t.equal(await login(), 'invalid_scope')
  t.equal(await login({ scope: 'openid document' }), 'code')
  await change(party.id, { oidc: { redirect_uris: ['http://127.0.0.1:9/elsewhere'] } })
  const { arrived } = await party.send()
  t.equal(arrived.status, 400, 'an address that is registered no more is led to no more')
  await change(party.id, { oidc: redirect, name: 'Otra', scopes: ['profile', 'document', 'registration'] })
  t.match((await party.send()).arrived.body, /<strong[^>]*>Otra</, 'citizens read the new name')
  t.equal(await login(), 'code')
})

t.test('one that speaks no protocol, or two, is none: 422 that says so', async (t) => {
  for (const body of [{}, { name: 'x' }, { name: 'x', level: 'low', scopes: ['document'] }]) {
    const answer = await register(body)
    t.equal(answer.status, 422, JSON.stringify(body))
    t.match(answer.body, { field: 'oidc', detail: /^One of oidc, clave and saml must be given/ })
  }
  const two = await register({ oidc: redirect, saml: { metadata: '<x/>' } })
  t.match(two, { status: 422, body: { field: 'saml', detail: /speaks one protocol/ } })
  t.equal(
    (await list()).find(({ name }) => name === 'x'),
    undefined,
  )
  const { body } = await register({ oidc: redirect })
  t.equal((await change(body.id, { name: 'A change need not say it again' })).status, 200)
})

t.test('a bad one is refused: 422 with the field and what is wrong', async (t) => {
  const bad: readonly (readonly [object, string])[] = [
    [{ oidc: {} }, 'oidc.redirect_uris'],
    [{ oidc: { redirect_uris: ['/callback'] } }, 'oidc.redirect_uris'],
    [{ oidc: { redirect_uris: ['http://127.0.0.1:9/#here'] } }, 'oidc.redirect_uris'],
    [{ oidc: { redirect_uris: ['http://127.0.0.1:*/'] } }, 'oidc.redirect_uris'],
    [{ oidc: { redirect_uris: ['javascript:alert(1)'] } }, 'oidc.redirect_uris'],
    [{ oidc: { ...redirect, token_endpoint_auth_method: 'client_secret_post' } }, 'oidc.token_endpoint_auth_method'],
    [{ oidc: { ...redirect, token_endpoint_auth_method: 'private_key_jwt' } }, 'oidc.jwks'],
    [{ oidc: { ...redirect, redirect_url: 'http://127.0.0.1:9/' } }, 'oidc.redirect_url'],
    [{ oidc: redirect, level: 'highest' }, 'level'],
    [{ oidc: redirect, scopes: ['everything'] }, 'scopes'],
    [{ oidc: redirect, name: '' }, 'name'],
    [{ oidc: redirect, id: 'aeat' }, 'id'],
    [{ oidc: redirect, colour: 'red' }, 'colour'],
  ]
  for (const [body, field] of bad) {
    const answer = await register(body)
    t.equal(answer.status, 422, JSON.stringify(body))
    t.match(answer, { type: /^application\/problem\+json/, body: { title: String, detail: /\w/, field } })
  }
  t.match(await change('aeat', { level: 'highest' }), { status: 422, body: { field: 'level' } })
  t.match(await change('nobody', { level: 'low' }), { status: 404, type: /^application\/problem\+json/ })
  t.match(
    (await list()).find(({ id }) => id === 'aeat'),
    { level: 'low' },
    'and nothing changed',
  )
})

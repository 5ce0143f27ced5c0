import t from 'tap'
import { holdsNul } from '../../src/platform/http/nul.ts'
import { identityProvider } from '../oidc/identity-provider.ts'

// PostgreSQL holds no U+0000: what brings one is refused before anything is asked of a store.

const form = { 'content-type': 'application/x-www-form-urlencoded' }

t.test('U+0000 in an address or a form is a bad request, nowhere a fault of ours', async (t) => {
  const { app, lines } = await identityProvider(t, { saml: true })
  const addresses = [
    '/saml/logout/%00',
    '/saml/login/a%00b',
    '/login/x.%00/choose',
    '/oidc/authorize/%00',
    '/oidc/authorize?client_id=%00&response_type=code',
    '/saml/slo?SAMLResponse=PA%3D%3D&RelayState=%00',
  ]
  for (const url of addresses) t.equal((await app.inject({ url })).statusCode, 400, url)
  const bodies = [
    ['/saml/slo', 'SAMLResponse=PA%3D%3D&RelayState=%00'],
    ['/Proxy2/ServiceProvider', 'SAMLRequest=PA%3D%3D&x%00=y'],
    ['/oidc/token', 'grant_type=authorization_code&client_id=%00&client_secret=x&code=y'],
    ['/oidc/token', 'grant_type=authorization_code&client_id=x&client_secret=x&code=%00'],
    ['/oidc/par', 'client_id=%00&client_secret=x'],
    ['/oidc/authorize', 'client_id=%00&response_type=code'],
    ['/oidc/revoke', 'client_id=%00&client_secret=x&token=%00'],
  ] as const
  for (const [url, payload] of bodies) {
    const { statusCode } = await app.inject({ method: 'POST', url, headers: form, payload })
    t.ok(statusCode >= 300 && statusCode < 500, `${url} ${payload}: ${statusCode}`)
  }
  const basic = `Basic ${Buffer.from('%00:secret').toString('base64')}`
  const headers = { ...form, authorization: basic }
  const named = await app.inject({ method: 'POST', url: '/oidc/token', headers, payload: 'grant_type=x' })
  t.ok(named.statusCode < 500, String(named.statusCode))
  t.same(
    lines.filter((line) => line.includes('request failed')),
    [],
  )
})

t.test('a body is looked through at any depth', async (t) => {
  for (const body of ['\0', ['a', '\0'], { a: [{ b: 'x\0' }] }, { '\0': 1 }]) t.ok(holdsNul(body))
  for (const body of [undefined, null, 0, 'a', {}, { a: ['b', { c: null }] }, new Uint8Array(1)])
    t.notOk(holdsNul(body))
})

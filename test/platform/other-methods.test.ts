import t from 'tap'
import { identityProvider } from '../oidc/identity-provider.ts'

/** What each endpoint of programs answers to. */
const endpoints = {
  '/oidc/token': ['POST'],
  '/oidc/par': ['POST'],
  '/oidc/introspect': ['POST'],
  '/oidc/revoke': ['POST'],
  '/oidc/userinfo': ['GET', 'HEAD', 'POST'],
  '/oidc/jwks': ['GET', 'HEAD', 'OPTIONS'],
  '/.well-known/openid-configuration': ['GET', 'HEAD', 'OPTIONS'],
  '/.well-known/oauth-authorization-server': ['GET', 'HEAD', 'OPTIONS'],
  '/saml/metadata': ['GET', 'HEAD'],
  '/Proxy2/Certificates': ['GET', 'HEAD'],
} as const

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

t.test('another method at an endpoint of programs: 405, what is allowed, and no page (RFC 9110, 15.5.6)', async (t) => {
  const { app } = await identityProvider(t, { saml: true })
  for (const [url, allowed] of Object.entries(endpoints))
    for (const method of methods.filter((one) => !allowed.some((other) => other === one)))
      for (const headers of [{ accept: '*/*' }, { accept: 'text/html', 'accept-language': 'es' }]) {
        const answer = await app.inject({ method, url, headers })
        t.equal(answer.statusCode, 405, `${method} ${url}`)
        t.equal(answer.headers['allow'], allowed.join(', '))
        t.match(answer.headers['content-type'], /^application\/problem\+json/)
        if (method !== 'HEAD')
          t.strictSame(answer.json(), {
            type: 'about:blank',
            title: 'Method not allowed',
            status: 405,
            detail: `${url} is asked by ${allowed.join(' or ')}.`,
          })
      }
})

t.test('with a body of whatever kind, too', async (t) => {
  const { app } = await identityProvider(t, { saml: true })
  const headers = { 'content-type': 'application/json' }
  for (const url of ['/oidc/token', '/saml/metadata'])
    for (const method of ['PUT', 'PATCH', 'DELETE'] as const)
      t.equal((await app.inject({ method, url, headers, payload: '{' })).statusCode, 405, `${method} ${url}`)
})

t.test('the methods that an endpoint has are answered by the endpoint', async (t) => {
  const { app } = await identityProvider(t, { saml: true })
  for (const [url, allowed] of Object.entries(endpoints))
    for (const method of allowed) {
      const headers = { origin: 'https://agency.test', 'access-control-request-method': 'GET' }
      const { statusCode } = await app.inject({ method, url, headers })
      t.not(statusCode, 405, `${method} ${url}`)
      t.not(statusCode, 404, `${method} ${url}`)
    }
})

t.test('OPTIONS of no page (CORS) finds nothing, and no page either', async (t) => {
  const { app } = await identityProvider(t, { saml: true })
  const answer = await app.inject({ method: 'OPTIONS', url: '/oidc/jwks' })
  t.equal(answer.statusCode, 404)
  t.match(answer.headers['content-type'], /^application\/problem\+json/)
})

t.test('what is wrong is said once', async (t) => {
  const { app } = await identityProvider(t, { saml: true })
  const answer = await app.inject({ url: '/oidc/userinfo' })
  t.strictSame(answer.json(), { error: 'invalid_token', error_description: 'no access token provided' })
})

import { hash } from 'node:crypto'
import t from 'tap'
import { visitOf } from '../../src/platform/http/visit.ts'
import { cookiesOf, httpApp } from './http-app.ts'

t.test('the cookies carry __Host- and Secure with TLS, neither over plain http', async (t) => {
  for (const secure of [true, false]) {
    const app = httpApp(t, { secure })
    app.get('/in', (_request, reply) => {
      reply.ensureBrowser()
      reply.setSession('s'.repeat(43))
      return reply.send('in')
    })
    const cookies = cookiesOf(await app.inject({ url: '/in' }))
    const prefix = secure ? '__Host-' : ''
    t.strictSame(Object.keys(cookies), [`${prefix}clave-browser`, `${prefix}clave-session`])
    for (const attributes of Object.values(cookies)) {
      t.match(attributes, /; Path=\/; HttpOnly; SameSite=Lax/)
      t.equal(attributes.includes('; Secure'), secure)
      t.notMatch(attributes, /Domain/)
    }
    t.match(cookies[`${prefix}clave-browser`], /Max-Age=34560000/)
    t.notMatch(cookies[`${prefix}clave-session`], /Max-Age|Expires/, 'the session cookie has no lifetime')
  }
})

t.test('a browser is known by the digest of its cookie, from its first answer on', async (t) => {
  const app = httpApp(t)
  app.get('/', (request, reply) =>
    reply.send({ before: request.visit.browser ?? null, digest: reply.ensureBrowser(), after: request.visit.browser }),
  )
  const first = await app.inject({ url: '/' })
  const cookie = cookiesOf(first)['clave-browser']?.split(';')[0] ?? ''
  const digest = hash('sha256', cookie, 'base64url')
  t.same(first.json(), { before: null, digest, after: digest })
  const second = await app.inject({ url: '/', headers: { cookie: `other=1; clave-browser=${cookie}` } })
  t.same(second.json(), { before: digest, digest, after: digest })
  t.same(cookiesOf(second), {}, 'the cookie is set once')
})

t.test('a raw request leads to the same visit', async (t) => {
  const app = httpApp(t)
  app.get('/', (request, reply) => {
    reply.ensureBrowser()
    t.equal(visitOf(request.raw), request.visit)
    t.equal(visitOf(request.raw).address, '127.0.0.1')
    return reply.send('ok')
  })
  await app.inject({ url: '/' })
})

t.test('ending the session removes its cookie', async (t) => {
  const app = httpApp(t)
  app.get('/out', (request, reply) => {
    const session = request.visit.session
    reply.clearSession()
    return reply.send({ session, now: request.visit.session ?? null })
  })
  const answer = await app.inject({ url: '/out', headers: { cookie: `clave-session=${'s'.repeat(43)}` } })
  t.same(answer.json(), { session: 's'.repeat(43), now: null })
  t.match(cookiesOf(answer)['clave-session'], /^;.*Max-Age=0/)
})

t.test('what stands in a cookie of ours and is not ours counts as nothing', async (t) => {
  const app = httpApp(t)
  app.get('/', (request) => request.visit)
  const cookie = 'clave-browser=<script>; clave-session=a b; clave-lang=xx'
  const headers = { cookie, 'user-agent': 'a browser' }
  t.same((await app.inject({ url: '/', headers })).json(), { address: '127.0.0.1', agent: 'a browser' })
})

t.test('the address behind a trusted proxy is the citizen’s, and nobody else can claim one', async (t) => {
  const headers = { 'x-forwarded-for': '203.0.113.7' }
  for (const [trustProxy, address] of [
    [true, '203.0.113.7'],
    [false, '127.0.0.1'],
  ] as const) {
    const app = httpApp(t, { trustProxy })
    app.get('/', (request) => request.visit.address)
    t.equal((await app.inject({ url: '/', headers })).body, address)
  }
})

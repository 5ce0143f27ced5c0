import t, { type Test } from 'tap'
import { Type } from 'typebox'
import { csrfToken } from '../../src/platform/http/csrf.ts'
import { cookiesOf, digest, form, httpApp } from './http-app.ts'

const body = Type.Object({ name: Type.String() }, { additionalProperties: false })

async function scene(t: Test) {
  const app = httpApp(t)
  app.get('/form', (_request, reply) => reply.send(reply.ensureBrowser()))
  app.post('/form', { schema: { body } }, (request) => ({ got: request.body }))
  app.get('/with-form', (_request, reply) =>
    reply.page('platform/views/help.njk', { wayOut: { name: 'DGT', action: '/cancel' } }),
  )
  app.post('/door', { config: { csrf: false } }, () => 'in')
  const first = await app.inject({ url: '/form' })
  const cookie = `clave-browser=${cookiesOf(first)['clave-browser']?.split(';')[0]}`
  const token = csrfToken(digest, first.body)
  const post = (payload: string, headers: Record<string, string> = {}) =>
    app.inject({ method: 'POST', url: '/form', payload, headers: { ...form, cookie, ...headers } })
  return { app, token, post }
}

t.test('a form of ours is taken, and its schema need not know the token', async (t) => {
  const { post, token } = await scene(t)
  const answer = await post(`name=Ana&_csrf=${token}`)
  t.equal(answer.statusCode, 200)
  t.same(answer.json(), { got: { name: 'Ana' } })
})

t.test('the token may come in a header', async (t) => {
  const { post, token } = await scene(t)
  t.equal((await post('name=Ana', { 'x-csrf-token': token })).statusCode, 200)
})

t.test('a form without the token, with another one, or from a browser without the cookie is refused', async (t) => {
  const { app, post, token } = await scene(t)
  const answers = [
    await post('name=Ana'),
    await post('name=Ana&_csrf='),
    await post(`name=Ana&_csrf=${csrfToken(digest, 'another browser')}`),
    await post(`name=Ana&_csrf=${token}&_csrf=${token}`),
    await app.inject({ method: 'POST', url: '/form', payload: `name=Ana&_csrf=${token}`, headers: form }),
  ]
  for (const answer of answers) {
    t.equal(answer.statusCode, 403)
    t.match(answer.body, /Esta página ya no era válida/)
    t.match(answer.body, /No se ha guardado nada/)
  }
})

t.test('a form sent by another site is refused, whatever token it brings', async (t) => {
  const { post, token } = await scene(t)
  const from = (headers: Record<string, string>) => post(`name=Ana&_csrf=${token}`, headers)
  t.equal((await from({ 'sec-fetch-site': 'cross-site' })).statusCode, 403)
  t.equal((await from({ 'sec-fetch-site': 'same-site' })).statusCode, 403)
  t.equal((await from({ origin: 'https://evil.example' })).statusCode, 403)
  t.equal((await from({ origin: 'null' })).statusCode, 403)
  t.equal((await from({ 'sec-fetch-site': 'same-origin' })).statusCode, 200)
  t.equal((await from({ origin: 'http://clave.example:8080', host: 'clave.example:8080' })).statusCode, 200)
})

t.test('a door for other sites is open where its route says so', async (t) => {
  const { app } = await scene(t)
  const headers = { ...form, 'sec-fetch-site': 'cross-site' }
  t.equal((await app.inject({ method: 'POST', url: '/door', payload: 'a=1', headers })).statusCode, 200)
})

t.test('a page without a form sets no cookie; one with a form sets the browser cookie', async (t) => {
  const { app } = await scene(t)
  t.same(cookiesOf(await app.inject({ url: '/help' })), {})
  const answer = await app.inject({ url: '/with-form' })
  t.match(Object.keys(cookiesOf(answer)), ['clave-browser'])
  t.match(answer.body, /name="_csrf" value="[\w-]{43}"/)
})

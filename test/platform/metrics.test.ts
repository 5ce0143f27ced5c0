import { fastify } from 'fastify'
import t from 'tap'
import { makeMetrics } from '../../src/platform/metrics.ts'
import { measureRequests, metricsRoutes } from '../../src/platform/metrics-routes.ts'

t.test('requests are counted by the template of their route and the class of their status', async (t) => {
  const metrics = makeMetrics({ deployment: 'test' })
  const app = fastify()
  measureRequests(app, metrics)
  app.get('/login/:id', (_request, reply) => reply.send('ok'))
  await app.inject('/login/abc?document=99999999R')
  await app.inject('/login/def')
  await app.inject('/nothing/99999999R')
  const text = await metrics.text()
  t.match(
    text,
    /clave_http_request_seconds_count\{(?=.*method="GET")(?=.*route="\/login\/:id")(?=.*status="2xx").*\} 2/,
  )
  t.match(text, /route="none",status="4xx"/)
  t.notMatch(text, /99999999R|abc/)
})

t.test('logins, SMS, e-mails and gauges are told', async (t) => {
  const metrics = makeMetrics({ deployment: 'test' })
  metrics.login({ relyingParty: 'aeat', method: 'pin', result: 'identified', seconds: 20 })
  metrics.login({ relyingParty: 'aeat', method: 'pin', result: 'PIN-02-dead', seconds: 90 })
  metrics.sms('sent')
  metrics.email('retried')
  let queue = 3
  metrics.watch('password_queue', () => queue)
  queue = 5
  const text = await metrics.text()
  t.match(text, /clave_logins_total\{relying_party="aeat",method="pin",result="PIN-02-dead",deployment="test"\} 1/)
  t.match(text, /clave_login_seconds_sum\{.*method="pin".*\} 110/)
  t.match(text, /clave_sms_total\{outcome="sent",deployment="test"\} 1/)
  t.match(text, /clave_email_total\{outcome="retried",deployment="test"\} 1/)
  t.match(text, /clave_password_queue\{deployment="test"\} 5/)
  t.match(text, /nodejs_eventloop_lag_seconds/)
  t.match(text, /process_resident_memory_bytes/)
})

t.test('with a token only its bearer reads /metrics', async (t) => {
  const app = fastify()
  metricsRoutes(app, makeMetrics({ deployment: 'test' }), { token: 'a-token-of-some-length' })
  const ask = (authorization?: string) =>
    app.inject({ url: '/metrics', headers: authorization ? { authorization } : {} })
  t.equal((await ask()).statusCode, 401)
  t.equal((await ask('Bearer a-token-of-same-length')).statusCode, 401)
  t.equal((await ask('Bearer a-token-of-some-length')).statusCode, 200)
})

t.test('open means open', async (t) => {
  const app = fastify()
  metricsRoutes(app, makeMetrics({ deployment: 'test' }), 'open')
  t.equal((await app.inject({ method: 'DELETE', url: '/metrics' })).statusCode, 405)
  const answer = await app.inject('/metrics')
  t.equal(answer.statusCode, 200)
  t.match(answer.headers['content-type'], /^text\/plain/)
})

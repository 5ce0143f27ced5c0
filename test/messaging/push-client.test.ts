import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { endpointDigest, openWebPush, type OutgoingPush, type PushOptions } from '../../src/messaging/index.ts'
import { systemRandom } from '../../src/platform/index.ts'
import { makePushDevice } from '../../src/sandbox/push-reading.ts'
import { testClock } from '../support/clock.ts'
import { quietLog } from '../support/log.ts'
import { startPushService } from '../support/push-service.ts'
import { testTimers } from '../support/timers.ts'
import { until } from '../support/until.ts'

const payload = JSON.stringify({ kind: 'request', title: 'Cl@ve', body: '¡Abra la aplicación!', url: '/app' })
const vapid = makePushKey()
function makePushKey() {
  const privateKey = Buffer.alloc(32, 7)
  const { p256dh } = makePushDevice(systemRandom, Buffer.alloc(16), privateKey)
  return { publicKey: p256dh, privateKey: privateKey.toString('base64url') }
}

async function setUp(t: Test, more: Partial<PushOptions> = {}) {
  const service = await startPushService(t)
  const device = service.subscribe(vapid.publicKey)
  const log = quietLog(t, () => [new URL(device.endpoint).pathname, device.p256dh, device.auth, vapid.privateKey])
  const [clock, gone] = [testClock(), [] as string[]]
  const client = openWebPush({
    ...{ hosts: ['*'], baseUrl: 'https://clave.example', allowHttp: true, key: async () => vapid, clock, log },
    onGone: async (digest) => void gone.push(digest),
    ...more,
  })
  t.teardown(() => client.close())
  const message = (given: Partial<OutgoingPush> = {}): OutgoingPush => ({
    ...{ id: systemRandom.uuid(), to: device, payload, topic: 'request', seconds: 300 },
    ...given,
  })
  return {
    service,
    device,
    client,
    clock,
    log,
    gone,
    send: (given?: Partial<OutgoingPush>) => client.send(message(given)),
  }
}

t.test('a message reaches the browser, encrypted and signed, with time to live, urgency and topic', async (t) => {
  const { service, device, send } = await setUp(t)
  t.same(await send({ seconds: 299.9 }), { accepted: '' })
  const [pushed] = service.pushed
  t.equal(pushed?.text, payload)
  t.match(pushed?.headers, {
    ...{ ttl: '299', urgency: 'high', topic: 'request', 'content-encoding': 'aes128gcm', 'user-agent': 'clave' },
    ...{ cookie: undefined, referer: undefined },
  })
  t.same(pushed?.vapid, { key: vapid.publicKey, subject: 'https://clave.example' })
  t.equal(pushed?.endpoint, device.endpoint)
  t.notMatch(pushed?.body.toString('latin1'), /request|app/)

  const other = await setUp(t, { contact: 'mailto:operations@clave.example' })
  await other.send()
  t.equal(other.service.pushed[0]?.vapid.subject, 'mailto:operations@clave.example')
  const local = await setUp(t, { baseUrl: 'http://localhost:8080' })
  await local.send()
  t.equal(local.service.pushed[0]?.vapid.subject, 'mailto:no-reply@localhost')
})

t.test('what each answer means: again later, or never', async (t) => {
  const { service, clock, gone, send } = await setUp(t)
  const inTwoMinutes = new Date(Math.ceil(clock.wire().getTime() / 1000) * 1000 + 120_000).toUTCString()
  const cases: [number, Record<string, string>, object][] = [
    [200, {}, { accepted: '' }],
    [202, {}, { accepted: '' }],
    [400, {}, { refused: 'for-good', reason: 'http-400' }],
    [401, {}, { refused: 'for-good', reason: 'http-401' }],
    [403, {}, { refused: 'for-good', reason: 'http-403' }],
    [413, {}, { refused: 'for-good', reason: 'http-413' }],
    [408, {}, { refused: 'for-now', reason: 'http-408' }],
    [429, { 'retry-after': '30' }, { refused: 'for-now', reason: 'http-429', after: 30 }],
    [500, {}, { refused: 'for-now', reason: 'http-500' }],
    [503, { 'retry-after': 'soon' }, { refused: 'for-now', reason: 'http-503' }],
    [503, { 'retry-after': '-5' }, { refused: 'for-now', reason: 'http-503' }],
  ]
  for (const [status, headers, expected] of cases) {
    service.answer = () => ({ status, headers })
    t.same(await send(), expected, `${status}`)
  }
  service.answer = () => ({ status: 503, headers: { 'retry-after': inTwoMinutes } })
  const dated = await send()
  t.ok('after' in dated && dated.after > 110 && dated.after <= 121)
  t.same(gone, [])
})

t.test('a subscription that ended is told of, until whoever keeps it has heard', async (t) => {
  const { service, device, gone, send } = await setUp(t)
  service.end(device.endpoint)
  t.same(await send(), { refused: 'for-good', reason: 'gone' })
  service.answer = () => ({ status: 404 })
  t.same(await send(), { refused: 'for-good', reason: 'gone' })
  t.same(gone, [endpointDigest(device.endpoint), endpointDigest(device.endpoint)])

  const deaf = await setUp(t, { onGone: async () => Promise.reject(new Error('the database is away')) })
  deaf.service.end(deaf.device.endpoint)
  t.same(await deaf.send(), { refused: 'for-now', reason: 'gone' })
})

t.test('a push service that knows another key refuses for good', async (t) => {
  const { service, send } = await setUp(t)
  const other = makePushDevice(systemRandom)
  t.same(await send({ to: service.subscribe(other.p256dh) }), { refused: 'for-good', reason: 'http-403' })
})

t.test('no redirect is followed', async (t) => {
  const { service, send } = await setUp(t)
  let reached = 0
  const inside = createServer((_request, response) => {
    reached++
    response.end()
  })
  await new Promise<void>((resolve) => inside.listen(0, '127.0.0.1', resolve))
  t.teardown(() => inside.close())
  for (const status of [301, 302, 303, 307, 308]) {
    const location = `http://127.0.0.1:${(inside.address() as AddressInfo).port}/`
    service.answer = () => ({ status, headers: { location } })
    t.same(await send(), { refused: 'for-good', reason: `http-${status}` })
  }
  t.equal(reached, 0)
})

t.test('of an answer nothing but status and headers is taken', async (t) => {
  const { service, send } = await setUp(t)
  service.answer = () => 'endless'
  t.same(await send(), { accepted: '' })
  service.answer = () => ({ status: 503, headers: { 'x-long': 'x'.repeat(20_000) } })
  t.same(await send(), { refused: 'for-now', reason: 'HPE_HEADER_OVERFLOW' })
})

t.test('a push service that says nothing is left after five seconds, or when the message is over', async (t) => {
  const timers = testTimers()
  const { service, client, send } = await setUp(t, { timers })
  service.answer = () => 'silence'
  const slow = send()
  await until(() => service.waiting === 1)
  t.same(timers.waiting(), [5_000])
  timers.advance(5_000)
  t.same(await slow, { refused: 'for-now', reason: 'no-answer' })
  const short = send({ seconds: 1.5 })
  await until(() => service.requests === 2)
  t.same(timers.waiting(), [1_500])
  timers.advance(1_500)
  t.same(await short, { refused: 'for-now', reason: 'no-answer' })

  const last = send()
  await until(() => service.requests === 3)
  const closed = client.close()
  t.same(await send(), { refused: 'for-now', reason: 'closed' })
  timers.advance(2_000)
  t.same(await last, { refused: 'for-now', reason: 'no-answer' })
  await closed
})

t.test('where nobody listens, or no key opens, it is tried again', async (t) => {
  const { device, send, log } = await setUp(t)
  const endpoint = 'http://127.0.0.1:1/push'
  t.same(await send({ to: { ...device, endpoint } }), { refused: 'for-now', reason: 'ECONNREFUSED' })
  const keys = [Promise.reject(new Error('no key')), Promise.resolve(vapid)]
  const keyless = await setUp(t, { key: () => keys.shift()! })
  t.same(await keyless.send(), { refused: 'for-now', reason: 'no-key' })
  t.same(await keyless.send(), { accepted: '' })
  t.notMatch(log.lines.join('\n'), /127\.0\.0\.1/)
})

t.test('a subscription whose keys are none ends its message', async (t) => {
  const { device, send, service } = await setUp(t)
  const offCurve = Buffer.alloc(65, 4).toString('base64url')
  for (const to of [
    { ...device, p256dh: offCurve },
    { ...device, p256dh: '' },
    { ...device, auth: 'AA' },
  ])
    t.same(await send({ to }), { refused: 'for-good', reason: 'bad-subscription' })
  t.equal(service.requests, 0)
})

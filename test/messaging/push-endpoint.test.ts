import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import {
  endpointDigest,
  makeCheckSubscription,
  openWebPush,
  type EndpointRules,
  type PushOptions,
} from '../../src/messaging/index.ts'
import { systemRandom } from '../../src/platform/index.ts'
import { makePushDevice, readVapid } from '../../src/sandbox/push-reading.ts'
import { testClock } from '../support/clock.ts'
import { quietLog } from '../support/log.ts'
import { makeKeyPair } from '../support/saml-signer.ts'

const hosts = ['fcm.googleapis.com', '*.push.services.mozilla.com', 'web.push.apple.com', '*.notify.windows.com']
const rules: EndpointRules = { hosts, baseUrl: 'https://clave.example', allowHttp: false }
const { p256dh, auth } = makePushDevice(systemRandom)
const given = (more: object = {}) => ({
  endpoint: 'https://fcm.googleapis.com/fcm/send/abc:APA91b_x-y',
  expirationTime: null,
  keys: { p256dh, auth },
  ...more,
})
const check = makeCheckSubscription(rules)

t.test('what browsers give is taken, and only what is needed of it', async (t) => {
  const endpoints = [
    'https://fcm.googleapis.com/fcm/send/abc:APA91b_x-y',
    'https://updates.push.services.mozilla.com/wpush/v2/gAAAAABf',
    'https://web.push.apple.com/QGb0x-_',
    'https://wns2-par02p.notify.windows.com/w/?token=BQYAAAB%2bx%3d%3d',
  ]
  for (const endpoint of endpoints) t.same(check(given({ endpoint })), { endpoint, p256dh, auth })
  t.match(endpointDigest(endpoints[0]!), /^[\w-]{43}$/)
})

t.test('an endpoint is an https address of a push service that we know, written in the one way', async (t) => {
  const wrong = [
    'http://fcm.googleapis.com/fcm/send/abc',
    'https://fcm.googleapis.com:8443/fcm/send/abc',
    'https://fcm.googleapis.com:443/fcm/send/abc',
    'https://user:pass@fcm.googleapis.com/fcm/send/abc',
    'https://user@fcm.googleapis.com/fcm/send/abc',
    'https://:@fcm.googleapis.com/abc',
    'https://fcm.googleapis.com/abc#fragment',
    'https://fcm.googleapis.com/abc#',
    'https://fcm.googleapis.com./abc',
    'https://FCM.googleapis.com/abc',
    'https:\\\\fcm.googleapis.com\\abc',
    'https://fcm.googleapis.com\t/abc',
    ' https://fcm.googleapis.com/abc',
    'https://fcm.googleapis.com',
    'https://fcm.googleapis.com.evil.example/abc',
    'https://evil.example/fcm.googleapis.com',
    'https://fcm.googleapis.com@evil.example/',
    'https://evilpush.services.mozilla.com/',
    'https://push.services.mozilla.com/',
    'https://.push.services.mozilla.com/',
    'https://a..push.services.mozilla.com/',
    'https://notify.windows.com.evil.example/',
    ...['127.0.0.1', '127.1', '0x7f000001', '[::1]', '[::ffff:7f00:1]', '169.254.169.254', '10.0.0.1', 'localhost'].map(
      (host) => `https://${host}/push`,
    ),
    'javascript:alert(1)',
    'data:text/plain,x',
    'file:///etc/passwd',
    '',
    `https://fcm.googleapis.com/${'x'.repeat(2048)}`,
  ]
  for (const endpoint of wrong) t.same(check(given({ endpoint })), { fault: 'endpoint' }, endpoint.slice(0, 60))
  const any = makeCheckSubscription({ ...rules, hosts: ['*'] })
  t.same(any(given({ endpoint: 'https://clave.example/push' })), { fault: 'endpoint' }, 'our own host is none')
  t.same(any(given({ endpoint: 'https://push.example/1' })), { endpoint: 'https://push.example/1', p256dh, auth })
  const near = makeCheckSubscription({ ...rules, hosts: ['*'], allowHttp: true })
  t.match(near(given({ endpoint: 'http://127.0.0.1:9999/push/1' })), { p256dh }, 'the sandbox has its own')
})

t.test('the keys are 65 and 16 octets in base64url, and a point of the curve', async (t) => {
  const octets = Buffer.from(p256dh, 'base64url')
  const said = (...parts: Uint8Array[]) => Buffer.concat(parts).toString('base64url')
  const wrong = [
    said(octets.subarray(0, 64)),
    said(octets, Buffer.alloc(1)),
    said(Buffer.from([2]), octets.subarray(1, 33)),
    said(Buffer.from([6]), octets.subarray(1)),
    said(octets.subarray(0, 64), Buffer.from([octets[64]! ^ 1])),
    said(Buffer.from([4]), Buffer.alloc(64)),
    said(Buffer.from([4]), Buffer.alloc(64, 255)),
    `${p256dh}=`,
    `${p256dh.slice(0, 40)} ${p256dh.slice(40)}`,
    octets.toString('base64'),
    `${p256dh.slice(0, 86)}${String.fromCharCode(p256dh.charCodeAt(86) + 1)}`,
    '',
  ].filter((one) => one !== p256dh)
  for (const one of wrong) t.same(check(given({ keys: { p256dh: one, auth } })), { fault: 'p256dh' }, one)
  for (const one of ['', 'AA', `${auth}=`, `${auth}AA`, 'A'.repeat(21), `${'A'.repeat(21)}B`, '*'.repeat(22)])
    t.same(check(given({ keys: { p256dh, auth: one } })), { fault: 'auth' }, one)
})

t.test('what is no subscription is refused', async (t) => {
  const shapes = [undefined, null, 1, 'x', [], {}, { endpoint: 'https://fcm.googleapis.com/x' }, given({ keys: null })]
  for (const one of [...shapes, given({ endpoint: 7 }), given({ keys: { p256dh, auth: 7 } }), given({ keys: [] })])
    t.same(check(one), { fault: 'shape' })
})

async function confined(t: Test, more: Partial<PushOptions>) {
  const { key, certificate } = makeKeyPair('P-256', { commonName: 'push.example' })
  const tls = { key: key.export({ type: 'pkcs8', format: 'pem' }) as string, cert: certificate.pem }
  let reached = 0
  const server = createSecureServer(tls, (_request, response) => response.writeHead(201).end())
  server.on('connection', () => reached++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const privateKey = systemRandom.bytes(32)
  const { p256dh: publicKey } = makePushDevice(systemRandom, Buffer.alloc(16), privateKey)
  const client = openWebPush({
    ...{ ...rules, hosts: ['*'], clock: testClock(), log: quietLog(t) },
    key: async () => ({ publicKey, privateKey: privateKey.toString('base64url') }),
    ...more,
  })
  t.teardown(() => client.close())
  return {
    port: (server.address() as AddressInfo).port,
    reached: () => reached,
    send: (endpoint: string) =>
      client.send({ id: 'x', to: { endpoint, p256dh, auth }, payload: '{}', topic: 'request', seconds: 300 }),
  }
}

t.test('a stored endpoint is confined once more when it is sent to: by address, by name, by list', async (t) => {
  const plain = await confined(t, {})
  for (const host of ['127.0.0.1', '[::1]', '[::ffff:7f00:1]', '169.254.169.254', '10.0.0.1', '192.168.1.1', '0.0.0.0'])
    t.same(await plain.send(`https://${host}/push`), { refused: 'for-good', reason: 'private-address' }, host)
  t.same(await plain.send('https://localhost/push'), { refused: 'for-good', reason: 'private-address' })
  for (const endpoint of [`https://127.0.0.1:${plain.port}/`, 'http://127.0.0.1/', 'https://a:b@push.example/'])
    t.same(await plain.send(endpoint), { refused: 'for-good', reason: 'bad-endpoint' }, endpoint)

  const named = async (...addresses: string[]) => {
    const resolve = async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    return (await confined(t, { resolve })).send('https://push.example/1')
  }
  for (const address of [
    '127.0.0.1',
    '10.0.0.5',
    '169.254.169.254',
    '192.168.1.1',
    '::1',
    'fd00::1',
    '::ffff:10.0.0.1',
  ])
    t.same(await named(address), { refused: 'for-good', reason: 'private-address' }, address)
  t.same(await named('93.184.216.34', '127.0.0.1'), { refused: 'for-good', reason: 'private-address' }, 'one is enough')

  const listed = await confined(t, { hosts })
  t.same(await listed.send('https://push.example/1'), { refused: 'for-good', reason: 'bad-endpoint' }, 'left the list')
  t.equal(plain.reached() + listed.reached(), 0)
})

t.test('a name is resolved once, and the connection goes there and nowhere else', async (t) => {
  let asked = 0
  const resolve = async () => [{ address: asked++ === 0 ? '127.0.0.1' : '169.254.169.254', family: 4 }]
  const near = await confined(t, { allowHttp: true, resolve })
  // The connection is made; its certificate is none that this machine trusts.
  t.same(await near.send(`https://push.example:${near.port}/1`), {
    refused: 'for-now',
    reason: 'DEPTH_ZERO_SELF_SIGNED_CERT',
  })
  t.equal(near.reached(), 1)
  t.equal(asked, 1)
  t.same(await near.send(`https://push.example:${near.port}/1`), { refused: 'for-good', reason: 'private-address' })
})

t.test('our reading of RFC 8291 opens its own example', async (t) => {
  const from = (text: string) => Buffer.from(text, 'base64url')
  const device = makePushDevice(
    systemRandom,
    from('BTBZMqHH6r4Tts7J_aSIgg'),
    from('q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94'),
  )
  t.equal(device.p256dh, 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4')
  const body =
    'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN'
  t.equal(device.open(from(body)), 'When I grow up, I want to be a watermelon')
  t.throws(() => makePushDevice(systemRandom).open(from(body)))
})

t.test('our reading of RFC 8292 opens its own example, for its own origin and time only', async (t) => {
  const authorization =
    'vapid t=eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0.i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA, k=BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs'
  const origin = 'https://push.example.net'
  const at = (seconds: number) => new Date((1453523768 + seconds) * 1000)
  t.match(readVapid(authorization, origin, at(-60)), { subject: 'mailto:push@example.com' })
  t.equal(readVapid(authorization, origin, at(0)), undefined)
  t.equal(readVapid(authorization, origin, at(-86_401)), undefined)
  t.equal(readVapid(authorization, 'https://other.example', at(-60)), undefined)
  t.equal(readVapid(authorization.replace('.i3CY', '.j3CY'), origin, at(-60)), undefined)
  t.equal(readVapid(undefined, origin, at(-60)), undefined)
})

import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { openPushKey, openWebPush, type PushOptions } from '../../../src/messaging/index.ts'
import { makePushDevice } from '../../../src/sandbox/push-reading.ts'
import { baseUrl } from '../../authentication/movil-scene.ts'
import { quietLog } from '../../support/log.ts'
import { attackScene, type AttackScene } from './scene.ts'

/** Addresses of this machine and of private networks, in all the forms in which a URL takes them. */
const privates = [
  ...['127.0.0.1', '10.0.0.1', '172.16.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0'],
  // Decimal, hexadecimal, octal, short: URL writes them as dotted quads.
  ...['2130706433', '0x7f000001', '0177.0.0.1', '127.1', '0'],
  ...['[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:a00:1]', '[fd00::1]', '[fe80::1]', '[64:ff9b::7f00:1]'],
  ...['localhost', 'localhost.', 'api.localhost', 'clave.example'],
]

const subscriptionTo = (s: AttackScene, endpoint: string) => {
  const { p256dh, auth } = makePushDevice(s.parts.random)
  return { endpoint, keys: { p256dh, auth } }
}

t.test('a subscription endpoint at a private address is not kept where push services are listed', async (t) => {
  const s = await attackScene(t, { pushHosts: ['push.example', '*.push.example'] })
  const phone = await s.phoneOf()
  for (const host of privates)
    t.match(
      await s.call(phone, 'PUT', '/subscription', subscriptionTo(s, `https://${host}/x`)),
      { status: 422, body: { field: 'endpoint' } },
      host,
    )
  for (const endpoint of [
    ...['http://push.example/x', 'https://push.example:8443/x', 'https://push.example@10.0.0.1/x'],
    ...['https://push.example.evil.example/x', 'https://evilpush.example/x', 'file:///etc/passwd', '//push.example/x'],
    ...['https://PUSH.example/x', 'https://push.example/x#y', 'https://push.example\\@10.0.0.1/'],
  ])
    t.match(await s.call(phone, 'PUT', '/subscription', subscriptionTo(s, endpoint)), { status: 422 }, endpoint)
  t.match(await s.call(phone, 'PUT', '/subscription', subscriptionTo(s, 'https://push.example/x')), { status: 204 })
})

/** A server on this machine, which nobody is to reach, and a channel where every name is a push service. */
async function channel(t: Test, s: AttackScene, more: Partial<PushOptions>) {
  let reached = 0
  const server = createServer((socket) => {
    reached += 1
    socket.destroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { db, envelope, clock } = s.parts
  const opened = openWebPush({
    ...{ hosts: ['*'], baseUrl, allowHttp: false, clock, log: quietLog(t) },
    key: () => openPushKey({ db, envelope, clock }),
    ...more,
  })
  t.teardown(() => opened.close())
  return {
    port: (server.address() as AddressInfo).port,
    reached: () => reached,
    send: (endpoint: string) => {
      const { p256dh, auth } = makePushDevice(s.parts.random)
      return opened.send({ id: 'x', to: { endpoint, p256dh, auth }, payload: '{}', topic: 'request', seconds: 300 })
    },
  }
}

t.test('where any name is allowed, an address of this machine or network is still never sent to', async (t) => {
  const s = await attackScene(t, { pushHosts: ['*'] })
  const phone = await s.phoneOf()
  const { send, reached } = await channel(t, s, {})
  for (const host of privates) {
    const { href } = new URL(`https://${host}/x`)
    const kept = await s.call(phone, 'PUT', '/subscription', subscriptionTo(s, href))
    t.ok([204, 422].includes(kept.status), `${host}: ${kept.status}`)
    t.match(await send(href), { refused: /^for/ }, `${host} is not sent to`)
  }
  t.equal(reached(), 0)
})

t.test('a name that leads to a private address when the message is sent, or to one of several', async (t) => {
  const s = await attackScene(t)
  for (const addresses of [['127.0.0.1'], ['::1'], ['::ffff:127.0.0.1'], ['10.1.2.3'], ['93.184.216.34', '10.0.0.1']]) {
    const resolve = async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    const { send, reached } = await channel(t, s, { resolve })
    t.same(await send('https://push.example/x'), { refused: 'for-good', reason: 'private-address' }, addresses.join())
    t.equal(reached(), 0)
  }
})

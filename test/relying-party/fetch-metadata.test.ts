import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { makeFetchMetadata, type FetchMetadataOptions } from '../../src/relying-party/index.ts'
import { mayConnectTo } from '../../src/platform/index.ts'
import type { Teardown } from '../support/database.ts'
import { makeKeyPair } from '../support/saml-signer.ts'

async function portOf(t: Teardown, server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** Fetches, as the sandbox may, what a server on this machine answers. */
async function fetched(t: Teardown, answer: RequestListener, options: Partial<FetchMetadataOptions> = {}) {
  const port = await portOf(t, createServer(answer))
  const given = await makeFetchMetadata({ allowHttp: true, ...options })(`http://127.0.0.1:${port}/metadata`)
  return 'code' in given ? given : Buffer.from(given).toString()
}

t.test('what an address answers is read', async (t) => {
  let headers: unknown
  const answer = await fetched(t, (request, response) => {
    headers = request.headers
    response.end('<metadata/>')
  })
  t.equal(answer, '<metadata/>')
  t.match(headers, { 'accept-encoding': 'identity', accept: /samlmetadata/, cookie: undefined })
})

t.test('no redirect is followed, and nothing but 200 is an answer', async (t) => {
  let others = 0
  const port = await portOf(
    t,
    createServer((_request, response) => {
      others++
      response.end('secret')
    }),
  )
  for (const status of [301, 302, 303, 307, 308]) {
    const answer = await fetched(t, (_request, response) =>
      response.writeHead(status, { location: `http://127.0.0.1:${port}/` }).end(),
    )
    t.match(answer, { code: 'status', detail: new RegExp(`${status}.*redirects are not followed`) })
  }
  t.equal(others, 0)
  t.match(await fetched(t, (_request, response) => response.writeHead(404).end('<metadata/>')), { code: 'status' })
  t.match(await fetched(t, (_request, response) => response.writeHead(206).end('<metadata/>')), { code: 'status' })
})

t.test('no more than 512 KiB are read, whatever the answer says of its length, and nothing compressed', async (t) => {
  const most = 512 * 1024
  t.equal(((await fetched(t, (_request, response) => response.end('x'.repeat(most)))) as string).length, most)
  let sent = 0
  const endless = await fetched(t, (_request, response) => {
    const push = () => {
      while (sent < 50_000_000 && response.write('x'.repeat(100_000))) sent += 100_000
    }
    response.on('drain', push)
    push()
  })
  t.match(endless, { code: 'too-large' })
  t.ok(sent < 50_000_000, 'the rest is never taken')
  const compressed = await fetched(t, (_request, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'),
  )
  t.match(compressed, { code: 'encoding' })
})

t.test('time is limited from the first packet to the last octet', async (t) => {
  const milliseconds = 60
  t.match(await fetched(t, () => {}, { milliseconds }), { code: 'timeout' }, 'no answer')
  const drip: RequestListener = (_request, response) => {
    const timer = setInterval(() => response.write('x'), 5)
    response.on('close', () => clearInterval(timer))
  }
  t.match(await fetched(t, drip, { milliseconds }), { code: 'timeout' }, 'an answer without an end')
  const resolve = () => new Promise<never>(() => {})
  const slowName = await makeFetchMetadata({ allowHttp: false, milliseconds, resolve })('https://sp.example/')
  t.match(slowName, { code: 'timeout' }, 'a name that nobody resolves')
  t.match(await fetched(t, (request) => request.socket.destroy()), { code: 'unreachable' }, 'a broken connection')
})

t.test('this machine and its networks are out of reach, by address and by name', async (t) => {
  let reached = 0
  const port = await portOf(
    t,
    createServer((_request, response) => {
      reached++
      response.end('secret')
    }),
  )
  const confined = makeFetchMetadata({ allowHttp: false })
  for (const host of ['127.0.0.1', '127.1', '0x7f000001', '2130706433', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0'])
    t.match(await confined(`https://${host}:${port}/`), { code: 'private-address' }, host)
  t.match(await confined(`https://localhost:${port}/`), { code: 'private-address' }, 'localhost')
  t.match(await confined(`http://sp.example:${port}/`), { code: 'not-https' })

  const named = (...addresses: string[]) =>
    makeFetchMetadata({
      allowHttp: false,
      resolve: async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    })(`https://sp.example:${port}/`)
  for (const address of ['127.0.0.1', '10.0.0.5', '169.254.169.254', '192.168.1.1', '100.64.0.1', '::1', 'fe80::1'])
    t.match(await named(address), { code: 'private-address' }, address)
  t.match(await named('93.184.216.34', '127.0.0.1'), { code: 'private-address' }, 'one of several is enough')
  t.match(await named(), { code: 'private-address' })
  t.equal(reached, 0)
})

t.test('a name is resolved once, and the connection goes to what it resolved to', async (t) => {
  let asked = 0
  const port = await portOf(
    t,
    createServer((_request, response) => response.end('near')),
  )
  const rebinding = makeFetchMetadata({
    allowHttp: true,
    // Another answer at the second question, as whoever owns a name can give.
    resolve: async () => [{ address: asked++ === 0 ? '127.0.0.1' : '169.254.169.254', family: 4 }],
  })
  t.equal(Buffer.from((await rebinding(`http://sp.example:${port}/`)) as Uint8Array).toString(), 'near')
  t.equal(asked, 1)
  t.match(
    await rebinding(`http://sp.example:${port}/`),
    { code: 'private-address' },
    'link local not even in the sandbox',
  )
})

t.test('the certificate of the server has to be one that this machine trusts', async (t) => {
  const { key, certificate } = makeKeyPair('P-256', { commonName: '127.0.0.1' })
  const tls = { key: key.export({ type: 'pkcs8', format: 'pem' }) as string, cert: certificate.pem }
  const port = await portOf(
    t,
    createSecureServer(tls, (_request, response) => response.end('x')),
  )
  t.match(await makeFetchMetadata({ allowHttp: true })(`https://127.0.0.1:${port}/`), { code: 'unreachable' })
})

t.test('what the public Internet is', async (t) => {
  const far = { near: false }
  for (const address of ['1.1.1.1', '93.184.216.34', '172.15.0.1', '172.32.0.1', '100.63.0.1', '223.255.255.255'])
    t.ok(mayConnectTo(address, far), address)
  for (const address of ['2606:4700:4700::1111', '2a00:1450:4003::1']) t.ok(mayConnectTo(address, far), address)
  for (const address of [
    ...['0.0.0.0', '0.1.2.3', '10.255.0.1', '100.64.0.1', '100.127.255.255', '127.0.0.1', '169.254.169.254'],
    ...['172.16.0.1', '172.31.255.255', '192.0.0.1', '192.0.2.1', '192.168.0.1', '198.18.0.1', '198.51.100.1'],
    ...['203.0.113.1', '224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255'],
    ...['::', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:1.1.1.1', '::127.0.0.1', '64:ff9b::7f00:1'],
    ...['fe80::1', 'fe80::1%eth0', 'fec0::1', 'fc00::1', 'fd12::1', 'ff02::1', '2001:db8::1', '2002:7f00:1::'],
    ...['2001::1', '3fff::1', '4000::1', 'sp.example', '', '127.1', '1.1.1.1%x'],
  ])
    t.notOk(mayConnectTo(address, far), address)
  const near = { near: true }
  for (const address of ['127.0.0.1', '::1', '10.0.0.1', '172.20.0.1', '192.168.0.1', 'fd00::1', '1.1.1.1'])
    t.ok(mayConnectTo(address, near), address)
  for (const address of ['169.254.169.254', 'fe80::1', '0.0.0.0', '::ffff:127.0.0.1', '100.64.0.1', '224.0.0.1'])
    t.notOk(mayConnectTo(address, near), address)
})

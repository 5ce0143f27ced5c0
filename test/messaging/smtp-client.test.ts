import { createServer, type AddressInfo, type Socket } from 'node:net'
import tls from 'node:tls'
import t, { type Test } from 'tap'
import { openSmtp, type OutgoingEmail, type SmtpOptions } from '../../src/messaging/index.ts'
import { systemRandom } from '../../src/platform/index.ts'
import { quietLog } from '../support/log.ts'
import { startMailServer, type MailServer } from '../support/mail-server.ts'
import { testTimers } from '../support/timers.ts'
import { until } from '../support/until.ts'
import { gatewayCertificate } from './gateway-certificate.ts'

const to = 'persona.ficticia@example.org'
const email = (more: Partial<OutgoingEmail> = {}): OutgoingEmail => ({
  id: '5a0e8f6e-1111-4222-8333-444455556666',
  to,
  locale: 'es',
  subject: 'Cl@ve: código para confirmar su correo',
  text: 'Su código: ñ, á, ·, €, 🙂\n\n123456\n\nCl@ve',
  attachments: [],
  ...more,
})

/** A client of this server; its log is searched for the address, the text and the password at the end. */
async function clientOf(t: Test, server: Pick<MailServer, 'port'>, more: Partial<SmtpOptions> = {}, there = true) {
  const log = quietLog(t, () => ['secreto', to, '123456', 'somebody@example.org'])
  const timers = testTimers()
  const url = `smtp://localhost:${server.port}`
  const from = 'no-reply@clave.example'
  const client = openSmtp({ url, from, host: 'clave.example', random: systemRandom, log, timers, ...more })
  t.teardown(() => client.close())
  if (there) await until(client.reachable)
  return { client, timers, lines: log.lines }
}

t.test('an e-mail arrives as plain text and as HTML, in UTF-8, from us and with a Message-ID of ours', async (t) => {
  const server = await startMailServer(t)
  const { client } = await clientOf(t, server)
  const messageId = '<5a0e8f6e-1111-4222-8333-444455556666@clave.example>'
  t.same(await client.send(email()), { accepted: messageId })
  const [one] = server.arrived
  t.match(one, { from: 'no-reply@clave.example', to: [to] })
  t.match(one?.email, {
    from: { name: 'Cl@ve', address: 'no-reply@clave.example' },
    to: [{ address: to }],
    subject: email().subject,
    messageId,
    attachments: [],
  })
  t.equal(one?.email.text?.trim(), email().text)
  t.match(one?.email.html, /<html lang="es">[\s\S]*>Su código: ñ, á, ·, €, 🙂<\/p>\n<p [^>]*>123456<\/p>/)
  const headers = new Map(one?.email.headers.map(({ key, value }) => [key, value]))
  t.equal(headers.get('auto-submitted'), 'auto-generated')
  t.equal(headers.get('content-language'), 'es')
  t.ok(Math.abs(Date.parse(one?.email.date ?? '') - Date.now()) < 60_000)
  const known = ['from', 'to', 'subject', 'message-id', 'date', 'mime-version', 'content-type']
  t.same([...headers.keys()].sort(), [...known, 'auto-submitted', 'content-language'].sort(), 'and nothing else')
})

t.test('attachments arrive as they are, under a name that is only a name', async (t) => {
  const server = await startMailServer(t)
  const { client } = await clientOf(t, server)
  const content = systemRandom.bytes(200_000)
  const attachments = [
    { filename: 'Justificante de García.pdf', type: 'application/pdf', content },
    { filename: '../../etc/x\r\nBcc: other@example.org', type: 'text/html\r\nX-Evil: 1', content: Buffer.from('a') },
  ]
  t.ok('accepted' in (await client.send(email({ attachments }))))
  const [first, second] = server.arrived[0]?.email.attachments ?? []
  t.match(first, { filename: 'Justificante de García.pdf', mimeType: 'application/pdf', disposition: 'attachment' })
  t.ok(content.equals(Buffer.from(first?.content as ArrayBuffer)))
  t.match(second, { filename: '..-..-etc-x Bcc: other@example.org', mimeType: 'application/octet-stream' })
  t.same(server.arrived[0]?.to, [to])
  t.notMatch(server.arrived[0]?.raw, /^(X-Evil|Bcc):/m)
})

t.test('no value brings a header or another recipient', async (t) => {
  const server = await startMailServer(t)
  const { client } = await clientOf(t, server)
  const subject = 'Cl@ve\r\nBcc: other@example.org\r\n\r\nbody\u2028x\u0000'
  t.ok('accepted' in (await client.send(email({ subject }))))
  t.equal(server.arrived[0]?.email.subject, 'Cl@ve Bcc: other@example.org body x')
  t.same(server.arrived[0]?.to, [to])
  t.same(server.arrived[0]?.email.bcc ?? [], [])
  const addresses = [
    'a@example.org\r\nBcc: b@example.org',
    'a@example.org\nRCPT TO:<b@example.org>',
    'a@example.org, b@example.org',
    'a@example.org;b@example.org',
    'Somebody <a@example.org>',
    '<a@example.org>',
    'a@b@example.org',
    '"a b"@example.org',
    'a@example.org ',
    'a\u202e@example.org',
    'friends: a@example.org;',
    'a@[127.0.0.1]',
    'a',
    '',
    `${'a'.repeat(250)}@example.org`,
  ]
  for (const address of addresses)
    t.same(await client.send(email({ to: address })), { refused: 'for-good', reason: 'bad-address' }, address)
  t.equal(server.arrived.length, 1)
})

t.test('HTML in a value is text', async (t) => {
  const server = await startMailServer(t)
  const { client } = await clientOf(t, server)
  await client.send(email({ subject: '<b>', text: '<script>x</script> & "quotes"\n\nCl@ve' }))
  t.match(server.arrived[0]?.email.html, '&lt;script&gt;x&lt;/script&gt; &amp; &quot;quotes&quot;')
  t.notMatch(server.arrived[0]?.email.html, /<script|<b>|<a |<img|https?:/)
})

t.test('addresses in other alphabets arrive', async (t) => {
  const server = await startMailServer(t)
  const { client } = await clientOf(t, server)
  t.ok('accepted' in (await client.send(email({ to: 'íñigo@correo.example' }))))
  t.same(server.arrived[0]?.to, ['íñigo@correo.example'])
})

t.test('without STARTTLS nothing is sent, unless the address says so or the server is on this machine', async (t) => {
  const plain = await startMailServer(t)
  const strict = await clientOf(t, plain, { url: `smtp://localhost:${plain.port}?starttls=yes` }, false)
  await until(() => strict.lines.some((line) => line.includes('"outcome":"ETLS"')))
  t.same(await strict.client.send(email()), { refused: 'for-now', reason: 'not-connected' })
  for (const query of ['', '?starttls=no']) {
    const { client } = await clientOf(t, plain, { url: `smtp://127.0.0.1:${plain.port}${query}` })
    t.ok('accepted' in (await client.send(email())))
  }
  t.same(
    plain.arrived.map(({ secure }) => secure),
    [false, false],
  )
})

t.test('speaks TLS only with a server whose certificate is trusted, by STARTTLS or from the beginning', async (t) => {
  const [offering, secure] = [
    await startMailServer(t, { tls: gatewayCertificate }),
    await startMailServer(t, { tls: gatewayCertificate, secure: true }),
  ]
  const urls = [`smtp://localhost:${offering.port}?starttls=yes`, `smtps://localhost:${secure.port}`]
  for (const url of urls) {
    const stranger = await clientOf(t, offering, { url }, false)
    await until(() => stranger.lines.some((line) => line.includes('no mail server')))
    t.notOk(stranger.client.reachable(), url)
  }
  const trusted = tls.getCACertificates()
  tls.setDefaultCACertificates([...trusted, gatewayCertificate.cert])
  t.teardown(() => tls.setDefaultCACertificates(trusted))
  for (const url of urls) {
    const { client } = await clientOf(t, offering, { url })
    t.ok('accepted' in (await client.send(email())), url)
  }
  t.ok([...offering.arrived, ...secure.arrived].every((one) => one.secure))
  t.equal(offering.arrived.length + secure.arrived.length, 2)
})

t.test('logs in with the account of the address; a wrong password is no server, until it is mended', async (t) => {
  const account = { user: 'clave', password: 'secreto/ñ' }
  const server = await startMailServer(t, { account })
  const url = (password: string) => `smtp://clave:${encodeURIComponent(password)}@localhost:${server.port}`
  const { client } = await clientOf(t, server, { url: url('secreto/ñ') })
  t.ok('accepted' in (await client.send(email())))
  t.equal(server.arrived[0]?.user, 'clave')

  const wrong = await clientOf(t, server, { url: url('secreto') }, false)
  await until(() => wrong.lines.some((line) => line.includes('"outcome":"smtp-535"')))
  t.same(await wrong.client.send(email()), { refused: 'for-now', reason: 'not-connected' })
  account.password = 'secreto'
  await until(() => {
    wrong.timers.advance(1000)
    return wrong.client.reachable()
  })
})

t.test('a refusal of the recipient or the text with 5xx is for good, any other for now', async (t) => {
  const server = await startMailServer(t)
  const { client } = await clientOf(t, server)
  const cases = [
    ['recipient', 550, 'for-good'],
    ['recipient', 553, 'for-good'],
    ['recipient', 450, 'for-now'],
    ['recipient', 530, 'for-now'],
    ['content', 554, 'for-good'],
    ['content', 552, 'for-good'],
    ['content', 451, 'for-now'],
    ['sender', 550, 'for-now'],
    ['sender', 451, 'for-now'],
  ] as const
  for (const [step, code, refused] of cases) {
    server[step] = () => code
    t.same(await client.send(email()), { refused, reason: `smtp-${code}` }, `${step} ${code}`)
    server[step] = () => undefined
    await until(client.reachable)
    t.ok('accepted' in (await client.send(email())), 'and the next one goes')
  }
  // It says goodbye with it, which may be what is heard first.
  server.recipient = () => 421
  t.match(await client.send(email()), { refused: 'for-now', reason: /^(smtp-421|ECONNECTION)$/ })
})

t.test('the server goes: what is sent is refused at once; it comes back by itself', async (t) => {
  const server = await startMailServer(t)
  const { client, timers, lines } = await clientOf(t, server)
  t.ok('accepted' in (await client.send(email())))
  await server.stop()
  const refused = await client.send(email())
  t.match(refused, { refused: 'for-now', reason: /^E/ })
  t.notOk(client.reachable())
  t.same(await client.send(email()), { refused: 'for-now', reason: 'not-connected' })
  await server.start()
  await until(() => {
    timers.advance(1000)
    return client.reachable()
  })
  t.ok('accepted' in (await client.send(email())))
  t.match(lines.join('\n'), /"part":"email".*"state":"lost"/)
})

t.test('a server that has taken the text and says nothing is given up; other e-mails go on', async (t) => {
  const server = await startMailServer(t)
  const { client, timers } = await clientOf(t, server)
  server.content = (address) => (address === to ? 'silence' : undefined)
  server.hold()
  const slow = client.send(email())
  await until(() => server.mostAtOnce === 1)
  server.release()
  t.ok('accepted' in (await client.send(email({ to: 'other@example.org' }))))
  timers.advance(30_000)
  t.same(await slow, { refused: 'for-now', reason: 'EABORT' })
  t.ok(client.reachable(), 'it is only slow')
})

t.test('a server that dribbles its greeting holds nobody', async (t) => {
  const sockets: Socket[] = []
  const dribbling = createServer((socket) => {
    sockets.push(socket.on('error', () => {}))
    socket.write('220-')
  })
  await new Promise<void>((resolve) => dribbling.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    dribbling.close()
  })
  const { client } = await clientOf(t, { port: (dribbling.address() as AddressInfo).port }, {}, false)
  await until(() => sockets.length === 1)
  t.same(await client.send(email()), { refused: 'for-now', reason: 'not-connected' })
  await client.close()
})

t.test('a hundred at once go over few connections, each once', async (t) => {
  const server = await startMailServer(t)
  const { client } = await clientOf(t, server)
  const ids = Array.from({ length: 100 }, () => systemRandom.uuid())
  const handed = await Promise.all(ids.map((id) => client.send(email({ id }))))
  t.ok(handed.every((one) => 'accepted' in one))
  t.same(server.arrived.map((one) => one.email.messageId).sort(), ids.map((id) => `<${id}@clave.example>`).sort())
  t.ok(server.connections <= 6, `${server.connections} connections`)
})

t.test('closing waits for what is under way, but not for ever', async (t) => {
  const server = await startMailServer(t)
  const { client, timers } = await clientOf(t, server)
  server.hold()
  const [first, second] = [client.send(email()), client.send(email({ to: 'other@example.org' }))]
  await until(() => server.mostAtOnce === 2)
  server.content = (address) => (address === to ? undefined : 'silence')
  const closed = client.close()
  t.same(await client.send(email()), { refused: 'for-now', reason: 'not-connected' })
  server.release()
  t.match(await first, { accepted: /@clave\.example>$/ })
  timers.advance(4_000)
  t.same(await second, { refused: 'for-now', reason: 'EABORT' })
  await closed
})

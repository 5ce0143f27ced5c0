import t from 'tap'
import { openSmtp } from '../../src/messaging/index.ts'
import { systemClock, systemRandom } from '../../src/platform/index.ts'
import { startEmailNetwork } from '../../src/sandbox/email-network.ts'
import type { SentMessage } from '../../src/sandbox/parts.ts'
import { quietLog } from '../support/log.ts'
import { until } from '../support/until.ts'

t.test("the sandbox's network takes real SMTP, keeps the newest e-mails with their code and attachments", async (t) => {
  const arrived: SentMessage[] = []
  const onMessage = (message: SentMessage) => void arrived.push(message)
  const network = await startEmailNetwork({ clock: systemClock, random: systemRandom, kept: 3, onMessage })
  const log = quietLog(t, () => ['nerea@example.org', '123456'])
  const from = 'no-reply@localhost'
  const client = openSmtp({ url: network.url, from, host: 'localhost', random: systemRandom, log })
  t.teardown(async () => {
    await client.close()
    await network.close()
  })
  await until(client.reachable)
  const content = systemRandom.bytes(3_000)
  const send = (text: string, filename?: string) =>
    client.send({
      id: systemRandom.uuid(),
      to: 'nerea@example.org',
      locale: 'es',
      subject: 'Cl@ve: confirmación',
      text,
      attachments: filename === undefined ? [] : [{ filename, type: 'application/pdf', content }],
    })

  t.ok('accepted' in (await send('Su código, señora Etxeberria:\n\n123456\n\nCl@ve', 'Justificante nº 1.pdf')))
  const [one] = network.messages()
  t.match(one, {
    channel: 'email',
    to: 'nerea@example.org',
    subject: 'Cl@ve: confirmación',
    text: 'Su código, señora Etxeberria:\n\n123456\n\nCl@ve',
    code: '123456',
    at: /^\d{4}-\d\d-\d\dT.*Z$/,
  })
  const url = `/sandbox/api/messages/${one?.id}/attachments/0`
  t.same(one?.attachments, [{ filename: 'Justificante nº 1.pdf', type: 'application/pdf', size: 3_000, url }])
  t.ok(network.attachment(one?.id ?? '', 0)?.content.equals(content))
  t.equal(network.attachment(one?.id ?? '', 1), undefined)
  t.equal(network.attachment('nothing', 0), undefined)
  t.same(arrived, network.messages())

  for (const text of ['one', 'two', 'three']) await send(text)
  t.same(
    network.messages().map(({ text }) => text),
    ['one', 'two', 'three'],
  )
  t.notHas(network.messages()[0], { code: String })
  t.notHas(network.messages()[0], { attachments: Array })
  t.equal(network.attachment(one?.id ?? '', 0), undefined, 'forgotten with its e-mail')
  network.reset()
  t.same(network.messages(), [])
})

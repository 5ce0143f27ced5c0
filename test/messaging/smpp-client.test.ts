import { createServer, type AddressInfo } from 'node:net'
import tls from 'node:tls'
import t, { type Test } from 'tap'
import { openSmpp, type Outgoing, type Receipt, type SmppOptions } from '../../src/messaging/index.ts'
import { systemRandom } from '../../src/platform/index.ts'
import { quietLog } from '../support/log.ts'
import { startSmsc, texts, type Smsc } from '../support/smsc.ts'
import { testTimers } from '../support/timers.ts'
import { until } from '../support/until.ts'
import { gatewayCertificate } from './gateway-certificate.ts'

const message = (more: Partial<Outgoing> = {}): Outgoing => ({
  id: '5a0e8f6e-1111-4222-8333-444455556666',
  to: '+34600000001',
  text: 'Cl@ve: 123456 es su PIN',
  seconds: 600,
  ...more,
})

async function clientOf(t: Test, smsc: Pick<Smsc, 'url'>, more: Partial<SmppOptions> = {}, bound = true) {
  const log = quietLog(t, () => ['secreto', '+34600000001', '123456'])
  const receipts: Receipt[] = []
  const timers = testTimers()
  const onReceipt = (receipt: Receipt) => void receipts.push(receipt)
  const client = openSmpp({ url: smsc.url, sender: 'Clave', random: systemRandom, log, onReceipt, timers, ...more })
  t.teardown(() => client.close())
  if (bound) await until(client.bound)
  return { client, timers, receipts, lines: log.lines }
}

t.test('binds and hands over, with the time left and a receipt asked for', async (t) => {
  const smsc = await startSmsc(t)
  const { client } = await clientOf(t, smsc)
  t.same(await client.send(message()), { accepted: 'm1' })
  t.same(smsc.binds, [{ systemId: 'clave', password: 'secreto' }])
  t.match(smsc.submitted, [
    { from: 'Clave', to: '+34600000001', text: 'Cl@ve: 123456 es su PIN', dataCoding: 0, receiptAsked: true },
  ])
  const left = (smsc.submitted[0]?.validity as Date).getTime() - Date.now()
  t.ok(left > 590_000 && left <= 601_000, `ten minutes, relative: ${left} ms`)
})

t.test(
  'writes what the alphabet of phones has in it, anything else in UCS-2, and splits between characters',
  async (t) => {
    const smsc = await startSmsc(t)
    const { client } = await clientOf(t, smsc)
    const cases = [
      { text: 'Ñandú sin tilde: ñ, Ñ, ¿?, ¡!, €, ü, à, @ {}[]~^|\\'.replace('ú', 'u'), dataCoding: 0, parts: 1 },
      { text: 'Diputación Foral', dataCoding: 8, parts: 1 },
      { text: 'Paral·lel, Güímar, 🙂', dataCoding: 8, parts: 1 },
      { text: 'a'.repeat(160), dataCoding: 0, parts: 1 },
      { text: 'a'.repeat(161), dataCoding: 0, parts: 2 },
      { text: 'a'.repeat(152) + '€'.repeat(20), dataCoding: 0, parts: 2 },
      { text: 'ó'.repeat(70), dataCoding: 8, parts: 1 },
      { text: 'ó'.repeat(66) + '🙂'.repeat(20), dataCoding: 8, parts: 2 },
    ]
    for (const { text, dataCoding, parts } of cases) {
      const before = smsc.submitted.length
      t.ok('accepted' in (await client.send(message({ text }))))
      const sent = smsc.submitted.slice(before)
      t.same(texts(sent), [text])
      t.equal(sent.length, parts, text)
      t.ok(sent.every((part) => part.dataCoding === dataCoding))
    }
  },
)

t.test(
  'the parts of a long text carry one reference, the same at every try, and one receipt is asked for',
  async (t) => {
    const smsc = await startSmsc(t)
    const { client } = await clientOf(t, smsc)
    const long = message({ text: 'a'.repeat(300) })
    t.same(await client.send(long), { accepted: 'm2' }, 'the name of the part whose receipt counts')
    await client.send(long)
    const headers = smsc.submitted.map(({ header }) => header)
    t.same(headers, [
      [0, 3, 0x5a, 2, 1],
      [0, 3, 0x5a, 2, 2],
      [0, 3, 0x5a, 2, 1],
      [0, 3, 0x5a, 2, 2],
    ])
    t.same(
      smsc.submitted.map(({ receiptAsked }) => receiptAsked),
      [false, true, false, true],
    )
  },
)

t.test('no more are under way than the window holds', async (t) => {
  const smsc = await startSmsc(t)
  const { client } = await clientOf(t, smsc, { window: 3 })
  smsc.hold()
  const sent = Array.from({ length: 10 }, () => client.send(message()))
  await until(() => smsc.submitted.length === 3)
  await new Promise((resolve) => setImmediate(resolve))
  t.equal(smsc.submitted.length, 3)
  smsc.release()
  const answers = await Promise.all(sent)
  t.equal(answers.filter((answer) => 'accepted' in answer).length, 10)
})

t.test('a refusal is for now or for good', async (t) => {
  const smsc = await startSmsc(t)
  const { client } = await clientOf(t, smsc)
  const cases = {
    ESME_RTHROTTLED: 'for-now',
    ESME_RMSGQFUL: 'for-now',
    ESME_RSYSERR: 'for-now',
    ESME_RINVDSTADR: 'for-good',
    ESME_RX_R_APPN: 'for-good',
  } as const
  for (const [reason, refused] of Object.entries(cases)) {
    smsc.answer = () => reason
    t.same(await client.send(message()), { refused, reason })
  }
  smsc.answer = () => 'ESME_RTHROTTLED'
  t.match(await client.send(message({ text: 'a'.repeat(300) })), { refused: 'for-now' }, 'of several parts, too')
})

t.test('a gateway that does not answer is waited for ten seconds, then the message is for another try', async (t) => {
  const smsc = await startSmsc(t)
  const { client, timers } = await clientOf(t, smsc)
  smsc.answer = () => 'silence'
  const sent = client.send(message())
  await until(() => smsc.submitted.length === 1)
  timers.advance(10_000)
  t.same(await sent, { refused: 'for-now', reason: 'no-answer' })
})

t.test('without a connection a message is refused at once, and the connection comes back by itself', async (t) => {
  const smsc = await startSmsc(t)
  const { client, timers, lines } = await clientOf(t, smsc)
  smsc.hold()
  const underWay = client.send(message())
  await until(() => smsc.submitted.length === 1)
  await smsc.stop()
  t.same(await underWay, { refused: 'for-now', reason: 'no-answer' }, 'what was under way is told')
  await until(() => !client.bound())
  t.same(await client.send(message()), { refused: 'for-now', reason: 'not-connected' })

  const pauses: number[] = []
  for (let attempt = 0; attempt < 8; attempt++) {
    await until(() => timers.waiting().length === 1)
    pauses.push(timers.waiting()[0] ?? 0)
    timers.advance(60_000)
    await until(() => lines.filter((line) => line.includes('unreachable')).length === attempt + 1)
  }
  const least = [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]
  pauses.forEach((pause, index) => {
    const from = least[index] ?? 0
    t.ok(pause >= from && pause <= 2 * from, `try ${index + 1} after ${pause} ms`)
  })

  smsc.release()
  await smsc.start()
  await until(() => timers.waiting().length === 1)
  timers.advance(60_000)
  await until(client.bound)
  t.ok('accepted' in (await client.send(message())))
})

t.test('a bind that is refused is tried again', async (t) => {
  const smsc = await startSmsc(t)
  smsc.bindStatus = 'ESME_RINVPASWD'
  const { client, timers, lines } = await clientOf(t, smsc, {}, false)
  await until(() => lines.some((line) => line.includes('ESME_RINVPASWD')))
  t.notOk(client.bound())
  smsc.bindStatus = 'ESME_ROK'
  await until(() => timers.waiting().length === 1)
  timers.advance(1000)
  await until(client.bound)
})

t.test('asks every 30 s whether the gateway is there, and on silence connects anew', async (t) => {
  const smsc = await startSmsc(t)
  const { client, timers } = await clientOf(t, smsc)
  for (let asked = 1; asked <= 3; asked++) {
    timers.advance(30_000)
    await until(() => smsc.enquiries === asked && timers.waiting().length === 1)
    t.ok(client.bound())
  }
  smsc.alive = false
  timers.advance(30_000)
  await until(() => smsc.enquiries === 4)
  timers.advance(10_000)
  await until(() => !client.bound() && timers.waiting().length === 1)
  smsc.alive = true
  timers.advance(1000)
  await until(client.bound)
  t.equal(smsc.binds.length, 2)
})

t.test('what the gateway asks is answered, and its goodbye leads to a new connection', async (t) => {
  const smsc = await startSmsc(t)
  const { client, timers } = await clientOf(t, smsc)
  t.equal(await smsc.ask('enquire_link'), 'enquire_link_resp')
  t.equal(await smsc.ask('unbind'), 'unbind_resp')
  await until(() => !client.bound() && timers.waiting().length === 1)
  timers.advance(1000)
  await until(client.bound)
})

t.test('a receipt is read from its parameters or its text; only final states count', async (t) => {
  const smsc = await startSmsc(t)
  const { receipts } = await clientOf(t, smsc)
  smsc.receipt('m1', 'ENROUTE')
  smsc.receipt('m1', 'DELIVRD')
  smsc.receipt('m2', 'UNDELIV', false)
  smsc.receipt('m3', 'EXPIRED')
  await until(() => receipts.length === 3)
  t.same(receipts, [
    { providerId: 'm1', delivered: true, reason: 'DELIVRD' },
    { providerId: 'm2', delivered: false, reason: 'UNDELIV' },
    { providerId: 'm3', delivered: false, reason: 'EXPIRED' },
  ])
})

t.test('nonsense on the line ends the connection, not the process', async (t) => {
  const smsc = await startSmsc(t)
  const { client, timers } = await clientOf(t, smsc)
  smsc.babble(Buffer.from('ffffffff00000004000000000000000100', 'hex'))
  await until(() => !client.bound() && timers.waiting().length === 1)
  timers.advance(1000)
  await until(client.bound)
})

t.test('closing waits for what is under way and says goodbye', async (t) => {
  const smsc = await startSmsc(t)
  const { client } = await clientOf(t, smsc)
  smsc.hold()
  const sent = client.send(message())
  await until(() => smsc.submitted.length === 1)
  const closed = client.close()
  smsc.release()
  t.same(await sent, { accepted: 'm1' })
  await closed
  t.equal(smsc.unbinds, 1)
  t.same(await client.send(message()), { refused: 'for-now', reason: 'not-connected' })
})

t.test('closing does not wait for a gateway that takes the connection and says nothing', async (t) => {
  const mute = createServer(() => {})
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
  t.teardown(() => mute.close())
  const { port } = mute.address() as AddressInfo
  const { client, timers } = await clientOf(t, { url: `smpp://a:b@127.0.0.1:${port}` }, {}, false)
  await until(() => timers.waiting().length > 0)
  await client.close()
  t.notOk(client.bound())
})

t.test('speaks TLS where the address says so, and only with a gateway whose certificate is trusted', async (t) => {
  const smsc = await startSmsc(t, gatewayCertificate)
  const stranger = await clientOf(t, smsc, {}, false)
  await until(() => stranger.lines.some((line) => line.includes('unreachable')))
  t.same(smsc.binds, [])

  const trusted = tls.getCACertificates()
  tls.setDefaultCACertificates([...trusted, gatewayCertificate.cert])
  t.teardown(() => tls.setDefaultCACertificates(trusted))
  const { client } = await clientOf(t, smsc)
  t.same(await client.send(message()), { accepted: 'm1' })
})

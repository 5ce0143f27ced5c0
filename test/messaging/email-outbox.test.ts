import t, { type Test } from 'tap'
import {
  layMessageSql,
  makeDelivery,
  makeMessages,
  openSmtp,
  type DeliveryParts,
  type Email,
  type Handed,
  type OutgoingEmail,
} from '../../src/messaging/index.ts'
import {
  loadI18n,
  openEnvelope,
  startWorker,
  statement,
  systemRandom,
  type JobHandlers,
} from '../../src/platform/index.ts'
import { testClock } from '../support/clock.ts'
import { testDatabase } from '../support/database.ts'
import { quietLog } from '../support/log.ts'
import { startMailServer } from '../support/mail-server.ts'
import { testTimers } from '../support/timers.ts'
import { until } from '../support/until.ts'

interface Row {
  readonly id: string
  readonly channel: string
  readonly state: string
  readonly content: string | null
  readonly attempts: number
  readonly provider_id: string | null
  readonly reason: string | null
}
const outbox = statement<Row>('test.outbox', 'select * from outbox order by created_at, id')
const jobs = statement<{ count: number }>('test.jobs', 'select count(*) as count from graphile_worker.jobs')
const layOne = statement('test.lay-one', `with decided as (select 1), ${layMessageSql('decided', 1)} select from laid`)
const knownJob = statement(
  'test.known-job',
  "insert into graphile_worker._private_tasks (identifier) values ('deliver-message')",
)

const i18n = loadI18n({ strict: true })
const citizen = '11111111-2222-4333-8444-555555555555'
const address = 'persona.ficticia@example.org'
const phone = '+34600000001'
const envelope = openEnvelope([{ id: 'k1', key: Buffer.alloc(32, 1) }])

/** E-mails and their delivery over one database, with channels that answer as the test says. */
async function setUp(t: Test) {
  const { db, url } = await testDatabase(t)
  await db.rows(knownJob)
  const clock = testClock()
  const log = quietLog(t, () => [address, phone, citizen, '123456', 'Justificante'])
  const messages = makeMessages({ clock, envelope, i18n, baseUrl: 'https://clave.example' })
  const email = (more: Partial<Email> = {}): Email => ({
    key: systemRandom.uuid(),
    to: address,
    citizen,
    locale: 'es',
    text: { kind: 'proof-code', code: '123456' },
    expires: clock.in(600),
    ...more,
  })
  const lay = (more?: Partial<Email>) => db.row(layOne, messages.email(email(more)))
  const sent: OutgoingEmail[] = []
  const channel = {
    there: true,
    answer: (message: OutgoingEmail): Handed | Promise<Handed> => ({ accepted: `<${message.id}@clave.example>` }),
    async send(message: OutgoingEmail) {
      sent.push(message)
      return channel.answer(message)
    },
    reachable: () => channel.there,
    close: async () => {},
  }
  const sms: string[] = []
  const smsChannel = {
    send: async ({ id }: { id: string }) => {
      sms.push(id)
      return { accepted: id }
    },
    close: async () => {},
  }
  const parts: DeliveryParts = { db, clock, random: systemRandom, envelope, log, sms: smsChannel, email: channel }
  const rows = () => db.rows(outbox)
  const laySms = () =>
    db.row(
      layOne,
      messages.sms({
        key: systemRandom.uuid(),
        to: phone,
        citizen,
        locale: 'es',
        text: { kind: 'proof-code', code: '123456' },
        expires: clock.in(600),
      }),
    )
  return { db, url, clock, log, lay, laySms, sms, sent, channel, parts, delivery: makeDelivery(parts), rows }
}

t.test('an e-mail is laid sealed, without a job, and blanked once the mail server has it', async (t) => {
  const { db, lay, rows, delivery, sent } = await setUp(t)
  const content = systemRandom.bytes(5_000)
  await lay({ attachments: [{ filename: 'Justificante.pdf', type: 'application/pdf', content }] })
  const [laid] = await rows()
  t.match(laid, { channel: 'email', state: 'queued', content: /^k1\./ })
  t.same(await db.row(jobs), { count: 0 })
  await delivery.sweepDue()
  t.match(sent, [
    { id: laid?.id, to: address, locale: 'es', subject: /^Cl@ve: código/, text: /\n123456\n[\s\S]*10 minutos/ },
  ])
  t.match(sent[0]?.attachments, [{ filename: 'Justificante.pdf', type: 'application/pdf' }])
  t.ok(sent[0]?.attachments[0]?.content.equals(content))
  t.match(await rows(), [{ state: 'sent', content: null, attempts: 1, provider_id: `<${laid?.id}@clave.example>` }])
})

t.test('one key, one e-mail, however often it is laid and swept', async (t) => {
  const { lay, rows, delivery, parts, sent } = await setUp(t)
  const other = makeDelivery(parts)
  await Promise.all(Array.from({ length: 10 }, () => lay({ key: 'email:1' })))
  t.equal((await rows()).length, 1)
  await Promise.all([delivery.sweepDue(), other.sweepDue(), delivery.sweepDue()])
  t.equal(sent.length, 1)
})

t.test('a hundred laid at once are each sent once, few at a time, by two workers', async (t) => {
  const { lay, rows, delivery, parts, channel, sent } = await setUp(t)
  await Promise.all(Array.from({ length: 100 }, () => lay()))
  let [atOnce, most] = [0, 0]
  channel.answer = async ({ id }) => {
    most = Math.max(most, ++atOnce)
    await new Promise((resolve) => setImmediate(resolve))
    atOnce--
    return { accepted: id }
  }
  await Promise.all([delivery.sweepDue(), makeDelivery(parts).sweepDue()])
  t.equal(sent.length, 100)
  t.equal(new Set(sent.map(({ id }) => id)).size, 100)
  t.ok((await rows()).every(({ state }) => state === 'sent'))
  t.ok(most <= 10, `${most} at once`)
})

t.test('a decoy is laid, taken and ended like any other, and nothing is sent', async (t) => {
  const { clock, lay, rows, delivery, sent } = await setUp(t)
  await lay()
  clock.advance(1)
  await lay({ to: undefined, citizen: undefined })
  const [real, decoy] = (await rows()) as [Row, Row]
  t.ok(Math.abs((real.content ?? '').length - (decoy.content ?? '').length) < 60)
  await delivery.sweepDue()
  t.match(await rows(), [
    { state: 'sent', content: null },
    { state: 'dropped', content: null },
  ])
  t.equal(sent.length, 1)
})

t.test('a refusal for now is tried again, later and later, the less often the longer it lives', async (t) => {
  const { clock, lay, delivery, channel, sent, rows } = await setUp(t)
  channel.answer = () => ({ refused: 'for-now', reason: 'smtp-451' })
  await lay({ expires: clock.in(7 * 86_400) })
  const tries: number[] = []
  for (let second = 0; second <= 7_200; second += second < 128 ? 1 : 60) {
    await delivery.sweepDue()
    if (sent.length > tries.length) tries.push(second)
    clock.advance(second < 128 ? 1 : 60)
  }
  const pauses = tries.slice(1).map((second, index) => second - (tries[index] ?? 0))
  t.ok(pauses.length >= 10 && pauses.length <= 18, `${pauses.join(' ')}`)
  t.ok(pauses.at(-1)! >= 900 && pauses.at(-1)! <= 1_190, `${pauses.join(' ')}`)
  t.match(await rows(), [{ state: 'queued', reason: 'smtp-451' }])

  channel.answer = ({ id }) => ({ accepted: id })
  clock.advance(1_200)
  await delivery.sweepDue()
  t.match(await rows(), [{ state: 'sent', content: null }])
})

t.test('a refusal for good ends the e-mail', async (t) => {
  const { clock, lay, rows, delivery, channel, sent } = await setUp(t)
  channel.answer = () => ({ refused: 'for-good', reason: 'smtp-550' })
  await lay()
  await delivery.sweepDue()
  clock.advance(30)
  await delivery.sweepDue()
  t.match(await rows(), [{ state: 'failed', reason: 'smtp-550', content: null, attempts: 1 }])
  t.equal(sent.length, 1)
})

t.test('while the mail server is away e-mails wait untouched, and are blanked at their expiry', async (t) => {
  const { clock, lay, rows, delivery, channel, sent } = await setUp(t)
  channel.there = false
  await lay()
  clock.advance(1)
  await lay({ expires: clock.in(86_400) })
  await delivery.sweepDue()
  t.match(await rows(), [
    { state: 'queued', attempts: 0 },
    { state: 'queued', attempts: 0 },
  ])
  clock.advance(600)
  await delivery.sweepDue()
  t.match(await rows(), [
    { state: 'expired', content: null },
    { state: 'queued', content: /^k1\./ },
  ])
  channel.there = true
  await delivery.sweepDue()
  t.match(await rows(), [{ state: 'expired' }, { state: 'sent', content: null }])
  t.equal(sent.length, 1)
})

t.test('what is under way at its expiry is left to who holds it, for as long as its claim lasts', async (t) => {
  const { clock, lay, rows, delivery, parts, channel } = await setUp(t)
  await lay({ expires: clock.in(30) })
  let answer: ((handed: Handed) => void) | undefined
  channel.answer = () => new Promise<Handed>((resolve) => (answer = resolve))
  const slow = delivery.sweepDue()
  // Once it is on its way, and not only claimed.
  await until(() => answer !== undefined)
  clock.advance(40)
  const other = makeDelivery(parts)
  await other.sweepDue()
  t.match(await rows(), [{ state: 'sending', content: /^k1\./ }])
  clock.advance(25)
  await other.sweepDue()
  t.match(await rows(), [{ state: 'expired', content: null }])
  answer?.({ refused: 'for-now', reason: 'EABORT' })
  await slow
  t.match(await rows(), [{ state: 'expired', content: null }], 'what it says now does not count')
})

t.test(
  'a worker that dies between answer and record: the same e-mail once more, under the same Message-ID',
  async (t) => {
    const { db, clock, log, lay, rows, parts } = await setUp(t)
    const server = await startMailServer(t)
    const url = `smtp://localhost:${server.port}`
    const email = openSmtp({ url, from: 'no-reply@clave.example', host: 'clave.example', random: systemRandom, log })
    t.teardown(() => email.close())
    await until(email.reachable)
    const dies: typeof db.rows = (said, values) =>
      said.name === 'outbox.record' ? Promise.reject(new Error('died')) : db.rows(said, values)
    await lay()
    await t.rejects(makeDelivery({ ...parts, email, db: { ...db, rows: dies } }).sweepDue(), { message: 'died' })
    const survivor = makeDelivery({ ...parts, email })
    await survivor.sweepDue()
    t.equal(server.arrived.length, 1, 'it may still live')
    clock.advance(60)
    await survivor.sweepDue()
    const [first, second] = server.arrived
    t.equal(second?.email.messageId, first?.email.messageId)
    t.equal(second?.email.text, first?.email.text)
    t.match(await rows(), [{ state: 'sent', attempts: 2, content: null }])
  },
)

t.test('a mail server that hangs holds no SMS: neither by job nor by sweep', async (t) => {
  const { lay, laySms, rows, delivery, channel, sms } = await setUp(t)
  let go = () => {}
  const stuck = new Promise<void>((resolve) => (go = resolve))
  channel.answer = async ({ id }) => {
    await stuck
    return { accepted: id }
  }
  await Promise.all(Array.from({ length: 20 }, () => lay()))
  const [sweepSms, sweepEmails] = ['deliver-due-messages', 'deliver-due-emails'].map((name) =>
    delivery.sweeps.find((sweep) => sweep.name === name),
  )
  const emails = sweepEmails?.run()
  await until(async () => (await rows()).filter(({ state }) => state === 'sending').length === 5)
  await laySms()
  await sweepSms?.run()
  t.equal(sms.length, 1)
  await laySms()
  const waiting = (await rows()).find(({ channel: by, state }) => by === 'sms' && state === 'queued')
  await delivery.deliver({ id: waiting?.id ?? '' })
  t.equal(sms.length, 2)
  go()
  await emails
  t.ok((await rows()).every(({ state }) => state === 'sent'))
})

t.test('an installation without e-mail ends each as failed, without its text', async (t) => {
  const { lay, rows, parts } = await setUp(t)
  const { email: _none, ...others } = parts
  await lay()
  await makeDelivery(others).sweepDue()
  t.match(await rows(), [{ state: 'failed', reason: 'not-configured', content: null }])
})

t.test('from the deciding statement to the mail box: worker, SMTP; a server that dies and returns', async (t) => {
  const { url, clock, log, lay, rows, parts } = await setUp(t)
  const server = await startMailServer(t)
  const timers = testTimers()
  const smtp = `smtp://localhost:${server.port}`
  const from = 'no-reply@clave.example'
  const client = openSmtp({ url: smtp, from, host: 'clave.example', random: systemRandom, log, timers })
  const delivery = makeDelivery({ ...parts, email: client })
  await until(client.reachable)
  const handlers: JobHandlers = { 'deliver-message': (job) => delivery.deliver(job) }
  const worker = startWorker({ url, handlers, sweeps: delivery.sweeps, log, timers })
  t.teardown(async () => {
    await Promise.all([worker.stop(), client.close()])
    await delivery.close()
  })
  await lay()
  await worker.sweepDue()
  t.match(server.arrived, [{ to: [address], email: { subject: /confirmar su correo/, text: /\n123456\n/ } }])
  t.match(await rows(), [{ state: 'sent', provider_id: server.arrived[0]?.email.messageId }])

  await server.stop()
  clock.advance(1)
  await lay()
  await worker.sweepDue()
  t.match((await rows())[1], { state: 'queued', attempts: 1, reason: /^E/ })
  await server.start()
  await until(() => {
    timers.advance(500)
    return client.reachable()
  })
  clock.advance(5)
  await worker.sweepDue()
  t.match((await rows())[1], { state: 'sent', attempts: 2 })
  t.equal(server.arrived.length, 2)
})

import t, { type Test } from 'tap'
import {
  layMessageSql,
  makeDelivery,
  makeMessages,
  openSmpp,
  type DeliveryParts,
  type Handed,
  type Outgoing,
  type Sms,
} from '../../src/messaging/index.ts'
import {
  loadI18n,
  openEnvelope,
  startWorker,
  statement,
  systemRandom,
  type Envelope,
} from '../../src/platform/index.ts'
import { testClock } from '../support/clock.ts'
import { testDatabase } from '../support/database.ts'
import { quietLog } from '../support/log.ts'
import { startSmsc, texts } from '../support/smsc.ts'
import { testTimers } from '../support/timers.ts'
import { until } from '../support/until.ts'

interface Row {
  readonly id: string
  readonly state: string
  readonly content: string | null
  readonly attempts: number
  readonly provider_id: string | null
  readonly reason: string | null
  readonly sent_at: Date | null
}
const outbox = statement<Row>('test.outbox', 'select * from outbox order by created_at, id')
const jobs = statement<{ count: number }>('test.jobs', 'select count(*) as count from graphile_worker.jobs')

// As whoever decides on a message lays it.
const layOne = statement('test.lay-one', `with decided as (select 1), ${layMessageSql('decided', 1)} select from laid`)
const layNone = statement(
  'test.lay-none',
  `with decided as (select 1 where false), ${layMessageSql('decided', 1)} select`,
)

// A worker has run before.
const knownJob = statement(
  'test.known-job',
  "insert into graphile_worker._private_tasks (identifier) values ('deliver-message')",
)

const i18n = loadI18n({ strict: true })
const citizen = '11111111-2222-4333-8444-555555555555'
const phone = '+34600000001'

/** Messages and their delivery over one database, with a channel that answers as the test says. */
async function setUp(t: Test, envelope: Envelope = openEnvelope([{ id: 'k1', key: Buffer.alloc(32, 1) }])) {
  const { db, url } = await testDatabase(t)
  await db.rows(knownJob)
  const clock = testClock()
  const log = quietLog(t, () => [phone, citizen, '123456'])
  const messages = makeMessages({ clock, envelope, i18n, baseUrl: 'https://clave.example' })
  const sms = (more: Partial<Sms> = {}): Sms => ({
    key: systemRandom.uuid(),
    to: phone,
    citizen,
    locale: 'es',
    text: { kind: 'pin', agency: 'Agencia Tributaria', code: '123456' },
    expires: clock.in(600),
    ...more,
  })
  const lay = (more?: Partial<Sms>) => db.row(layOne, messages.sms(sms(more)))
  const sent: Outgoing[] = []
  const channel = {
    answer: (_message: Outgoing): Handed | Promise<Handed> => ({ accepted: `p${sent.length}` }),
    async send(message: Outgoing) {
      sent.push(message)
      return channel.answer(message)
    },
    close: async () => {},
  }
  const parts: DeliveryParts = { db, clock, random: systemRandom, envelope, log, sms: channel }
  const rows = () => db.rows(outbox)
  return { db, url, clock, log, messages, sms, lay, sent, channel, parts, delivery: makeDelivery(parts), rows }
}

t.test(
  'a message is laid with its job by the statement that decides, and only if its transaction commits',
  async (t) => {
    const { db, messages, sms, rows } = await setUp(t)
    const undone = db.transaction(async (tx) => {
      await tx.row(layOne, messages.sms(sms()))
      throw new Error('changed its mind')
    })
    await t.rejects(undone)
    t.same(await rows(), [])
    t.same(await db.row(jobs), { count: 0 })

    await db.row(layNone, messages.sms(sms()))
    t.same(await rows(), [], 'decided against')

    await db.row(layOne, messages.sms(sms()))
    t.equal((await rows()).length, 1)
    t.same(await db.row(jobs), { count: 1 })
  },
)

t.test('one key, one message, however often it is laid', async (t) => {
  const { db, lay, rows } = await setUp(t)
  await Promise.all(Array.from({ length: 10 }, () => lay({ key: 'pin:1' })))
  t.equal((await rows()).length, 1)
  t.same(await db.row(jobs), { count: 1 })
})

t.test('recipient and text lie sealed, and are gone once the gateway has them', async (t) => {
  const { lay, rows, delivery, sent } = await setUp(t)
  await lay()
  const [laid] = await rows()
  t.match(laid, { state: 'queued', attempts: 0, content: /^k1\./ })
  t.notMatch(laid?.content, /600000001|123456/)
  await delivery.deliver({ id: laid?.id ?? '' })
  t.match(sent, [
    { id: laid?.id, to: phone, seconds: 600, text: /123456 es su PIN para Agencia Tributaria.*10 minutos/ },
  ])
  t.match(await rows(), [{ state: 'sent', content: null, attempts: 1, provider_id: 'p1', sent_at: Date }])
})

t.test('the job comes twice, the message goes once', async (t) => {
  const { lay, rows, delivery, sent } = await setUp(t)
  await lay()
  const [{ id }] = (await rows()) as [Row]
  await delivery.deliver({ id })
  await delivery.deliver({ id })
  await delivery.sweepDue()
  t.equal(sent.length, 1)
})

t.test('two workers and the sweep at once: each message goes once', async (t) => {
  const { lay, rows, delivery, parts, sent } = await setUp(t)
  const other = makeDelivery(parts)
  await Promise.all(Array.from({ length: 60 }, () => lay()))
  const ids = (await rows()).map(({ id }) => id)
  const twice = ids.flatMap((id) => [delivery.deliver({ id }), other.deliver({ id })])
  await Promise.all([...twice, delivery.sweepDue(), other.sweepDue()])
  t.equal(sent.length, 60)
  t.equal(new Set(sent.map(({ id }) => id)).size, 60)
  t.ok((await rows()).every(({ state }) => state === 'sent'))
})

t.test('a decoy is laid, taken and ended like any other, and nothing is sent', async (t) => {
  const { db, clock, lay, rows, delivery, sent } = await setUp(t)
  await lay()
  clock.advance(1)
  await lay({ to: undefined, citizen: undefined })
  t.same(await db.row(jobs), { count: 2 })
  const [real, decoy] = (await rows()) as [Row, Row]
  t.ok(Math.abs((real.content ?? '').length - (decoy.content ?? '').length) < 20)
  await delivery.sweepDue()
  t.same(
    (await rows()).map(({ state, content }) => ({ state, content })),
    [
      { state: 'sent', content: null },
      { state: 'dropped', content: null },
    ],
  )
  t.equal(sent.length, 1)
})

t.test('a refusal for now is tried again, later and later, never beyond the expiry', async (t) => {
  const { clock, lay, rows, delivery, channel, sent } = await setUp(t)
  channel.answer = () => ({ refused: 'for-now', reason: 'ESME_RTHROTTLED' })
  await lay({ expires: clock.in(60) })
  const tries: number[] = []
  for (let second = 0; second <= 60; second++) {
    await delivery.sweepDue()
    if (sent.length > tries.length) tries.push(second)
    clock.advance(1)
  }
  const pauses = tries.slice(1).map((second, index) => second - (tries[index] ?? 0))
  const least = [1, 2, 4, 8, 15, 15]
  t.ok(pauses.length >= 4)
  pauses.forEach((pause, index) => {
    const from = least[index] ?? 15
    t.ok(pause >= from && pause <= from * 1.25 + 1, `pause ${index + 1}: ${pause} s`)
  })
  t.match(await rows(), [{ state: 'expired', content: null }])
  t.ok(sent.every(({ seconds }) => seconds > 0))
})

t.test('after its expiry a message is not sent, by job or sweep, and is blanked', async (t) => {
  const { clock, lay, rows, delivery, sent } = await setUp(t)
  await lay()
  await lay()
  clock.advance(600)
  const [{ id }] = (await rows()) as [Row]
  await delivery.deliver({ id })
  await delivery.sweepDue()
  t.match(await rows(), [
    { state: 'expired', content: null },
    { state: 'expired', content: null },
  ])
  t.same(sent, [])
})

t.test('a refusal for good ends the message', async (t) => {
  const { clock, lay, rows, delivery, channel, sent } = await setUp(t)
  channel.answer = () => ({ refused: 'for-good', reason: 'ESME_RINVDSTADR' })
  await lay()
  await delivery.sweepDue()
  clock.advance(30)
  await delivery.sweepDue()
  t.match(await rows(), [{ state: 'failed', reason: 'ESME_RINVDSTADR', content: null, attempts: 1 }])
  t.equal(sent.length, 1)
})

t.test('a worker that dies between answer and record: the same text once more, after a minute', async (t) => {
  const { db, clock, lay, rows, delivery, parts, sent } = await setUp(t)
  await lay()
  const [{ id }] = (await rows()) as [Row]
  const dying = makeDelivery({
    ...parts,
    db: {
      ...db,
      rows: (said, values) =>
        said.name === 'outbox.record' ? Promise.reject(new Error('died')) : db.rows(said, values),
    },
  })
  await t.rejects(dying.deliver({ id }), { message: 'died' })
  await delivery.deliver({ id })
  await delivery.sweepDue()
  t.equal(sent.length, 1, 'it may still live')
  clock.advance(60)
  await delivery.sweepDue()
  t.equal(sent.length, 2)
  t.same({ ...sent[1], seconds: 0 }, { ...sent[0], seconds: 0 })
  t.match(await rows(), [{ state: 'sent', attempts: 2, provider_id: 'p2' }])
})

t.test('what a worker says after its claim lapsed does not count', async (t) => {
  const { clock, lay, rows, delivery, channel } = await setUp(t)
  await lay()
  const [{ id }] = (await rows()) as [Row]
  let answer: ((handed: Handed) => void) | undefined
  channel.answer = () => new Promise<Handed>((resolve) => (answer = resolve))
  const slow = delivery.deliver({ id })
  // Once it is on its way, and not only claimed.
  await until(() => answer !== undefined)
  clock.advance(61)
  channel.answer = () => ({ accepted: 'second' })
  await delivery.sweepDue()
  answer?.({ refused: 'for-now', reason: 'no-answer' })
  await slow
  t.match(await rows(), [{ state: 'sent', provider_id: 'second', content: null }])
})

t.test('a message whose key is missing waits for it', async (t) => {
  const { clock, lay, rows, delivery, parts, sent } = await setUp(t)
  await lay()
  const keyless = makeDelivery({ ...parts, envelope: openEnvelope([{ id: 'k2', key: Buffer.alloc(32, 2) }]) })
  await keyless.sweepDue()
  t.match(await rows(), [{ state: 'queued', reason: 'unreadable', content: /^k1\./ }])
  clock.advance(2)
  await delivery.sweepDue()
  t.equal(sent.length, 1)
})

t.test('a receipt that comes before another worker has written its message down is tried again', async (t) => {
  const { lay, rows, parts, delivery, channel } = await setUp(t)
  const timers = testTimers()
  const receiving = makeDelivery({ ...parts, timers })
  channel.answer = () => ({ accepted: 'accepted-1' })
  await lay()
  for (const providerId of ['accepted-1', 'nobody-knows'])
    receiving.received({ providerId, delivered: true, reason: 'DELIVRD' })
  await until(() => timers.waiting().length === 2)
  await delivery.sweepDue()
  t.match(await rows(), [{ state: 'sent' }])
  timers.advance(1_000)
  await receiving.close()
  t.match(await rows(), [{ state: 'delivered', reason: 'DELIVRD' }])
})

t.test('a receipt that comes while the database is away waits for it', async (t) => {
  const { lay, rows, parts, delivery, channel } = await setUp(t)
  channel.answer = () => ({ accepted: 'accepted-1' })
  await lay()
  await delivery.sweepDue()
  const timers = testTimers()
  let away = true
  const unreachable = Object.assign(new Error('Connection terminated unexpectedly'), { statusCode: 503 })
  const rowsOf: typeof parts.db.rows = (statement, values) =>
    away ? Promise.reject(unreachable) : parts.db.rows(statement, values)
  const receiving = makeDelivery({ ...parts, timers, db: { ...parts.db, rows: rowsOf } })
  receiving.received({ providerId: 'accepted-1', delivered: true, reason: 'DELIVRD' })
  for (let look = 0; look < 3; look++) {
    await until(() => timers.waiting().length === 1)
    timers.advance(1_000)
  }
  await until(() => timers.waiting().length === 1)
  away = false
  timers.advance(1_000)
  await until(async () => (await rows())[0]?.state === 'delivered')
  await receiving.close()
})

t.test(
  'however many receipts wait for the database, it is asked once a second, and a line tells of all that are lost',
  async (t) => {
    const { parts, log } = await setUp(t)
    const timers = testTimers()
    const unreachable = Object.assign(new Error('Connection terminated unexpectedly'), { statusCode: 503 })
    let asked = 0
    const rowsOf: typeof parts.db.rows = () => (asked++, Promise.reject(unreachable))
    const receiving = makeDelivery({ ...parts, timers, db: { ...parts.db, rows: rowsOf } })
    const come = (many: number) => {
      for (let each = 0; each < many; each++)
        receiving.received({ providerId: `sent-${each}`, delivered: true, reason: 'DELIVRD' })
    }
    come(1)
    await until(() => timers.waiting().length === 1)
    come(19_999 + 7)
    asked = 0
    for (let second = 1; second <= 3; second++) {
      timers.advance(1_000)
      await until(() => timers.waiting().length === 1)
      t.equal(asked, second)
    }
    await receiving.close()
    t.equal(asked, 4)
    t.match(
      log.lines.filter((line) => line.includes('receipts not recorded')).map((line) => JSON.parse(line) as object),
      [
        { part: 'sms', count: 7 },
        { part: 'sms', count: 20_000 },
      ],
    )
  },
)

t.test('a stop does not wait for the second try of a receipt', async (t) => {
  const { parts } = await setUp(t)
  const timers = testTimers()
  const delivery = makeDelivery({ ...parts, timers })
  delivery.received({ providerId: 'nobody-knows', delivered: true, reason: 'DELIVRD' })
  await until(() => timers.waiting().length === 1)
  await delivery.close()
  t.same(timers.waiting(), [])
})

t.test('a receipt ends the message as delivered or failed, even when it comes before the record', async (t) => {
  const { db, lay, rows, parts, channel } = await setUp(t)
  let release = () => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  const delivery = makeDelivery({
    ...parts,
    db: {
      ...db,
      rows: async (said, values) => {
        if (said.name === 'outbox.record') await held
        return db.rows(said, values)
      },
    },
  })
  const ids = ['accepted-1', 'accepted-2', 'accepted-3']
  channel.answer = () => ({ accepted: ids.shift() ?? '' })
  await Promise.all(ids.map(() => lay()))
  const swept = delivery.sweepDue()
  await until(() => ids.length === 0)
  delivery.received({ providerId: 'accepted-1', delivered: true, reason: 'DELIVRD' })
  delivery.received({ providerId: 'accepted-2', delivered: false, reason: 'UNDELIV' })
  delivery.received({ providerId: 'nobody-knows', delivered: false, reason: 'UNDELIV' })
  release()
  await swept
  await delivery.close()
  const states = (await rows()).map(({ provider_id, state, reason }) => ({ provider_id, state, reason }))
  t.same(
    states.sort((a, b) => (a.provider_id ?? '').localeCompare(b.provider_id ?? '')),
    [
      { provider_id: 'accepted-1', state: 'delivered', reason: 'DELIVRD' },
      { provider_id: 'accepted-2', state: 'failed', reason: 'UNDELIV' },
      { provider_id: 'accepted-3', state: 'sent', reason: null },
    ],
  )
})

t.test('the facts of a message are kept for thirty days; what is still to be sent stays', async (t) => {
  const { clock, lay, rows, delivery } = await setUp(t)
  const purge = delivery.sweeps.find(({ name }) => name === 'purge-messages')
  await lay()
  await delivery.sweepDue()
  await lay()
  clock.advance(30 * 86_400 - 1)
  await purge?.run()
  t.equal((await rows()).length, 2)
  clock.advance(2)
  await purge?.run()
  t.same(
    (await rows()).map(({ state }) => state),
    ['queued'],
  )
})

t.test(
  'from the deciding transaction to the phone: worker, SMPP, receipt; a gateway that dies and returns',
  async (t) => {
    const { db, url, clock, log, lay, rows, parts } = await setUp(t)
    const smsc = await startSmsc(t)
    const timers = testTimers()
    const client = openSmpp({
      url: smsc.url,
      sender: 'Clave',
      random: systemRandom,
      log,
      timers,
      onReceipt: (receipt) => delivery.received(receipt),
    })
    const delivery = makeDelivery({ ...parts, sms: client })
    await until(client.bound)
    const worker = startWorker({
      url,
      handlers: { 'deliver-message': (job) => delivery.deliver(job) },
      sweeps: delivery.sweeps,
      log,
      timers,
    })
    t.teardown(async () => {
      await worker.stop()
      await client.close()
      await delivery.close()
    })
    const agency = 'Consell de Palma (Paral·lel) 🙂'
    await lay({ text: { kind: 'pin', agency, code: '123456' } })
    await until(async () => (await rows())[0]?.state === 'sent')
    t.match(texts(smsc.submitted), [
      new RegExp(`para ${agency.replace(/[()]/g, '\\$&')}.*@clave.example #123456$`, 's'),
    ])
    smsc.receipt((await rows())[0]?.provider_id ?? '', 'DELIVRD')
    await until(async () => (await rows())[0]?.state === 'delivered')

    await smsc.stop()
    await until(() => !client.bound())
    clock.advance(1)
    await lay()
    await until(async () => (await rows())[1]?.reason === 'not-connected')
    await smsc.start()
    await until(() => {
      timers.advance(1000)
      return client.bound()
    })
    clock.advance(5)
    await worker.sweepDue()
    t.match((await rows())[1], { state: 'sent', attempts: 2 })
    await until(async () => (await db.row(jobs))?.count === 0)
  },
)

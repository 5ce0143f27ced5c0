import t from 'tap'
import { endpointDigest, layMessageSql, makeDelivery, openPushKey, openWebPush } from '../../src/messaging/index.ts'
import { openEnvelope, startWorker, statement, systemRandom, type JobHandlers } from '../../src/platform/index.ts'
import { testDatabase } from '../support/database.ts'
import { testClock } from '../support/clock.ts'
import { testTimers } from '../support/timers.ts'
import { until } from '../support/until.ts'
import { citizen, pushScene, type Row } from './push-scene.ts'

const jobs = statement<{ payload: object }>(
  'test.jobs',
  'select payload from graphile_worker._private_jobs order by id',
)

t.test('a push message is laid sealed with its job, and blanked once the push service has it', async (t) => {
  const { db, lay, rows, service, device, delivery } = await pushScene(t)
  await lay()
  const [laid] = (await rows()) as [Row]
  t.match(laid, { channel: 'push', state: 'queued', content: /^k1\./ })
  t.notMatch(laid.content, /127\.0\.0\.1|request/)
  t.same(await db.rows(jobs), [{ payload: { id: laid.id, channel: 'push' } }])
  await delivery.deliver({ id: laid.id, channel: 'push' })
  await delivery.close()
  t.match(await rows(), [{ state: 'sent', content: null, attempts: 1, provider_id: null }])
  t.match(service.pushed, [{ endpoint: device.endpoint, headers: { ttl: '300', topic: 'request' } }])
})

t.test(
  'it says that the app has something to show, in the language of the citizen, and nothing about anybody',
  async (t) => {
    const { lay, service, delivery } = await pushScene(t)
    for (const locale of ['es', 'en'] as const)
      for (const kind of ['request', 'device-ended'] as const) await lay({ locale, text: { kind } })
    await delivery.sweepDue()
    const said = service.pushed.map(({ text }) => JSON.parse(text) as Record<string, string>)
    for (const one of said) t.same(Object.keys(one).sort(), ['body', 'kind', 'title', 'url'])
    t.same(new Set(said.map(({ url }) => url)), new Set(['/app']))
    t.match(
      said.find(({ kind, title }) => kind === 'request' && title?.includes('petición'))?.body,
      /Abra la aplicación/,
    )
    t.ok(said.some(({ kind, body }) => kind === 'device-ended' && body?.includes('open the Cl@ve app')))
    for (const { text } of service.pushed) {
      t.notMatch(text, /\d|https?:|Agencia/, 'no code, no document, no address')
      t.notMatch(text, citizen)
    }
  },
)

t.test('a decoy leaves the same trace: statements, job and end, and nothing is sent', async (t) => {
  const { db, clock, lay, rows, service, delivery } = await pushScene(t)
  await lay()
  clock.advance(1)
  await lay({ to: undefined, citizen: undefined })
  const [real, decoy] = (await rows()) as [Row, Row]
  t.same(
    await db.rows(jobs),
    [real, decoy].map(({ id }) => ({ payload: { id, channel: 'push' } })),
  )
  t.ok(Math.abs(real.content!.length - decoy.content!.length) < 150)
  await delivery.deliver({ id: real.id, channel: 'push' })
  await delivery.deliver({ id: decoy.id, channel: 'push' })
  await delivery.close()
  t.match(await rows(), [
    { state: 'sent', content: null, attempts: 1 },
    { state: 'dropped', content: null, attempts: 1 },
  ])
  t.equal(service.requests, 1)
})

t.test('two messages are laid by one statement, an SMS and a push message to each device', async (t) => {
  const { db, clock, messages, push, service, device, sms, rows, delivery } = await pushScene(t)
  const second = service.subscribe()
  const layThree = statement(
    'test.lay-three',
    `with decided as (select 1), ${layMessageSql('decided', 1)}, ${layMessageSql('decided', 7, 'push')},
     ${layMessageSql('decided', 13, 'other')} select from push_laid, other_laid`,
  )
  await db.row(layThree, [
    ...messages.sms({
      ...{ key: 'sms:1', to: '+34600000001', citizen, locale: 'es', text: { kind: 'phone-taken-over' } },
      expires: clock.in(600),
    }),
    ...messages.push(push({ key: 'push:1' })),
    ...messages.push(push({ key: 'push:2', to: second })),
  ])
  t.same((await db.rows(jobs)).map(({ payload }) => (payload as { channel: string }).channel).sort(), [
    'push',
    'push',
    'sms',
  ])
  await delivery.sweepDue()
  t.equal(sms.length, 1)
  t.same(service.pushed.map(({ endpoint }) => endpoint).sort(), [device.endpoint, second.endpoint].sort())
  t.ok((await rows()).every(({ state }) => state === 'sent'))
})

t.test('the job comes twice and the sweep as well, by two workers: the message goes once', async (t) => {
  const { lay, rows, service, parts, delivery } = await pushScene(t)
  const other = makeDelivery(parts)
  await Promise.all(Array.from({ length: 60 }, () => lay()))
  const ids = (await rows()).map(({ id }) => id)
  const twice = ids.flatMap((id) => [delivery.deliver({ id, channel: 'push' }), other.deliver({ id, channel: 'push' })])
  await Promise.all([...twice, delivery.sweepDue(), other.sweepDue()])
  await Promise.all([delivery.close(), other.close()])
  t.equal(service.pushed.length, 60)
  t.ok((await rows()).every(({ state, attempts }) => state === 'sent' && attempts === 1))
})

t.test('a refusal for now is tried again, not before the push service wants it, never beyond the expiry', async (t) => {
  const { clock, lay, rows, service, delivery } = await pushScene(t)
  service.answer = () => ({ status: 429, headers: { 'retry-after': '20' } })
  const [start, tries] = [clock.now().getTime(), [] as number[]]
  await lay({ expires: clock.in(60) })
  for (let second = 0; second <= 60; second++) {
    const before = service.requests
    await delivery.sweepDue()
    if (service.requests > before) tries.push((clock.now().getTime() - start) / 1000)
    clock.advance(1)
  }
  t.same(tries, [0, 20, 40])
  t.match(await rows(), [{ state: 'expired', content: null, reason: null }])

  service.answer = () => ({ status: 503, headers: { 'retry-after': '3600' } })
  await lay({ expires: clock.in(30) })
  await delivery.sweepDue()
  clock.advance(30)
  await delivery.sweepDue()
  t.match((await rows())[1], { state: 'expired', content: null, attempts: 2 })
  t.equal(service.requests, 4)
})

t.test('after its expiry nothing is sent, by job or sweep', async (t) => {
  const { clock, lay, rows, service, delivery } = await pushScene(t)
  await lay()
  await lay()
  clock.advance(300)
  await delivery.deliver({ id: (await rows())[0]!.id, channel: 'push' })
  await delivery.sweepDue()
  t.match(await rows(), [{ state: 'expired' }, { state: 'expired' }])
  t.equal(service.requests, 0)
})

t.test('a subscription that ended ends its messages, and whoever keeps it is told', async (t) => {
  const { lay, rows, service, device, gone, delivery, log } = await pushScene(t)
  service.end(device.endpoint)
  await lay()
  await delivery.sweepDue()
  t.match(await rows(), [{ state: 'failed', reason: 'gone', content: null }])
  t.same(gone, [endpointDigest(device.endpoint)])
  t.ok(log.lines.some((line) => line.includes('"outcome":"gone"')))
})

t.test('a push service that never answers holds no SMS, and no more than its own places', async (t) => {
  const timers = testTimers()
  const { url, log, lay, laySms, rows, service, sms, parts, options } = await pushScene(t)
  const channel = openWebPush({ ...options, timers })
  const delivery = makeDelivery({ ...parts, push: channel })
  service.answer = () => 'silence'
  const handlers: JobHandlers = { 'deliver-message': (job) => delivery.deliver(job) }
  const worker = startWorker({ url, handlers, sweeps: delivery.sweeps, concurrency: 10, log, timers })
  t.teardown(async () => {
    const stopping = [worker.stop(), channel.close()]
    timers.advance(5_000)
    await Promise.all(stopping)
    await delivery.close()
  })
  await Promise.all(Array.from({ length: 60 }, () => lay()))
  await until(() => service.waiting === 20)
  await Promise.all(Array.from({ length: 30 }, () => laySms()))
  await until(() => sms.length === 30)
  t.equal(service.waiting, 20)
  await worker.sweepDue()
  const states = (await rows()).filter(({ channel }) => channel === 'push').map(({ state }) => state)
  t.equal(states.filter((state) => state === 'sending').length, 20)
  t.equal(states.filter((state) => state === 'queued').length, 40, 'the others wait untouched')

  // It comes back: the lanes go on with what was turned away, without a sweep.
  service.answer = undefined
  timers.advance(5_000)
  await until(() => service.pushed.length === 40)
  await until(
    async () => (await rows()).filter(({ state, channel }) => channel === 'push' && state === 'sent').length === 40,
  )
})

t.test('from the deciding statement to the browser by the job alone', async (t) => {
  const { url, log, lay, rows, service, delivery } = await pushScene(t)
  const handlers: JobHandlers = { 'deliver-message': (job) => delivery.deliver(job) }
  const worker = startWorker({ url, handlers, log, timers: testTimers() })
  t.teardown(async () => {
    await worker.stop()
    await delivery.close()
  })
  await lay()
  await until(() => service.pushed.length === 1)
  await until(async () => (await rows())[0]?.state === 'sent')
})

t.test('a worker that dies between answer and record: the same message once more, in place of the first', async (t) => {
  const { db, clock, lay, rows, service, delivery, parts, log } = await pushScene(t)
  await lay()
  const dies: typeof db.rows = (said, values) =>
    said.name === 'outbox.record' ? Promise.reject(new Error('died')) : db.rows(said, values)
  const dying = makeDelivery({ ...parts, db: { ...db, rows: dies } })
  await dying.deliver({ id: (await rows())[0]!.id, channel: 'push' })
  await dying.close()
  t.ok(log.lines.some((line) => line.includes('push message not recorded')))
  await delivery.sweepDue()
  t.equal(service.pushed.length, 1, 'it may still live')
  clock.advance(60)
  await delivery.sweepDue()
  t.same(
    service.pushed.map(({ text, headers }) => [text === service.pushed[0]?.text, headers['topic']]),
    [
      [true, 'request'],
      [true, 'request'],
    ],
  )
  t.match(await rows(), [{ state: 'sent', attempts: 2 }])
})

t.test('without a channel for it a push message ends as failed', async (t) => {
  const { lay, rows, parts } = await pushScene(t)
  const { push: _none, ...others } = parts
  await lay()
  await makeDelivery(others).sweepDue()
  t.match(await rows(), [{ state: 'failed', reason: 'not-configured', content: null }])
})

t.test('one key for ever: of eight processes at once one makes it, and a new master key seals it anew', async (t) => {
  const { db } = await testDatabase(t)
  const [clock, old, young] = [
    testClock(),
    { id: 'k1', key: systemRandom.bytes(32) },
    { id: 'k2', key: systemRandom.bytes(32) },
  ]
  const open = (...keys: (typeof old)[]) => openPushKey({ db, clock, envelope: openEnvelope(keys) })
  const [first, ...others] = await Promise.all(Array.from({ length: 8 }, () => open(old)))
  t.match(first, { publicKey: /^[\w-]{87}$/, privateKey: /^[\w-]{43}$/ })
  for (const other of others) t.same(other, first)
  const sealed = statement<{ row: string }>('test.push-key', 'select push_key::text as row from push_key')
  t.notMatch((await db.row(sealed))?.row, first?.privateKey)
  await t.rejects(open(young), { message: /No master key "k1"/ })
  t.same(await open(young, old), first)
  t.same(await open(young), first, 'the old key is no longer needed')
})

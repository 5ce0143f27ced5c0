import t from 'tap'
import { endPhone } from '../../src/authentication/movil/end-phone.ts'
import { leaveRequest } from '../../src/authentication/movil/leave-request.ts'
import { watchPhones, type PhoneEvent } from '../../src/authentication/movil/watch-phones.ts'
import { statement, type Sql } from '../../src/platform/index.ts'
import { testTimers } from '../support/timers.ts'
import { until } from '../support/until.ts'
import { activePhone, asked, carmen, movilScene, other, requested, right, type MovilScene } from './movil-scene.ts'
import { loginWith } from './scene.ts'

const nobody = '00000000-0000-4000-8000-000000000000'
const writtenAt = statement('test.written-at', 'update movil_request set changed_at = $2 where id = $1')

/** A watch whose time stands still until a question is asked, and a database that fails when told. */
function watched(s: MovilScene) {
  const timers = testTimers()
  const failures: unknown[] = []
  const ids: (readonly string[])[] = []
  let asked: { readonly text: string; readonly values: readonly unknown[] } = { text: '', values: [] }
  let fails = false
  const rows: Sql['rows'] = async (one, values) => {
    ids.push(values?.[1] as readonly string[])
    asked = { text: one.text, values: values ?? [] }
    if (fails) throw new Error('no database')
    return s.db.rows(one, values)
  }
  const db: Sql = { rows, row: async (one, values) => (await rows(one, values))[0] }
  const watch = watchPhones({ db, clock: s.clock, timers, failed: (error) => void failures.push(error) })
  return {
    ...{ watch, timers, failures, ids },
    question: () => asked,
    breaks: (broken: boolean) => void (fails = broken),
    /** The next question, answered. */
    async round(times = 1) {
      for (let nth = 0; nth < times; nth += 1) {
        await until(() => timers.waiting().length > 0)
        const before = ids.length
        timers.advance(timers.waiting()[0] ?? 0)
        await until(() => ids.length > before && timers.waiting().length > 0)
      }
    },
    follow(device: string) {
      const heard: PhoneEvent[] = []
      return { heard, stop: watch.follow(device, (event) => heard.push(event)) }
    },
  }
}

t.test('nothing is asked while nobody listens; at once for who comes, then twice a second for all', async (t) => {
  const s = await movilScene(t)
  const w = watched(s)
  t.same(w.timers.waiting(), [])
  const phone = await activePhone(s)
  const one = w.follow(phone.device)
  t.same(w.timers.waiting(), [0])
  await w.round()
  t.same(w.timers.waiting(), [500])
  const late = w.follow((await activePhone(s, other)).device)
  t.same(w.timers.waiting(), [0], 'who comes later does not wait either')
  await w.round(3)
  t.same(
    w.ids.map((asked) => asked.length),
    [1, 1, 0, 0],
  )
  t.same([one.heard, late.heard], [[], []], 'nothing waits')
  one.stop()
  late.stop()
  t.same(w.timers.waiting(), [])
  one.stop()
  await w.watch.close()
})

t.test('asked, scanned, cancelled, decided: each wakes its own phone, once', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const theirs = await activePhone(s, other)
  const w = watched(s)
  const mine = w.follow(phone.device)
  const their = w.follow(theirs.device)
  await w.round()
  const login = loginWith()
  const { request } = right(await asked(s, login))
  await w.round(4)
  t.same(mine.heard, ['request'])
  s.clock.advance(1)
  await leaveRequest(s.parts, login, request)
  await w.round(4)
  s.clock.advance(1)
  await requested(s, phone)
  await w.round(4)
  t.same(mine.heard, ['request', 'request', 'request'])
  t.same(their.heard, [])
  await w.watch.close()
})

t.test('an ended phone hears so once; who listens in its name later hears it too', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const w = watched(s)
  const mine = w.follow(phone.device)
  const theirs = w.follow((await activePhone(s, other)).device)
  await w.round()
  await s.db.transaction((tx) => endPhone(tx, s.parts, carmen.id, { why: 'by-citizen' }))
  const stranger = w.follow(nobody)
  await w.round()
  t.same([mine.heard, stranger.heard, theirs.heard], [['ended'], ['ended'], []])
  const late = w.follow(phone.device)
  await w.round(3)
  t.same([late.heard, mine.heard], [['ended'], ['ended']])
  await w.watch.close()
})

t.test('what another process wrote earlier and committed later is found', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const w = watched(s)
  const { heard } = w.follow(phone.device)
  await w.round()
  s.clock.advance(60)
  await w.round()
  const a = right(await asked(s, loginWith()))
  await s.db.row(writtenAt, [a.request, s.clock.in(-1.4)])
  await w.round()
  t.same(heard, ['request'], 'a little later')
  s.clock.advance(60)
  await w.round()
  const b = right(await asked(s, loginWith()))
  // The newer ended the older, which tells the phone too.
  for (const { request } of [a, b]) await s.db.row(writtenAt, [request, s.clock.in(-40)])
  await w.round()
  t.equal(heard.length, 1)
  await w.round(40)
  t.same(heard, ['request', 'request'], 'and much later within 20 s')
  await w.watch.close()
})

t.test('a database that fails is asked again, not faster, is told of once, and nothing is lost', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const w = watched(s)
  w.breaks(true)
  const { heard } = w.follow(phone.device)
  await w.round()
  t.same(w.timers.waiting(), [500])
  w.follow(nobody)
  t.same(w.timers.waiting(), [500])
  await w.round(4)
  t.equal(w.failures.length, 1)
  await asked(s, loginWith())
  s.clock.advance(60)
  w.breaks(false)
  await w.round()
  t.same(heard, ['request'])
  await w.watch.close()
})

t.test('a phone that cannot be told holds nobody up; a newer listener takes the place of the older', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const theirs = await activePhone(s, other)
  const w = watched(s)
  w.watch.follow(phone.device, () => {
    throw new Error('closed')
  })
  const { heard } = w.follow(theirs.device)
  await asked(s, loginWith())
  await asked(s, loginWith(), other)
  await w.round()
  t.same(heard, ['request'])
  t.equal(w.failures.length, 1)
  const newer = w.follow(theirs.device)
  t.same(heard, ['request', 'replaced'])
  await w.round()
  t.same(newer.heard, ['request'], 'it hears itself of what waits')
  await w.watch.close()
})

t.test('indexes serve the question, however many phones and requests there are', async (t) => {
  const s = await movilScene(t)
  const w = watched(s)
  w.follow(nobody)
  w.timers.advance(0)
  await until(() => w.question().text !== '')
  const { text, values } = w.question()
  const plan = await s.db.transaction(async (tx) => {
    await tx.rows(statement('test.no-seqscan', 'set local enable_seqscan = off'))
    return tx.rows(statement('test.explain', `explain ${text}`), values)
  })
  t.notMatch(JSON.stringify(plan), /Seq Scan/)
  for (const index of ['movil_request_changed', 'device_ended', 'movil_request_device', 'device_pkey'])
    t.match(JSON.stringify(plan), index)
  await w.watch.close()
})

t.test('closed, it waits for the question under way and tells nobody any more', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const w = watched(s)
  await asked(s, loginWith())
  const { heard } = w.follow(phone.device)
  w.timers.advance(0)
  await w.watch.close()
  t.same([heard, w.timers.waiting()], [[], []])
  w.follow(phone.device)
  t.same(w.timers.waiting(), [])
})

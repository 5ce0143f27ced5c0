import t from 'tap'
import type { Standing } from '../../src/authentication/movil/contract.ts'
import { leaveRequest } from '../../src/authentication/movil/leave-request.ts'
import { openRound, tokenOf } from '../../src/authentication/movil/round.ts'
import { openScanned } from '../../src/authentication/movil/claim-request.ts'
import { watchRequests } from '../../src/authentication/movil/watch-requests.ts'
import { statement, type Sql } from '../../src/platform/index.ts'
import { testTimers } from '../support/timers.ts'
import { until } from '../support/until.ts'
import { activePhone, asked, callOf, decided, movilScene, requested, right, type MovilScene } from './movil-scene.ts'
import { loginWith } from './scene.ts'

const writtenAt = statement('test.written-at', 'update movil_request set changed_at = $2 where id = $1')

/** A watch whose time stands still until a question is asked, and a database that fails when told. */
function watched(s: MovilScene) {
  const timers = testTimers()
  const failures: unknown[] = []
  const [questions, ids]: [string[], (readonly string[])[]] = [[], []]
  let fails = false
  const rows: Sql['rows'] = async (one, values) => {
    questions.push(one.name)
    ids.push(values?.[1] as readonly string[])
    if (fails) throw new Error('no database')
    return s.db.rows(one, values)
  }
  const db: Sql = { rows, row: async (one, values) => (await rows(one, values))[0] }
  const watch = watchRequests({ db, clock: s.clock, timers, failed: (error) => void failures.push(error) })
  return {
    ...{ watch, timers, failures, questions, ids },
    breaks: (broken: boolean) => void (fails = broken),
    /** The next question, answered. */
    async round(times = 1) {
      for (let nth = 0; nth < times; nth += 1) {
        await until(() => timers.waiting().length > 0)
        const before = questions.length
        timers.advance(100)
        await until(() => questions.length > before && timers.waiting().length > 0)
      }
    },
  }
}

t.test('nothing is asked while nobody waits; then one question a tenth of a second for all', async (t) => {
  const s = await movilScene(t)
  const w = watched(s)
  t.same(w.timers.waiting(), [])
  const heard: Standing[][] = [[], [], []]
  const stops = heard.map((to, nth) => w.watch.follow(`request ${nth}`, (standing) => to.push(standing)))
  t.same(w.timers.waiting(), [100])
  await w.round(3)
  t.equal(w.questions.length, 3)
  t.same(w.ids[0], ['request 0', 'request 1', 'request 2'])
  t.same(w.ids[1], [], 'asked by its name once')
  t.same(heard, [[], [], []], 'nobody scanned')
  for (const stop of stops) stop()
  t.same(w.timers.waiting(), [])
  stops[0]?.()
  await w.watch.close()
})

t.test('every page hears of its own request, each change once, from whatever process it came', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const login = loginWith()
  const round = await openRound(s.parts, login)
  const w = watched(s)
  const heard: Standing[] = []
  const tab: Standing[] = []
  const others: Standing[] = []
  w.watch.follow(round.id, (standing) => heard.push(standing))
  w.watch.follow('another', (standing) => others.push(standing))
  await w.round()
  const scan = { token: tokenOf(s.parts, round), browser: undefined }
  const shown = right(await openScanned(s.parts, await callOf(s, phone), scan))
  await w.round(2)
  t.same(heard, ['scanned'])
  w.watch.follow(round.id, (standing) => tab.push(standing))
  await w.round()
  t.same(tab, ['scanned'], 'another page of the same login, too')
  t.equal(await decided(s, phone, shown, 'approve'), 'approve')
  await w.round(2)
  t.same([heard, tab, others], [['scanned', 'approved'], ['scanned', 'approved'], []])
  await w.watch.close()
})

t.test('denied, reported, replaced, left and by document: each is told', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const w = watched(s)
  const heard: Standing[] = []
  const follow = (id: string) => w.watch.follow(id, (standing) => heard.push(standing))
  const denied = await requested(s, phone)
  follow(denied.shown.id)
  await decided(s, phone, denied.shown, 'deny')
  await w.round()
  const replaced = await requested(s, phone)
  follow(replaced.shown.id)
  const reported = await requested(s, phone)
  await w.round()
  follow(reported.shown.id)
  await decided(s, phone, reported.shown, 'report')
  await w.round()
  const left = await requested(s, phone)
  follow(left.shown.id)
  await leaveRequest(s.parts, left.login, left.shown.id)
  await w.round()
  follow(right(await asked(s, loginWith())).request)
  await w.round()
  t.same(heard, ['denied', 'gone', 'reported', 'gone', 'waiting'])
  await w.watch.close()
})

t.test('what another process wrote earlier and committed later is found', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const w = watched(s)
  const { shown } = await requested(s, phone)
  const heard: Standing[] = []
  w.watch.follow(shown.id, (standing) => heard.push(standing))
  await w.round()
  s.clock.advance(60)
  await w.round()
  await decided(s, phone, shown, 'approve')
  await s.db.row(writtenAt, [shown.id, s.clock.in(-0.9)])
  await w.round()
  t.same(heard, ['scanned', 'approved'], 'a little later')
  const second = await requested(s, phone)
  w.watch.follow(second.shown.id, (standing) => heard.push(standing))
  await w.round()
  await decided(s, phone, second.shown, 'deny')
  await s.db.row(writtenAt, [second.shown.id, s.clock.in(-40)])
  await w.round()
  t.equal(heard.length, 3)
  await w.round(50)
  t.same(heard.slice(3), ['denied'], 'and much later within 5 s')
  await w.watch.close()
})

t.test('the end of its time is told within 5 s, and a clock set back loses nothing', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const w = watched(s)
  const { shown } = await requested(s, phone)
  const heard: Standing[] = []
  w.watch.follow(shown.id, (standing) => heard.push(standing))
  await w.round()
  s.clock.advance(s.parts.limits.movilLifetime)
  await w.round(50)
  t.same(heard, ['scanned', 'gone'])
  s.clock.advance(-3_600)
  const back = await requested(s, phone)
  w.watch.follow(back.shown.id, (standing) => heard.push(standing))
  await w.round()
  await decided(s, phone, back.shown, 'approve')
  await w.round()
  t.same(heard.slice(2), ['scanned', 'approved'])
  await w.watch.close()
})

t.test('a database that fails is asked again, is told of once, and nothing is lost', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const w = watched(s)
  const { shown } = await requested(s, phone)
  const heard: Standing[] = []
  w.breaks(true)
  w.watch.follow(shown.id, (standing) => heard.push(standing))
  await w.round(5)
  t.equal(w.failures.length, 1)
  s.clock.advance(30)
  await decided(s, phone, shown, 'approve')
  s.clock.advance(30)
  w.breaks(false)
  await w.round()
  t.same(heard, ['approved'])
  w.breaks(true)
  await w.round(2)
  t.equal(w.failures.length, 2, 'the next time again')
  await w.watch.close()
})

t.test('a page that cannot be told holds nobody up', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const w = watched(s)
  const { shown } = await requested(s, phone)
  const heard: Standing[] = []
  w.watch.follow(shown.id, () => {
    throw new Error('closed')
  })
  w.watch.follow(shown.id, (standing) => heard.push(standing))
  await w.round()
  t.same(heard, ['scanned'])
  t.equal(w.failures.length, 1)
  await w.watch.close()
})

t.test('closed, it waits for the question under way and tells nobody any more', async (t) => {
  const s = await movilScene(t)
  const phone = await activePhone(s)
  const w = watched(s)
  const { shown } = await requested(s, phone)
  const heard: Standing[] = []
  w.watch.follow(shown.id, (standing) => heard.push(standing))
  w.timers.advance(100)
  await w.watch.close()
  t.same([heard, w.timers.waiting()], [[], []])
  w.watch.follow(shown.id, (standing) => heard.push(standing))
  t.same(w.timers.waiting(), [])
})

import t from 'tap'
import { defaultLimits, makeLockout, sweepLockout, type Factor, type Failed } from '../../src/lockout/index.ts'
import { digestWith, openDb, statement } from '../../src/platform/index.ts'
import { testClock, type TestClock } from '../support/clock.ts'
import { testDatabase, type Teardown } from '../support/database.ts'

const digest = digestWith(Buffer.alloc(32, 1))
const limits = defaultLimits
const document = '99999999R'
const minutes = (count: number) => count * 60

async function scene(t: Teardown) {
  const { db, url } = await testDatabase(t)
  const clock = testClock()
  const lockout = makeLockout({ clock, digest, limits })
  const fail = async (times: number, factor: Factor = 'password', known = false): Promise<Failed | undefined> => {
    let last
    for (let time = 0; time < times; time++) last = await lockout.failed(db, factor, document, known)
    return last
  }
  const standing = (browser = 'a browser', factor: Factor = 'password') =>
    lockout.standing(db, document, browser, [factor])
  return { db, url, clock, lockout, fail, standing }
}
const secondsUntil = (clock: TestClock, at: Date | undefined) => at && (at.getTime() - clock.now().getTime()) / 1000

t.test(
  '5 wrong passwords refuse unknown browsers for 15 minutes, each further 5 for twice as long, 24 hours at most',
  async (t) => {
    const { clock, fail, standing } = await scene(t)
    t.same(await fail(1), { failures: 1, left: 4, refusedUntil: undefined, blocked: false })
    t.match(await fail(3), { failures: 4, left: 1 })
    t.same(await standing(), { known: false, refusedUntil: undefined })
    for (const expected of [15, 30, 60, 120, 240, 480, 960, 1440, 1440]) {
      const last = await fail(expected === 15 ? 1 : 5)
      t.equal(secondsUntil(clock, last?.refusedUntil), minutes(expected), `${expected} minutes`)
      t.match(last, { left: 0, blocked: false })
      t.same((await standing()).refusedUntil, last?.refusedUntil)
      clock.advance(minutes(expected) - 1)
      t.ok((await standing()).refusedUntil, 'a second before the end')
      clock.advance(1)
      t.equal((await standing()).refusedUntil, undefined, 'at the end')
    }
  },
)

t.test(
  'knowing a DNI is not enough to block its owner: a known browser is refused for its own failures only',
  async (t) => {
    const { db, lockout, fail, standing } = await scene(t)
    t.equal(await lockout.completed(db, document, 'at home', false, ['password']), true)
    t.match(await fail(25), { failures: 25, blocked: false })
    t.match(await standing('elsewhere'), { known: false, refusedUntil: Date })
    t.same(await standing('at home'), { known: true, refusedUntil: undefined })
  },
)

t.test('5 wrong passwords from a known browser block the password; guessing on at it is refused', async (t) => {
  const { db, clock, lockout, fail, standing } = await scene(t)
  await lockout.completed(db, document, 'at home', false, [])
  t.match(await fail(4, 'password', true), { blocked: false, left: 1 })
  t.match(await fail(1, 'password', true), { blocked: true, left: 0, refusedUntil: undefined })
  t.match(await fail(4, 'password', true), { blocked: false, refusedUntil: undefined })
  const last = await fail(1, 'password', true)
  t.match(last, { blocked: false })
  t.equal(secondsUntil(clock, last?.refusedUntil), minutes(15))
  t.ok((await standing('at home')).refusedUntil)
  t.equal((await standing('elsewhere')).refusedUntil, undefined, 'others are counted apart')
})

t.test('there is nothing to block of contrast and code: known browsers are refused', async (t) => {
  const { clock, fail } = await scene(t)
  t.equal(secondsUntil(clock, (await fail(5, 'contrast', true))?.refusedUntil), minutes(15))
  t.equal((await fail(8, 'code', true))?.refusedUntil, undefined)
  t.equal(secondsUntil(clock, (await fail(1, 'code', true))?.refusedUntil), minutes(15))
})

t.test('each factor is counted for itself, and a refusal of any asked for is told, the longest', async (t) => {
  const { db, clock, lockout, fail } = await scene(t)
  await fail(4)
  await fail(10, 'contrast')
  t.equal((await lockout.standing(db, document, 'a browser', ['password', 'code'])).refusedUntil, undefined)
  const { refusedUntil } = await lockout.standing(db, document, 'a browser', ['password', 'contrast'])
  t.equal(secondsUntil(clock, refusedUntil), minutes(30))
})

t.test('a document that nobody has is counted alike', async (t) => {
  const { db, lockout } = await scene(t)
  for (const failures of [1, 2, 3, 4])
    t.match(await lockout.failed(db, 'contrast', '00000000T', false), { failures, left: 5 - failures })
  t.match(await lockout.failed(db, 'contrast', '00000000T', false), { failures: 5, refusedUntil: Date })
  t.match(await lockout.standing(db, '00000000T', 'a browser', ['contrast']), { known: false, refusedUntil: Date })
})

t.test('a success forgets the factors used, on the side of its browser, and nothing else', async (t) => {
  const { db, lockout, fail } = await scene(t)
  const counts = async () => {
    const row = (factor: Factor, known: boolean) => lockout.failed(db, factor, document, known)
    return [await row('password', false), await row('code', false), await row('password', true)].map(
      ({ failures }) => failures,
    )
  }
  await fail(3)
  await fail(2, 'code')
  await fail(1, 'password', true)
  t.equal(await lockout.completed(db, document, 'a browser', false, ['password']), true)
  t.same(await counts(), [1, 3, 2], 'the password from unknown browsers')
  t.equal(await lockout.completed(db, document, 'a browser', true, ['password', 'code']), true)
  t.same(await counts(), [2, 4, 1], 'the password from known browsers')
})

t.test(
  'a success that comes after the refusal began is not heard: nothing is forgotten, no browser is known',
  async (t) => {
    const { db, clock, lockout, fail, standing } = await scene(t)
    await fail(5)
    t.equal(await lockout.completed(db, document, 'a browser', false, ['password']), false)
    t.match(await standing(), { known: false, refusedUntil: Date })
    clock.advance(minutes(15))
    t.equal(await lockout.completed(db, document, 'a browser', false, ['password']), true)
    t.same(await standing(), { known: true, refusedUntil: undefined })
    t.match(await fail(1), { failures: 1 })
  },
)

t.test(
  'a password is blocked until a new one is set, which begins anew on the known side: also while that refuses; the unknown side and the other factors go on',
  async (t) => {
    const { db, clock, lockout, fail, standing } = await scene(t)
    await lockout.completed(db, document, 'at home', false, [])
    await fail(3, 'code', true)
    await fail(5)
    await fail(10, 'password', true)
    t.match(await standing('at home'), { known: true, refusedUntil: Date })
    await lockout.replaced(db, 'password', document)
    t.same(await standing('at home'), { known: true, refusedUntil: undefined })
    t.match(await fail(4, 'password', true), { failures: 4, left: 1, blocked: false })
    t.match(await fail(1, 'password', true), { blocked: true, refusedUntil: undefined }, 'blocked as the first one was')
    t.match(await fail(1, 'code', true), { failures: 4 })
    t.ok((await standing('elsewhere')).refusedUntil, 'strangers win no tries by it')
    t.equal(secondsUntil(clock, (await fail(5))?.refusedUntil), minutes(30), 'nor the short refusal')
  },
)

t.test('50 failures at once are counted as exactly 50, and exactly one blocks', async (t) => {
  const { db, lockout } = await scene(t)
  const all = await Promise.all(Array.from({ length: 50 }, () => lockout.failed(db, 'password', document, true)))
  const counted = all.map(({ failures }) => failures).sort((one, other) => one - other)
  t.same(
    counted,
    Array.from({ length: 50 }, (_, index) => index + 1),
  )
  t.equal(all.filter(({ blocked }) => blocked).length, 1)
})

t.test('of successes and failures at once none is half done', async (t) => {
  const { db, lockout } = await scene(t)
  for (const one of Array.from({ length: 10 }, (_, round) => `0000000${round}T`)) {
    const fail = () => lockout.failed(db, 'password', one, false)
    for (let time = 0; time < 4; time++) await fail()
    const browsers = ['a', 'b', 'c', 'd', 'e']
    const successes = browsers.map((browser) => lockout.completed(db, one, browser, false, ['password']))
    const [heard] = await Promise.all([Promise.all(successes), fail(), fail(), fail()])
    for (const [index, browser] of browsers.entries()) {
      t.equal((await lockout.standing(db, one, browser, [])).known, heard[index], 'heard and remembered, or neither')
    }
  }
})

t.test('a browser is known to the citizen whose login it completed, and to no other', async (t) => {
  const { db, lockout, standing } = await scene(t)
  await lockout.completed(db, document, 'a browser', false, [])
  t.equal((await standing()).known, true)
  t.equal((await lockout.standing(db, '99999998T', 'a browser', [])).known, false)
})

t.test('old failures and browsers are forgotten, a refusal that lasts is not', async (t) => {
  const { db, clock, lockout, fail, standing } = await scene(t)
  await fail(4)
  await lockout.completed(db, document, 'a browser', true, [])
  clock.advance(limits.failureMemory)
  await sweepLockout(db, { clock, limits })
  t.match(await fail(1), { failures: 5 }, 'not older than the memory')
  clock.advance(limits.failureMemory + 1)
  await sweepLockout(db, { clock, limits })
  t.match(await fail(1), { failures: 1 })
  t.equal((await standing()).known, false, 'two years on')
})

t.test('neither document nor cookie is in the tables', async (t) => {
  const { db, fail, lockout } = await scene(t)
  await fail(1)
  await lockout.completed(db, document, 'a digest', false, [])
  const subjects = statement<{ subject: string }>(
    'test.subjects',
    'select subject from failure union all select subject from known_browser',
  )
  const rows = await db.rows(subjects)
  t.equal(rows.length, 2)
  for (const { subject } of rows) t.match(subject, /^[\w-]{43}$/)
})

t.test('asking the standing, counting a failure and completing are one statement each', async (t) => {
  const { url, clock } = await scene(t)
  const seen: string[] = []
  const db = openDb({ url, observe: (name) => seen.push(name) })
  t.teardown(() => db.close())
  const lockout = makeLockout({ clock, digest, limits })
  await lockout.standing(db, document, 'a browser', ['contrast', 'code'])
  await lockout.failed(db, 'code', document, false)
  await lockout.completed(db, document, 'a browser', false, ['contrast', 'code'])
  t.same(seen, ['known-browser.standing', 'failure.count', 'known-browser.complete-unflushed'])
})

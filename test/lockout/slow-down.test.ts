import t from 'tap'
import { defaultLimits, makeSlowDown, type Limits } from '../../src/lockout/index.ts'
import { networkOf } from '../../src/lockout/slow-down.ts'
import { digestWith, postgresStore, systemRandom, type EphemeralStore } from '../../src/platform/index.ts'
import { testClock } from '../support/clock.ts'
import { testDatabase, type Teardown } from '../support/database.ts'

const digest = digestWith(Buffer.alloc(32, 1))

async function scene(t: Teardown, change: Partial<Limits> = {}) {
  const { db } = await testDatabase(t)
  const clock = testClock()
  const calls: string[] = []
  const real = postgresStore({ db, clock, random: systemRandom })
  const store: EphemeralStore = { ...real, count: (key, seconds) => (calls.push(key), real.count(key, seconds)) }
  const limits = { ...defaultLimits, ...change }
  const instance = () => {
    const waits: number[] = []
    return { waits, slowDown: makeSlowDown({ store, clock, digest, limits, wait: async (ms) => void waits.push(ms) }) }
  }
  return { clock, calls, instance, ...instance() }
}

t.test('an address with many failures is held, the longer the more, and never refused', async (t) => {
  const { slowDown, waits } = await scene(t, { addressFailures: 3, slowStep: 100, slowLongest: 250 })
  for (let failure = 1; failure <= 7; failure++) {
    await slowDown.check('192.0.2.1', 'aeat')
    await slowDown.failed('192.0.2.1', 'aeat')
  }
  t.same(waits, [100, 200, 250])
  await slowDown.check('192.0.2.2', 'aeat')
  t.equal(waits.length, 3, 'another address is not held')
})

t.test('an agency, and everybody, are held by their own windows', async (t) => {
  const agency = await scene(t, { agencyFailures: 1, slowStep: 10 })
  await agency.slowDown.failed('192.0.2.1', 'aeat')
  await agency.slowDown.failed('192.0.2.2', 'aeat')
  await agency.slowDown.check('192.0.2.3', 'dgt')
  t.same(agency.waits, [])
  await agency.slowDown.check('192.0.2.3', 'aeat')
  t.same(agency.waits, [10])
  const all = await scene(t, { overallFailures: 1, slowStep: 10 })
  await all.slowDown.failed('192.0.2.1', 'aeat')
  await all.slowDown.failed('192.0.2.2', 'dgt')
  await all.slowDown.check('192.0.2.3', 'sepe')
  t.same(all.waits, [10])
})

t.test('the window ends', async (t) => {
  const { clock, slowDown, waits } = await scene(t, { addressFailures: 1 })
  await slowDown.failed('192.0.2.1', 'aeat')
  await slowDown.failed('192.0.2.1', 'aeat')
  clock.advance(defaultLimits.slowWindow)
  await slowDown.check('192.0.2.1', 'aeat')
  t.same(waits, [])
})

t.test('instances count together: each learns with its first failure', async (t) => {
  const { instance, slowDown } = await scene(t, { addressFailures: 2 })
  await slowDown.failed('192.0.2.1', 'aeat')
  await slowDown.failed('192.0.2.1', 'aeat')
  const other = instance()
  await other.slowDown.check('192.0.2.1', 'aeat')
  t.same(other.waits, [])
  await other.slowDown.failed('192.0.2.1', 'aeat')
  await other.slowDown.check('192.0.2.1', 'aeat')
  t.same(other.waits, [defaultLimits.slowStep])
})

t.test('a login without failures asks the store nothing, and no key holds an address', async (t) => {
  const { calls, slowDown } = await scene(t)
  await slowDown.check('192.0.2.1', 'aeat')
  t.same(calls, [])
  await slowDown.failed('192.0.2.1', 'aeat')
  t.equal(calls.length, 3)
  t.notMatch(calls.join(), '192.0.2')
})

t.test('one subscriber of IPv6 is one address', async (t) => {
  const same = ['2001:db8:1:2::1', '2001:0DB8:0001:0002:ffff::', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::1%eth0']
  t.equal(new Set(same.map(networkOf)).size, 1)
  t.not(networkOf('2001:db8:1:3::1'), networkOf('2001:db8:1:2::1'))
  t.equal(networkOf('::ffff:192.0.2.1'), '192.0.2.1')
  t.equal(networkOf('::1'), '0:0:0:0::/64')
  t.equal(networkOf('192.0.2.1'), '192.0.2.1')
})

import type { Test } from 'tap'
import type { EphemeralStore } from '../../src/platform/index.ts'
import type { TestClock } from '../support/clock.ts'

export interface StoreUnderTest {
  readonly store: EphemeralStore
  readonly clock: TestClock
}

/** What every driver of the ephemeral store keeps to. `open` gives an empty store for each test. */
export async function storeContract(t: Test, open: (t: Test) => Promise<StoreUnderTest>): Promise<void> {
  await t.test('what was set is read until its deadline, and not at it', async (t) => {
    const { store, clock } = await open(t)
    const expires = clock.in(60)
    await store.set('a', { n: 1, text: 'ñ\u0000"\n', list: [true, null] }, expires)
    t.match(await store.get('a'), { value: { n: 1, text: 'ñ\u0000"\n', list: [true, null] }, expires })
    clock.advance(59)
    t.ok(await store.get('a'))
    clock.advance(1)
    t.equal(await store.get('a'), undefined)
    t.equal(await store.get('never'), undefined)
  })

  await t.test('set replaces, with another revision', async (t) => {
    const { store, clock } = await open(t)
    await store.set('a', 1, clock.in(60))
    const first = await store.get('a')
    await store.set('a', 2, clock.in(90))
    const second = await store.get('a')
    t.match(second, { value: 2, expires: clock.in(90) })
    t.not(second?.revision, first?.revision)
  })

  await t.test('add writes only where nothing alive is', async (t) => {
    const { store, clock } = await open(t)
    t.equal(await store.add('a', 1, clock.in(60)), true)
    t.equal(await store.add('a', 2, clock.in(60)), false)
    t.match(await store.get('a'), { value: 1 })
    clock.advance(60)
    t.equal(await store.add('a', 3, clock.in(60)), true, 'past its deadline nothing is there')
    t.match(await store.get('a'), { value: 3 })
  })

  await t.test('of 50 adders at once one wins', async (t) => {
    const { store, clock } = await open(t)
    const won = await fifty((i) => store.add('a', i, clock.in(60)))
    t.equal(won.filter(Boolean).length, 1)
    t.match(await store.get('a'), { value: won.indexOf(true) })
  })

  await t.test('swap writes only over the revision that was read', async (t) => {
    const { store, clock } = await open(t)
    await store.set('a', 1, clock.in(60))
    const read = await store.get('a')
    const next = await store.swap('a', read?.revision ?? '', 2, clock.in(120))
    t.type(next, 'string')
    t.match(await store.get('a'), { value: 2, revision: next, expires: clock.in(120) })
    t.equal(await store.swap('a', read?.revision ?? '', 3, clock.in(60)), undefined, 'the old revision is over')
    t.equal(await store.swap('never', 'x', 3, clock.in(60)), undefined)
    clock.advance(120)
    t.equal(await store.swap('a', next ?? '', 3, clock.in(60)), undefined, 'past its deadline nothing is there')
  })

  await t.test('a revision of an entry that was dropped does not fit the next one of the same key', async (t) => {
    const { store, clock } = await open(t)
    await store.set('a', 1, clock.in(60))
    const read = await store.get('a')
    await store.delete('a')
    await store.set('a', 1, clock.in(60))
    t.equal(await store.swap('a', read?.revision ?? '', 2, clock.in(60)), undefined)
  })

  await t.test('of 50 swaps at once over one revision one wins', async (t) => {
    const { store, clock } = await open(t)
    await store.set('a', 'start', clock.in(60))
    const { revision = '' } = (await store.get('a')) ?? {}
    const won = await fifty((i) => store.swap('a', revision, i, clock.in(60)))
    const winners = won.flatMap((each, i) => (each === undefined ? [] : [i]))
    t.equal(winners.length, 1)
    t.match(await store.get('a'), { value: winners[0], revision: won[winners[0] ?? 0] })
  })

  await t.test('take reads and removes', async (t) => {
    const { store, clock } = await open(t)
    await store.set('a', { n: 1 }, clock.in(60))
    t.same(await store.take('a'), { n: 1 })
    t.equal(await store.take('a'), undefined)
    await store.set('b', 1, clock.in(60))
    clock.advance(60)
    t.equal(await store.take('b'), undefined, 'past its deadline nothing is there')
  })

  await t.test('of 50 takers at once one gets the value', async (t) => {
    const { store, clock } = await open(t)
    await store.set('a', 'value', clock.in(60))
    const taken = await fifty(() => store.take('a'))
    t.same(
      taken.filter((each) => each !== undefined),
      ['value'],
    )
  })

  await t.test('delete removes, and nothing is no error', async (t) => {
    const { store, clock } = await open(t)
    await store.set('a', 1, clock.in(60))
    await store.delete('a')
    await store.delete('a')
    t.equal(await store.get('a'), undefined)
  })

  await groups(t, open)
  await windows(t, open)

  await t.test('sweeping removes what is past its deadline and nothing else', async (t) => {
    const { store, clock } = await open(t)
    await store.set('old', 1, clock.in(10))
    await store.set('young', 1, clock.in(1000))
    await store.count('old', 10)
    clock.advance(10)
    await store.sweep()
    clock.advance(-10)
    if (store.driver === 'postgres') t.equal(await store.get('old'), undefined)
    t.match(await store.get('young'), { value: 1 })
  })

  await t.test('clearing leaves nothing', async (t) => {
    const { store, clock } = await open(t)
    await store.set('a', 1, clock.in(60), ['g'])
    await store.count('a', 60)
    await store.clear()
    t.equal(await store.get('a'), undefined)
    t.same(await store.listGroup('g'), [])
    t.match(await store.count('a', 60), { count: 1 })
  })

  await t.test('it answers', async (t) => {
    const { store } = await open(t)
    t.equal(await store.ping(), undefined)
  })
}

async function groups(t: Test, open: (t: Test) => Promise<StoreUnderTest>): Promise<void> {
  await t.test('a group lists its alive entries and is dropped at once', async (t) => {
    const { store, clock } = await open(t)
    await store.set('a', 1, clock.in(60), ['g', 'h'])
    t.equal(await store.add('b', 2, clock.in(600), ['g']), true)
    await store.set('c', 3, clock.in(600), ['h'])
    await store.set('d', 4, clock.in(600))
    const list = async (group: string) => (await store.listGroup(group)).map(({ key, value }) => [key, value]).sort()
    t.same(await list('g'), [
      ['a', 1],
      ['b', 2],
    ])
    t.match(
      (await store.listGroup('g')).find(({ key }) => key === 'a'),
      (await store.get('a')) ?? {},
    )
    clock.advance(60)
    t.same(await list('g'), [['b', 2]])
    await store.deleteGroup('g')
    t.same(await list('g'), [])
    t.equal(await store.get('b'), undefined)
    t.same(await list('h'), [['c', 3]])
    t.match(await store.get('d'), { value: 4 })
  })

  await t.test('an entry stays in its groups when swapped, and leaves them when set without', async (t) => {
    const { store, clock } = await open(t)
    await store.set('a', 1, clock.in(60), ['g'])
    await store.swap('a', (await store.get('a'))?.revision ?? '', 2, clock.in(90))
    t.match(await store.listGroup('g'), [{ key: 'a', value: 2 }])
    await store.set('a', 3, clock.in(60))
    t.same(await store.listGroup('g'), [])
    await store.deleteGroup('g')
    t.match(await store.get('a'), { value: 3 })
  })

  await t.test('taken and deleted entries are in no group', async (t) => {
    const { store, clock } = await open(t)
    await store.set('a', 1, clock.in(60), ['g'])
    await store.set('b', 2, clock.in(60), ['g'])
    await store.take('a')
    await store.delete('b')
    t.same(await store.listGroup('g'), [])
  })
}

async function windows(t: Test, open: (t: Test) => Promise<StoreUnderTest>): Promise<void> {
  await t.test('a counter counts within a window that starts at its first count', async (t) => {
    const { store, clock } = await open(t)
    const ends = clock.in(60)
    t.same(await store.count('a', 60), { count: 1, ends })
    clock.advance(59)
    t.same(await store.count('a', 60), { count: 2, ends })
    clock.advance(1)
    t.same(await store.count('a', 60), { count: 1, ends: clock.in(60) }, 'the window ended')
    t.match(await store.count('b', 60), { count: 1 })
  })

  await t.test('50 counts at once are 50, each number once', async (t) => {
    const { store } = await open(t)
    const counts = (await fifty(() => store.count('a', 60))).map(({ count }) => count)
    t.same(
      counts.toSorted((a, b) => a - b),
      Array.from({ length: 50 }, (_, i) => i + 1),
    )
  })

  await t.test('a counter and an entry of the same key are two things', async (t) => {
    const { store, clock } = await open(t)
    await store.set('a', 'value', clock.in(60))
    t.match(await store.count('a', 60), { count: 1 })
    t.match(await store.get('a'), { value: 'value' })
  })
}

const fifty = <T>(work: (i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: 50 }, (_, i) => work(i)))

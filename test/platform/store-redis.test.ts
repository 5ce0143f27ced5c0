import { Redis } from 'ioredis'
import t from 'tap'
import { redisStore, StoreUnreachable, systemRandom } from '../../src/platform/index.ts'
import { testClock } from '../support/clock.ts'
import { findTool, need } from '../support/need.ts'
import { breakable } from '../support/proxy.ts'
import { startRedis } from '../support/redis-server.ts'
import { testRedis } from '../support/redis.ts'
import { storeContract } from './store-contract.ts'

const skip = need('redis-server')

t.test('the contract of the ephemeral store, on Redis', { skip }, (t) =>
  storeContract(t, async (t) => {
    const clock = testClock()
    const store = await redisStore({ url: await testRedis(t), clock, random: systemRandom })
    t.teardown(() => store.close())
    return { store, clock }
  }),
)

t.test('Redis itself forgets ten minutes after the deadline, wherever the clock stands', { skip }, async (t) => {
  const url = await testRedis(t)
  const clock = testClock(new Date('2040-01-01T00:00:00Z'))
  const store = await redisStore({ url, clock, random: systemRandom })
  const redis = new Redis(url)
  t.teardown(() => Promise.all([store.close(), redis.quit()]))
  const grace = 10 * 60
  await store.set('alone', 1, clock.in(60))
  await store.add('added', 1, clock.in(60))
  await store.set('grouped', 1, clock.in(60), ['g'])
  await store.set('longer', 1, clock.in(600), ['g'])
  await store.swap('grouped', (await store.get('grouped'))?.revision ?? '', 2, clock.in(120))
  await store.count('window', 60)
  const left = Object.fromEntries(
    await Promise.all((await redis.keys('*')).map(async (key) => [key, await redis.pttl(key)] as const)),
  )
  const expected = { 'e:alone': 60, 'e:added': 60, 'e:grouped': 120, 'e:longer': 600, 'g:g': 600, 'w:window': 60 }
  t.equal(Object.keys(left).length, Object.keys(expected).length)
  for (const [key, seconds] of Object.entries(expected)) {
    const milliseconds = left[`clave:${key}`] ?? 0
    t.ok(
      milliseconds > (seconds + grace - 30) * 1000 && milliseconds <= (seconds + grace) * 1000,
      `${key}: ${milliseconds}`,
    )
  }
})

t.test('two services share one Redis under prefixes of their own', { skip }, async (t) => {
  const url = await testRedis(t)
  const clock = testClock()
  const [one, other] = await Promise.all(
    ['one:', 'other:'].map((prefix) => redisStore({ url, clock, random: systemRandom, prefix })),
  )
  t.teardown(() => Promise.all([one?.close(), other?.close()]))
  await one?.set('a', 1, clock.in(60), ['g'])
  t.equal(await other?.get('a'), undefined)
  t.same(await other?.listGroup('g'), [])
  await other?.clear()
  t.match(await one?.get('a'), { value: 1 })
})

t.test('a lost connection is told at once, and mends itself', { skip }, async (t) => {
  const proxy = await breakable(t, await testRedis(t))
  const clock = testClock()
  const lost: Error[] = []
  const store = await redisStore({
    url: proxy.url,
    clock,
    random: systemRandom,
    onConnectionLost: (error) => lost.push(error),
  })
  t.teardown(() => store.close())
  await store.set('a', 1, clock.in(60))
  const waiting = store.get('a')
  proxy.cut()
  await t.rejects(Promise.all([waiting, store.get('a')]), StoreUnreachable)
  await t.rejects(store.take('a'), StoreUnreachable)
  await t.rejects(store.count('a', 60), {
    name: 'StoreUnreachable',
    message: /ephemeral store \(redis\) does not answer/,
  })
  await t.rejects(redisStore({ url: proxy.url, clock, random: systemRandom }), StoreUnreachable)
  proxy.mend()
  while (
    await store.ping().then(
      () => false,
      () => true,
    )
  )
    await new Promise((resolve) => setTimeout(resolve, 20))
  t.match(await store.get('a'), { value: 1 })
  t.ok(lost.length > 0)
})

t.test('a Redis that is full is one that does not answer: 503, and not ready', { skip }, async (t) => {
  const server = await startRedis(findTool('redis-server') ?? '', t.testdir({}))
  t.teardown(() => server.stop())
  const store = await redisStore({ url: server.url, clock: testClock(), random: systemRandom })
  const redis = new Redis(server.url)
  t.teardown(() => Promise.all([store.close(), redis.quit()]))
  await store.ping()
  await redis.config('SET', 'maxmemory', '1kb')
  const full = { name: 'StoreUnreachable', statusCode: 503 }
  await t.rejects(store.set('a', 1, new Date('2100-01-01')), full)
  await t.rejects(store.add('a', 1, new Date('2100-01-01')), full)
  await t.rejects(store.ping(), full)
})

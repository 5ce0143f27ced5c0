import t from 'tap'
import { openDb, postgresStore, StoreUnreachable, systemRandom } from '../../src/platform/index.ts'
import { testClock } from '../support/clock.ts'
import { testDatabase } from '../support/database.ts'
import { breakable } from '../support/proxy.ts'
import { storeContract } from './store-contract.ts'

t.test('the contract of the ephemeral store, on PostgreSQL', (t) =>
  storeContract(t, async (t) => {
    const { db } = await testDatabase(t)
    const clock = testClock()
    return { store: postgresStore({ db, clock, random: systemRandom }), clock }
  }),
)

t.test('a lost connection is told at once, and mends itself', async (t) => {
  const { url } = await testDatabase(t)
  const proxy = await breakable(t, url)
  const db = openDb({ url: proxy.url, size: 2 })
  t.teardown(() => db.close())
  const clock = testClock()
  const store = postgresStore({ db, clock, random: systemRandom })
  await store.set('a', 1, clock.in(60))
  proxy.cut()
  await t.rejects(store.get('a'), StoreUnreachable)
  await t.rejects(store.ping(), { name: 'StoreUnreachable', message: /ephemeral store \(postgres\) does not answer/ })
  proxy.mend()
  t.match(await store.get('a'), { value: 1 })
})

t.test('what PostgreSQL refuses is not called a lost connection', async (t) => {
  const { db } = await testDatabase(t)
  const store = postgresStore({ db, clock: testClock(), random: systemRandom })
  await t.rejects(store.get('a\u0000b'), { name: 'error', code: '22021' })
})

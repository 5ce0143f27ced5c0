import t, { type Test } from 'tap'
import { openDb, quickStatement, statement, type Db } from '../../src/platform/index.ts'
import { testDatabase, type Teardown } from '../support/database.ts'
import { breakable } from '../support/proxy.ts'
import { until } from '../support/until.ts'

const insert = statement<{ id: string }>(
  'test.insert',
  `insert into once (kind, id, expires) values ('test', $1, 'epoch') returning id`,
)
const count = statement<{ n: number }>('test.count', `select count(*) as n from once where kind = 'test'`)
const lock = statement('test.lock', `select from once where id = 'a' for update`)
const slow = statement('test.slow', 'select pg_sleep(10)')
const wrong = statement('test.wrong', 'select 1 / 0')
const quick = quickStatement('test.quick', 'select')
const backend = statement<{ pid: number }>('test.backend', 'select pg_backend_pid() as pid')
const asksAfter = statement<{ idle: string; unheard: string }>(
  'test.asks-after',
  `select current_setting('tcp_keepalives_idle') as idle, current_setting('tcp_user_timeout') as unheard`,
)
const terminate = statement('test.terminate', 'select pg_terminate_backend($1)')
/** Fails as HTTP answers with 503. */
const failsAway = async (t: Test, work: Promise<unknown>) =>
  t.match(await work.catch((error: unknown) => error), { statusCode: 503 })
const heard = [() => true, () => false] as const
const inserted = async (db: Db) => (await db.row(count))?.n

async function watched(t: Teardown, options: { statementTimeout?: number; lockTimeout?: number } = {}) {
  const { url } = await testDatabase(t)
  const seen: string[] = []
  const db = openDb({ url, size: 2, observe: (name) => seen.push(name), ...options })
  t.teardown(() => db.close())
  return { db, seen, url }
}

t.test('calendar days stay text, bigint is a number, instants are dates, json is parsed', async (t) => {
  const { db } = await testDatabase(t)
  const row = await db.row(
    statement(
      'test.types',
      `select date '2031-06-30' as day, 7::bigint as big, timestamptz 'epoch' as at, '{"a":[1]}'::jsonb as json`,
    ),
  )
  t.same(row, { day: '2031-06-30', big: 7, at: new Date(0), json: { a: [1] } })
})

t.test('a transaction commits what it did, and its statements are seen by name', async (t) => {
  const { db, seen } = await watched(t)
  t.equal(await db.transaction(async (tx) => (await tx.row(insert, ['a']))?.id), 'a')
  t.same(seen, ['begin', 'test.insert', 'commit'])
  t.equal(await inserted(db), 1)
})

t.test('a transaction rolls back when its work throws, and the connection stays usable', async (t) => {
  const { db, seen } = await watched(t)
  const work = db.transaction(async (tx) => {
    await tx.row(insert, ['a'])
    throw new Error('thought better of it')
  })
  await t.rejects(work, { message: 'thought better of it' })
  t.same(seen, ['begin', 'test.insert', 'rollback'])
  t.equal(await inserted(db), 0)
})

t.test('a transaction whose failed statement was swallowed does not pretend to have committed', async (t) => {
  const { db } = await watched(t)
  const work = db.transaction(async (tx) => {
    await tx.row(insert, ['a'])
    await tx.row(wrong).catch(() => {})
  })
  await t.rejects(work, { message: /Nothing was committed/ })
  t.equal(await inserted(db), 0)
})

t.test('a statement after the end of its transaction is refused', async (t) => {
  const { db } = await watched(t)
  const tx = await db.transaction(async (tx) => tx)
  await t.rejects(tx.row(insert, ['a']), { message: /test.insert came after the end/ })
  t.equal(await inserted(db), 0)
})

t.test('together: one transaction, all or nothing', async (t) => {
  const { db, seen } = await watched(t)
  const [a, b] = await db.together((tx) => [tx.row(insert, ['a']), tx.rows(insert, ['b'])])
  t.same([a, b], [{ id: 'a' }, [{ id: 'b' }]])
  t.same(seen, ['begin', 'test.insert', 'test.insert', 'commit'])
  await t.rejects(
    db.together((tx) => [tx.row(insert, ['c']), tx.row(wrong), tx.row(insert, ['d'])]),
    { message: 'division by zero' },
  )
  t.equal(await inserted(db), 2)
  const late = async (tx: Parameters<Parameters<Db['together']>[0]>[0]) => {
    await tx.row(insert, ['e'])
    return tx.row(insert, ['f'])
  }
  await t.rejects(
    db.together((tx) => [late(tx)]),
    { message: /came after the end/ },
  )
  await t.rejects(
    db.together((tx) => {
      void tx.row(insert, ['g'])
      throw new Error('thought better of it')
    }),
    { message: 'thought better of it' },
  )
  t.match(await db.row(statement('test.ids', `select string_agg(id, '' order by id) as ids from once`)), { ids: 'abe' })
})

t.test('a statement that takes too long is cancelled', async (t) => {
  const { db } = await watched(t, { statementTimeout: 50 })
  await t.rejects(db.rows(slow), { code: '57014' })
  await t.rejects(
    db.transaction((tx) => tx.rows(slow)),
    { code: '57014' },
  )
  t.equal(await inserted(db), 0)
})

t.test('a statement waits for a row lock only so long', async (t) => {
  const { db, url } = await watched(t, { lockTimeout: 50 })
  const other = openDb({ url, size: 1 })
  t.teardown(() => other.close())
  await db.row(insert, ['a'])
  await other.transaction(async (tx) => {
    await tx.rows(lock)
    await t.rejects(
      db.transaction((tx) => tx.rows(lock)),
      { code: '55P03' },
    )
  })
})

t.test('a statement that fails costs no connection', async (t) => {
  const { db } = await watched(t)
  const before = await db.row(backend)
  await t.rejects(db.rows(wrong), { code: '22012' })
  await t.rejects(
    db.transaction((tx) => tx.rows(wrong)),
    { code: '22012' },
  )
  t.same(await db.row(backend), before)
})

t.test('a connection that breaks inside a transaction fails it at once, and is replaced', async (t) => {
  const { url } = await testDatabase(t)
  const proxy = await breakable(t, url)
  const lost: Error[] = []
  const db = openDb({ url: proxy.url, size: 1, onConnectionLost: (error) => lost.push(error) })
  t.teardown(() => db.close())
  const work = db.transaction(async (tx) => {
    await tx.row(insert, ['a'])
    proxy.cut()
    await tx.row(insert, ['b'])
  })
  await failsAway(t, work)
  const idle = db.transaction(async () => {})
  await failsAway(t, idle)
  await failsAway(t, db.rows(quick))
  proxy.mend()
  t.equal(await inserted(db), 0)
  t.ok(lost.length > 0)
})

t.test('a connection on which nothing is answered any more is given up, and replaced', async (t) => {
  const { url } = await testDatabase(t)
  const proxy = await breakable(t, url)
  const lost: Error[] = []
  const options = { size: 2, answerTimeout: 200, connectionTimeout: 200 }
  const db = openDb({ url: proxy.url, ...options, onConnectionLost: (error) => lost.push(error) })
  t.teardown(() => db.close())
  await Promise.all([db.rows(count), db.rows(count)])
  proxy.swallow()
  const kinds = [
    () => db.rows(count),
    () => db.rows(quick),
    () => db.transaction((tx) => tx.rows(count)),
    () => db.together((tx) => [tx.rows(insert, ['a']), tx.rows(insert, ['b'])]),
  ]
  for (const kind of [...kinds, ...kinds]) await failsAway(t, kind())
  await Promise.all(kinds.map((kind) => failsAway(t, kind())))
  proxy.mend()
  // On a busy machine a connection may take longer than this test's limit.
  await until(() => db.rows(quick).then(...heard))
  t.equal(await inserted(db), 0)
  t.ok(lost.length >= 2)
})

t.test('who waits for the connection that is given up gets another', async (t) => {
  const { url } = await testDatabase(t)
  const proxy = await breakable(t, url)
  const db = openDb({ url: proxy.url, size: 1, answerTimeout: 200 })
  t.teardown(() => db.close())
  for (const act of [() => db.rows(count), () => db.rows(quick)]) {
    await act()
    proxy.swallow()
    const lost = failsAway(t, act())
    // Not in the same turn, for quick ones would share it.
    for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve))
    const waiting: Promise<unknown> = act()
    proxy.mend()
    await lost
    await t.resolves(waiting)
  }
})

t.test('PostgreSQL gives up a connection whose other end hears nothing', async (t) => {
  const { db } = await watched(t)
  t.same(await db.row(asksAfter), { idle: '10', unheard: '20000' })
})

t.test('a close gives up what is not answered', async (t) => {
  const { url } = await testDatabase(t)
  const proxy = await breakable(t, url)
  const db = openDb({ url: proxy.url, size: 2 })
  await Promise.all([db.rows(count), db.rows(count)])
  proxy.swallow()
  const work = db.transaction((tx) => tx.rows(count))
  const heard = failsAway(t, work)
  await db.close()
  await heard
})

t.test(
  'who waits too long for a connection, or whose connection is ended, hears that the database is away',
  async (t) => {
    const { url } = await testDatabase(t)
    const db = openDb({ url, size: 1, connectionTimeout: 20 })
    const other = openDb({ url, size: 1 })
    t.teardown(() => Promise.all([db.close(), other.close()]))
    const work = db.transaction(async (tx) => {
      const { pid } = (await tx.row(backend))!
      await failsAway(t, db.rows(count))
      await other.rows(terminate, [pid])
      await tx.rows(count)
    })
    await failsAway(t, work)
  },
)

t.test('a fault of the statement is not taken for one of the database', async (t) => {
  const { db } = await watched(t)
  const failed: unknown = await db.rows(wrong).catch((error: unknown) => error)
  t.notOk((failed as { statusCode?: number }).statusCode)
})

t.test('a statement name that PostgreSQL would cut off is refused', async (t) => {
  t.throws(() => statement('x'.repeat(64), 'select'), { message: /longer than 63 bytes/ })
})

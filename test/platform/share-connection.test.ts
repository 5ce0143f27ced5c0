import t from 'tap'
import { openDb, quickStatement, statement } from '../../src/platform/index.ts'
import { testDatabase, type Teardown } from '../support/database.ts'

const quick = quickStatement<{ pid: number }>('test.quick', 'select pg_backend_pid() as pid')
const plain = statement<{ pid: number }>('test.plain', 'select pg_backend_pid() as pid')
const wrong = quickStatement<{ pid: number }>('test.quick-wrong', 'select 1 / $1::int as pid')
const insert = quickStatement<{ id: string }>(
  'test.quick-insert',
  `insert into once (kind, id, expires) values ('test', $1, 'epoch') on conflict do nothing returning id`,
)

async function database(t: Teardown, size = 10) {
  const { url } = await testDatabase(t)
  const db = openDb({ url, size })
  t.teardown(() => db.close())
  return db
}

const differing = (pids: readonly (number | undefined)[]) => new Set(pids).size

t.test('quick statements begun in one turn share a connection, four at most', async (t) => {
  const db = await database(t)
  const ask = (count: number) => Promise.all(Array.from({ length: count }, async () => (await db.row(quick))?.pid))
  t.equal(differing(await ask(4)), 1)
  t.equal(differing(await ask(5)), 2)
  t.equal(differing(await ask(12)), 3)
  t.same(db.connections(), { open: 3, idle: 3, waiting: 0 }, 'and give it back')
})

t.test('every other statement has a connection to itself', async (t) => {
  const db = await database(t)
  const pids = await Promise.all([plain, plain, quick, quick].map(async (one) => (await db.row(one))?.pid))
  t.equal(differing(pids.slice(0, 3)), 3)
  t.equal(pids[2], pids[3])
})

t.test('one begun in a later turn waits for none of an earlier one', async (t) => {
  const db = await database(t)
  const first = db.row(quick)
  await new Promise((resolve) => setImmediate(resolve))
  const [one, other] = await Promise.all([first, db.row(quick)])
  t.not(one?.pid, undefined)
  t.not(other?.pid, undefined)
  t.equal(db.connections().waiting, 0)
})

t.test('one that fails fails alone: what its neighbours wrote stands', async (t) => {
  const db = await database(t)
  const told = await Promise.allSettled([db.row(insert, ['a']), db.row(wrong, [0]), db.row(insert, ['b'])])
  t.same(
    told.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
  t.equal(await db.row(insert, ['a']), undefined)
  t.equal(await db.row(insert, ['b']), undefined)
  t.same(db.connections().idle, db.connections().open)
})

t.test('nobody joins on a connection that was given back within the turn', async (t) => {
  const db = await database(t)
  const circular: Record<string, unknown> = {}
  circular['self'] = circular
  await db.row(quick)
  let turnIsOver = false
  setImmediate(() => (turnIsOver = true))
  const refused = await db.row(insert, [circular]).catch(String)
  t.match(refused, /circular/)
  t.notOk(turnIsOver)
  const inTransaction = db.transaction(async (tx) => (await tx.row(plain))?.pid)
  const pids = await Promise.all([inTransaction, db.row(quick).then((row) => row?.pid)])
  t.equal(differing(pids), 2)
})

t.test('of many that would write the same one does', async (t) => {
  const db = await database(t)
  const rows = await Promise.all(Array.from({ length: 50 }, () => db.row(insert, ['once'])))
  t.equal(rows.filter(Boolean).length, 1)
})

t.test('where all connections are busy they wait for one, together', async (t) => {
  const db = await database(t, 1)
  const held = db.transaction(async (tx) => {
    await tx.row(plain)
    const waiting = Promise.all([db.row(quick), db.row(quick), db.row(quick)])
    await new Promise((resolve) => setImmediate(resolve))
    t.equal(db.connections().waiting, 1)
    return { waiting }
  })
  const { waiting } = await held
  t.equal(differing((await waiting).map((row) => row?.pid)), 1)
})

t.test('without PostgreSQL each is refused, and so is the next', async (t) => {
  const db = openDb({ url: 'postgres://127.0.0.1:1/none', connectionTimeout: 500 })
  t.teardown(() => db.close())
  for (const turn of ['first', 'second']) {
    const told = await Promise.allSettled([db.row(quick), db.row(quick)])
    t.same(
      told.map(({ status }) => status),
      ['rejected', 'rejected'],
      turn,
    )
  }
  t.equal(db.connections().waiting, 0)
})

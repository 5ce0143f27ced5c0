import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { onceIn, openDb, quickStatement, statement, unflushed, withoutFlush } from '../../src/platform/index.ts'
import { startEmbeddedPostgres, wipe } from '../../src/sandbox/embedded-postgres.ts'
import { testDatabase } from '../support/database.ts'
import { until } from '../support/until.ts'

const setting = `current_setting('synchronous_commit') as setting`
const waits = quickStatement<{ setting: string }>('test.waits', `select ${setting}`)
const waitsNot = unflushed(
  quickStatement<{ setting: string }>(
    'test.waits-not',
    // Within one statement the setting is read after it was made, where the condition stands below.
    `select ${setting} from (select where ${withoutFlush} offset 0) as first`,
  ),
)

t.test('only the commit of the statement itself does not wait for the disk', async (t) => {
  const { url } = await testDatabase(t)
  const waiting = new URL(url)
  waiting.searchParams.set('options', '-c synchronous_commit=on')
  const db = openDb({ url: waiting.href, size: 1 })
  t.teardown(() => db.close())
  // On one connection, and each for itself though they travel together.
  const said = await Promise.all([db.row(waits), db.row(waitsNot), db.row(waits), db.row(waitsNot)])
  t.same(
    said.map((row) => row?.setting),
    ['on', 'off', 'on', 'off'],
  )
})

t.test('a statement that does not wait for the disk is for no transaction but its own', async (t) => {
  const { db } = await testDatabase(t)
  await t.rejects(
    db.transaction((tx) => tx.rows(waitsNot)),
    { message: /test.waits-not is for no transaction/ },
  )
  await t.rejects(
    db.together((tx) => [tx.rows(waitsNot)]),
    { message: /test.waits-not is for no transaction/ },
  )
})

t.test('a statement cannot be called unflushed that waits for the disk', async (t) => {
  t.throws(() => unflushed(statement('test.waits', 'select')), { message: /test.waits waits for the disk/ })
})

t.test(
  'of what must not happen twice only the redemption of a code does not wait, and not in a transaction',
  async (t) => {
    const { url } = await testDatabase(t)
    const seen: string[] = []
    const db = openDb({ url, size: 1, observe: (name) => seen.push(name) })
    t.teardown(() => db.close())
    const expires = new Date(Date.now() + 60_000)
    for (const kind of [
      'oidc-code',
      'oidc-replay',
      'saml-message',
      'movil-call',
      'certificate-warning',
      'login',
    ] as const)
      t.same([await onceIn(db)(kind, 'a', expires), await onceIn(db)(kind, 'a', expires)], [true, false], kind)
    t.same(
      seen.map((name, nth) => name.endsWith('-unflushed') === nth < 2),
      seen.map(() => true),
    )
    await db.transaction(async (tx) => t.ok(await onceIn(tx)('oidc-code', 'b', expires)))
    t.equal(seen.at(-2), 'once.claim')
  },
)

t.test('what was done before a commit that waits survives a crash with it', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'clave-unflushed-'))
  const server = await startEmbeddedPostgres({ dataDir, durable: true })
  t.teardown(async () => {
    await server.stop()
    await wipe(dataDir)
    await rm(dataDir, { recursive: true, force: true })
  })
  const db = openDb({ url: server.adminUrl, size: 4 })
  t.teardown(() => db.close())
  await db.rows(statement('test.make', 'create table kept (id int)'))
  const keep = statement('test.keep', 'insert into kept values ($1)')
  const keepUnflushed = unflushed(
    statement('test.keep-unflushed', `insert into kept select $1::int where ${withoutFlush}`),
  )
  const { pid } = (await db.row(statement<{ pid: number }>('test.pid', 'select pg_backend_pid() as pid')))!
  for (let id = 0; id < 20; id += 2) {
    await db.rows(keepUnflushed, [id])
    await db.rows(keep, [id + 1])
  }
  // PostgreSQL gives up its memory, and all that it had not written, when one of its processes is killed.
  process.kill(pid, 'SIGKILL')
  const count = statement<{ count: number }>('test.count', 'select count(*) as count from kept')
  await until(async () => (await db.row(count).catch(() => undefined))?.count === 20)
})

import { run, Logger } from 'graphile-worker'
import t from 'tap'
import { migrate, openDb, pendingMigrations, statement, systemRandom } from '../../src/platform/index.ts'
import { emptyDatabase, testDatabase } from '../support/database.ts'
import { fromRunner } from '../support/runner.ts'

const silent = new Logger(() => () => {})

t.test('four instances that migrate at once: each migration runs once, and nobody fails', async (t) => {
  const { url, ownerUrl } = await emptyDatabase(t)
  const ran = await Promise.all([1, 2, 3, 4].map(() => migrate({ ownerUrl })))
  const names = ran.flat()
  t.ok(names.includes('0001_platform-rights'))
  t.ok(names.some((name) => name.startsWith('graphile-worker')))
  t.equal(new Set(names).size, names.length)
  t.equal(ran.filter((each) => each.length > 0).length, 1)
  const db = openDb({ url })
  t.teardown(() => db.close())
  t.same(await pendingMigrations(db), [])
  t.same(await migrate({ ownerUrl }), [], 'again does nothing')
})

t.test('a migration that is missing is named', async (t) => {
  const { db, ownerUrl } = await testDatabase(t)
  const owner = openDb({ url: ownerUrl, size: 1 })
  t.teardown(() => owner.close())
  await owner.rows(statement('test.forget', `delete from migration where name = '0002_platform-state'`))
  t.same(await pendingMigrations(db), ['0002_platform-state'])
})

t.test('the application role reads and writes rows and defines nothing', async (t) => {
  const { db } = await testDatabase(t)
  await db.rows(statement('test.rows', `insert into once values ('a', 'b', 'epoch')`))
  for (const [name, text] of [
    ['table', 'create table forbidden (a int)'],
    ['alter', 'alter table once add column forbidden int'],
    ['drop', 'drop table once'],
    ['truncate', 'truncate once'],
    ['schema', 'create schema forbidden'],
    ['function', `create function forbidden() returns int language sql return 1`],
    ['migration', `delete from migration`],
  ] as const)
    await t.rejects(db.rows(statement(`test.${name}`, text)), { code: '42501' }, name)
})

t.test('the application role enqueues jobs in its transaction and works them, without defining anything', async (t) => {
  const { db, url } = await testDatabase(t)
  const add = statement('test.add-job', `select graphile_worker.add_job('greet', '{"id": "x"}') as job`)
  await t.rejects(
    db.transaction(async (tx) => {
      await tx.rows(add)
      throw new Error('thought better of it')
    }),
  )
  await db.transaction((tx) => tx.rows(add))
  const done: unknown[] = []
  const runner = await run({
    connectionString: url,
    noHandleSignals: true,
    logger: silent,
    crontab: '',
    taskList: { greet: async (payload) => void done.push(payload) },
  })
  // graphile-worker says that a job is complete before its row is gone, and does not wait for it when stopped.
  const jobs = statement<{ n: number }>('test.jobs', 'select count(*) as n from graphile_worker.jobs')
  while ((await db.row(jobs))?.n !== 0);
  await runner.stop()
  t.same(done, [{ id: 'x' }])
})

t.test('every column says whether it holds personal data', async (t) => {
  const { db } = await testDatabase(t)
  const silentColumns = await db.rows(
    statement(
      'test.comments',
      `select relname as "table", attname as "column" from pg_class join pg_attribute on attrelid = pg_class.oid
       where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and attnum > 0 and not attisdropped
         and coalesce(col_description(attrelid, attnum), '') !~ '^(plain|personal): '`,
    ),
  )
  t.same(silentColumns, [])
})

t.test('the application role may have another name', async (t) => {
  const { ownerUrl } = await emptyDatabase(t)
  const admin = openDb({ url: fromRunner('CLAVE_TEST_ADMIN_URL'), size: 1 })
  const role = `test_${systemRandom.bytes(6).toString('hex')}`
  await admin.rows(statement('test.role', `create role ${role} login password 'other'`))
  t.teardown(() => admin.close())
  await migrate({ ownerUrl, applicationRole: role })
  const url = new URL(ownerUrl)
  url.username = role
  url.password = 'other'
  const db = openDb({ url: url.href, size: 1 })
  t.teardown(() => db.close())
  await db.rows(statement('test.rows', `insert into once values ('a', 'b', 'epoch')`))
  await db.rows(statement('test.add-job', `select graphile_worker.add_job('greet')`))
  t.same(await pendingMigrations(db), [])
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import t, { type Test } from 'tap'
import { createDatabase, migrate, openDb, statement } from '../../src/platform/index.ts'
import { startEmbeddedPostgres, wipe, type EmbeddedPostgres } from '../../src/sandbox/embedded-postgres.ts'

const root = process.getuid?.() === 0
const module = new URL('../../src/sandbox/embedded-postgres.ts', import.meta.url).href

/** A folder of the test's own, its server stopped and its data removed when the test ends. */
async function folder(t: Test, below = tmpdir()): Promise<string> {
  const path = await mkdtemp(join(below, 'clave-embedded-'))
  t.teardown(async () => {
    await wipe(path)
    await rm(path, { recursive: true, force: true })
  })
  return path
}

const ask = async (server: EmbeddedPostgres, text: string) => {
  const db = openDb({ url: server.adminUrl, size: 1 })
  return db.row(statement<Record<string, unknown>>('test.ask', text)).finally(() => db.close())
}

t.test('a real PostgreSQL in UTF-8, whatever the locale, that goes on with its data', async (t) => {
  const dataDir = join(await folder(t), 'new', 'data')
  t.teardown(() => wipe(dataDir))
  const first = await startEmbeddedPostgres({ dataDir, durable: true })
  t.match(await ask(first, `select upper('muñoz peña') as upper, current_setting('fsync') as fsync`), {
    upper: 'MUÑOZ PEÑA',
    fsync: 'on',
  })
  t.match(await ask(first, `select current_setting('server_version_num')::int / 10000 as version`), { version: 18 })
  await ask(first, 'create table kept as select 7 as a')
  await first.stop()
  await first.stop()
  const second = await startEmbeddedPostgres({ dataDir, durable: false })
  t.equal(new URL(second.adminUrl).port, new URL(first.adminUrl).port, 'the port is kept')
  t.match(await ask(second, `select a, current_setting('fsync') as fsync from kept`), { a: 7, fsync: 'off' })
  await second.stop()
})

t.test('it asks for a password and listens on this machine only', async (t) => {
  const server = await startEmbeddedPostgres({ dataDir: await folder(t), durable: false })
  t.teardown(() => server.stop())
  const url = new URL(server.adminUrl)
  url.password = 'guess'
  const db = openDb({ url: url.href, size: 1 })
  t.teardown(() => db.close())
  await t.rejects(db.rows(statement('test.one', 'select')), { code: '28P01' })
  t.match(
    await ask(
      server,
      `select current_setting('listen_addresses') as at, current_setting('unix_socket_directories') as sockets`,
    ),
    {
      at: '127.0.0.1',
      sockets: '',
    },
  )
})

t.test('a wished port that is taken is not waited for', async (t) => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  t.teardown(() => other.close())
  const { port } = other.address() as AddressInfo
  const server = await startEmbeddedPostgres({ dataDir: await folder(t), durable: false, port })
  t.teardown(() => server.stop())
  t.not(new URL(server.adminUrl).port, String(port))
  t.ok(await ask(server, 'select 1 as a'))
})

t.test('who is still saying goodbye when it stops is not told of a fault; who does not go is sent away', async (t) => {
  const server = await startEmbeddedPostgres({ dataDir: await folder(t), durable: false })
  const told = new Set<string>()
  const connect = async (who: string) => {
    const client = new pg.Client({ connectionString: server.adminUrl })
    client.on('error', () => told.add(who))
    await client.connect()
    return client
  }
  const [leaving] = [await connect('who leaves'), await connect('who stays')]
  const stopped = server.stop()
  await t.rejects(refused(server.adminUrl))
  await leaving.end()
  await stopped
  t.strictSame([...told], ['who stays'])
})

/** Rejects as soon as the server takes no more clients. */
async function refused(url: string): Promise<void> {
  for (;;) {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await client.end()
  }
}

t.test('data that is in use is not touched', async (t) => {
  const dataDir = await folder(t)
  const server = await startEmbeddedPostgres({ dataDir, durable: false })
  t.teardown(() => server.stop())
  await t.rejects(startEmbeddedPostgres({ dataDir, durable: false }), {
    name: 'EmbeddedPostgresFault',
    message: /in use by process \d+: stop/,
  })
  await t.rejects(wipe(dataDir), { message: /in use/ })
  t.ok(await ask(server, 'select 1 as a'))
})

t.test('after a kill -9 of its starter the server that was left is stopped, and the data is there', async (t) => {
  const dataDir = await folder(t)
  const script = `const { startEmbeddedPostgres } = await import(${JSON.stringify(module)})
    const { adminUrl } = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, durable: false })
    console.log(adminUrl)
    setInterval(() => {}, 1000)`
  const starter = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said] = (await once(starter.stdout, 'data')) as [Buffer]
  const adminUrl = said.toString().trim()
  await ask({ adminUrl, stop: async () => {} }, 'create table kept as select 7 as a')
  starter.kill('SIGKILL')
  await once(starter, 'exit')
  const server = await startEmbeddedPostgres({ dataDir, durable: false })
  t.teardown(() => server.stop())
  t.match(await ask(server, 'select a from kept'), { a: 7 })
})

t.test('a note of a server that is gone, whose process number is somebody else, does no harm', async (t) => {
  const dataDir = await folder(t)
  const server = await startEmbeddedPostgres({ dataDir, durable: false })
  await server.stop()
  const { folder: place } = JSON.parse(await readFile(join(dataDir, 'postgres.json'), 'utf8')) as { folder: string }
  await writeFile(join(place, 'cluster', 'postmaster.pid'), `${process.pid}\n`)
  const again = await startEmbeddedPostgres({ dataDir, durable: false })
  t.ok(await ask(again, 'select 1 as a'))
  await again.stop()
})

t.test('wiping leaves nothing behind', async (t) => {
  const dataDir = await folder(t)
  const server = await startEmbeddedPostgres({ dataDir, durable: false })
  await ask(server, 'create table gone (a int)')
  await server.stop()
  const { folder: place } = JSON.parse(await readFile(join(dataDir, 'postgres.json'), 'utf8')) as { folder: string }
  await wipe(dataDir)
  t.same(await readdir(dataDir), [])
  await t.rejects(readdir(place), { code: 'ENOENT' })
  const fresh = await startEmbeddedPostgres({ dataDir, durable: false })
  t.teardown(() => fresh.stop())
  t.match(await ask(fresh, `select to_regclass('gone') as gone`), { gone: null })
})

t.test('a data folder that only its owner may enter', async (t) => {
  const closed = await mkdtemp(join(homedir(), '.clave-embedded-'))
  t.teardown(() => rm(closed, { recursive: true, force: true }))
  await chmod(closed, 0o700)
  const dataDir = join(closed, 'data')
  const server = await startEmbeddedPostgres({ dataDir, durable: false })
  t.teardown(async () => {
    await server.stop()
    await wipe(dataDir)
  })
  const { folder: place } = JSON.parse(await readFile(join(dataDir, 'postgres.json'), 'utf8')) as { folder: string }
  // As root the server has an account of its own, which cannot enter: its data lies elsewhere, and the folder says where.
  t.equal(place.startsWith(dataDir), !root)
  t.ok(await ask(server, 'select 1 as a'))
})

t.test('a data directory that cannot be used is told in one plain line', async (t) => {
  const base = await folder(t)
  const file = join(base, 'file')
  await writeFile(file, '')
  for (const dataDir of [file, join(file, 'below')])
    await t.rejects(startEmbeddedPostgres({ dataDir, durable: false }), {
      name: 'EmbeddedPostgresFault',
      message:
        /^The data directory \S+ cannot be written \(E[A-Z]+\): make it writable or choose another with --data\.$/,
    })
  const damaged = await folder(t)
  await writeFile(join(damaged, 'postgres.json'), '{')
  await t.rejects(startEmbeddedPostgres({ dataDir: damaged, durable: false }), { message: /cannot be read .*--fresh/ })
  await rm(join(damaged, 'postgres.json'))
})

t.test('roles and database are made once, and found again', async (t) => {
  const server = await startEmbeddedPostgres({ dataDir: await folder(t), durable: false })
  t.teardown(() => server.stop())
  const first = await createDatabase(server.adminUrl, 'clave')
  await migrate({ ownerUrl: first.ownerUrl })
  const again = await createDatabase(server.adminUrl, 'clave')
  t.same(await migrate({ ownerUrl: again.ownerUrl }), [])
  const db = openDb({ url: again.url, size: 1 })
  t.teardown(() => db.close())
  t.match(await db.row(statement('test.me', 'select current_user::text as me')), { me: 'clave' })
})

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { systemRandom } from '../../src/platform/index.ts'
import { wipe } from '../../src/sandbox/embedded-postgres.ts'
import { serverAccount } from '../../src/sandbox/embedded-postgres/account.ts'
import { findHome } from '../../src/sandbox/embedded-postgres/home.ts'
import { freePort } from '../../src/sandbox/embedded-postgres/postmaster.ts'
import { loadState } from '../../src/sandbox/state.ts'
import { testDatabase } from '../support/database.ts'
import { assertNoPersonalData } from '../support/log.ts'
import { until } from '../support/until.ts'

t.setTimeout(240_000)

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

interface Started {
  readonly child: ChildProcess
  readonly output: () => string
  readonly errors: () => string
  readonly exit: Promise<unknown>
}

/** A shell's, but for the compiled code that the runner keeps: some fifteen processes would compile it anew. */
const environment = { PATH: process.env['PATH'], NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] }

/** In a process group of its own, as a shell starts a command at the terminal. */
function start(t: Test, options: Readonly<Record<string, string | number | true>>): Started {
  const words = Object.entries(options).flatMap(([name, value]) =>
    value === true ? [`--${name}`] : [`--${name}`, String(value)],
  )
  const child = spawn(process.execPath, [main, 'sandbox', ...words], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let [output, errors] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  t.teardown(() => child.kill('SIGTERM'))
  const exit = once(child, 'close').then(([code]: unknown[]) => code)
  return { child, output: () => output, errors: () => errors, exit }
}

/** Resolves when it is ready, or gone. */
async function ready({ child, output, exit }: Started): Promise<void> {
  while (!output().includes('Sandbox ready: ') && child.exitCode === null)
    await Promise.race([once(child.stdout!, 'data'), exit])
}

async function folder(t: Test): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), 'clave-test-command-'))
  t.teardown(async () => {
    // Where root's own folders are closed to PostgreSQL, its data lies elsewhere.
    await wipe(join(data, 'postgresql'))
    await rm(data, { recursive: true, force: true })
  })
  return data
}

const ports = async () => ({ port: await freePort(0), 'agencies-port': await freePort(0) })

t.test('starts from nothing, stops cleanly, goes on with its data, and begins anew when told', async (t) => {
  const options = { ...(await ports()), data: await folder(t) }
  const url = `http://localhost:${options.port}`
  const api = async (path: string, body?: object) => {
    const headers = { 'content-type': 'application/json' }
    const sent = body && { method: 'POST', headers, body: JSON.stringify(body) }
    return (await (await fetch(`${url}/sandbox/api/${path}`, sent)).json()) as unknown
  }
  const parties = async () => ((await api('relying-parties')) as { name: string }[]).map(({ name }) => name)
  const hoursAhead = async () => {
    const { now, real } = (await api('clock')) as { now: string; real: string }
    return Math.round((Date.parse(now) - Date.parse(real)) / 3_600_000)
  }

  const first = start(t, options)
  await ready(first)
  t.match(first.output(), new RegExp(`\nSandbox ready: ${url}\n$`))
  for (const place of ['/aeat', '/seguridad-social', '/dgt', '/sepe', '/interior'])
    t.match(first.output(), `127.0.0.1:${options['agencies-port']}${place}`)
  t.equal((await fetch(`${url}/health/ready`)).status, 200)
  await api('relying-parties', { name: 'Kept', oidc: { redirect_uris: ['http://127.0.0.1:9/'] } })
  await api('clock', { advance: 'PT5H' })
  first.child.kill('SIGTERM')
  t.equal(await first.exit, 0)
  t.equal(first.errors(), '')

  // On another port the demo agencies are the same ones.
  const second = start(t, { ...options, 'agencies-port': await freePort(0) })
  await ready(second)
  t.match(await parties(), /Kept/)
  t.equal(await hoursAhead(), 5)
  second.child.kill('SIGINT')
  t.equal(await second.exit, 0)

  const third = start(t, { ...options, fresh: true })
  await ready(third)
  t.notMatch(await parties(), /Kept/)
  t.equal(await hoursAhead(), 0)
  third.child.kill('SIGTERM')
  t.equal(await third.exit, 0)
  assertNoPersonalData(
    [first, second, third].flatMap(({ output, errors }) => `${output()}${errors()}`.split('\n')),
    [],
  )
})

/** What Ctrl-C at the terminal does: it reaches every process of the group. */
const pressControlC = ({ child }: Started) => process.kill(-child.pid!, 'SIGINT')

t.test('Ctrl-C stops it without a word, and no PostgreSQL is left', async (t) => {
  const data = await folder(t)
  const options = { ...(await ports()), data }
  const { cluster } = findHome(join(data, 'postgresql'), serverAccount())
  const note = join(cluster, 'postmaster.pid')
  for (const moment of ['while it makes its data', 'when it is ready', 'when it is ready again']) {
    const sandbox = start(t, options)
    if (moment.startsWith('while')) await until(() => existsSync(join(cluster, 'PG_VERSION')))
    else await ready(sandbox)
    const postgres = existsSync(note) ? Number.parseInt(await readFile(note, 'utf8'), 10) : undefined
    const before = sandbox.output().length
    pressControlC(sandbox)
    t.equal(await sandbox.exit, 0, moment)
    t.equal(sandbox.errors() + sandbox.output().slice(before), '', `${moment}: nothing is said`)
    t.notOk(existsSync(note), `${moment}: PostgreSQL took its note away`)
    if (postgres !== undefined) t.throws(() => process.kill(postgres, 0), { code: 'ESRCH' }, `${moment}: it is gone`)
  }
})

t.test('npm run sandbox ends with all that it started when npm is told to', async (t) => {
  const data = await folder(t)
  const { ownerUrl } = await testDatabase(t)
  const { port, ...more } = await ports()
  const words = Object.entries({ port, ...more, data, 'database-url': ownerUrl }).flatMap(([name, value]) => [
    `--${name}`,
    String(value),
  ])
  const child = spawn('npm', ['run', 'sandbox', '--', ...words], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: { ...environment, HOME: process.env['HOME'] },
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  })
  t.teardown(() => child.exitCode ?? child.signalCode ?? process.kill(-child.pid!, 'SIGKILL'))
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  await until(() => output.includes('Sandbox ready: '))
  child.kill('SIGTERM')
  // npm's own output is the sandbox's too: it closes when both have ended.
  await once(child, 'close')
  await t.rejects(fetch(`http://localhost:${port}/health/live`))
})

t.test('a taken port: one plain line that says what to do, exit 1', async (t) => {
  const { ownerUrl } = await testDatabase(t)
  const data = await folder(t)
  const taken = createServer().listen(0, '127.0.0.1')
  t.teardown(() => taken.close())
  await once(taken, 'listening')
  const { port } = taken.address() as { port: number }
  for (const option of ['port', 'agencies-port']) {
    const options = { ...(await ports()), data, 'database-url': ownerUrl, [option]: port }
    const { exit, errors, output } = start(t, options)
    t.equal(await exit, 1)
    t.equal(
      errors(),
      `Port ${port} is taken by another program. Choose another with --${option}, or stop what uses it.\n`,
    )
    t.equal(output(), '')
  }
})

t.test('a Redis that does not answer: one plain line, exit 1', async (t) => {
  const { ownerUrl } = await testDatabase(t)
  const redis = { 'database-url': ownerUrl, 'redis-url': `redis://127.0.0.1:${await freePort(0)}` }
  const { exit, errors } = start(t, { ...(await ports()), data: await folder(t), ...redis })
  t.equal(await exit, 1)
  t.match(errors(), /^The ephemeral store \(redis\) does not answer: .*\n$/)
})

t.test('a database of another data directory: one plain line that says what to do, exit 1', async (t) => {
  const { ownerUrl } = await testDatabase(t)
  const begin = async (options: Readonly<Record<string, true>> = {}) =>
    start(t, { ...(await ports()), data: await folder(t), 'database-url': ownerUrl, ...options })
  const one = await begin()
  await ready(one)
  one.child.kill('SIGTERM')
  t.equal(await one.exit, 0)
  const other = await begin()
  t.equal(await other.exit, 1)
  t.match(other.errors(), /^The database was filled from another data directory\. .*--fresh\.\n$/)
  const fresh = await begin({ fresh: true })
  await ready(fresh)
  t.match(fresh.output(), /Sandbox ready/, 'which helps')
  fresh.child.kill('SIGTERM')
  t.equal(await fresh.exit, 0)
})

t.test('a data directory that cannot be used: one plain line that says what to do, exit 1', async (t) => {
  const data = await folder(t)
  await writeFile(join(data, 'file'), '')
  const below = start(t, { ...(await ports()), data: join(data, 'file', 'below') })
  t.equal(await below.exit, 1)
  t.match(below.errors(), /^The data directory .*below cannot be used \(ENOTDIR\)\. .*--data.*\n$/)

  for (const state of ['null', '{"masterKey":"x"}', '{"masterKey"']) {
    await writeFile(join(data, 'state.json'), state)
    t.throws(() => loadState(data, systemRandom), /cannot be used \(state\.json is not readable\)/, state)
  }
  const broken = start(t, { ...(await ports()), data })
  t.equal(await broken.exit, 1)
  t.match(broken.errors(), /^The data directory .* cannot be used \(state\.json is not readable\)\. .*--fresh.*\n$/)

  const { ownerUrl } = await testDatabase(t)
  const fresh = start(t, { ...(await ports()), data, 'database-url': ownerUrl, fresh: true })
  await ready(fresh)
  t.match(fresh.output(), /Sandbox ready/, 'which helps')
  fresh.child.kill('SIGTERM')
  t.equal(await fresh.exit, 0)
})

// Below an existing folder that answers ENOENT, as /proc does, mkdir's own "recursive" tries for ever and hears no signal.
t.test('a data directory where none can be made: the same plain line, begun afresh or not, exit 1', async (t) => {
  for (const options of [{ data: '/proc/nope/below' }, { data: '/proc', fresh: true as const }]) {
    const { child, exit, errors, output } = start(t, { ...(await ports()), ...options })
    t.teardown(() => child.kill('SIGKILL'))
    t.equal(await exit, 1)
    t.equal(
      errors(),
      `The data directory ${options.data} cannot be used (ENOENT). Name another with --data, or start afresh with --fresh.\n`,
    )
    t.equal(output(), '')
  }
})

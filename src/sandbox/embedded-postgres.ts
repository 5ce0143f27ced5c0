import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openDb, statement, systemRandom } from '../platform/index.ts'
import { serverAccount, type Account } from './embedded-postgres/account.ts'
import { findBinaries, type Binaries } from './embedded-postgres/binaries.ts'
import { EmbeddedPostgresFault, reason } from './embedded-postgres/fault.ts'
import { clear, findHome, makeFolder, openPlace, remember, remembered, type Home } from './embedded-postgres/home.ts'
import { freePort, start, stop, stopOrphan } from './embedded-postgres/postmaster.ts'

export { EmbeddedPostgresFault } from './embedded-postgres/fault.ts'

export interface EmbeddedPostgresOptions {
  readonly dataDir: string
  /** False for tests: faster, and a crash of the machine may lose everything. */
  readonly durable: boolean
  /** The port wished for; else the one of the last start, or any free one. */
  readonly port?: number
}

export interface EmbeddedPostgres {
  /** Connects as the superuser, to database `postgres`. */
  readonly adminUrl: string
  stop(): Promise<void>
}

const admin = 'postgres'

const settings = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=200',
  'wal_level=minimal',
  'max_wal_senders=0',
  'shared_buffers=128MB',
  'timezone=UTC',
  'log_timezone=UTC',
]
const careless = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'autovacuum=off', 'scram_iterations=1']

/**
 * A real PostgreSQL from npm, listening on 127.0.0.1 only. Starting again with the same folder goes on with its data.
 * Throws an {@link EmbeddedPostgresFault} of one plain line when that is not possible.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const account = serverAccount()
  const home = findHome(options.dataDir, account)
  const known = remembered(home)
  await stopOrphan(home, known)
  const binaries = findBinaries(account ? openPlace : home.wanted, account !== undefined)
  const password = known?.password ?? (await makeCluster(binaries, home, account, options.durable))
  const wish = options.port ?? known?.port ?? 0
  const { child, port } = await startSomewhere(binaries, home, account, options.durable, wish)
  remember(home, { folder: home.folder, port, password, starter: process.pid })
  // The last resort, when the process ends without a word: a fast shutdown is asked for, though nobody waits for it.
  const end = () => child.kill('SIGINT')
  process.once('exit', end)
  const server: EmbeddedPostgres = {
    adminUrl: `postgresql://${admin}:${password}@127.0.0.1:${port}/postgres`,
    async stop() {
      process.off('exit', end)
      await stop(child)
    },
  }
  await checkEncoding(server)
  return server
}

/** Removes the data, and stops a server left over there. */
export async function wipe(dataDir: string): Promise<void> {
  const home = findHome(dataDir, serverAccount())
  await stopOrphan(home, remembered(home))
  clear(home)
}

/** Makes the cluster and answers its superuser's password. */
async function makeCluster(
  binaries: Binaries,
  home: Home,
  account: Account | undefined,
  durable: boolean,
): Promise<string> {
  makeFolder(home, account)
  const password = systemRandom.token(24)
  const file = join(home.folder, 'password')
  writeFileSync(file, password, { mode: 0o600 })
  if (account) chownSync(file, account.uid, account.gid)
  // The builtin provider makes the cluster the same on every machine, whatever LANG says and whatever locales there are.
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
  const entry = [`--username=${admin}`, `--pwfile=${file}`, '--auth=scram-sha-256']
  const haste = durable ? [] : ['--no-sync', '--set=scram_iterations=1']
  try {
    await runInitdb(binaries, ['--pgdata', home.cluster, ...locale, ...entry, ...haste], account)
  } catch (error) {
    throw new EmbeddedPostgresFault(`PostgreSQL's data could not be made in ${home.wanted}: ${reason(error)}`)
  } finally {
    rmSync(file, { force: true })
  }
  return password
}

/** In a session of its own, as the server: Ctrl-C at the terminal must not leave half a cluster and a fault behind. */
async function runInitdb(binaries: Binaries, flags: readonly string[], account: Account | undefined): Promise<void> {
  const child = spawn(binaries.initdb, flags, {
    ...account,
    cwd: '/',
    env: { LC_ALL: 'C' },
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code === 0) return
  throw new Error(said.split('\n').find((line) => /error:|FATAL/.test(line)) ?? `initdb ended with ${code}`)
}

/** A port can be lost between looking and listening, so a second and a third one is tried. */
async function startSomewhere(
  binaries: Binaries,
  home: Home,
  account: Account | undefined,
  durable: boolean,
  wish: number,
) {
  const flags = [...settings, ...(durable ? [] : careless)].flatMap((setting) => ['-c', setting])
  for (let tries = 0; tries < 3; tries++) {
    const port = await freePort(tries === 0 ? wish : 0)
    const child = await start(binaries.postgres, ['-p', String(port), ...flags], home, account)
    if (child) return { child, port }
  }
  const said = readFileSync(home.log, 'utf8')
    .trim()
    .split('\n')
    .findLast((line) => line.includes('FATAL'))
  throw new EmbeddedPostgresFault(
    `PostgreSQL does not start in ${home.wanted}: ${said?.split('FATAL:').at(-1)?.trim() ?? `see ${home.log}`}. Name another directory with --data, or start afresh with --fresh.`,
  )
}

async function checkEncoding(server: EmbeddedPostgres): Promise<void> {
  const db = openDb({ url: server.adminUrl, size: 1 })
  const row = await db
    .row(statement<{ server_encoding: string }>('embedded.encoding', 'show server_encoding'))
    .finally(() => db.close())
  if (row?.server_encoding === 'UTF8') return
  await server.stop()
  throw new EmbeddedPostgresFault(
    `The data in use has the encoding ${row?.server_encoding}, not UTF8: start with --fresh.`,
  )
}

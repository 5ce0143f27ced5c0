/**
 * The test command: `npm test [-- files…]`, or `node test/run.ts [files…]`.
 *
 * Starts one PostgreSQL (embedded) and, where it is installed, one Redis for all test files, runs tap, and closes with
 * one line of counts. What some tests want and the machine lacks is named, with what installs it; with CI set that fails.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { access, chmod, constants, mkdtemp, readFile, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createDatabase, migrate } from '../src/platform/index.ts'
import { startEmbeddedPostgres, wipe } from '../src/sandbox/embedded-postgres.ts'
import { findTool, tools, type Tool } from './support/need.ts'
import { startRedis } from './support/redis-server.ts'
import type { RunnerVariable } from './support/runner.ts'
import { TapReading } from './support/tap-reading.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const memoryDisk = '/dev/shm'
const closing: (() => Promise<unknown>)[] = []
let running: ChildProcess | undefined
let starting: Promise<unknown> = Promise.resolve()
let stopped = false

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => {
    stopped = true
    running?.kill('SIGTERM')
    // A server half started is waited for, so that it can be stopped.
    void starting
      .catch(() => {})
      .then(close)
      .then(() => process.exit(130))
  })

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  // What was under way when we were told to stop fails, and nobody needs to hear why.
  if (!stopped) throw error
} finally {
  if (!stopped) await close()
}

async function main(files: readonly string[]): Promise<number> {
  const folder = await newFolder(tmpdir())
  const missing = join(folder, 'missing')
  await writeFile(missing, '')
  const serving = servers(folder)
  starting = serving
  const environment = { ...(await serving), CLAVE_TEST_MISSING: missing } satisfies Partial<Environment>
  const reading = new TapReading((line) => console.log(line))
  const exitCode = await tap(files, environment, (line) => reading.line(line))
  const { passed, failed, skipped } = reading.end(exitCode)
  const lacking = [...new Set((await readFile(missing, 'utf8')).split('\n').filter(Boolean))] as Tool[]
  if (lacking.length > 0)
    console.log(`Skipped for want of ${lacking.map((tool) => `${tool} (to install it: ${tools[tool]})`).join(', ')}.`)
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
  const incomplete = Boolean(process.env['CI']) && (skipped > 0 || lacking.length > 0)
  return failed > 0 || passed + skipped === 0 || incomplete ? 1 : 0
}

type Environment = Record<RunnerVariable, string>

/** Gone when all is over. */
async function newFolder(within: string): Promise<string> {
  const folder = await mkdtemp(join(within, 'clave-test-'))
  closing.push(() => rm(folder, { recursive: true, force: true }))
  // Open to the account that PostgreSQL runs under when we are root; what is inside has rights of its own.
  await chmod(folder, 0o711)
  return folder
}

/** Both servers, started at the same time. */
async function servers(folder: string): Promise<Partial<Environment>> {
  const memory = (await hasRoomInMemory()) ? await newFolder(memoryDisk) : folder
  const [postgres, redis] = await Promise.all([startPostgres(join(memory, 'postgres')), startRedisIfThere(folder)])
  return { ...postgres, ...redis }
}

/**
 * Several hundred databases of as many files each come and go: on a disk that costs a tenth of all that the tests compute.
 * The browsers want their memory beside it.
 */
async function hasRoomInMemory(): Promise<boolean> {
  const gigabyte = 2 ** 30
  try {
    await access(memoryDisk, constants.W_OK)
    const { bavail, bsize } = await statfs(memoryDisk)
    return bavail * bsize >= 2 * gigabyte && process.availableMemory() >= 6 * gigabyte
  } catch {
    return false
  }
}

/** One server with a migrated database, of which each test gets a copy. */
async function startPostgres(dataDir: string): Promise<Partial<Environment>> {
  const postgres = await startEmbeddedPostgres({ dataDir, durable: false })
  closing.push(async () => {
    await postgres.stop()
    await wipe(dataDir)
  })
  const { url, ownerUrl } = await createDatabase(postgres.adminUrl, 'clave_template')
  await migrate({ ownerUrl })
  return { CLAVE_TEST_ADMIN_URL: postgres.adminUrl, CLAVE_TEST_URL: url, CLAVE_TEST_OWNER_URL: ownerUrl }
}

async function startRedisIfThere(folder: string): Promise<Partial<Environment>> {
  const path = findTool('redis-server')
  if (path === undefined) return {}
  const redis = await startRedis(path, folder)
  closing.push(() => redis.stop())
  return { CLAVE_TEST_REDIS_URL: redis.url }
}

async function tap(
  files: readonly string[],
  environment: Partial<Environment>,
  line: (text: string) => void,
): Promise<number> {
  const command = join(root, 'node_modules/.bin/tap')
  const child = spawn(process.execPath, [command, '--jobs=3', '--reporter=tap', ...files], {
    cwd: root,
    // Compiled code is kept between files and runs: half of what it costs to start each test file.
    env: { NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/compile'), ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  running = child
  const ended = once(child, 'exit') as Promise<[number | null]>
  for await (const text of createInterface({ input: child.stdout })) line(text)
  const [code] = await ended
  running = undefined
  return code ?? 1
}

async function close(): Promise<void> {
  for (const end of closing.splice(0).reverse()) await end().catch((error: unknown) => console.error(error))
}

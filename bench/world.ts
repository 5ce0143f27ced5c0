import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import {
  createDatabase,
  migrate,
  openDb,
  statement,
  systemClock,
  systemRandom,
  type DatabaseUrls,
  type Db,
} from '../src/platform/index.ts'
import { makeRelyingParties } from '../src/relying-party/index.ts'
import { freePort } from '../src/sandbox/embedded-postgres/postmaster.ts'
import { startEmbeddedPostgres } from '../src/sandbox/embedded-postgres.ts'
import { startSmsNetwork } from '../src/sandbox/sms-network.ts'
import { findTool } from '../test/support/need.ts'
import { startRedis } from '../test/support/redis-server.ts'
import { makeSamlAgency, type SamlAgency } from './saml-requests.ts'
import packageFile from '../package.json' with { type: 'json' }

/** Everything that production has, each in a process of its own: PostgreSQL (fsync on), Redis, server, worker, SMS gateway. */
export interface World {
  readonly origin: string
  readonly port: number
  readonly db: Db
  /** Connects as the owner of the database. */
  readonly ownerUrl: string
  readonly agency: Agency
  /** Another one, of the gateway's SAML profile. */
  readonly samlAgency: SamlAgency
  /** The code of the next SMS to this phone. */
  codeFor(phone: string): Promise<string>
  /** Another server on the same database and store, Node started with these arguments too. */
  serveBeside(nodeArguments: readonly string[]): Promise<Pick<World, 'origin' | 'port'>>
  /** Resident memory of the server, MiB. */
  serverMemory(): Promise<number>
  /** Seconds of a core that the server has used. */
  serverSeconds(): Promise<number>
  close(): Promise<void>
}

export interface Agency {
  readonly clientId: string
  readonly secret: string
  readonly redirectUri: string
}

const root = join(import.meta.dirname, '..')
const { scripts } = packageFile
const redirectUri = 'https://agency.example/callback'

export async function startWorld(): Promise<World> {
  const closing: (() => Promise<unknown>)[] = []
  const close = async () => {
    for (const step of closing.splice(0).reverse()) await step()
  }
  try {
    return { ...(await start(closing)), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function start(closing: (() => Promise<unknown>)[]): Promise<Omit<World, 'close'>> {
  const folder = await mkdtemp(join(tmpdir(), 'clave-bench-'))
  await chmod(folder, 0o711)
  closing.push(() => rm(folder, { recursive: true, force: true }))
  const { database, redisUrl } = await startServers(folder, closing)
  const db = openDb({ url: database.url, size: 4, statementTimeout: 120_000 })
  closing.push(() => db.close())
  const agency = await registerAgency(db)
  const samlAgency = await registerSamlAgency(db)
  const codes = makeCodes()
  const network = await startSmsNetwork({ clock: systemClock, random: systemRandom, kept: 1, onMessage: codes.arrived })
  closing.push(() => network.close())
  const port = await freePort(0)
  const environment = {
    BASE_URL: `http://127.0.0.1:${port}`,
    PORT: String(port),
    WORKER_PORT: String(await freePort(0)),
    DATABASE_URL: database.url,
    STORE: 'redis',
    REDIS_URL: redisUrl,
    MASTER_KEYS: `bench:${systemRandom.bytes(32).toString('base64')}`,
    PAIRWISE_SECRET: systemRandom.token(),
    SMPP_URL: network.url,
    LOG_LEVEL: 'warn',
    // All of the load comes from one address and one agency.
    LIMIT_ADDRESS_FAILURES: '1000000000',
    LIMIT_AGENCY_FAILURES: '1000000000',
    LIMIT_OVERALL_FAILURES: '1000000000',
  }
  const server = await startProcess('serve', environment, closing)
  await startProcess('worker', environment, closing)
  await answering(`http://127.0.0.1:${port}/health/ready`)
  await answering(`http://127.0.0.1:${environment.WORKER_PORT}/health/ready`)
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    db,
    ownerUrl: database.ownerUrl,
    agency,
    samlAgency,
    codeFor: codes.next,
    async serveBeside(nodeArguments) {
      const port = await freePort(0)
      const origin = `http://127.0.0.1:${port}`
      await startProcess('serve', { ...environment, BASE_URL: origin, PORT: String(port) }, closing, nodeArguments)
      await answering(`${origin}/health/ready`)
      return { origin, port }
    },
    serverMemory: () => residentMemory(server),
    serverSeconds: () => usedSeconds(server),
  }
}

async function startServers(
  folder: string,
  closing: (() => Promise<unknown>)[],
): Promise<{ readonly database: DatabaseUrls; readonly redisUrl: string }> {
  const redisServer = findTool('redis-server')
  if (!redisServer) throw new Error('The bench wants redis-server: apt-get install redis-server')
  const redis = await startRedis(redisServer, folder)
  closing.push(() => redis.stop())
  const postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'postgresql'), durable: true })
  closing.push(() => postgres.stop())
  await asDeployed(postgres.adminUrl)
  const database = await createDatabase(postgres.adminUrl, 'bench')
  await migrate({ ownerUrl: database.ownerUrl })
  return { database, redisUrl: redis.url }
}

const compressWal = statement('bench.compress-wal', `alter system set wal_compression = 'on'`)
const reload = statement('bench.reload', 'select pg_reload_conf()')

/** PostgreSQL with the settings that docker-compose.yml gives it. */
async function asDeployed(adminUrl: string): Promise<void> {
  const db = openDb({ url: adminUrl, size: 1 })
  await db.rows(compressWal)
  await db.rows(reload)
  await db.close()
}

async function registerAgency(db: Db): Promise<Agency> {
  const registry = makeRelyingParties({ db, clock: systemClock, random: systemRandom, allowHttp: false })
  const written = await registry.register({
    id: 'bench',
    name: 'Agencia Tributaria',
    sector: 'bench',
    level: 'low',
    scopes: ['profile', 'document', 'registration'],
    oidc: { redirect_uris: [redirectUri], token_endpoint_auth_method: 'client_secret_basic' },
  })
  if ('problems' in written) throw new Error(JSON.stringify(written.problems))
  return { clientId: 'bench', secret: written.clientSecret!, redirectUri }
}

async function registerSamlAgency(db: Db): Promise<SamlAgency> {
  const agency = makeSamlAgency()
  const { providerName, certificate, acs } = agency
  const registry = makeRelyingParties({ db, clock: systemClock, random: systemRandom, allowHttp: false })
  const written = await registry.register({
    id: 'bench-saml',
    name: 'Seguridad Social',
    level: 'low',
    clave: { providerName, certificates: [certificate], acs: [acs] },
  })
  if ('problems' in written) throw new Error(JSON.stringify(written.problems))
  return agency
}

async function startProcess(
  command: 'serve' | 'worker',
  environment: Record<string, string>,
  closing: (() => Promise<unknown>)[],
  nodeArguments: readonly string[] = [],
): Promise<ChildProcess> {
  const asInProduction = scripts[command].split(' ').slice('exec node'.split(' ').length)
  const child = spawn(process.execPath, [...profiling(command), ...nodeArguments, ...asInProduction], {
    cwd: root,
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  createInterface({ input: child.stdout }).on('line', (line) => console.error(`${command}: ${line}`))
  closing.push(async () => {
    const gone = once(child, 'exit')
    if (child.exitCode === null && child.kill('SIGTERM')) await gone
  })
  return child
}

/** BENCH_PROFILE=serve writes a V8 profile of that process into the working directory. */
const profiling = (command: string): readonly string[] => (process.env.BENCH_PROFILE === command ? ['--cpu-prof'] : [])

async function answering(url: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.ok) return
    if (tries > 300) throw new Error(`${url} does not get ready: ${await answer?.text()}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

async function residentMemory(server: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${server.pid}/status`, 'utf8')
  return Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024)
}

/** proc(5): user and system time, in hundredths of a second. */
async function usedSeconds(server: ChildProcess): Promise<number> {
  const stat = await readFile(`/proc/${server.pid}/stat`, 'utf8')
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
  return (Number(user) + Number(system)) / 100
}

/** Codes by phone, for whoever waits for them or comes later. */
function makeCodes() {
  const here = new Map<string, string>()
  const waiting = new Map<string, (code: string) => void>()
  return {
    arrived({ to, code = '' }: { readonly to: string; readonly code?: string }) {
      const waiter = waiting.get(to)
      waiting.delete(to)
      if (waiter) waiter(code)
      else here.set(to, code)
    },
    next(phone: string): Promise<string> {
      const code = here.get(phone)
      here.delete(phone)
      return code === undefined ? new Promise((resolve) => waiting.set(phone, resolve)) : Promise.resolve(code)
    },
  }
}

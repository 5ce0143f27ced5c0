import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateSync } from 'otplib'
import type { Test } from 'tap'
import { putTotp, sealTotp } from '../../src/authentication/index.ts'
import { openDb, openEnvelope, type DatabaseUrls } from '../../src/platform/index.ts'
import { catalogue, typedContrast, type TestCitizen } from '../../src/sandbox/catalogue.ts'
import { freePort } from '../../src/sandbox/embedded-postgres/postmaster.ts'
import type { MovableClock } from '../../src/sandbox/movable-clock.ts'
import type { SentMessage } from '../../src/sandbox/parts.ts'
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts'
import { testDatabase } from './database.ts'
import { quietLog } from './log.ts'
import { testRedis } from './redis.ts'
import { until } from './until.ts'

/** The whole sandbox in this process, with a database of its own; its log is searched for personal data at the end. */
export interface TestSandbox {
  readonly url: string
  readonly agenciesUrl: string
  readonly clock: MovableClock
  /** Of the database of its own: for what no page says. */
  readonly databaseUrl: string
  /** One call of the JSON for tests: GET, or with a body POST. */
  api<Body = unknown>(path: string, body?: object, method?: 'POST' | 'PUT' | 'DELETE'): Promise<ApiAnswer<Body>>
  /** Moves the hand that decides our own deadlines, by an ISO 8601 duration. */
  advance(duration: string): Promise<void>
  /** Back to the catalogue, for the next test. */
  reset(): Promise<void>
  /** The code of the next message to this citizen that was not asked for yet, as soon as it is there. */
  codeFor(document: string): Promise<string>
  messages(document?: string): Promise<readonly SentMessage[]>
  /** Gives a citizen an authenticator app; answers what shows its code of now. */
  enrolApp(document: string): Promise<() => string>
}

export interface ApiAnswer<Body> {
  readonly status: number
  readonly type: string | null
  readonly body: Body
}

export interface TestSandboxOptions {
  readonly store?: 'postgres' | 'redis'
}

/** May be shared by the tests of a file: they use different citizens, or `reset()` between them. */
export async function testSandbox(t: Test, { store = 'postgres' }: TestSandboxOptions = {}): Promise<TestSandbox> {
  const { url: databaseUrl, ownerUrl } = await testDatabase(t)
  const database = { url: databaseUrl, ownerUrl }
  const redisUrl = store === 'redis' ? await testRedis(t) : undefined
  const dataDir = await mkdtemp(join(tmpdir(), 'clave-test-sandbox-'))
  t.teardown(() => rm(dataDir, { recursive: true, force: true }))
  const codes = new Set<string>()
  const log = quietLog(t, () => [...codes])
  const sandbox = await startOnFreePorts({ dataDir, database, log, ...(redisUrl === undefined ? {} : { redisUrl }) })
  t.teardown(() => sandbox.stop())
  const api = apiOf(sandbox)
  const messages = async (document?: string) => {
    const filter = document === undefined ? '' : `?document=${document}`
    const { body } = await api<SentMessage[]>(`messages${filter}`)
    for (const { code } of body) if (code !== undefined) codes.add(code)
    return body
  }
  t.teardown(() => messages())
  return {
    url: sandbox.url,
    agenciesUrl: sandbox.agenciesUrl,
    clock: sandbox.clock,
    databaseUrl,
    api,
    async advance(duration) {
      await api('clock', { advance: duration })
    },
    async reset() {
      await messages()
      await api('reset', {})
    },
    messages,
    codeFor: codeReader(messages),
    enrolApp: (document) => enrolApp({ dataDir, database, sandbox }, citizen(document)),
  }
}

export function citizen(document: string): TestCitizen {
  const found = catalogue.find((one) => one.document === document)
  if (!found) throw new Error(`no ${document} in the catalogue`)
  return found
}

/** As it is typed into the form. */
export const contrastOf = (document: string): string => typedContrast(citizen(document))

/** A port can be lost between looking and listening, so others are tried. */
async function startOnFreePorts(options: Omit<SandboxOptions, 'port' | 'agenciesPort'>): Promise<Sandbox> {
  for (let tries = 1; ; tries++) {
    const [port, agenciesPort] = await Promise.all([freePort(0), freePort(0)])
    try {
      return await startSandbox({ ...options, port, agenciesPort })
    } catch (error) {
      if ((error as { code?: string }).code !== 'EADDRINUSE' || tries === 3) throw error
    }
  }
}

function apiOf({ url }: Sandbox): TestSandbox['api'] {
  return async <Body>(path: string, body?: object, method: 'POST' | 'PUT' | 'DELETE' = 'POST') => {
    const headers = { 'content-type': 'application/json' }
    const sent = body === undefined ? {} : { method, headers, body: JSON.stringify(body) }
    const answer = await fetch(`${url}/sandbox/api/${path}`, sent)
    const text = await answer.text()
    const told = (text === '' ? undefined : JSON.parse(text)) as Body
    return { status: answer.status, type: answer.headers.get('content-type'), body: told }
  }
}

/** Each message is read once, in the order in which they came. */
function codeReader(messages: TestSandbox['messages']): TestSandbox['codeFor'] {
  const read = new Set<string>()
  return async (document) => {
    let next: SentMessage | undefined
    await until(async () => {
      next = (await messages(document)).find(({ id, code }) => code !== undefined && !read.has(id))
      return next !== undefined
    })
    read.add(next!.id)
    return next!.code ?? ''
  }
}

async function enrolApp(
  { dataDir, database, sandbox }: { dataDir: string; database: DatabaseUrls; sandbox: Sandbox },
  { id }: TestCitizen,
): Promise<() => string> {
  const { masterKey } = JSON.parse(readFileSync(join(dataDir, 'state.json'), 'utf8')) as { masterKey: string }
  const envelope = openEnvelope([{ id: 'sandbox', key: Buffer.from(masterKey, 'base64') }])
  const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
  const db = openDb({ url: database.url, size: 1 })
  await putTotp(db, { citizen: id, sealedSecret: sealTotp(envelope, id, secret), lastStep: 0 })
  await db.close()
  const epoch = () => Math.floor(sandbox.clock.wire().getTime() / 1000)
  return () => generateSync({ strategy: 'totp', secret, epoch: epoch() })
}

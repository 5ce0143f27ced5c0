import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import t, { type Test } from 'tap'
import { testDatabase } from '../support/database.ts'
import { root } from './sources.ts'

const masterKey = Buffer.alloc(32, 5).toString('base64')
const secrets = { MASTER_KEYS: `test:${masterKey}`, PAIRWISE_SECRET: 'a secret that only this test knows, and no log' }

function start(t: Test, command: string, settings: Readonly<Record<string, string>>) {
  const env = { PATH: process.env['PATH'], HOST: '127.0.0.1', METRICS: 'open', ...secrets, ...settings }
  const child = spawn(process.execPath, [path.join(root, 'src/main.ts'), command], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
  return { child, said: () => said }
}

/** Resolves when the child has said this, or is gone. */
async function heard(child: ChildProcess, said: () => string, text: string): Promise<void> {
  while (!said().includes(text) && child.exitCode === null)
    await Promise.race([once(child.stdout!, 'data'), once(child, 'exit')])
}

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net')
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

async function stopped(child: ChildProcess): Promise<unknown> {
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  return (await exit)[0]
}

t.test('migrate says when there is nothing to do, and ends with 0', async (t) => {
  const { ownerUrl } = await testDatabase(t)
  const { child, said } = start(t, 'migrate', { MIGRATE_DATABASE_URL: ownerUrl })
  t.strictSame(await once(child, 'exit'), [0, null])
  t.match(said(), /up to date/)
})

t.test(
  'serve is live and ready, tells its metrics, logs in JSON without secrets, and stops with 0 on SIGTERM',
  async (t) => {
    const { url } = await testDatabase(t)
    const port = await freePort()
    const origin = `http://127.0.0.1:${port}`
    const { child, said } = start(t, 'serve', { DATABASE_URL: url, BASE_URL: origin, PORT: String(port) })
    await heard(child, said, '"serving"')
    t.equal((await fetch(`${origin}/health/live`)).status, 200)
    const ready = await fetch(`${origin}/health/ready`)
    t.equal(ready.status, 200)
    const names = ['postgresql', 'store', 'keys', 'migrations']
    t.match(await ready.json(), { status: 'ready', checks: names.map((name) => ({ name, ok: true })) })
    await fetch(`${origin}/login/99999999R?document=99999999R`)
    t.match(await (await fetch(`${origin}/metrics`)).text(), /clave_http_request_seconds_count/)
    t.equal(await stopped(child), 0)
    for (const line of said().trim().split('\n')) t.doesNotThrow(() => void JSON.parse(line), line)
    for (const secret of ['99999999R', masterKey, secrets.PAIRWISE_SECRET, new URL(url).password])
      t.notOk(said().includes(secret))
  },
)

t.test('a taken port is one plain line and exit code 1', async (t) => {
  const { url } = await testDatabase(t)
  const { createServer } = await import('node:net')
  const taken = createServer().listen(0, '127.0.0.1')
  t.teardown(() => taken.close())
  await once(taken, 'listening')
  const { port } = taken.address() as { port: number }
  const { child, said } = start(t, 'serve', { DATABASE_URL: url, BASE_URL: 'http://localhost', PORT: String(port) })
  t.equal((await once(child, 'exit'))[0], 1)
  t.match(said(), /is taken; choose another/)
})

t.test('the worker tells that the SMS gateway and the mail server are away, and stops with 0 on SIGTERM', async (t) => {
  const { url } = await testDatabase(t)
  const port = await freePort()
  const { child, said } = start(t, 'worker', {
    DATABASE_URL: url,
    BASE_URL: 'http://localhost',
    WORKER_PORT: String(port),
    SMPP_URL: `smpp://user:password@127.0.0.1:${await freePort()}`,
    SMTP_URL: `smtp://user:otherword@127.0.0.1:${await freePort()}`,
  })
  await heard(child, said, '"working"')
  const ready = await fetch(`http://127.0.0.1:${port}/health/ready`)
  t.equal(ready.status, 503)
  t.match(await ready.json(), {
    status: 'down',
    checks: [
      { name: 'migrations', ok: true },
      { name: 'store', ok: true },
      { name: 'queue', ok: true },
      { name: 'sms', ok: false },
      { name: 'email', ok: false },
    ],
  })
  t.equal((await fetch(`http://127.0.0.1:${port}/metrics`)).status, 200)
  t.equal(await stopped(child), 0)
  t.notMatch(said(), /user:password|otherword/)
})

t.test('a worker without a mail server works, and says that it sends no e-mail', async (t) => {
  const { url } = await testDatabase(t)
  const port = await freePort()
  const { child, said } = start(t, 'worker', {
    DATABASE_URL: url,
    BASE_URL: 'http://localhost',
    WORKER_PORT: String(port),
    SMPP_URL: `smpp://user:password@127.0.0.1:${await freePort()}`,
  })
  await heard(child, said, '"working"')
  t.match(said(), /no e-mail is sent: SMTP_URL is not set/)
  const ready = (await (await fetch(`http://127.0.0.1:${port}/health/ready`)).json()) as { checks: { name: string }[] }
  t.notOk(ready.checks.some(({ name }) => name === 'email'))
  t.equal(await stopped(child), 0)
})

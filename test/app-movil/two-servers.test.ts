import { spawn, type ChildProcess } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import path from 'node:path'
import t, { type Test } from 'tap'
import { systemClock, systemRandom, type Db } from '../../src/platform/index.ts'
import { postgresCivilRegister } from '../../src/civil-register/index.ts'
import { makeRelyingParties } from '../../src/relying-party/index.ts'
import { freePort } from '../../src/sandbox/embedded-postgres/postmaster.ts'
import { seedPhones } from '../../src/sandbox/phone/seed-phones.ts'
import { makeSandboxPhone, type SandboxPhone } from '../../src/sandbox/phone/phone.ts'
import type { ShownToPhone } from '../../src/sandbox/phone/words.ts'
import { seedCatalogue } from '../../src/sandbox/seed.ts'
import { findDeviceOf } from '../../src/authentication/index.ts'
import { citizen } from '../authentication/scene.ts'
import { testDatabase } from '../support/database.ts'
import { need } from '../support/need.ts'
import { testRedis } from '../support/redis.ts'
import { root } from '../repository/sources.ts'

const carmen = citizen('99999999R')
const baseUrl = 'https://clave.example'
const callback = 'https://agency.example/callback'

interface Server {
  readonly child: ChildProcess
  readonly origin: string
}

/** A process like those of production, behind the one address that all of them have. */
async function serve(t: Test, settings: Readonly<Record<string, string>>): Promise<Server> {
  const port = String(await freePort(0))
  const env = { PATH: process.env['PATH'], HOST: '127.0.0.1', BASE_URL: baseUrl, PORT: port, ...settings }
  const child = spawn(process.execPath, [path.join(root, 'src/main.ts'), 'serve'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  while (!said.includes('"serving"')) await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
  return { child, origin: `http://127.0.0.1:${port}` }
}

/** A browser that a load balancer sends now to this server, now to that one. */
function makeBrowser() {
  const cookies = new Map<string, string>()
  const cookie = () => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const ask = async (at: Server, url: string, form?: Readonly<Record<string, string>>): Promise<Response> => {
    const answer = await fetch(at.origin + url.replace(baseUrl, ''), {
      redirect: 'manual',
      headers: { cookie: cookie(), accept: 'text/html', 'sec-fetch-site': 'same-origin' },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    })
    for (const line of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = line.split(';')[0]?.split('=') ?? []
      cookies.set(name, value)
    }
    const next = answer.headers.get('location')
    return next !== null && !next.startsWith(callback) ? ask(at, next) : answer
  }
  return { ask, cookie }
}

/** Standings as a stream tells them; undefined: it broke off. */
function standings(answer: Response) {
  const reader = answer.body!.getReader()
  let text = ''
  return async (): Promise<string | undefined> => {
    for (;;) {
      const found = /"standing":"(\w+)"/.exec(text)
      if (found) {
        text = text.slice(found.index + found[0].length)
        return found[1]
      }
      const { value } = await reader.read().catch(() => ({ value: undefined }))
      if (!value) return undefined
      text += Buffer.from(value).toString()
    }
  }
}

/** The citizen's phone, which calls whichever server it is sent to. */
function makeCalls(phone: SandboxPhone, id: string) {
  const call = async (at: Server, url: string, content: object): Promise<Response> => {
    const body = JSON.stringify(content)
    const authorization = `Clave-Movil ${phone.call({ id, counter: 0 }, { method: 'POST', path: url, body })}`
    return fetch(at.origin + url, {
      method: 'POST',
      body,
      headers: { authorization, 'content-type': 'application/json' },
    })
  }
  return {
    scan: async (at: Server, token: string) =>
      (await (await call(at, '/app/api/request/scan', { token })).json()) as ShownToPhone,
    approve: (at: Server, shown: ShownToPhone) =>
      call(at, '/app/api/request/decide', {
        request: shown.id,
        ...phone.decide({ id, counter: 0 }, shown, 'approve'),
      }),
  }
}

async function prepare(db: Db) {
  const clock = systemClock
  await seedCatalogue({ db, clock, register: postgresCivilRegister({ db, clock }) })
  const phone = makeSandboxPhone({ baseUrl, now: clock.wire, random: systemRandom }, randomBytes(32))
  await seedPhones({ db, clock, phoneOf: () => phone })
  const registry = makeRelyingParties({ db, clock, random: systemRandom, allowHttp: false })
  const oidc = { redirect_uris: [callback], token_endpoint_auth_method: 'client_secret_basic' }
  await registry.register({ id: 'agency', name: 'Agencia', sector: 'agency', level: 'low', scopes: [], oidc })
  const device = await findDeviceOf(db, carmen.id)
  return makeCalls(phone, device?.id ?? '')
}

t.test(
  'two servers, one PostgreSQL, one Redis: the page at one, the phone at the other, and one killed in between',
  { skip: need('redis-server') },
  async (t) => {
    const { db, url } = await testDatabase(t)
    const settings = {
      METRICS: 'open',
      ...{ DATABASE_URL: url, STORE: 'redis', REDIS_URL: await testRedis(t), LOG_LEVEL: 'info' },
      MASTER_KEYS: `test:${Buffer.alloc(32, 5).toString('base64')}`,
      PAIRWISE_SECRET: 'a secret that only this test knows, and no log',
    }
    const phone = await prepare(db)
    const one = await serve(t, settings)
    const two = await serve(t, settings)
    const browser = makeBrowser()
    const challenge = createHash('sha256').update('v'.repeat(43)).digest('base64url')
    const authorize = new URLSearchParams({
      ...{ client_id: 'agency', response_type: 'code', redirect_uri: callback, scope: 'openid', state: 's' },
      ...{ code_challenge: challenge, code_challenge_method: 'S256' },
    })
    const choice = await browser.ask(one, `/oidc/authorize?${authorize.toString()}`)
    const csrf = /name="_csrf" value="([^"]+)"/.exec(await choice.text())?.[1] ?? ''
    const login = /\/login\/[^/]+/.exec(choice.url)?.[0] ?? ''
    const page = await (await browser.ask(two, `${login}/choose`, { method: 'movil', _csrf: csrf })).text()
    const token = /\/app\/scan#([^"]+)"/.exec(page)?.[1] ?? ''

    const events = async (at: Server) =>
      standings(await fetch(`${at.origin}${login}/movil/events`, { headers: { cookie: browser.cookie() } }))
    const atOne = await events(one)
    const shown = await phone.scan(two, token)
    t.equal(await atOne(), 'scanned', 'the page at one learns what the other heard')
    one.child.kill('SIGKILL')
    t.equal(await atOne(), undefined, 'its stream breaks off')
    const atTwo = await events(two)
    t.equal(await atTwo(), 'scanned', 'and goes on at the other')
    t.equal((await phone.approve(two, shown)).status, 200)
    t.equal(await atTwo(), 'approved')
    const three = await serve(t, settings)
    const done = await browser.ask(three, `${login}/movil`, { _csrf: csrf })
    t.match(done.headers.get('location'), /^https:\/\/agency\.example\/callback\?code=/, 'one that began later goes on')
  },
)

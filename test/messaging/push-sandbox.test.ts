import { mkdtemp, rm } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { layMessageSql, makeMessages, type Subscription } from '../../src/messaging/index.ts'
import { loadI18n, openEnvelope, statement, systemRandom } from '../../src/platform/index.ts'
import { freePort } from '../../src/sandbox/embedded-postgres/postmaster.ts'
import type { SentMessage } from '../../src/sandbox/parts.ts'
import { startSandbox } from '../../src/sandbox/sandbox.ts'
import { testDatabase } from '../support/database.ts'
import { quietLog } from '../support/log.ts'
import { until } from '../support/until.ts'

const layOne = statement('test.lay-one', `with decided as (select 1), ${layMessageSql('decided', 1)} select from laid`)
const ended = statement<{ reason: string }>('test.ended', `select reason from outbox where state = 'failed'`)
const key = statement<{ key: string }>('test.key', 'select public_key as key from push_key')

t.test('push messages reach the JSON and the page; a reset ends the subscriptions, not the key', async (t) => {
  const { db, ...urls } = await testDatabase(t)
  const dataDir = await mkdtemp(join(tmpdir(), 'clave-test-push-'))
  t.teardown(() => rm(dataDir, { recursive: true, force: true }))
  const [port, agenciesPort] = [await freePort(0), await freePort(0)]
  const sandbox = await startSandbox({ port, agenciesPort, dataDir, database: urls, log: quietLog(t) })
  t.teardown(() => sandbox.stop())
  const { masterKey } = JSON.parse(readFileSync(join(dataDir, 'state.json'), 'utf8')) as { masterKey: string }
  const envelope = openEnvelope([{ id: 'sandbox', key: Buffer.from(masterKey, 'base64') }])
  const i18n = loadI18n({ strict: true })
  const messages = makeMessages({ clock: sandbox.clock, envelope, i18n, baseUrl: sandbox.url })
  const lay = (to: Subscription) =>
    db.row(
      layOne,
      messages.push({
        ...{ key: systemRandom.uuid(), to, citizen: undefined, locale: 'es', text: { kind: 'request' } },
        expires: sandbox.clock.in(300),
      }),
    )
  const found = async (query: string) =>
    (await (await fetch(`${sandbox.url}/sandbox/api/messages?${query}`)).json()) as SentMessage[]

  const [carmen, jose] = [sandbox.subscribe('99999999R'), sandbox.subscribe('99999998T')]
  await lay(carmen)
  await until(async () => (await found('channel=push')).length === 1)
  await lay(jose)
  await until(async () => (await found('channel=push')).length === 2)
  t.match(await found('document=99999999R'), [
    { channel: 'push', to: '99999999R', subject: 'Cl@ve: tiene una petición pendiente', url: '/app' },
  ])
  t.same(await found('channel=sms'), [])
  t.match(await (await fetch(`${sandbox.url}/sandbox`)).text(), 'Cl@ve: tiene una petición pendiente')

  const metrics = await (await fetch(`${sandbox.url}/metrics`)).text()
  t.match(metrics, /^clave_push_total\{outcome="sent",deployment="sandbox"\} 2$/m)

  const known = await db.row(key)
  t.equal((await fetch(`${sandbox.url}/sandbox/api/reset`, { method: 'POST' })).status, 204)
  t.same(await found(''), [])
  t.same(await db.row(key), known)
  await lay(carmen)
  await until(async () => (await db.row(ended))?.reason === 'gone')
  await lay(sandbox.subscribe('99999999R'))
  await until(async () => (await found('channel=push')).length === 1)
})

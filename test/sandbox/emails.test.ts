import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import t from 'tap'
import { layMessageSql, makeMessages, type Email } from '../../src/messaging/index.ts'
import { loadI18n, openDb, openEnvelope, statement, systemRandom } from '../../src/platform/index.ts'
import { freePort } from '../../src/sandbox/embedded-postgres/postmaster.ts'
import type { SentMessage } from '../../src/sandbox/parts.ts'
import { startSandbox } from '../../src/sandbox/sandbox.ts'
import { testDatabase } from '../support/database.ts'
import { quietLog } from '../support/log.ts'
import { until } from '../support/until.ts'

const layOne = statement('test.lay-one', `with decided as (select 1), ${layMessageSql('decided', 1)} select from laid`)

t.test('e-mails reach the JSON and the page, with their attachments, and a reset forgets them', async (t) => {
  const database = await testDatabase(t)
  const dataDir = await mkdtemp(join(tmpdir(), 'clave-test-emails-'))
  t.teardown(() => rm(dataDir, { recursive: true, force: true }))
  const log = quietLog(t, () => ['123456'])
  const [port, agenciesPort] = [await freePort(0), await freePort(0)]
  const urls = { url: database.url, ownerUrl: database.ownerUrl }
  const sandbox = await startSandbox({ port, agenciesPort, dataDir, database: urls, log })
  t.teardown(() => sandbox.stop())
  const { masterKey } = JSON.parse(readFileSync(join(dataDir, 'state.json'), 'utf8')) as { masterKey: string }
  const envelope = openEnvelope([{ id: 'sandbox', key: Buffer.from(masterKey, 'base64') }])
  const i18n = loadI18n({ strict: true })
  const messages = makeMessages({ clock: sandbox.clock, envelope, i18n, baseUrl: sandbox.url })
  const db = openDb({ url: database.url, size: 1 })
  t.teardown(() => db.close())
  const lay = (to: string, text: Email['text'], attachments: Email['attachments'] = []) => {
    const key = systemRandom.uuid()
    const expires = sandbox.clock.in(600)
    return db.row(layOne, messages.email({ key, to, citizen: undefined, locale: 'es', text, expires, attachments }))
  }
  const found = async (query: string) => {
    const answer = await fetch(`${sandbox.url}/sandbox/api/messages?${query}`)
    return (await answer.json()) as SentMessage[]
  }

  const content = systemRandom.bytes(2_000)
  await lay('99999995c@citizens.example', { kind: 'proof-code', code: '123456' })
  await until(async () => (await found('channel=email')).length === 1)
  await lay('99999999r@citizens.example', { kind: 'receipt' }, [
    { filename: "Justificante de l'alta (ñ).pdf", type: 'application/pdf', content },
  ])
  await until(async () => (await found('channel=email')).length === 2)

  t.match(await found('document=99999995C'), [{ channel: 'email', code: '123456', subject: /^Cl@ve: código/ }])
  t.same(await found('channel=sms'), [])
  const [first, second] = await found('')
  t.same(await found(`after=${first?.id}`), [second])
  const [attachment] = second?.attachments ?? []
  const answer = await fetch(`${sandbox.url}${attachment?.url}`)
  t.equal(answer.headers.get('content-type'), 'application/pdf')
  t.equal(
    answer.headers.get('content-disposition'),
    "attachment; filename*=UTF-8''Justificante%20de%20l%27alta%20%28%C3%B1%29.pdf",
  )
  t.ok(content.equals(Buffer.from(await answer.arrayBuffer())))
  for (const nth of ['1', '-1', 'x', '9999'])
    t.ok((await fetch(`${sandbox.url}/sandbox/api/messages/${second?.id}/attachments/${nth}`)).status >= 400, nth)

  const page = await (await fetch(`${sandbox.url}/sandbox`)).text()
  t.match(page, `href="${attachment?.url}"`)
  t.match(page, 'Cl@ve: código para confirmar')

  t.equal((await fetch(`${sandbox.url}/sandbox/api/reset`, { method: 'POST' })).status, 204)
  t.same(await found(''), [])
  t.equal((await fetch(`${sandbox.url}${attachment?.url}`)).status, 404)
})

import type { Test } from 'tap'
import {
  layMessageSql,
  makeDelivery,
  makeMessages,
  openPushKey,
  openWebPush,
  type DeliveryParts,
  type Push,
  type PushOptions,
} from '../../src/messaging/index.ts'
import { loadI18n, openEnvelope, statement, systemRandom } from '../../src/platform/index.ts'
import { testClock } from '../support/clock.ts'
import { testDatabase } from '../support/database.ts'
import { quietLog } from '../support/log.ts'
import { startPushService } from '../support/push-service.ts'

export interface Row {
  readonly id: string
  readonly channel: string
  readonly state: string
  readonly content: string | null
  readonly attempts: number
  readonly due: Date
  readonly provider_id: string | null
  readonly reason: string | null
}
const outbox = statement<Row>('test.outbox', 'select * from outbox order by created_at, id')
const layOne = statement('test.lay-one', `with decided as (select 1), ${layMessageSql('decided', 1)} select from laid`)
// A worker has run before.
const knownJob = statement(
  'test.known-job',
  "insert into graphile_worker._private_tasks (identifier) values ('deliver-message')",
)

export const citizen = '11111111-2222-4333-8444-555555555555'
export const phone = '+34600000001'
export const baseUrl = 'https://clave.example'

/** Push messages and their delivery over one database to a push service that behaves as it is told. */
export async function pushScene(t: Test, more: Partial<PushOptions> = {}) {
  const { db, url } = await testDatabase(t)
  await db.rows(knownJob)
  const clock = testClock()
  const service = await startPushService(t)
  const device = service.subscribe()
  const log = quietLog(t, () => [citizen, phone, new URL(device.endpoint).pathname, device.p256dh, device.auth])
  const envelope = openEnvelope([{ id: 'k1', key: Buffer.alloc(32, 1) }])
  const messages = makeMessages({ clock, envelope, i18n: loadI18n({ strict: true }), baseUrl })
  const key = () => openPushKey({ db, envelope, clock })
  const gone: string[] = []
  const options: PushOptions = {
    ...{ hosts: ['*'], baseUrl, allowHttp: true, key, clock, log },
    onGone: async (digest) => void gone.push(digest),
    ...more,
  }
  const channel = openWebPush(options)
  t.teardown(() => channel.close())
  const sms: string[] = []
  const smsChannel = {
    send: async ({ id }: { id: string }) => {
      sms.push(id)
      return { accepted: id }
    },
    close: async () => {},
  }
  const parts: DeliveryParts = { db, clock, random: systemRandom, envelope, log, sms: smsChannel, push: channel }
  const push = (given: Partial<Push> = {}): Push => ({
    ...{ key: systemRandom.uuid(), to: device, citizen, locale: 'es', text: { kind: 'request' } },
    expires: clock.in(300),
    ...given,
  })
  const lay = (given?: Partial<Push>) => db.row(layOne, messages.push(push(given)))
  const laySms = () =>
    db.row(
      layOne,
      messages.sms({
        ...{ key: systemRandom.uuid(), to: phone, citizen, locale: 'es', text: { kind: 'proof-code', code: '123456' } },
        expires: clock.in(600),
      }),
    )
  const rows = () => db.rows(outbox)
  const delivery = makeDelivery(parts)
  return {
    ...{ db, url, clock, log, envelope, messages, service, device, options, channel, key, gone },
    ...{ sms, push, lay, laySms, rows, parts, delivery },
  }
}

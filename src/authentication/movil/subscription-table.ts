import type { Subscription } from '../../messaging/index.ts'
import { statement, type Sql } from '../../platform/index.ts'
import type { MovilParts } from './parts.ts'

const put = statement<{ device: string }>(
  'device-subscription.put',
  `insert into device_subscription (device_id, sealed, endpoint, at)
   select id, $2, $3, $4 from device where id = $1 and ended_at is null
   on conflict (device_id) do update set sealed = excluded.sealed, endpoint = excluded.endpoint, at = excluded.at
   returning device_id as device`,
)
const find = statement<{ device: string; sealed: string }>(
  'device-subscription.of-citizen',
  `select device_id as device, sealed from device_subscription
   where device_id = (select id from device where citizen_id = $1 and ended_at is null and denials < $2)`,
)
const drop = statement('device-subscription.drop', 'delete from device_subscription where endpoint = $1')
const remove = statement('device-subscription.remove', 'delete from device_subscription where device_id = $1')

const context = (device: string): string => `device_subscription.sealed.${device}`

/** Keeps where this phone is pushed to, in the place of what it said before; false: the phone is none any more. */
export async function putSubscription(
  { db, envelope, clock }: Pick<MovilParts, 'db' | 'envelope' | 'clock'>,
  device: string,
  subscription: Subscription,
  endpoint: string,
): Promise<boolean> {
  const sealed = envelope.seal(JSON.stringify(subscription), context(device))
  return (await db.row(put, [device, sealed, endpoint, clock.now()])) !== undefined
}

/** Where the citizen's phone is pushed to; undefined also for one that was denied so often that it must scan. */
export async function findSubscription(
  { db, envelope }: Pick<MovilParts, 'db' | 'envelope'>,
  citizen: string,
  denials: number,
): Promise<Subscription | undefined> {
  const row = await db.row(find, [citizen, denials])
  return row && openSubscription({ envelope }, row.device, row.sealed)
}

export const openSubscription = (
  { envelope }: Pick<MovilParts, 'envelope'>,
  device: string,
  sealed: string,
): Subscription => JSON.parse(envelope.open(sealed, context(device)).toString('utf8')) as Subscription

/** The phone wants no pushes any more. */
export async function removeSubscription(sql: Sql, device: string): Promise<void> {
  await sql.row(remove, [device])
}

/** The push service knows this endpoint no more; `endpoint`: its digest. */
export async function dropSubscription(sql: Sql, endpoint: string): Promise<void> {
  await sql.row(drop, [endpoint])
}

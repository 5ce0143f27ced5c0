import { noteEventSql, type EventValues } from '../../audit/index.ts'
import { statement, type Sql, type Tx } from '../../platform/index.ts'
import type { Credential, Device } from './contract.ts'

interface DeviceRow {
  readonly id: string
  readonly citizen_id: string
  readonly key_x: string
  readonly key_y: string
  readonly name: string
  readonly activated_at: Date
  readonly last_used_at: Date | null
  readonly credential_id: string | null
  readonly credential_key: string | null
  readonly credential_counter: number | null
  readonly denials: number
}

const columns =
  'id, citizen_id, key_x, key_y, name, activated_at, last_used_at, credential_id, credential_key, credential_counter, denials'

/** So many denials in a row, and a request reaches the citizen by scanning only. */
export const denialsAllowed = 2

const byId = statement<DeviceRow>('device.by-id', `select ${columns} from device where id = $1 and ended_at is null`)
const ofCitizen = statement<DeviceRow>(
  'device.of-citizen',
  `select ${columns} from device where citizen_id = $1 and ended_at is null`,
)

/** The phone, while it is active; undefined for whatever is no id of ours, too. */
export async function findDevice(sql: Sql, id: string): Promise<Device | undefined> {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return undefined
  const row = await sql.row(byId, [id])
  return row && deviceOf(row)
}

/** The citizen's active phone. */
export async function findDeviceOf(sql: Sql, citizen: string): Promise<Device | undefined> {
  const row = await sql.row(ofCitizen, [citizen])
  return row && deviceOf(row)
}

// What begins or ends a citizen's phone, or what waits in it, is done one after the other: each statement that follows sees
// all that the one before did.
const lock = statement('device.lock', `select pg_advisory_xact_lock(hashtextextended('movil:' || $1::text, 0))`)

/** From here to the end of the transaction nobody else changes the citizen's phone, or asks it. */
export async function lockPhone(tx: Tx, citizen: string): Promise<void> {
  await tx.row(lock, [citizen])
}

const end = statement<{ sealed: string | null; device: string; locale: string }>(
  'device.end',
  `with ended as (
     update device set ended_at = $2, ended_why = $3 where citizen_id = $1 and ended_at is null returning id
   ), subscription as (
     delete from device_subscription using ended where device_id = ended.id returning device_id, sealed
   ), waiting as (
     update movil_request set ended_at = $2, changed_at = $2 from ended
     where movil_request.device_id = ended.id and decision is null and movil_request.ended_at is null
   ), ${noteEventSql('ended', 4)}
   select ended.id as device, subscription.sealed, (select locale from citizen where citizen.id = $1) as locale
   from ended left join subscription on subscription.device_id = ended.id`,
)

/** Why a phone is none any more; `another`: a newer one took its place. */
export type EndWhy = 'another' | 'by-citizen' | 'not-me' | 'renuncia'

/** The phone that ended, where it was pushed to (sealed), and the language of its owner. */
export interface EndedDevice {
  readonly device: string
  readonly sealed: string | undefined
  readonly locale: string
}

/**
 * Ends the citizen's phone, its subscription, and what waits in it; undefined: there was none. After `lockPhone`, so that
 * no request is missed that is written at the same time.
 */
export async function endDevice(
  tx: Tx,
  { citizen, why, now }: { readonly citizen: string; readonly why: EndWhy; readonly now: Date },
  event: EventValues,
): Promise<EndedDevice | undefined> {
  const row = await tx.row(end, [citizen, now, why, ...event])
  return row && { ...row, sealed: row.sealed ?? undefined }
}

const put = statement<{ id: string }>(
  'device.put',
  `with put as (
     insert into device (id, citizen_id, key_x, key_y, name, activated_at)
     select $1, id, $3, $4, $5, $6 from citizen
     where id = $2 and registration_level is not null and not deceased and not 'movil' = any (blocked_methods)
     returning id
   ), ${noteEventSql('put', 7)} select id from put`,
)

export interface NewDevice {
  readonly id: string
  readonly citizen: string
  readonly key: Pick<Device['key'], 'x' | 'y'>
  readonly name: string
  readonly now: Date
}

/**
 * Makes this the phone of a citizen who has none (`endDevice` in the same transaction); false: the registration was given
 * up meanwhile, or the method blocked.
 */
export async function putDevice(
  tx: Tx,
  { id, citizen, key, name, now }: NewDevice,
  event: EventValues,
): Promise<boolean> {
  return (await tx.row(put, [id, citizen, key.x, key.y, name, now, ...event])) !== undefined
}

const credential = statement<{ id: string }>(
  'device.put-credential',
  `update device set credential_id = $2, credential_key = $3, credential_counter = $4
   where id = $1 and ended_at is null and credential_id is null and activated_at > $5 returning id`,
)

/** Once, and only for a phone activated after `since`: who has got hold of an older one's key cannot add an unlock of their own. */
export async function putCredential(sql: Sql, device: string, one: Credential, since: Date): Promise<boolean> {
  return (await sql.row(credential, [device, one.id, one.publicKey, one.counter, since])) !== undefined
}

const deviceOf = (row: DeviceRow): Device => ({
  id: row.id,
  citizen: row.citizen_id,
  key: { kty: 'EC', crv: 'P-256', x: row.key_x, y: row.key_y },
  credential:
    row.credential_id !== null && row.credential_key !== null
      ? { id: row.credential_id, publicKey: row.credential_key, counter: row.credential_counter ?? 0 }
      : undefined,
  name: row.name,
  activatedAt: row.activated_at,
  lastUsedAt: row.last_used_at ?? undefined,
  mustScan: row.denials >= denialsAllowed,
})

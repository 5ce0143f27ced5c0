import { statement, type Sql } from '../../platform/index.ts'

interface NewsRow {
  readonly device: string
  readonly request: string | null
  readonly changed_at: Date | null
  readonly ended: boolean
}

// Each through an index, whatever the planner knows of the tables: fresh ones have no statistics.
const news = statement<NewsRow>(
  'device.news',
  `(select device_id as device, id as request, changed_at, false as ended from movil_request
    where changed_at > $1 and device_id is not null order by changed_at desc limit 5000)
   union all
   (select id, null, null, true from device where ended_at > $1 order by ended_at desc limit 5000)
   union all
   select asked.id, request.id, request.changed_at, phone.id is null or phone.ended_at is not null
   from unnest($2::uuid[]) as asked (id)
   left join lateral (select id, ended_at from device where device.id = asked.id limit 1) as phone on true
   left join lateral (
     select id, changed_at from movil_request
     where device_id = asked.id and decision is null and ended_at is null and expires_at > $3
     order by asked_at desc limit 1
   ) as request on true`,
)

/** What a phone that listens is to hear of; `request`: the request that changed last, and when. */
export interface PhoneNews {
  readonly device: string
  readonly ended: boolean
  readonly request: { readonly id: string; readonly changed: Date } | undefined
}

/**
 * What changed after this instant for any phone, of thousands the latest, and what waits for these: one question for all
 * phones that listen to a process.
 */
export async function phoneNewsSince(
  sql: Sql,
  since: Date,
  devices: readonly string[],
  now: Date,
): Promise<readonly PhoneNews[]> {
  const rows = await sql.rows(news, [since, devices, now])
  return rows.map(({ device, request, changed_at: changed, ended }) => ({
    device,
    ended,
    request: request !== null && changed !== null ? { id: request, changed } : undefined,
  }))
}

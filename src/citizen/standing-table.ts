import { statement, type Sql } from '../platform/index.ts'

/** How a person stands in Cl@ve, for whoever brings many at once. */
export interface Standing {
  readonly id: string
  readonly document: string
  readonly registered: boolean
  readonly renounced: boolean
  readonly deceased: boolean
  /** Of a registration, E.164. */
  readonly phone: string | undefined
}

const standings = statement<Omit<Standing, 'phone'> & { readonly phone: string | null }>(
  'citizen.standings',
  `select id, document, registration_level is not null as registered, renounced_at is not null as renounced, deceased,
     case when registration_level is not null then phone end as phone
   from citizen where document = any($1::text[]) or (phone = any($2::text[]) and registration_level is not null)`,
)

/** Whom we know of those with one of these documents, and whose of these phones are. */
export async function standingsOf(
  sql: Sql,
  documents: readonly string[],
  phones: readonly string[],
): Promise<readonly Standing[]> {
  const rows = await sql.rows(standings, [documents, phones])
  return rows.map((row) => ({ ...row, phone: row.phone ?? undefined }))
}

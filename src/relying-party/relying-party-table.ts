import type { Loa, MethodName } from '../citizen/index.ts'
import { quickStatement, statement, type Sql, type Tx } from '../platform/index.ts'
import type { OidcClient, RelyingParty, SamlRelyingParty, Scope } from './relying-party.ts'
import type { SamlParty } from './saml-party.ts'

interface RelyingPartyRow {
  readonly id: string
  readonly name: string
  readonly sector: string
  readonly least_level: Loa
  readonly scopes: readonly Scope[]
  readonly home: string | null
  readonly excluded: readonly MethodName[]
  readonly oidc: OidcClient | null
  readonly saml: SamlParty | null
}

const columns = 'id, name, sector, least_level, scopes, home, excluded, oidc, saml'

const find = quickStatement<RelyingPartyRow>('relying-party.find', `select ${columns} from relying_party where id = $1`)
const lock = statement<RelyingPartyRow>(
  'relying-party.lock',
  `select ${columns} from relying_party where id = $1 for update`,
)
const list = statement<RelyingPartyRow>('relying-party.list', `select ${columns} from relying_party order by id`)
const listSaml = statement<RelyingPartyRow>(
  'relying-party.list-saml',
  `select ${columns} from relying_party where saml is not null order by id`,
)
const findBySamlName = quickStatement<RelyingPartyRow>(
  'relying-party.find-by-saml-name',
  `select ${columns} from relying_party
   where id = (select relying_party from relying_party_saml_name where name = $1)`,
)
const findBySamlCertificate = statement<RelyingPartyRow>(
  'relying-party.find-by-saml-certificate',
  `select ${columns} from relying_party where saml -> 'certificates' @> $1::jsonb order by id`,
)

const findBySamlReturnAddress = statement<RelyingPartyRow>(
  'relying-party.find-by-saml-return-address',
  `select ${columns} from relying_party where saml -> 'logout' ? $1::text or saml -> 'acs' @> $2::jsonb order by id`,
)

const insert = statement<{ id: string }>(
  'relying-party.insert',
  `insert into relying_party (${columns}, created_at, updated_at, saml_metadata_due)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11)
   on conflict do nothing returning id`,
)

// Metadata that stay are not put off by a change of something else.
const update = statement(
  'relying-party.update',
  `update relying_party set name = $2, sector = $3, least_level = $4, scopes = $5, home = $6, excluded = $7, oidc = $8,
     saml = $9, updated_at = $10,
     saml_metadata_due = case when saml is not distinct from $9 then saml_metadata_due else $11 end
   where id = $1`,
)

// Others' reading of the same metadata is put off by the claim: of several workers one reads.
const claimDue = statement<RelyingPartyRow>(
  'relying-party.claim-due-metadata',
  `update relying_party set saml_metadata_due = $2 where id in (
     select id from relying_party where saml_metadata_due <= $1 order by saml_metadata_due limit $3 for update skip locked)
   returning ${columns}`,
)

// What was changed while the new metadata were fetched is not written over.
const refresh = statement<{ id: string }>(
  'relying-party.refresh-metadata',
  `update relying_party set saml = $3, saml_metadata_due = $4, updated_at = $5 where id = $1 and saml = $2::jsonb
   returning id`,
)

export const relyingPartyTable = {
  find: async (sql: Sql, id: string) => asRelyingParty(await sql.row(find, [id])),
  /** Holds the row until the transaction ends. */
  lock: async (tx: Tx, id: string) => asRelyingParty(await tx.row(lock, [id])),
  list: async (sql: Sql): Promise<RelyingParty[]> => (await sql.rows(list)).flatMap((row) => asRelyingParty(row) ?? []),
  listSaml: async (sql: Sql): Promise<SamlRelyingParty[]> => (await sql.rows(listSaml)).flatMap(asSamlRelyingParty),
  /** None or one. */
  findBySamlName: async (sql: Sql, name: string): Promise<SamlRelyingParty[]> =>
    (await sql.rows(findBySamlName, [name])).flatMap(asSamlRelyingParty),
  findBySamlCertificate: async (sql: Sql, fingerprint: string): Promise<SamlRelyingParty[]> =>
    (await sql.rows(findBySamlCertificate, [JSON.stringify([{ fingerprint }])])).flatMap(asSamlRelyingParty),
  findBySamlReturnAddress: async (sql: Sql, url: string): Promise<SamlRelyingParty[]> =>
    (await sql.rows(findBySamlReturnAddress, [url, JSON.stringify([{ url }])])).flatMap(asSamlRelyingParty),
  /** `due`: when its metadata are read again. False when the id is taken. */
  insert: async (sql: Sql, one: RelyingParty, now: Date, due?: Date) =>
    (await sql.row(insert, values(one, now, due))) !== undefined,
  update: async (sql: Sql, one: RelyingParty, now: Date, due?: Date) =>
    void (await sql.row(update, values(one, now, due))),
  /** Up to `most` whose metadata are due at `now`, put off until `retry`. */
  claimDue: async (sql: Sql, now: Date, retry: Date, most: number): Promise<SamlRelyingParty[]> =>
    (await sql.rows(claimDue, [now, retry, most])).flatMap(asSamlRelyingParty),
  /** False when the row says something else than `before` by now. */
  refresh: async (sql: Sql, before: SamlRelyingParty, saml: SamlParty, due: Date, now: Date) =>
    (await sql.row(refresh, [before.id, JSON.stringify(before.saml), JSON.stringify(saml), due, now])) !== undefined,
}

const values = (one: RelyingParty, now: Date, due: Date | undefined): unknown[] => [
  one.id,
  one.name,
  one.sector,
  one.leastLevel,
  one.scopes,
  one.home,
  one.excluded,
  one.oidc && JSON.stringify(one.oidc),
  one.saml && JSON.stringify(one.saml),
  now,
  due,
]

function asRelyingParty(row: RelyingPartyRow | undefined): RelyingParty | undefined {
  if (!row) return undefined
  const { least_level: leastLevel, home, oidc, saml, ...rest } = row
  return { ...rest, leastLevel, home: home ?? undefined, oidc: oidc ?? undefined, saml: saml ?? undefined }
}

function asSamlRelyingParty(row: RelyingPartyRow): SamlRelyingParty[] {
  const one = asRelyingParty(row)
  return one?.saml ? [{ ...one, saml: one.saml }] : []
}

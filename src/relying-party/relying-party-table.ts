import type { Loa, MethodName } from '../citizen/index.ts'
import { statement, type Sql, type Tx } from '../platform/index.ts'
import type { OidcClient, RelyingParty, Scope } from './relying-party.ts'

interface RelyingPartyRow {
  readonly id: string
  readonly name: string
  readonly sector: string
  readonly least_level: Loa
  readonly scopes: readonly Scope[]
  readonly home: string | null
  readonly excluded: readonly MethodName[]
  readonly oidc: OidcClient | null
}

const columns = 'id, name, sector, least_level, scopes, home, excluded, oidc'

const find = statement<RelyingPartyRow>('relying-party.find', `select ${columns} from relying_party where id = $1`)
const lock = statement<RelyingPartyRow>(
  'relying-party.lock',
  `select ${columns} from relying_party where id = $1 for update`,
)
const list = statement<RelyingPartyRow>('relying-party.list', `select ${columns} from relying_party order by id`)

const insert = statement<{ id: string }>(
  'relying-party.insert',
  `insert into relying_party (${columns}, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
   on conflict do nothing returning id`,
)

const update = statement(
  'relying-party.update',
  `update relying_party set name = $2, sector = $3, least_level = $4, scopes = $5, home = $6, excluded = $7, oidc = $8,
     updated_at = $9 where id = $1`,
)

export const relyingPartyTable = {
  find: async (sql: Sql, id: string) => asRelyingParty(await sql.row(find, [id])),
  /** Holds the row until the transaction ends. */
  lock: async (tx: Tx, id: string) => asRelyingParty(await tx.row(lock, [id])),
  list: async (sql: Sql): Promise<RelyingParty[]> => (await sql.rows(list)).flatMap((row) => asRelyingParty(row) ?? []),
  /** False when the id is taken. */
  insert: async (sql: Sql, one: RelyingParty, now: Date) => (await sql.row(insert, values(one, now))) !== undefined,
  update: async (sql: Sql, one: RelyingParty, now: Date) => void (await sql.row(update, values(one, now))),
}

const values = (one: RelyingParty, now: Date): unknown[] => [
  one.id,
  one.name,
  one.sector,
  one.leastLevel,
  one.scopes,
  one.home,
  one.excluded,
  one.oidc && JSON.stringify(one.oidc),
  now,
]

function asRelyingParty(row: RelyingPartyRow | undefined): RelyingParty | undefined {
  if (!row) return undefined
  const { least_level: leastLevel, home, oidc, ...rest } = row
  return { ...rest, leastLevel, home: home ?? undefined, oidc: oidc ?? undefined }
}

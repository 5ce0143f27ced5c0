import pg from 'pg'

/** What a reset leaves as it is beside what was migrated: the keys (agencies and browsers have cached them) and the registry. */
const kept = ['signing_key', 'push_key', 'relying_party', 'relying_party_saml_name']

/** Empties the application's tables but for the keys and the named relying parties. */
export function resetTables(ownerUrl: string, keptRelyingParties: readonly string[]): Promise<void> {
  return inTransaction(ownerUrl, async (client) => {
    await truncate(client, kept)
    await client.query('delete from relying_party where id <> all ($1)', [keptRelyingParties])
  })
}

/** Empties all of the application's tables. */
export const emptyTables = (ownerUrl: string): Promise<void> =>
  inTransaction(ownerUrl, (client) => truncate(client, []))

/** The tables are read from the database, so that a new one cannot be forgotten here. */
async function truncate(client: pg.Client, but: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select quote_ident(tablename) as name from pg_tables where schemaname = 'public' and tablename <> all ($1)`,
    [['migration', ...but]],
  )
  await client.query(`truncate ${rows.map(({ name }) => name).join(', ')}`)
}

/** As the owner, who alone may. */
async function inTransaction(ownerUrl: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl, lock_timeout: 5_000 })
  await client.connect()
  try {
    await client.query('begin')
    await work(client)
    await client.query('commit')
  } finally {
    await client.end()
  }
}

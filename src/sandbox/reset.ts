import pg from 'pg'

/** What a reset leaves as it is: what was migrated, the keys (agencies have cached them), and the registry. */
const kept = ['migration', 'signing_key', 'relying_party']

/**
 * Empties every table of the application and removes the relying parties but the named ones, in one transaction, as the
 * owner. The tables are read from the database, so that a new one cannot be forgotten here.
 */
export async function emptyTables(ownerUrl: string, keepRelyingParties: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl, lock_timeout: 5_000 })
  await client.connect()
  try {
    const { rows } = await client.query<{ name: string }>(
      `select quote_ident(tablename) as name from pg_tables where schemaname = 'public' and tablename <> all ($1)`,
      [kept],
    )
    await client.query('begin')
    await client.query(`truncate ${rows.map(({ name }) => name).join(', ')}`)
    await client.query('delete from relying_party where id <> all ($1)', [keepRelyingParties])
    await client.query('commit')
  } finally {
    await client.end()
  }
}

import pg from 'pg'
import { catalogue } from './catalogue.ts'

/** A database that was given to the sandbox and is somebody else's; `message` says in one line what to do. */
export class ForeignDatabase extends Error {}

/**
 * Refuses a database with citizens who are not the sandbox's: it would put people with a known password there, and
 * agencies with http addresses, and a reset would empty it.
 */
export async function refuseForeignDatabase(ownerUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl })
  await client.connect()
  try {
    const { rows: tables } = await client.query<{ there: boolean }>(
      `select to_regclass('public.citizen') is not null as there`,
    )
    if (!tables[0]?.there) return
    const { rows } = await client.query<{ foreign: boolean }>(
      'select exists (select from citizen) and not exists (select from citizen where id = $1) as foreign',
      [catalogue[0]?.id],
    )
    if (rows[0]?.foreign) {
      throw new ForeignDatabase(
        'The database given holds citizens who are not the test citizens. The sandbox takes an empty one, or one of its own.',
      )
    }
  } finally {
    await client.end()
  }
}

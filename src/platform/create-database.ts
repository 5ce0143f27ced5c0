import pg from 'pg'
import { systemRandom } from './random.ts'

/** How the two roles reach one database. */
export interface DatabaseUrls {
  /** As the application role: rows only. */
  readonly url: string
  /** As the owner: for migrations. */
  readonly ownerUrl: string
}

const owner = 'clave_owner'
const application = 'clave'

/**
 * Makes the two roles and the database where they are absent, for the sandbox and the tests; in production the
 * database's administrator does (docs/runbooks). The roles get fresh passwords, so only one caller a server at a time.
 */
export async function createDatabase(adminUrl: string, name: string): Promise<DatabaseUrls> {
  return asAdmin(adminUrl, async (client) => {
    const role = async (role: string) => {
      const password = systemRandom.token(24)
      const { rowCount } = await client.query('select from pg_roles where rolname = $1', [role])
      await client.query(`${rowCount ? 'alter' : 'create'} role ${role} login password ${pg.escapeLiteral(password)}`)
      return urlFor(adminUrl, name, role, password)
    }
    const [url, ownerUrl] = [await role(application), await role(owner)]
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name])
    if (!rowCount) await client.query(`create database ${pg.escapeIdentifier(name)} owner ${owner}`)
    return { url, ownerUrl }
  })
}

/** A copy of a database that nobody is connected to; as fast as its files are copied. */
export async function copyDatabase(adminUrl: string, template: string, name: string): Promise<void> {
  await asAdmin(adminUrl, (client) =>
    client.query(
      `create database ${pg.escapeIdentifier(name)} template ${pg.escapeIdentifier(template)} owner ${owner} strategy file_copy`,
    ),
  )
}

/** PostgreSQL waits some seconds for connections that are closing; what is still there then is ended. */
export async function dropDatabase(adminUrl: string, name: string): Promise<void> {
  const drop = `drop database if exists ${pg.escapeIdentifier(name)}`
  await asAdmin(adminUrl, (client) =>
    client.query(drop).catch((error: { code?: string }) => {
      if (error.code !== objectInUse) throw error
      return client.query(`${drop} with (force)`)
    }),
  )
}

const objectInUse = '55006'

function urlFor(adminUrl: string, database: string, role: string, password: string): string {
  const url = new URL(adminUrl)
  url.username = role
  url.password = password
  url.pathname = `/${encodeURIComponent(database)}`
  return url.href
}

async function asAdmin<T>(adminUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: adminUrl, application_name: 'clave-admin' })
  // A lost connection fails the statement under way; without a listener it would end the process as well.
  client.on('error', () => {})
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

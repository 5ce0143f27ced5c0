import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Logger, runMigrations } from 'graphile-worker'
import { runner } from 'node-pg-migrate'
import pg from 'pg'
import { statement, type Sql } from './db.ts'

export interface MigrateOptions {
  /** Connects as the owner of the database. */
  readonly ownerUrl: string
  /** The role of server and worker, which gets rights on rows and none to define anything. */
  readonly applicationRole?: string
  readonly log?: (line: string) => void
}

const folder = fileURLToPath(new URL('../../migrations', import.meta.url))

/** Any number that nothing else in this database locks: instances that start together migrate one after another. */
const advisoryLock = 4_120_001

/**
 * Brings the database up to date: our own migrations and graphile-worker's. Answers the names of those that ran now.
 * Each of ours is all or nothing in one transaction with the others of the same run.
 */
export async function migrate(options: MigrateOptions): Promise<readonly string[]> {
  const log = options.log ?? (() => {})
  const client = new pg.Client({ connectionString: options.ownerUrl, application_name: 'clave-migrate' })
  // A lost connection fails the statement under way; without a listener it would end the process as well.
  client.on('error', () => {})
  await client.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [advisoryLock])
    await client.query(`select set_config('clave.application_role', $1, false)`, [options.applicationRole ?? 'clave'])
    const ran = await runner({
      dbClient: client,
      dir: folder,
      direction: 'up',
      migrationsTable: 'migration',
      // Numbers belong to rooms, so a later migration may have a lower one.
      checkOrder: false,
      singleTransaction: true,
      noLock: true,
      logger: { debug: () => {}, info: () => {}, warn: log, error: log },
    })
    const worker = await migrateWorker(client, options.ownerUrl, log)
    for (const { name } of ran) log(`migrated ${name}`)
    return [...ran.map(({ name }) => name), ...worker]
  } finally {
    await client.end()
  }
}

/** The migrations of ours that this database lacks: none when it is ready for this version. */
export async function pendingMigrations(sql: Sql): Promise<readonly string[]> {
  const [files, rows] = await Promise.all([readdir(folder), sql.rows(ranBefore)])
  const ran = new Set(rows.map(({ name }) => name))
  const names = files.filter((file) => file.endsWith('.sql')).map((file) => file.slice(0, -'.sql'.length))
  return names.filter((name) => !ran.has(name)).sort()
}

const ranBefore = statement<{ name: string }>('migration.names', 'select name from migration')

/**
 * graphile-worker's tables. They have row level security without a policy, so that only their owner sees rows: the
 * application role gets a policy beside its grants, and works jobs without owning anything.
 */
async function migrateWorker(
  client: pg.Client,
  ownerUrl: string,
  log: (line: string) => void,
): Promise<readonly string[]> {
  const before = await workerRevision(client)
  const pgPool = new pg.Pool({ connectionString: ownerUrl, max: 1, application_name: 'clave-migrate' })
  // What is lost fails the migration under way; without listeners (graphile-worker looks for both) it would end the process.
  pgPool.on('error', () => {}).on('connect', (lent) => lent.on('error', () => {}))
  await runMigrations({
    pgPool,
    logger: new Logger(() => (level, message) => (level === 'error' || level === 'warning' ? log(message) : undefined)),
  }).finally(() => pgPool.end())
  const after = await workerRevision(client)
  if (before === after) return []
  await client.query(workerRights)
  return [`graphile-worker ${after}`]
}

async function workerRevision(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ there: boolean }>(
    `select to_regclass('graphile_worker.migrations') is not null as there`,
  )
  if (!rows[0]?.there) return 0
  const { rows: latest } = await client.query<{ id: number }>(
    'select coalesce(max(id), 0) as id from graphile_worker.migrations',
  )
  return latest[0]?.id ?? 0
}

const workerRights = `
do $$
declare
  application text := current_setting('clave.application_role');
  guarded regclass;
begin
  execute format('grant usage on schema graphile_worker to %I', application);
  execute format('grant select, insert, update, delete on all tables in schema graphile_worker to %I', application);
  execute format('grant usage, select on all sequences in schema graphile_worker to %I', application);
  execute format('grant execute on all functions in schema graphile_worker to %I', application);
  for guarded in
    select oid from pg_class where relnamespace = 'graphile_worker'::regnamespace and relkind = 'r' and relrowsecurity
  loop
    execute format('drop policy if exists application on %s', guarded);
    execute format('create policy application on %s to %I using (true) with check (true)', guarded, application);
  end loop;
end
$$`

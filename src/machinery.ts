import { limitsFrom, type Limits } from './lockout/index.ts'
import {
  databaseClock,
  deriveKey,
  digestWith,
  loadI18n,
  makeLog,
  makeMetrics,
  onceIn,
  openDb,
  openEnvelope,
  postgresStore,
  redisStore,
  systemRandom,
  type Clock,
  type Config,
  type Db,
  type Digest,
  type Envelope,
  type EphemeralStore,
  type I18n,
  type Metrics,
  type Once,
  type Random,
} from './platform/index.ts'

/** What the rooms stand on, opened once a process. */
export interface Machinery {
  readonly config: Config<'serve' | 'worker'>
  readonly db: Db
  /** The civil register's own few connections: a slow register cannot take those of the logins. */
  readonly registerDb: Db
  readonly store: EphemeralStore
  readonly once: Once
  readonly clock: Clock
  readonly random: Random
  readonly envelope: Envelope
  readonly digest: Digest
  readonly limits: Limits
  readonly i18n: I18n
  readonly log: ReturnType<typeof makeLog>
  readonly metrics: Metrics
  /** In the order in which they were opened, backwards. */
  close(): Promise<void>
}

export interface MachineryOptions {
  readonly config: Config<'serve' | 'worker'>
  /** Instead of the database's clock: the sandbox's, which can be moved. */
  readonly clock?: Clock
  /** Instead of one that writes to standard output. */
  readonly log?: ReturnType<typeof makeLog>
  /** Sees the name of every statement: for a test that compares the work done. */
  readonly observe?: (statement: string) => void
}

/** Connects to PostgreSQL and the store; throws when one of them does not answer. */
export async function openMachinery(options: MachineryOptions): Promise<Machinery> {
  const { config } = options
  const log = options.log ?? makeLog({ level: config.logLevel, deployment: config.deployment })
  const onConnectionLost = (err: Error) => log.warn({ err }, 'a connection was lost')
  const connection = { url: config.databaseUrl, applicationName: config.deployment, onConnectionLost }
  const db = openDb({
    ...connection,
    size: config.databasePool,
    ...(options.observe ? { observe: options.observe } : {}),
  })
  const limits = limitsOf(config.limits)
  const registerDb = openDb({ ...connection, size: 4, statementTimeout: Math.max(5_000, limits.registerWait) })
  const following = options.clock
    ? undefined
    : await databaseClock({ db, onLost: (err) => log.warn({ err }, 'the database did not say the time') })
  const clock = options.clock ?? following!
  const envelope = openEnvelope(config.masterKeys)
  const random = systemRandom
  const store = await openStore(config, { db, clock, random, onConnectionLost })
  return {
    config,
    db,
    registerDb,
    store,
    once: onceIn(db),
    clock,
    random,
    envelope,
    // From the secret that never changes: counts of failures are kept under digests, and a new master key must not reset them.
    digest: digestWith(deriveKey(Buffer.from(config.pairwiseSecret), 'digest')),
    limits,
    i18n: loadI18n({ strict: false }),
    log,
    metrics: makeMetrics({ deployment: config.deployment }),
    async close() {
      following?.stop()
      await store.close()
      await Promise.all([registerDb.close(), db.close()])
    },
  }
}

type StoreParts = Parameters<typeof postgresStore>[0] & { readonly onConnectionLost: (error: Error) => void }

async function openStore(config: Config<'serve' | 'worker'>, parts: StoreParts): Promise<EphemeralStore> {
  if (config.store === 'postgres') return postgresStore(parts)
  return redisStore({ url: config.redisUrl!, ...parts })
}

/** The configuration was checked against the table when it was read. */
function limitsOf(overrides: Readonly<Record<string, number>>): Limits {
  const limits = limitsFrom(overrides)
  if ('problems' in limits) throw new Error(limits.problems.join('\n'))
  return limits
}

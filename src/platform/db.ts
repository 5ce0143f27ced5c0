import pg from 'pg'
import { sayingAway } from './database-away.ts'
import { giveBack, openPool } from './open-pool.ts'
import { shareConnection } from './share-connection.ts'

/**
 * One SQL statement, prepared once per connection under its name.
 * The name is also what traces and metrics say, so it never holds a value.
 */
export interface Statement<Row> {
  readonly name: string
  readonly text: string
  /** Over at once, whatever it is given: standing alone it shares a connection with others of its turn. */
  readonly quick?: boolean
  /** Its commit does not wait for the disk: see {@link unflushed}. */
  readonly unflushed?: boolean
  /** Only for the type checker: the shape of a row. */
  readonly row?: Row
}

/** Throws for a name that PostgreSQL would cut off (63 bytes): two such could become one. */
export function statement<Row = Record<string, never>>(name: string, text: string): Statement<Row> {
  if (Buffer.byteLength(name) > 63) throw new Error(`The statement name ${name} is longer than 63 bytes.`)
  return { name, text }
}

/**
 * A statement that reads or writes a few rows by their keys, as those of a login do: those begun in the same turn travel
 * on one connection (ADR 0004). Not for one that may run for long, nor for one that waits for what lasts.
 */
export const quickStatement = <Row = Record<string, never>>(name: string, text: string): Statement<Row> => ({
  ...statement<Row>(name, text),
  quick: true,
})

/** Always true: where it stands in a statement, the transaction's commit does not wait for the disk. */
export const withoutFlush = "(select set_config('synchronous_commit', 'off', true)) is not null"

/**
 * A statement that holds {@link withoutFlush}: what it did is seen by everyone at once, and is on disk within 0.6 s, or as
 * soon as any later transaction commits that does wait (ADR 0007). A crash of PostgreSQL before that undoes all of it.
 * For statements whose loss does no harm, or of which nobody hears before such a later commit. Refused in a transaction,
 * of which the rest would not wait either.
 */
export function unflushed<Row>(statement: Statement<Row>): Statement<Row> {
  if (!statement.text.includes(withoutFlush)) throw new Error(`The statement ${statement.name} waits for the disk.`)
  return { ...statement, unflushed: true }
}

/**
 * Whatever can run a statement: the pool (each statement its own transaction) or one transaction, where statements begun
 * without waiting for each other travel together.
 */
export interface Sql {
  rows<Row>(statement: Statement<Row>, values?: readonly unknown[]): Promise<Row[]>
  /** The first row, if any. */
  row<Row>(statement: Statement<Row>, values?: readonly unknown[]): Promise<Row | undefined>
}

/** An open transaction. A function that takes a `Tx` must be called inside one. */
export interface Tx extends Sql {
  readonly inTransaction: true
}

/** What fails since PostgreSQL is away or has no room carries the `statusCode` 503. */
export interface Db extends Sql {
  /** Commits when `work` answers, rolls back when it throws. `begin` travels with the first statement. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /**
   * One transaction in ONE round trip, for statements that do not need each other's answers: `work` begins them all
   * without waiting, and the commit travels with them.
   *
   *     await db.together((tx) => [pinTable.replace(tx, pin), outboxTable.insert(tx, message), addJob(tx, 'deliver-message', { id })])
   *
   * Rolls back and rejects when one of them fails. A statement begun later (after an `await` of `work`) is refused.
   * For a few quick ones: they share one `answerTimeout`, and what it gives up may be committed all the same.
   */
  together<T extends readonly Promise<unknown>[]>(
    work: (tx: Tx) => readonly [...T],
  ): Promise<{ [I in keyof T]: Awaited<T[I]> }>
  /** Connections of the pool, and acts that wait for one (those that share one wait as one), for the metrics. */
  connections(): Connections
  /** Waits a second for what is under way, and gives up what is not answered by then. */
  close(): Promise<void>
}

export interface Connections {
  readonly open: number
  readonly idle: number
  readonly waiting: number
}

export interface DbOptions {
  readonly url: string
  /** Connections at most. */
  readonly size?: number
  /** Milliseconds after which a statement is cancelled by PostgreSQL. */
  readonly statementTimeout?: number
  /** Milliseconds that a statement waits for a row lock. */
  readonly lockTimeout?: number
  /**
   * Milliseconds after which a connection is given up that leaves a statement unanswered: PostgreSQL stands still, or the
   * network swallows what is sent. More than the limit that PostgreSQL keeps itself, for a statement may wait on its
   * connection for those before it.
   */
  readonly answerTimeout?: number
  /** Milliseconds that an act waits for a connection of the pool. */
  readonly connectionTimeout?: number
  readonly applicationName?: string
  /** Sees the name of each statement, and `begin`, `commit`, `rollback`: for traces and metrics. */
  readonly observe?: (name: string) => void
  /** Told of a broken idle connection; the pool replaces it by itself. */
  readonly onConnectionLost?: (error: Error) => void
}

// Dates stay as PostgreSQL writes them (YYYY-MM-DD): a calendar day has no time zone. bigint counters fit a number here.
const parsers = new Map<number, (text: string) => unknown>([
  [pg.types.builtins.DATE, (text) => text],
  [pg.types.builtins.INT8, Number],
])
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    (format === 'binary' ? undefined : parsers.get(oid)) ??
    (pg.types.getTypeParser(oid, format) as (text: string) => unknown),
}

export function openDb(options: DbOptions): Db {
  const { statementTimeout = 5_000 } = options
  const { pool, end } = openPool(
    {
      connectionString: options.url,
      max: options.size ?? 20,
      statement_timeout: statementTimeout,
      lock_timeout: options.lockTimeout ?? 2_000,
      query_timeout: options.answerTimeout ?? statementTimeout + 5_000,
      idle_in_transaction_session_timeout: 10_000,
      connectionTimeoutMillis: options.connectionTimeout ?? 3_000,
      application_name: options.applicationName ?? 'clave',
      // Kept for good: a timer at every return of a connection would cost more than the connection.
      idleTimeoutMillis: 0,
      types,
    },
    (error) => options.onConnectionLost?.(error),
  )
  const observe = options.observe ?? (() => {})
  const lend = <T>(work: (client: pg.PoolClient) => Promise<T>) => sayingAway(() => onClient(pool, work))
  const sharing = shareConnection(pool)
  const share = <T>(work: (client: pg.PoolClient) => Promise<T>) => sayingAway(() => sharing(work))
  return {
    ...sqlOf((statement, values) =>
      (statement.quick ? share : lend)((client) => run(client, observe, statement, values)),
    ),
    transaction: (work) => lend((client) => transact(client, observe, work)),
    together: (work) => lend((client) => transactAtOnce(client, observe, work)),
    connections: () => ({ open: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    close: end,
  }
}

type Observe = (name: string) => void

function sqlOf(rows: Sql['rows']): Sql {
  return { rows, row: async (statement, values) => (await rows(statement, values))[0] }
}

async function run<Row>(
  client: pg.PoolClient,
  observe: Observe,
  { name, text }: Statement<Row>,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  observe(name)
  return (await client.query({ name, text, values: [...values] })).rows as Row[]
}

/** Lends a connection of the pool, which replaces it when it broke meanwhile. */
async function onClient<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  try {
    return await work(client)
  } finally {
    giveBack(client)
  }
}

async function transact<T>(client: pg.PoolClient, observe: Observe, work: (tx: Tx) => Promise<T>): Promise<T> {
  const { tx, begun, end } = begin(client, observe)
  try {
    const answer = await work(tx)
    await begun
    await end('commit')
    return answer
  } catch (error) {
    // Where the connection is lost the server rolls back by itself.
    await end('rollback').catch(() => {})
    throw error
  }
}

async function transactAtOnce<T extends readonly Promise<unknown>[]>(
  client: pg.PoolClient,
  observe: Observe,
  work: (tx: Tx) => readonly [...T],
): Promise<{ [I in keyof T]: Awaited<T[I]> }> {
  const { tx, begun, end } = begin(client, observe)
  let begunStatements: readonly [...T]
  try {
    begunStatements = work(tx)
  } catch (error) {
    await end('rollback').catch(() => {})
    throw error
  }
  const statements = Promise.all(begunStatements)
  // All are waited for, so that the connection goes back with nothing under way; of failures the first is told.
  const told = await Promise.allSettled([begun, statements, ...begunStatements, end('commit')])
  const failed = told.find((each): each is PromiseRejectedResult => each.status === 'rejected')
  if (failed) throw failed.reason as Error
  return statements
}

/** `begin` is sent and not waited for: it travels with the first statement. */
function begin(client: pg.PoolClient, observe: Observe) {
  let ended = false
  const rows: Sql['rows'] = async (statement, values) => {
    if (ended) throw new Error(`The statement ${statement.name} came after the end of its transaction.`)
    if (statement.unflushed) throw new Error(`The statement ${statement.name} is for no transaction but its own.`)
    return run(client, observe, statement, values)
  }
  observe('begin')
  const begun = client.query('begin')
  begun.catch(() => {})
  const end = async (how: 'commit' | 'rollback'): Promise<void> => {
    ended = true
    observe(how)
    const { command } = await client.query(how)
    // PostgreSQL answers a commit after a failed statement with ROLLBACK and no error.
    if (how === 'commit' && command !== 'COMMIT')
      throw new Error('Nothing was committed: a statement had failed unheard.')
  }
  return { tx: { ...sqlOf(rows), inTransaction: true } satisfies Tx, begun, end }
}

import type { Socket } from 'node:net'
import pg from 'pg'

export interface PoolOptions extends pg.PoolConfig {
  /** Milliseconds after which a connection is given up that leaves a statement unanswered. */
  readonly query_timeout: number
  /** Milliseconds that an act waits for a connection. */
  readonly connectionTimeoutMillis: number
}

export interface OpenPool {
  readonly pool: pg.Pool
  /**
   * Ends it. The library would wait for every connection without end, and a database that does not answer lets none go:
   * what has not given its connection back within a second loses it, and fails as if the database had closed it.
   */
  end(): Promise<void>
}

/** Milliseconds that what is under way at the end gets to give its connection back. */
const patience = 1_000

/**
 * Connections to PostgreSQL that outlive neither its end, nor its standing still, nor a network that swallows everything.
 * `onConnectionLost`: told of each that breaks, idle or lent; the pool replaces it by itself.
 */
export function openPool(options: PoolOptions, onConnectionLost: (error: Error) => void): OpenPool {
  const pool = new pg.Pool({
    ...options,
    // So that the system asks after connections on which nothing is under way: ten seconds, then each second.
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    // In this mode, and in no other, the library closes the connection whose `query_timeout` is over.
    pipeline: true,
  })
  const open = new Set<pg.PoolClient>()
  // An error without a listener would end the process: the pool listens while a connection is idle, this one always.
  pool.on('connect', (client) => {
    client.on('error', onConnectionLost)
    open.add(client)
  })
  pool.on('remove', (client) => open.delete(client))
  pool.on('error', () => {})
  return {
    pool,
    async end() {
      const giveUp = setTimeout(() => open.forEach((client) => socketOf(client).destroy()), patience)
      await pool.end().finally(() => clearTimeout(giveUp))
    },
  }
}

/** The library has no public word for it. */
export const socketOf = (client: pg.PoolClient): Socket =>
  (client as unknown as { readonly connection: { readonly stream: Socket } }).connection.stream

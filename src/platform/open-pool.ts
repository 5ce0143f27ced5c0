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
   * what is lent or opened a second later is closed, and a statement on it fails as if the database had closed it.
   */
  end(): Promise<void>
}

/** Milliseconds that what is under way at the end gets to give its connection back. */
const patience = 1_000

/**
 * PostgreSQL, too, asks after a connection on which nothing comes, and gives up one whose other end hears nothing: what we
 * gave up while the network swallowed everything would else keep its process for two hours, and no room for the next.
 * Ignored on a Unix socket.
 */
const keepAlive =
  '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=10 -c tcp_user_timeout=20000'

/**
 * Connections to PostgreSQL that outlive neither its end, nor its standing still, nor a network that swallows everything.
 * `onConnectionLost`: told of each that breaks, idle or lent; the pool replaces it by itself.
 */
export function openPool(options: PoolOptions, onConnectionLost: (error: Error) => void): OpenPool {
  const pool = new pg.Pool({
    ...options,
    options: options.options ? `${keepAlive} ${options.options}` : keepAlive,
    // So that the system asks after connections on which nothing is under way: ten seconds, then each second.
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    // In this mode, and in no other, the library closes the connection whose `query_timeout` is over.
    pipeline: true,
  })
  const open = new Set<pg.PoolClient>()
  let givenUp = false
  // An error without a listener would end the process: the pool listens while a connection is idle, this one always.
  pool.on('connect', (client) => {
    client.on('error', onConnectionLost)
    if (givenUp) socketOf(client).destroy()
    open.add(client)
  })
  pool.on('remove', (client) => open.delete(client))
  pool.on('error', () => {})
  return {
    pool,
    async end() {
      const giveUp = setTimeout(() => {
        givenUp = true
        for (const client of open) socketOf(client).destroy()
      }, patience)
      await pool.end().finally(() => clearTimeout(giveUp))
    },
  }
}

/**
 * Gives a connection back. Of one that was given up the library hears when the event loop has closed it, at the end of this
 * turn, and would lend it once more before.
 */
export function giveBack(client: pg.PoolClient): void {
  if (socketOf(client).destroyed) setImmediate(() => setImmediate(() => client.release()))
  else client.release()
}

/** The library has no public word for it. */
export const socketOf = (client: pg.PoolClient): Socket =>
  (client as unknown as { readonly connection: { readonly stream: Socket } }).connection.stream

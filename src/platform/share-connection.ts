import type pg from 'pg'
import { giveBack, socketOf } from './open-pool.ts'

/** Statements that one connection takes at most in one turn: the last of them waits for those before it. */
const most = 4

type Lend = <T>(work: (client: pg.PoolClient) => Promise<T>) => Promise<T>

interface Shared {
  readonly client: Promise<pg.PoolClient>
  begun: number
  underWay: number
}

/**
 * Lends one connection to the statements that are begun in one turn of the event loop: they leave together, and
 * PostgreSQL carries them out one after another. With many logins under way a connection for each costs more than the
 * statements, on both sides: each wakes a process of its own. Each statement stays a transaction of its own, and one that
 * fails fails alone. Only for statements that are over at once, since whoever comes next on the connection waits for them.
 */
export function shareConnection(pool: pg.Pool): Lend {
  let open: Shared | undefined
  const openAnother = (): Shared => {
    const shared: Shared = { client: pool.connect().then(sendAtTurnsEnd), begun: 0, underWay: 0 }
    setImmediate(() => {
      if (open === shared) open = undefined
    })
    return shared
  }
  return async (work) => {
    const shared = (open = open && open.begun < most ? open : openAnother())
    shared.begun++
    shared.underWay++
    const client = await shared.client
    try {
      return await work(client)
    } finally {
      if (--shared.underWay === 0) {
        // All may fail before anything was sent, within the turn: nobody may join when it is another's.
        if (open === shared) open = undefined
        giveBack(client)
      }
    }
  }
}

/** What is written to the connection within this turn leaves it in one piece. */
function sendAtTurnsEnd(client: pg.PoolClient): pg.PoolClient {
  const socket = socketOf(client)
  socket.cork()
  setImmediate(() => socket.uncork())
  return client
}

import { join } from 'node:path'
import { statement, type Db } from '../src/platform/index.ts'
import { pinLogin } from './clave-flow.ts'
import type { Connection } from './connection.ts'
import { closedLoop, median } from './load.ts'
import type { Row } from './main.ts'
import { citizenNumber, populate } from './population.ts'
import { startWorld } from './world.ts'

const load = { inFlight: 16, warmUp: 2_000, measured: 6_000 }
const rounds = 3
/** More than are logged in in all rounds together: five PINs an hour are one citizen's limit. */
const population = 30_000

/**
 * Logins per second with the audit (an event for each, sealed by the worker every second) over those of the same server
 * without it: two servers on one database, one worker, in turn.
 */
export async function audit(): Promise<readonly Row[]> {
  const world = await startWorld()
  try {
    await populate(world.db, population, 0)
    const silent = await world.serveBeside(['--import', join(import.meta.dirname, 'without-audit.ts')])
    let next = 0
    const measure = async (place: Pick<typeof world, 'origin' | 'port'>) => {
      const login = pinLogin({ ...world, ...place })
      const act = (connection: Connection) => login(connection, citizenNumber(next++ % population))
      const [before, rate] = [await events(world.db), await closedLoop({ port: place.port, ...load }, act)]
      return { rate, written: (await events(world.db)) - before }
    }
    const [ours, peer]: [number[], number[]] = [[], []]
    // The first round of each only warms up; whoever goes second in one round goes first in the next.
    for (let round = 0; round <= rounds; round++) {
      const rates = new Map<object, number>()
      for (const place of round % 2 === 0 ? [silent, world] : [world, silent]) {
        const { rate, written } = await measure(place)
        rates.set(place, rate)
        // A comparison of the same thing with itself would look well.
        if (written > 0 !== (place === world)) throw new Error(`${written} events were written`)
      }
      if (round === 0) continue
      ours.push(rates.get(world)!)
      peer.push(rates.get(silent)!)
    }
    const ratio = median(ours) / median(peer)
    return [
      {
        bench: 'audit',
        unit: 'logins/s',
        ours: median(ours),
        peer: median(peer),
        peer_name: 'without the audit',
        ratio,
      },
    ]
  } finally {
    await world.close()
  }
}

const count = statement<{ count: number }>('bench.events', 'select count(*) as count from audit_event')
const events = async (db: Db): Promise<number> => (await db.row(count))?.count ?? 0

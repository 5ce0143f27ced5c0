import { openDb, statement } from '../src/platform/index.ts'
import { pinLogin } from './clave-flow.ts'
import { Connection } from './connection.ts'
import { median } from './load.ts'
import type { Row } from './main.ts'
import { citizenNumber, populate, populateHistory } from './population.ts'
import { startWorld, type World } from './world.ts'

const [few, many] = [1_000, 1_000_000]
/** Logins of each population, timed, after as many as warm it up. At most two of one citizen: five PINs an hour are their limit. */
const [warmUp, timed] = [200, 1_000]
/** Coprime to both populations: goes over all of either before it comes back. */
const stride = 7_919

/**
 * The p50 of a PIN login with few citizens in the tables over that with many, beside each one what their registration
 * and their use left. Two installations, one login in each by turns, so that whatever else the machine does meets both.
 */
export async function populationSize(): Promise<readonly Row[]> {
  const worlds: World[] = []
  try {
    for (const size of [few, many]) {
      const world = await startWorld()
      worlds.push(world)
      await settle(world, size)
    }
    const [small, big] = await takeTurns(worlds[0]!, worlds[1]!)
    return [
      {
        bench: 'population',
        unit: `ms p50 of a login, ${many} citizens (aim: 0.91)`,
        ours: big,
        peer: small,
        peer_name: `${few} citizens`,
        ratio: small / big,
      },
    ]
  } finally {
    for (const world of worlds) await world.close()
  }
}

async function takeTurns(one: World, other: World): Promise<readonly [number, number]> {
  const sides = [sideOf(one, few), sideOf(other, many)] as const
  const times: [number[], number[]] = [[], []]
  for (let turn = 0; turn < warmUp + timed; turn++) {
    // Whoever goes second in one turn goes first in the next.
    for (const side of turn % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
      const took = await sides[side].login(turn)
      if (turn >= warmUp) times[side].push(took)
    }
  }
  for (const { close } of sides) close()
  return [median(times[0]), median(times[1])]
}

/** Logs one citizen in, one after the other over the whole population; milliseconds. */
function sideOf(world: World, size: number) {
  const login = pinLogin(world)
  const connection = new Connection('127.0.0.1', world.port)
  return {
    close: () => connection.close(),
    async login(turn: number): Promise<number> {
      const began = performance.now()
      await login(connection, citizenNumber((turn * stride) % size))
      return performance.now() - began
    },
  }
}

const vacuum = statement('bench.vacuum', 'vacuum (analyze)')

/** As the owner, who may vacuum: the planner knows the tables as they are, and nothing is left for the measurement. */
async function settle(world: World, size: number): Promise<void> {
  const db = openDb({ url: world.ownerUrl, size: 2, statementTimeout: 600_000, applicationName: 'bench-seed' })
  try {
    const began = performance.now()
    await populate(db, size, 0)
    await populateHistory(db)
    await db.rows(vacuum)
    console.error(`${size} citizens seeded in ${Math.round((performance.now() - began) / 1000)} s`)
  } finally {
    await db.close()
  }
}

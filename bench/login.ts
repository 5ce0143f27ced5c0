import { hash, verify } from '@node-rs/argon2'
import { argon2Cost } from '../src/authentication/index.ts'
import { bareLogin } from './bare-flow.ts'
import { startBareProvider } from './bare-server.ts'
import { permanenteLogin, pinLogin, type Login } from './clave-flow.ts'
import type { Connection } from './connection.ts'
import { closedLoop, median, openLoop } from './load.ts'
import type { Row } from './main.ts'
import { citizenNumber, populate, benchPassword } from './population.ts'
import { startWorld, type World } from './world.ts'

const inFlight = 16
const rounds = 3
const warmUp = 2_000
const measured = 6_000
/** More than are logged in in all rounds together: five PINs an hour are one citizen's limit. */
const population = 30_000

export const loginPin = () => benchLogins('login-pin', pinLogin)

export async function loginPermanente(): Promise<readonly Row[]> {
  const rows = await benchLogins('login-permanente', permanenteLogin)
  const ours = rows[0]!.ours
  const peer = await argon2Rate()
  const beside: Row = {
    bench: 'login-permanente',
    unit: 'logins/s',
    ours,
    peer,
    peer_name: 'argon2',
    ratio: ours / peer,
  }
  return [beside, ...rows]
}

async function benchLogins(bench: string, flow: (world: World) => Login): Promise<readonly Row[]> {
  const bare = await startBareProvider()
  const world = await startWorld()
  try {
    await populate(world.db, population, population)
    const login = flow(world)
    let next = 0
    let requests = 0
    const ourLogin = async (connection: Connection) => {
      requests = await login(connection, citizenNumber(next++ % population))
    }
    const bareOrigin = `http://127.0.0.1:${bare.port}`
    const theirLogin = (connection: Connection) => bareLogin(connection, bareOrigin)
    const ours: number[] = []
    const theirs: number[] = []
    for (let round = 0; round < rounds; round++) {
      theirs.push(await closedLoop({ port: bare.port, inFlight, warmUp, measured }, theirLogin))
      ours.push(await closedLoop({ port: world.port, inFlight, warmUp, measured }, ourLogin))
    }
    const [mine, peer] = [median(ours), median(theirs)]
    const perSecond = mine / 2
    const { p50, p99 } = await openLoop({ port: world.port, perSecond, acts: Math.round(perSecond * 10) }, ourLogin)
    const memory = await world.serverMemory()
    return [
      { bench, unit: 'logins/s', ours: mine, peer, peer_name: 'bare oidc-provider', ratio: mine / peer },
      {
        bench,
        unit: 'ms p99, at half of capacity (aim: 10 × p50)',
        ours: p99,
        peer: p50 * 10,
        peer_name: '10 × p50',
        ratio: (p50 * 10) / p99,
      },
      { bench, unit: 'MiB of the server (aim: 250)', ours: memory, peer: 250, peer_name: 'aim', ratio: 250 / memory },
      {
        bench,
        unit: 'requests a login',
        ours: requests,
        peer: 5,
        peer_name: 'bare oidc-provider',
        ratio: 5 / requests,
      },
    ]
  } finally {
    await world.close()
    await bare.close()
  }
}

/** Verifications per second that this machine manages with all its cores, doing nothing else. */
async function argon2Rate(): Promise<number> {
  const hashed = await hash(benchPassword, argon2Cost)
  let done = 0
  const until = performance.now() + measured
  const began = performance.now()
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (performance.now() < until) {
        await verify(hashed, benchPassword)
        done++
      }
    }),
  )
  return (done / (performance.now() - began)) * 1000
}

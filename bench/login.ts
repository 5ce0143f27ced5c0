import { hash, verify } from '@node-rs/argon2'
import { argon2Cost } from '../src/authentication/index.ts'
import { bareLogin } from './bare-flow.ts'
import { startBareProvider, type Verified } from './bare-server.ts'
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

export const loginPin = async () => benchLogins('login-pin', pinLogin, await bareProvider('bare oidc-provider'))

/**
 * Beside the machine's own argon2 rate, which no login reaches that costs anything but its hash; and beside the bare provider
 * that verifies the same hash, which tells how near to it one can come.
 */
export async function loginPermanente(): Promise<readonly Row[]> {
  const hashed = await hash(benchPassword, argon2Cost)
  const argon2: Peer = { name: 'argon2', rate: () => argon2Rate(hashed), close: async () => {} }
  const bare = await bareProvider('bare oidc-provider with argon2', { hashed, password: benchPassword })
  return benchLogins('login-permanente', permanenteLogin, argon2, bare)
}

/** Something that logs in too; acts per second. */
interface Peer {
  readonly name: string
  rate(): Promise<number>
  close(): Promise<void>
}

async function bareProvider(name: string, verifies?: Verified): Promise<Peer> {
  const { port, close } = await startBareProvider(verifies)
  const login = (connection: Connection) => bareLogin(connection, `http://127.0.0.1:${port}`)
  return { name, rate: () => closedLoop({ port, inFlight, warmUp, measured }, login), close }
}

async function benchLogins(
  bench: string,
  flow: (world: World) => Login,
  ...peers: readonly Peer[]
): Promise<readonly Row[]> {
  const world = await startWorld()
  try {
    await populate(world.db, population, population)
    const login = flow(world)
    let next = 0
    let requests = 0
    const ourLogin = async (connection: Connection) => {
      requests = await login(connection, citizenNumber(next++ % population))
    }
    const ours: number[] = []
    const theirs = peers.map((): number[] => [])
    for (let round = 0; round < rounds; round++) {
      for (const [nth, peer] of peers.entries()) theirs[nth]!.push(await peer.rate())
      ours.push(await closedLoop({ port: world.port, inFlight, warmUp, measured }, ourLogin))
    }
    const mine = median(ours)
    const perSecond = mine / 2
    const { p50, p99 } = await openLoop({ port: world.port, perSecond, acts: Math.round(perSecond * 10) }, ourLogin)
    const memory = await world.serverMemory()
    return [
      ...peers.map(({ name }, nth) => {
        const peer = median(theirs[nth]!)
        return { bench, unit: 'logins/s', ours: mine, peer, peer_name: name, ratio: mine / peer }
      }),
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
    await Promise.all(peers.map((peer) => peer.close()))
  }
}

/** Verifications per second that this machine manages with all its cores, doing nothing else. */
async function argon2Rate(hashed: string): Promise<number> {
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

import { pinLogin, samlPinLogin, type Login } from './clave-flow.ts'
import type { Connection } from './connection.ts'
import { closedLoop, median } from './load.ts'
import type { Row } from './main.ts'
import { citizenNumber, populate } from './population.ts'
import { startWorld } from './world.ts'

const inFlight = 16
const rounds = 3
const warmUp = 2_000
const measured = 6_000
const population = 30_000
/** More than one round uses up. Signed before it, since the driver shares the cores with what is measured. */
const signedAhead = 4_000

/** Whole PIN logins from an agency of the gateway's SAML profile, beside those from one of OpenID Connect. */
export async function loginSaml(): Promise<readonly Row[]> {
  const world = await startWorld()
  try {
    await populate(world.db, population, population)
    let next = 0
    let signed: string[] = []
    const requests = () => signed.pop() ?? world.samlAgency.request(world.origin)
    const rate = (login: Login) => {
      const act = (connection: Connection) => login(connection, citizenNumber(next++ % population))
      return closedLoop({ port: world.port, inFlight, warmUp, measured }, act)
    }
    const ours: number[] = []
    const theirs: number[] = []
    for (let round = 0; round < rounds; round++) {
      theirs.push(await rate(pinLogin(world)))
      signed = Array.from({ length: signedAhead }, () => world.samlAgency.request(world.origin))
      ours.push(await rate(samlPinLogin(world, requests)))
    }
    const [mine, peer] = [median(ours), median(theirs)]
    return [{ bench: 'login-saml', unit: 'logins/s', ours: mine, peer, peer_name: 'login-pin', ratio: mine / peer }]
  } finally {
    await world.close()
  }
}

import { randomBytes } from 'node:crypto'
import { statement, systemClock, systemRandom, type Db } from '../src/platform/index.ts'
import { makeSandboxPhone, type SandboxPhone } from '../src/sandbox/phone/phone.ts'
import type { ShownToPhone } from '../src/sandbox/phone/words.ts'
import type { Connection } from './connection.ts'

/** A citizen's phone with Cl@ve Móvil and its own unlock. */
export interface BenchPhone {
  /** Opens the request of a QR. */
  scan(connection: Connection, token: string): Promise<ShownToPhone>
  approve(connection: Connection, shown: ShownToPhone): Promise<void>
}

const owners = statement<{ id: string }>(
  'bench.phone-owners',
  'select id from citizen where document < $1 order by document',
)
const devices = statement(
  'bench.devices',
  `insert into device (id, citizen_id, key_x, key_y, name, activated_at, credential_id, credential_key, credential_counter)
   select id, citizen, x, y, 'Android, Chrome', now(), credential, public, 0
   from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[])
     as made (id, citizen, x, y, credential, public)`,
)

/** Gives the first `count` citizens a phone each. */
export async function givePhones(db: Db, count: number, baseUrl: string): Promise<readonly BenchPhone[]> {
  const parts = { baseUrl, now: systemClock.now, random: systemRandom }
  const citizens = await db.rows(owners, [String(count).padStart(8, '0')])
  const made = citizens.map(({ id: citizen }) => {
    return { citizen, id: systemRandom.uuid(), phone: makeSandboxPhone(parts, randomBytes(32)) }
  })
  await db.rows(devices, [
    made.map(({ id }) => id),
    made.map(({ citizen }) => citizen),
    ...(['x', 'y'] as const).map((part) => made.map(({ phone }) => phone.key[part])),
    made.map(({ phone }) => phone.credential.id),
    made.map(({ phone }) => phone.credential.publicKey),
  ])
  return made.map(({ id, phone }) => benchPhone(id, phone))
}

function benchPhone(id: string, phone: SandboxPhone): BenchPhone {
  const name = { id, counter: 0 }
  const call = async (connection: Connection, path: string, content: object): Promise<unknown> => {
    const body = JSON.stringify(content)
    const authorization = `Clave-Movil ${phone.call(name, { method: 'POST', path, body })}`
    const headers = { authorization, 'content-type': 'application/json', accept: 'application/json' }
    const answer = await connection.request('POST', path, headers, body)
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.body}`)
    return JSON.parse(answer.body)
  }
  return {
    scan: async (connection, token) => (await call(connection, '/app/api/request/scan', { token })) as ShownToPhone,
    async approve(connection, shown) {
      const decided = phone.decide(name, shown, 'approve')
      name.counter += 1
      await call(connection, '/app/api/request/decide', { request: shown.id, ...decided })
    },
  }
}

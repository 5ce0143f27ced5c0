import { makeSealer, noteEvent, verifyAudit, type AuditEvent, type VerifyOptions } from '../../src/audit/index.ts'
import {
  openDb,
  openEnvelope,
  openSigningKeys,
  statement,
  systemRandom,
  type Db,
  type Sql,
} from '../../src/platform/index.ts'
import { testClock } from '../support/clock.ts'
import { testDatabase, type Teardown } from '../support/database.ts'

/** A database with its keys, a sealer as the worker has it, and the owner, who may do anything to the tables. */
export async function auditScene(t: Teardown, { most }: { readonly most?: number } = {}) {
  const { db, url, ownerUrl } = await testDatabase(t)
  const owner = openDb({ url: ownerUrl, size: 2, applicationName: 'clave-test-owner' })
  t.teardown(() => owner.close())
  const clock = testClock()
  const masterKey = systemRandom.bytes(32)
  const envelope = openEnvelope([{ id: 'test', key: masterKey }])
  const openKeys = () => openSigningKeys({ db, envelope, clock, algs: ['ES256'] })
  const keys = await openKeys()
  const newSealer = async (on: Db = db) =>
    makeSealer({ db: on, clock, keys: await openKeys(), ...(most === undefined ? {} : { most }) })
  const sealer = await newSealer()
  const isOurs = (kid: string) => keys.ring().keys.some((key) => key.kid === kid)
  const verify = async (options?: VerifyOptions) => {
    await keys.refresh()
    return verifyAudit({ db, isOurs }, options)
  }
  /** Writes so many logins and seals them, each batch with so many. */
  const seal = async (batches: number, rows: number) => {
    for (let batch = 0; batch < batches; batch++) {
      for (let row = 0; row < rows; row++) await noteEvent(db, login(clock.now(), { address: `10.0.${batch}.${row}` }))
      await sealer.seal()
    }
  }
  /** As the owner: any SQL. */
  const tamper = <Row>(sql: string, ...values: readonly unknown[]) => run<Row>(owner, sql, values)
  const environment = { DATABASE_URL: url, MASTER_KEYS: `test:${masterKey.toString('base64')}` }
  return {
    environment,
    db,
    url,
    ownerUrl,
    owner,
    clock,
    envelope,
    keys,
    sealer,
    newSealer,
    isOurs,
    verify,
    seal,
    tamper,
  }
}

export type AuditScene = Awaited<ReturnType<typeof auditScene>>

let statements = 0
export const run = <Row>(sql: Sql, text: string, values: readonly unknown[] = []): Promise<Row[]> =>
  sql.rows(statement<Row>(`test.${statements++}`, text), values)

export const citizen = '0193a5a0-0000-7000-8000-000000000001'
export const otherCitizen = '0193a5a0-0000-7000-8000-000000000002'

type Login = Extract<AuditEvent, { kind: 'login' }>

export const login = (at: Date, data: Partial<Login['data']> = {}, who = citizen): Login => ({
  kind: 'login',
  at,
  citizen: who,
  relyingParty: 'aeat',
  data: {
    method: 'pin',
    factors: ['otp', 'sms'],
    level: 'low',
    registrationLevel: 'basic',
    session: 'mK3n',
    browser: 'b0',
    address: '192.0.2.7',
    ...data,
  },
})

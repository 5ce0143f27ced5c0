import { hash } from '@node-rs/argon2'
import {
  argon2Cost,
  blockPassword,
  makeHashQueue,
  makePermanente,
  makePin,
  putPassword,
  type AnyStep,
  type Login,
  type Method,
  type StepAnswer,
} from '../../src/authentication/index.ts'
import { citizensIn } from '../../src/citizen/index.ts'
import { postgresCivilRegister, type CivilRegister } from '../../src/civil-register/index.ts'
import { defaultLimits, makeLockout, makeSlowDown, type Limits } from '../../src/lockout/index.ts'
import type { Messages, Sms } from '../../src/messaging/index.ts'
import {
  digestWith,
  openDb,
  openEnvelope,
  postgresStore,
  statement,
  systemRandom,
  type Clock,
  type Db,
} from '../../src/platform/index.ts'
import { catalogue, sandboxPassword, type TestCitizen } from '../../src/sandbox/catalogue.ts'
import { seedCatalogue } from '../../src/sandbox/seed.ts'
import { testClock, type TestClock } from '../support/clock.ts'
import { testDatabase, type Teardown } from '../support/database.ts'

const laid = statement<{ count: number }>('test.laid', 'select count(*) as count from outbox')

export interface Scene {
  readonly db: Db
  readonly clock: TestClock
  readonly pin: Method
  readonly permanente: Method
  /** Every SMS made, oldest first. */
  readonly sent: Sms[]
  /** How many of them were laid. */
  laid(): Promise<number>
  /** Names of the statements, hashes and messages since it was last emptied, in their order. */
  readonly trace: string[]
  readonly parts: ReturnType<typeof partsOf>
  /** Milliseconds that tries were held. */
  readonly waits: readonly number[]
  /** Shows the register as silent, or slow, or counts what it is asked. */
  register: CivilRegister
}

export interface SceneOptions {
  readonly limits?: Partial<Limits>
  /** Where the wire hand stands. */
  readonly wire?: () => Date
}

/** Both methods on a real database with the sandbox's citizens; messages are kept instead of sent. */
export async function scene(t: Teardown, options: SceneOptions = {}): Promise<Scene> {
  const { url } = await testDatabase(t)
  const trace: string[] = []
  const db = openDb({ url, size: 20, observe: (name) => void trace.push(name) })
  t.teardown(() => db.close())
  const clock = testClock()
  const parts = partsOf(db, options.wire ? { ...clock, now: () => clock.now(), wire: options.wire } : clock, trace, {
    ...defaultLimits,
    // No stopwatch decides in a test: on a busy machine fifty passwords take longer than people would wait.
    hashQueueDeadline: 600_000,
    ...options.limits,
  })
  await seedCatalogue({ db, clock, register: parts.postgresRegister })
  await seedPasswords(parts)
  trace.length = 0
  const made: Scene = {
    db,
    clock,
    trace,
    parts,
    sent: parts.sent,
    laid: async () => (await db.row(laid))?.count ?? 0,
    waits: parts.waits,
    register: parts.postgresRegister,
    pin: makePin({ ...parts, register: { ask: (document, ms) => made.register.ask(document, ms) } }),
    permanente: makePermanente(parts),
  }
  return made
}

const hashed = hash(sandboxPassword, argon2Cost)

/** The catalogue's passwords, hashed once for all tests of a file. */
async function seedPasswords({ db, clock, limits }: Scene['parts']): Promise<void> {
  const password = { hash: await hashed, set: clock.now(), expires: clock.in(limits.passwordLifetime) }
  for (const { id, permanente } of catalogue) {
    if (permanente) await putPassword(db, { citizen: id, ...password })
    if (permanente === 'blocked') await blockPassword(db, id, clock.now())
  }
}

function partsOf(db: Db, clock: Clock, trace: string[], limits: Limits) {
  const digest = digestWith(Buffer.alloc(32, 7))
  const random = systemRandom
  const sent: Sms[] = []
  const waits: number[] = []
  const messages: Messages = {
    sms(message) {
      trace.push('message')
      sent.push(message)
      return [systemRandom.uuid(), 'sms', message.citizen ?? null, 'sealed', clock.now(), message.expires]
    },
    email(message) {
      trace.push('message')
      return [systemRandom.uuid(), 'email', message.citizen ?? null, 'sealed', clock.now(), message.expires]
    },
    push(message) {
      trace.push('message')
      return [systemRandom.uuid(), 'push', message.citizen ?? null, 'sealed', clock.now(), message.expires]
    },
  }
  const store = postgresStore({ db, clock, random })
  return {
    db,
    clock,
    random,
    digest,
    limits,
    sent,
    waits,
    messages,
    envelope: openEnvelope([{ id: 'test', key: Buffer.alloc(32, 9) }]),
    citizens: citizensIn(db, clock),
    postgresRegister: postgresCivilRegister({ db, clock }),
    lockout: makeLockout({ clock, digest, limits }),
    slowDown: makeSlowDown({ store, clock, digest, limits, wait: async (ms) => void waits.push(ms) }),
    hashes: makeHashQueue({ random, limits, observe: (work) => void trace.push(work) }),
  }
}

export const loginWith = (over: Partial<Login> = {}): Login => ({
  id: `aeat.${systemRandom.token(8)}`,
  relyingParty: { id: 'aeat', name: 'Agencia Tributaria' },
  asked: ['low', 'substantial', 'high'],
  locale: 'es',
  browser: 'a browser',
  address: '192.0.2.1',
  expires: new Date(Date.now() + 30 * 86_400_000),
  ...over,
})

export const substantial = { asked: ['substantial', 'high'] } as const

export function stepOf(method: Method, name: string): AnyStep {
  const step = method.steps.find((one) => one.name === name)
  if (!step) throw new Error(`no step ${name}`)
  return step
}

export const citizen = (document: string): TestCitizen => {
  const one = catalogue.find((row) => row.document === document)
  if (!one) throw new Error(`no ${document} in the catalogue`)
  return one
}

/** What a step's answer hands to the next step; throws where it goes nowhere. */
export function dataOf(answer: StepAnswer): Record<string, unknown> {
  if (!('next' in answer)) throw new Error(`not a next step: ${JSON.stringify(answer)}`)
  return answer.data as Record<string, unknown>
}

/** The texts that an answer says, without their file of refusals; [] when it says none. */
export const saysOf = (answer: StepAnswer): readonly string[] =>
  'again' in answer ? answer.again.map(({ text }) => text) : 'refused' in answer ? [answer.refused] : []

export const codeOf = (sms: Sms | undefined): string => (sms && 'code' in sms.text ? sms.text.code : '')

/** Another code than this one. */
export const notThis = (code: string, nth = 1): string =>
  String((Number(code) + nth) % 10 ** code.length).padStart(code.length, '0')

/** What a page prints of what `show` answers: blanks as their texts. */
export const printed = (model: object): Record<string, unknown> =>
  JSON.parse(JSON.stringify(model)) as Record<string, unknown>

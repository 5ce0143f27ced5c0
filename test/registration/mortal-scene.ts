import { makeHashQueue, makePermanenteLife, removePermanente } from '../../src/authentication/index.ts'
import { makeSealer, verifyAudit } from '../../src/audit/index.ts'
import { citizensIn } from '../../src/citizen/index.ts'
import { checkLetter } from '../../src/citizen/document.ts'
import { postgresCivilRegister, type CivilRegister } from '../../src/civil-register/index.ts'
import { makeHttp, openSigningKeys, postgresStore, statement, type App, type Db } from '../../src/platform/index.ts'
import { isRefusal, refusalRow, type RefusalCode } from '../../src/refusal/index.ts'
import {
  issueActivationCode,
  makeRegistration,
  putLetter,
  redeemActivationCode,
  registerCitizen,
  renounce,
} from '../../src/registration/index.ts'
import { testBrowser, type Answered } from '../login/test-browser.ts'
import { quietLog, type QuietLog } from '../support/log.ts'
import { mortal, type MortalDb, type When } from './failpoints.ts'
import { codeOf, personAt, scene, type Person, type Scene, type SceneOptions } from './scene.ts'
import type { Test } from 'tap'

/** The registration's pages and those of Permanente's life, in a process that can be killed beside one that goes on. */
export interface MortalScene extends Scene {
  readonly mortal: MortalDb
  /** Of both processes. */
  readonly log: QuietLog
  /** Kills the process at a statement; the next request that fails reaches the other one, which holds nothing in memory. */
  dieAt(nth: number, when: When): void
  /** Whether it died since; from then on the other one answers. */
  died(): boolean
  /** What fails is done again, as a person would: once, by the process that is left. */
  again<T>(act: (db: Db) => Promise<T>): Promise<T>
  /** A person with a browser of its own, at this address. */
  walker(address?: string): Person
  /** Of the SMS that was written last. */
  lastCode(): string
  /** The same form again where the answer was that something went wrong. */
  insist(act: () => Promise<Answered>): Promise<Answered>
  /** Somebody new in the civil register, with an invitation letter whose CSV is `csv`. */
  somebody(nth: number): Promise<Somebody>
  /** Somebody new who is registered, with the activation code. */
  registered(nth: number): Promise<Somebody & { readonly id: string; readonly code: string }>
  /** Uses an activation code up. */
  useUp(one: { readonly id: string; readonly code: string }): Promise<unknown>
  /** What the civil register answers from now on; `ask`: what it would say. */
  ask(answer: (ask: () => ReturnType<CivilRegister['ask']>) => ReturnType<CivilRegister['ask']>): void
  renounce(db: Db, citizen: string): Promise<unknown>
  /** Seals the audit, and answers what is wrong with it. */
  auditFaults(): Promise<readonly unknown[]>
}

export interface Somebody {
  readonly document: string
  readonly contrast: string
  readonly phone: string
  readonly email: string
}

/** The CSV of each of `somebody`'s letters. */
export const csv = 'K7MQ2W9XR4TB6HZ3'

export async function mortalScene(t: Test, options: SceneOptions = {}): Promise<MortalScene> {
  const s = await scene(t, options)
  const dying = mortal(s.db)
  const { register: real } = s
  const log = quietLog(t)
  const apps = [await appOver(t, s, dying, log), await appOver(t, s, s.db, log)] as const
  const doorFrom = (remoteAddress: string) => {
    const inject = (request: object) => apps[dying.isDead() ? 1 : 0].inject({ ...request, remoteAddress })
    return { inject } as unknown as App
  }
  const insist: MortalScene['insist'] = async (act) => {
    const answer = await act()
    return answer.status >= 500 ? act() : answer
  }
  return {
    ...s,
    mortal: dying,
    log,
    // The one that lives.
    app: apps[1],
    insist,
    dieAt: (nth, when) => dying.dieAt(nth, when),
    died: () => dying.isDead(),
    async again(act) {
      try {
        return await act(dying)
      } catch (error) {
        if (!dying.isDead()) throw error
        return act(s.db)
      }
    },
    lastCode: () => codeOf(s.sms.at(-1)),
    walker: (address = '192.0.2.1') => personAt(testBrowser(doorFrom(address), s.parts.digest), s),
    somebody: (nth) => addSomebody(s, nth),
    registered: (nth) => register(s, nth),
    useUp: ({ id, code }) => s.db.transaction((tx) => redeemActivationCode(tx, s.parts, id, code)),
    ask: (answer) => void (s.register = { ask: (...asked) => answer(() => real.ask(...asked)) }),
    renounce: (db, citizen) =>
      db.transaction((tx) =>
        renounce(
          tx,
          { ...s.parts, endUse: async (tx, whose) => void (await removePermanente(tx, whose)) },
          citizen,
          'account',
        ),
      ),
    auditFaults: () => sealAndVerify(s),
  }
}

async function appOver(t: Test, s: Scene, db: Db, log: QuietLog): Promise<App> {
  const { clock, random, digest, i18n } = s.parts
  const refusalStatus = (code: string) => refusalRow(code as RefusalCode).http
  const app = makeHttp({ i18n, random, digest, refusalStatus, secure: false, log })
  t.teardown(() => app.close())
  const parts = { ...s.parts, db, store: postgresStore({ db, clock, random }), citizens: citizensIn(db, clock) }
  makeRegistration({ ...parts, lettersMade: 'at-once' }).routes(app)
  makePermanenteLife({
    ...parts,
    hashes: makeHashQueue({ random, limits: parts.limits }),
    endSessionsOf: async () => {},
    isCommon: async () => false,
  }).routes(app)
  await app.ready()
  return app
}

const name = { given: 'UNO', firstSurname: 'MORTAL', secondSurname: undefined }

async function addSomebody(s: Scene, nth: number): Promise<Somebody> {
  const number = String(50_000_000 + nth)
  const document = `${number}${checkLetter(number)}`
  await s.db.transaction(async (tx) => {
    await postgresCivilRegister({ db: s.db, clock: s.clock }).put(tx, {
      document,
      name,
      bornOn: '1980-01-01',
      deceased: false,
      contrast: { kind: 'valid-until', date: '2033-03-03' },
      domicile: { street: 'Calle Inventada 1', postalCode: '28000', town: 'Madrid', province: 'Madrid' },
    })
    await putLetter(tx, s.press, { document, csv })
  })
  return {
    document,
    contrast: '03/03/2033',
    phone: `+34611${String(nth).padStart(6, '0')}`,
    email: `m${nth}@example.es`,
  }
}

async function register(s: Scene, nth: number): Promise<Somebody & { readonly id: string; readonly code: string }> {
  const one = await addSomebody(s, nth)
  const { document, phone, email } = one
  return s.db.transaction(async (tx) => {
    const person = { document, kind: 'dni', name, contrast: undefined } as const
    const contact = { phone, email, locale: 'es', terms: 'test' } as const
    const made = await registerCitizen(tx, s.parts, { person, channel: 'video', ...contact })
    if (isRefusal(made)) throw new Error(made.refused)
    return { ...one, id: made.citizen, code: await issueActivationCode(tx, s.parts, made.citizen) }
  })
}

async function sealAndVerify({ db, clock, parts: { envelope } }: Scene): Promise<readonly unknown[]> {
  const keys = await openSigningKeys({ db, envelope, clock, algs: ['ES256'] })
  await makeSealer({ db, clock, keys }).seal()
  await keys.refresh()
  const verified = await verifyAudit({ db, isOurs: (kid) => keys.ring().keys.some((key) => key.kid === kid) })
  return [...verified.faults, ...(verified.unsealed > 0 ? [{ unsealed: verified.unsealed }] : [])]
}

export interface Whole {
  /** Of these all or none: a registration, its letter used up, its event, its activation code, its welcome. */
  readonly registrations: number
  readonly letters: number
  readonly events: number
  readonly codes: number
  readonly welcomes: number
}
const whole = statement<Whole>(
  'test.whole',
  `with one as (select id from citizen where document = $1)
   select (select count(*) from citizen where document = $1 and registration_level is not null)::int as registrations,
     (select count(*) from letter where document = $1 and used_at is not null)::int as letters,
     (select count(*) from audit_event where kind = 'registered' and citizen_id in (select id from one))::int as events,
     (select count(*) from activation_code where citizen_id in (select id from one))::int as codes,
     (select count(*) from outbox where channel = 'sms' and citizen in (select id from one))::int as welcomes`,
)
export const wholeOf = async ({ db }: Scene, { document }: Somebody): Promise<Whole> =>
  (await db.row(whole, [document]))!

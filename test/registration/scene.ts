import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { citizensIn } from '../../src/citizen/index.ts'
import { postgresCivilRegister, type CivilRegister } from '../../src/civil-register/index.ts'
import { defaultLimits, makeLockout, makeSlowDown, type Limits } from '../../src/lockout/index.ts'
import { makeMessages, type Email, type Messages, type Sms } from '../../src/messaging/index.ts'
import {
  digestWith,
  loadI18n,
  makeHttp,
  openDb,
  openEnvelope,
  postgresStore,
  statement,
  systemRandom,
  type App,
  type Db,
} from '../../src/platform/index.ts'
import { refusalRow, type RefusalCode } from '../../src/refusal/index.ts'
import { makeRegistration, type LetterPressParts, type RegistrationParts } from '../../src/registration/index.ts'
import { catalogue, typedContrast, type TestCitizen } from '../../src/sandbox/catalogue.ts'
import { seedCodes } from '../../src/sandbox/seed-codes.ts'
import { seedCatalogue } from '../../src/sandbox/seed.ts'
import { testClock, type TestClock } from '../support/clock.ts'
import { testDatabase } from '../support/database.ts'
import { quietLog } from '../support/log.ts'
import { testBrowser, type Answered, type TestBrowser } from '../login/test-browser.ts'

export type { Answered }
import type { Test } from 'tap'

/** The registration's pages on a real database with the sandbox's citizens; messages are laid, and kept to be read. */
export interface Scene {
  readonly app: App
  readonly db: Db
  /** Of the database. */
  readonly url: string
  readonly clock: TestClock
  readonly parts: RegistrationParts
  /** The printer's side, with a spool of its own. */
  readonly press: LetterPressParts
  readonly sms: Sms[]
  readonly emails: Email[]
  /** Names of the statements since it was last emptied, in their order. */
  readonly trace: string[]
  /** Milliseconds that tries were held. */
  readonly waits: number[]
  /** Replace it to make it silent. */
  register: CivilRegister
  browser(): Person
}

export interface SceneOptions {
  readonly limits?: Partial<Limits>
  readonly at?: Date
  readonly baseUrl?: string
}

/**
 * Milliseconds. Two cores are shared with other test files: of fifty at once some would wait longer for a connection, or for
 * the row that decides, than a server lets anybody wait.
 */
const patience = { statementTimeout: 60_000, lockTimeout: 60_000, connectionTimeout: 60_000 }

export async function scene(t: Test, { limits: over, at, baseUrl }: SceneOptions = {}): Promise<Scene> {
  const { url } = await testDatabase(t)
  const trace: string[] = []
  const db = openDb({ url, size: 20, ...patience, observe: (name) => void trace.push(name) })
  t.teardown(() => db.close())
  const clock = testClock(at ?? new Date('2026-11-21T12:00:00Z'))
  const random = systemRandom
  const digest = digestWith(Buffer.alloc(32, 7))
  // Generous, since two cores are shared with other test files: nothing is decided by it.
  const limits = { ...defaultLimits, registerWait: 60_000, ...over }
  const i18n = loadI18n({ strict: true })
  const envelope = openEnvelope([{ id: 'test', key: Buffer.alloc(32, 9) }])
  const [sms, emails, waits]: [Sms[], Email[], number[]] = [[], [], []]
  const store = postgresStore({ db, clock, random })
  const real = postgresCivilRegister({ db, clock })
  await seedCatalogue({ db, clock, register: real })
  await seedCodes({ db, clock, digest, limits })
  const directory = await mkdtemp(join(tmpdir(), 'clave-test-spool-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  const register: CivilRegister = { ask: (...asked) => self.register.ask(...asked) }
  const messages = keeping(
    makeMessages({ clock, envelope, i18n, baseUrl: baseUrl ?? 'https://clave.example' }),
    sms,
    emails,
  )
  const shared = { db, clock, random, digest, limits, i18n, envelope, register, messages }
  const parts: RegistrationParts = {
    ...shared,
    store,
    citizens: citizensIn(db, clock),
    lockout: makeLockout({ clock, digest, limits }),
    slowDown: makeSlowDown({ store, clock, digest, limits, wait: async (ms) => void waits.push(ms) }),
    lettersMade: 'nightly',
  }
  const log = quietLog(t)
  const press: LetterPressParts = { ...shared, directory, log, baseUrl: baseUrl ?? 'https://clave.example' }
  const refusalStatus = (code: string) => refusalRow(code as RefusalCode).http
  const app = makeHttp({ i18n, random, digest, refusalStatus, secure: false, log })
  t.teardown(() => app.close())
  makeRegistration(parts).routes(app)
  await app.ready()
  const self: Scene = {
    ...{ app, db, url, clock, parts, press, sms, emails, trace, waits, register: real },
    browser: () => personAt(testBrowser(app, digest), self),
  }
  return self
}

function keeping(messages: Messages, sms: Sms[], emails: Email[]): Messages {
  return {
    ...messages,
    sms: (message) => {
      sms.push(message)
      return messages.sms(message)
    },
    email: (message) => {
      emails.push(message)
      return messages.email(message)
    },
  }
}

/** A browser, and what its person does on the pages. Each answers the page that it leads to. */
export interface Person extends TestBrowser {
  /** Sends a form of this registration: with the hidden fields that the page had. */
  send(path: string, fields?: Record<string, string>): Promise<Answered>
  identify(document: string, contrast?: string): Promise<Answered>
  csv(csv: string): Promise<Answered>
  contact(phone: string, email?: string, iban?: string): Promise<Answered>
  /** The last code that was sent, unless told otherwise. */
  code(code?: string): Promise<Answered>
  confirm(): Promise<Answered>
  /** All the way, with the letter of the catalogue. */
  registerByLetter(document: string, phone: string, email?: string): Promise<Answered>
}

/** `self`: only what was sent is read. */
export function personAt(browser: TestBrowser, self: Pick<Scene, 'sms'>): Person {
  let journey = ''
  const seen = (answer: Answered): Answered => {
    journey = /name="journey" value="([^"]*)"/.exec(answer.body)?.[1] ?? journey
    return answer
  }
  const send: Person['send'] = async (path, fields = {}) =>
    seen(await browser.submit(`/register${path}`, { journey, ...fields }))
  const person: Person = {
    ...browser,
    open: async (path) => seen(await browser.open(path)),
    send,
    async identify(document, contrast = contrastOf(document)) {
      await browser.get('/register')
      await send('', { document })
      return send('/contrast', { contrast })
    },
    async csv(csv) {
      seen(await browser.open('/register/letter'))
      return send('/letter', { csv })
    },
    contact: (phone, email = '', iban = '') => send('/contact', { phone, email, iban }),
    code: (code = codeOf(self.sms.at(-1))) => send('/phone', { code }),
    confirm: () => send('/confirm', { terms: 'accepted' }),
    async registerByLetter(document, phone, email = '') {
      await person.identify(document)
      await person.csv(citizen(document).csv ?? '')
      await person.contact(phone, email)
      await person.code()
      return person.confirm()
    },
  }
  return person
}

export const codeOf = (sms: Sms | undefined): string => (sms && 'code' in sms.text ? sms.text.code : '')

export const citizen = (document: string): TestCitizen => {
  const one = catalogue.find((row) => row.document === document)
  if (!one) throw new Error(`no ${document} in the catalogue`)
  return one
}
export const contrastOf = (document: string): string => typedContrast(citizen(document))

/** The heading of a page. */
export const headingOf = ({ body }: Answered): string => text(/<h1[^>]*>([\s\S]*?)<\/h1>/.exec(body)?.[1] ?? '')

/** The lines of the summary of what is wrong. */
export const problemsOf = ({ body }: Answered): readonly string[] => {
  const [, summary = ''] = /govuk-error-summary__list">([\s\S]*?)<\/ul>/.exec(body) ?? []
  return [...summary.matchAll(/<li>([\s\S]*?)<\/li>/g)].map(([, item = '']) => text(item))
}

const entities: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" }
const text = (html: string): string =>
  html
    .replace(/<[^>]*>/g, '')
    .replace(/&(amp|lt|gt|quot|#39);/g, (entity) => entities[entity] ?? entity)
    .trim()

export const say = loadI18n({ strict: true }).translator('es')

export interface EventRow {
  readonly kind: string
  readonly citizen_id: string | null
  readonly data: Readonly<Record<string, unknown>>
}
const events = statement<EventRow>('test.events', 'select kind, citizen_id, data from audit_event order by id')
export const eventsOf = ({ db }: Scene): Promise<EventRow[]> => db.rows(events)

import { setTimeout } from 'node:timers/promises'
import { buildApp, type Service } from '../app.ts'
import { postgresCivilRegister } from '../civil-register/index.ts'
import { openMachinery, type Machinery } from '../machinery.ts'
import {
  closeServer,
  createDatabase,
  migrate,
  systemRandom,
  type DatabaseUrls,
  type Locale,
} from '../platform/index.ts'
import { isAnyDue } from '../messaging/index.ts'
import { settingsFor } from '../settings.ts'
import { buildWorker, letterParts, type WorkerApp } from '../worker-app.ts'
import { makeAgencies, type Agencies } from './agencies/server.ts'
import { apiRoutes } from './api-routes.ts'
import { catalogue } from './catalogue.ts'
import { demoIds, demoRegistrations, type DemoRegistrations } from './demo-registration.ts'
import { startEmbeddedPostgres, wipe } from './embedded-postgres.ts'
import { refuseForeignDatabase } from './foreign-database.ts'
import { makeLetterPress, type LetterPress } from './letter-press.ts'
import { movableClock, type MovableClock } from './movable-clock.ts'
import { movilRoutes } from './movil-routes.ts'
import { openNetwork, type Network, type Opened } from './network.ts'
import { makeNextLogins } from './next-login.ts'
import { pageRoutes } from './page-routes.ts'
import { answersOf } from './phone/answer-request.ts'
import { phonesOf, type SandboxPhones } from './phone/phone.ts'
import { seedPhones } from './phone/seed-phones.ts'
import { samlRoutes } from './saml-routes.ts'
import { sandboxRegistry } from './registry.ts'
import { emptyTables, resetTables } from './reset.ts'
import { seedCodes } from './seed-codes.ts'
import { pin24hDoor } from './pin24h-door.ts'
import { seedPermanente } from './seed-permanente.ts'
import { seedPin24h } from './seed-pin24h.ts'
import { seedCatalogue } from './seed.ts'
import type { PushNetwork } from './push-network.ts'
import { forgetState, loadState, openDataDirectory, saveState, type SandboxState } from './state.ts'
import { citizenIdOf, messagesFor, shownCitizens } from './test-citizens.ts'

export interface SandboxOptions {
  readonly port: number
  readonly agenciesPort: number
  /** The directory of its keys, its clock and, unless `database` is given, its PostgreSQL. */
  readonly dataDir: string
  /** Wipes the data first. */
  readonly fresh?: boolean
  /** Instead of the embedded PostgreSQL. */
  readonly database?: DatabaseUrls
  /** Instead of the store in PostgreSQL. */
  readonly redisUrl?: string
  /** Address to listen on; loopback unless told. */
  readonly host?: string
  readonly logLevel?: string
  readonly log?: Machinery['log']
}

export interface Sandbox {
  readonly url: string
  readonly agenciesUrl: string
  readonly clock: MovableClock
  /** A new browser of the citizen with this document, on the sandbox's own push service. */
  readonly subscribe: PushNetwork['subscribe']
  stop(): Promise<void>
}

/**
 * Production's rooms in another composition: a clock that moves, an SMS network that keeps what it gets, agencies to log
 * in at, and a start from nothing. Throws EmbeddedPostgresFault, UnusableDataDirectory, or what listening throws.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const opened: Opened = []
  const stop = async () => {
    for (const close of opened.splice(0).reverse()) await close()
  }
  try {
    return { ...(await start(options, opened)), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function start(options: SandboxOptions, opened: Opened): Promise<Omit<Sandbox, 'stop'>> {
  const { dataDir } = options
  openDataDirectory(dataDir)
  if (options.fresh) await beginAfresh(dataDir)
  const state = loadState(dataDir, systemRandom)
  const database = options.database ?? (await embeddedDatabase(dataDir, opened))
  if (options.database) await refuseForeignDatabase(options.database.ownerUrl)
  await migrate({ ownerUrl: database.ownerUrl })
  if (options.fresh && options.database) await emptyTables(database.ownerUrl)
  const clock = movableClock(state.clockOffset, (clockOffset) => saveState(dataDir, { ...state, clockOffset }))
  const network = await openNetwork(clock, opened)
  const machinery = await openMachinery({
    config: configOf(options, state, database, network),
    clock,
    ...(options.log ? { log: options.log } : {}),
  })
  opened.push(() => machinery.close())
  const nextLogins = makeNextLogins(machinery)
  const service = await buildApp(machinery, {
    presets: nextLogins,
    insecureAgencies: true,
    lettersMade: 'at-once',
    agencyFetch,
  })
  const worker = buildWorker(machinery, { insecureAgencies: true })
  opened.push(() => worker.stop())
  const press = makeLetterPress(letterParts(machinery))
  const demos = demoRegistrations(service.relyingParties)
  const agencies = await makeAgencies({
    port: options.agenciesPort,
    host: options.host,
    issuer: machinery.config.baseUrl,
    clock,
    random: systemRandom,
    register: demos.register,
    pin24h: pin24hDoor(machinery),
  })
  const composed: Composed = {
    machinery,
    service,
    worker,
    network,
    press,
    agencies,
    demos,
    clock,
    database,
    nextLogins,
    phoneOf: phonesOf(machinery, state.masterKey),
  }
  if (!(await service.citizens.byDocument(catalogue[0]!.document))) await seed(composed)
  mount(composed)
  opened.push(() => closeServer(service.app))
  await service.app.listen({ port: options.port, host: options.host ?? 'localhost' })
  opened.push(() => agencies.close())
  await agencies.listen()
  return { url: machinery.config.baseUrl, agenciesUrl: agencies.url, clock, subscribe: network.push.subscribe }
}

const databaseIn = (dataDir: string): string => `${dataDir}/postgresql`

/** Only what a sandbox puts there goes: the directory may hold more. */
async function beginAfresh(dataDir: string): Promise<void> {
  await wipe(databaseIn(dataDir))
  forgetState(dataDir)
}

async function embeddedDatabase(dataDir: string, opened: Opened): Promise<DatabaseUrls> {
  const server = await startEmbeddedPostgres({ dataDir: databaseIn(dataDir), durable: true })
  opened.push(() => server.stop())
  return createDatabase(server.adminUrl, 'clave')
}

/** The same settings as production's, checked by the same table. */
function configOf(options: SandboxOptions, state: SandboxState, database: DatabaseUrls, network: Network) {
  return settingsFor('serve', {
    DEPLOYMENT: 'sandbox',
    BASE_URL: `http://localhost:${options.port}`,
    PORT: String(options.port),
    DATABASE_URL: database.url,
    MASTER_KEYS: `sandbox:${state.masterKey}`,
    PAIRWISE_SECRET: state.pairwiseSecret,
    SMPP_URL: network.sms.url,
    SMTP_URL: network.email.url,
    PUSH_HOSTS: '*',
    LETTER_SPOOL: `${options.dataDir}/letters`,
    METRICS: 'open',
    LOG_LEVEL: options.logLevel ?? 'warn',
    // Everybody comes from the same address here: it must not be slowed down for the mistakes of all tests together.
    LIMIT_ADDRESS_FAILURES: '1000000000',
    LIMIT_AGENCY_FAILURES: '1000000000',
    LIMIT_OVERALL_FAILURES: '1000000000',
    ...(options.redisUrl ? { STORE: 'redis', REDIS_URL: options.redisUrl } : {}),
  })
}

interface Composed {
  readonly machinery: Machinery
  readonly service: Service
  readonly worker: WorkerApp
  readonly network: Network
  readonly press: LetterPress
  readonly agencies: Agencies
  readonly demos: DemoRegistrations
  readonly clock: MovableClock
  readonly database: DatabaseUrls
  readonly nextLogins: ReturnType<typeof makeNextLogins>
  readonly phoneOf: SandboxPhones
}

async function seed({ machinery: { db, clock, digest, limits }, phoneOf }: Composed): Promise<void> {
  await seedCatalogue({ db, clock, register: postgresCivilRegister({ db, clock }) })
  await seedPermanente({ db, clock, limits })
  await seedCodes({ db, clock, digest, limits })
  await seedPin24h({ db, clock })
  await seedPhones({ db, clock, phoneOf })
}

/** Milliseconds that somebody who asks for the messages is kept while some are still on their way. */
const longestWait = 2_000

/** A test asks as soon as a page says that a message was sent, which is when it was laid. */
async function allSent({ machinery: { db, clock }, worker }: Composed): Promise<void> {
  const until = performance.now() + longestWait
  while ((await isAnyDue(db, clock.now())) && performance.now() < until) {
    await worker.sweepDue()
    await setTimeout(10)
  }
}

/** Each waits for the one before: of parallel tests several may begin with a reset. */
function oneByOne(work: () => Promise<void>): () => Promise<void> {
  let last: Promise<unknown> = Promise.resolve()
  return () => {
    const next = last.then(work)
    last = next.catch(() => undefined)
    return next
  }
}

function mount(composed: Composed): void {
  const { machinery, service, worker, network, press, agencies, demos, clock, database, nextLogins, phoneOf } = composed
  const { app, citizens, relyingParties } = service
  const parts = {
    issuer: machinery.config.baseUrl,
    agenciesUrl: agencies.url,
    citizens: (locale: Locale) => shownCitizens(machinery.i18n.translator(locale)),
    citizenId: (document: string) => citizenIdOf(citizens, document),
    messages: async (filter: object) => {
      await allSent(composed)
      const sent = [...network.sent(), ...(await press.sent())].toSorted((one, other) => one.at.localeCompare(other.at))
      return messagesFor(citizens, sent, filter)
    },
    attachment: (id: string, nth: number) => network.email.attachment(id, nth),
    methods: ['movil', 'pin', 'permanente'] as const,
    nextLogins,
    answerRequest: answersOf(machinery, citizens, phoneOf),
    clock,
    clockMoved: () => worker.sweepDue(),
    relyingParties: sandboxRegistry(relyingParties),
    // A sweep beside it would send what is being forgotten, or find what is new due by the old clock.
    reset: oneByOne(() =>
      worker.whileSweepsRest(async () => {
        await resetTables(database.ownerUrl, demoIds)
        await machinery.store.clear()
        clock.reset()
        network.reset()
        press.reset()
        agencies.reset()
        await seed(composed)
        await demos.restore()
      }),
    ),
  }
  apiRoutes(app, parts)
  movilRoutes(app, parts)
  pageRoutes(app, parts)
  press.routes(app)
  samlRoutes(app, {
    issuer: machinery.config.baseUrl,
    clock,
    relyingParties,
    ourCertificates: async () => certificatesIn((await app.inject('/Proxy2/Certificates')).body),
  })
}

/** Those that the gateway's profile publishes, base64 of the DER. */
const certificatesIn = (xml: string): readonly string[] =>
  [...xml.matchAll(/X509Certificate>([^<]+)</g)].map(([, text = '']) => text.replace(/\s/g, ''))

/** Agencies under test run on this machine: without the dispatcher by which oidc-provider keeps away from it. */
const agencyFetch: typeof fetch = (input, init) => fetch(input, { ...init, dispatcher: undefined } as RequestInit)

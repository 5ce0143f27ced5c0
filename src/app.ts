import { makeAccount, withOwnParty } from './account/index.ts'
import { makeAppMovil } from './app-movil/index.ts'
import { noteEvent, noteLogin } from './audit/index.ts'
import { makeHashQueue, makeMovil, makePermanente, makePermanenteLife, makePin } from './authentication/index.ts'
import { citizensIn, type Citizens } from './citizen/index.ts'
import { postgresCivilRegister } from './civil-register/index.ts'
import { makeLockout, makeSlowDown } from './lockout/index.ts'
import { makeLogin, type LoginEngine, type Presets, type Session } from './login/index.ts'
import { makeMessages, openPushKey } from './messaging/index.ts'
import { makeOidc, type Oidc } from './oidc/index.ts'
import {
  deriveKey,
  digestWith,
  healthRoutes,
  makeHealth,
  makeHttp,
  measureRequests,
  metricsRoutes,
  openSigningKeys,
  pendingMigrations,
  statement,
  systemTimers,
  type App,
  type Health,
} from './platform/index.ts'
import type { Machinery } from './machinery.ts'
import { refusalRow, type RefusalCode } from './refusal/index.ts'
import { makeRelyingParties, rowLease, type RelyingParties } from './relying-party/index.ts'
import { makeRegistration } from './registration/index.ts'
import { makeSaml, type Saml } from './saml/index.ts'

/** What another composition of the same rooms does otherwise: the sandbox. */
export interface Composition {
  /** Logins that complete without a page. */
  readonly presets?: Presets
  /** Agencies may have http return addresses. */
  readonly insecureAgencies?: boolean
  /** When letters are made; nightly unless told. */
  readonly lettersMade?: 'nightly' | 'at-once'
  /** Calls agencies' own servers (jwks_uri, back-channel logout), instead of a fetch that refuses this machine's. */
  readonly agencyFetch?: typeof fetch
}

/** The server, ready to listen. */
export interface Service {
  readonly app: App
  readonly health: Health
  readonly citizens: Citizens
  readonly relyingParties: RelyingParties
  readonly login: LoginEngine
  /** Takes over keys that were rotated elsewhere; answers whether any were. */
  refreshKeys(): Promise<boolean>
}

const anything = statement('health.database', 'select')

/** Puts the rooms together. The only place that knows them all. */
export async function buildApp(machinery: Machinery, composition: Composition = {}): Promise<Service> {
  const { config, db, store, once, clock, random, envelope, digest, limits, i18n, log, metrics } = machinery
  const { insecureAgencies = false } = composition
  const secure = config.baseUrl.startsWith('https:')
  const keys = await openSigningKeys({ db, envelope, clock, commonName: new URL(config.baseUrl).host })
  const app = makeHttp({
    i18n,
    random,
    digest,
    refusalStatus: (code) => refusalRow(code as RefusalCode).http,
    secure,
    insecureFormTargets: insecureAgencies,
    defaultLocale: config.localeDefault,
    ...trusted(config.trustProxy),
    log,
  })
  measureRequests(app, metrics)
  metrics.watch('database_connections', () => db.connections().open)
  metrics.watch('database_idle', () => db.connections().idle)
  metrics.watch('database_waiting', () => db.connections().waiting)

  const citizens = citizensIn(db, clock)
  const relyingParties = makeRelyingParties({
    ...{ db, clock, random, allowHttp: insecureAgencies },
    // The sandbox is one process, and puts rows back where they were.
    lease: insecureAgencies ? 0 : rowLease,
  })
  const lockout = makeLockout({ clock, digest, limits })
  const hashes = makeHashQueue({ random, limits })
  metrics.watch('password_queue', () => hashes.length())
  const methodParts = {
    db,
    clock,
    random,
    digest,
    limits,
    citizens,
    register: postgresCivilRegister({ db: machinery.registerDb, clock }),
    lockout,
    slowDown: makeSlowDown({ store, clock, digest, limits }),
    messages: makeMessages({ clock, envelope, i18n, baseUrl: config.baseUrl }),
  }
  const movil = makeMovil({
    ...methodParts,
    store,
    envelope,
    baseUrl: config.baseUrl,
    timers: systemTimers,
    failed: (err) => log.warn({ err }, 'how requests of the app stand could not be asked'),
  })
  const methods = [movil.method, makePin(methodParts), makePermanente({ ...methodParts, envelope, hashes })]
  app.addHook('onClose', () => movil.close())
  metrics.watch('event_streams', () => app.eventStreams.open())
  const login = makeLogin({
    store,
    clock,
    random,
    digest,
    methods,
    // Mi Cl@ve is one more, which nobody registers.
    relyingParties: withOwnParty(relyingParties),
    citizens,
    limits,
    ...(composition.presets ? { presets: composition.presets } : {}),
    note: (event) => noteEvent(db, event),
    noteLogin: (event, once) => noteLogin(db, event, once),
    observe: metrics.login,
  })
  /** Tells all agencies but `by` of a session that ended in this browser; answers where the browser goes on. */
  const farewell = async (left: Session, browser: string, by: string | undefined, then: string): Promise<string> => {
    const [, next] = await Promise.all([oidc.tellEnded(left, by), saml.sayGoodbye(left, browser, then)])
    return next
  }
  const pairwise = digestWith(Buffer.from(config.pairwiseSecret))
  // Each face tells the other's agencies when a session ended at one of its own.
  const oidc: Oidc = makeOidc({
    store,
    once,
    clock,
    random,
    keys,
    login,
    relyingParties,
    limits,
    citizens,
    baseUrl: config.baseUrl,
    pairwise,
    cookieKeys: config.masterKeys.map(({ key }) => deriveKey(key, 'oidc-cookies')),
    log,
    ...(composition.agencyFetch ? { fetch: composition.agencyFetch } : {}),
    farewell,
  })
  const saml: Saml = makeSaml({
    store,
    once,
    clock,
    random,
    digest,
    keys,
    login,
    relyingParties,
    citizens,
    limits,
    baseUrl: config.baseUrl,
    pairwise,
    tellOthers: (session, except) => oidc.tellEnded(session, except),
    observe: metrics.samlRefused,
  })
  const permanenteLife = makePermanenteLife({
    ...methodParts,
    envelope,
    hashes,
    store,
    endSessionsOf: (citizen, but) => login.endSessionsOf(citizen, 'password', but),
  })
  const registration = makeRegistration({
    ...methodParts,
    store,
    envelope,
    i18n,
    lettersMade: composition.lettersMade ?? 'nightly',
  })
  const account = makeAccount({
    ...methodParts,
    baseUrl: config.baseUrl,
    store,
    envelope,
    i18n,
    relyingParties,
    methods,
    login,
    permanente: permanenteLife,
    tellEnded: (session) => oidc.tellEnded(session, undefined),
    farewell: (left, browser, then) => farewell(left, browser, undefined, then),
  })
  const appMovil = makeAppMovil({
    ...methodParts,
    ...{ store, once, envelope, i18n, baseUrl: config.baseUrl, timers: systemTimers },
    pushKey: async () => (await openPushKey({ db, envelope, clock })).publicKey,
    push: { hosts: config.pushHosts, allowHttp: insecureAgencies },
    failed: (err) => log.warn({ err }, 'what waits for the phones could not be asked'),
  })
  registration.routes(app)
  login.routes(app)
  permanenteLife.routes(app)
  oidc.routes(app)
  saml.routes(app)
  account.routes(app)
  appMovil.routes(app)

  const health = makeHealth({
    checks: [
      { name: 'postgresql', check: async () => void (await db.rows(anything)) },
      { name: 'store', check: () => store.ping() },
      {
        name: 'keys',
        check: async () => (keys.ring().keys.some(({ state }) => state === 'current') ? undefined : 'no current key'),
      },
      { name: 'migrations', check: async () => behind(await pendingMigrations(db)) },
    ],
  })
  healthRoutes(app, health)
  if (config.metrics !== 'off')
    metricsRoutes(app, metrics, config.metrics === 'open' ? 'open' : { token: config.metricsToken! })
  return { app, health, citizens, relyingParties, login, refreshKeys: () => oidc.refreshKeys() }
}

const behind = (pending: readonly string[]) =>
  pending.length === 0 ? undefined : `${pending.length} migrations are missing`

/** So many proxies, or those of certain addresses, are believed about the client's address and scheme. */
function trusted(proxies: Machinery['config']['trustProxy']) {
  if (proxies === false) return {}
  if (typeof proxies === 'number') return { trustProxy: (_address: string, hop: number) => hop < proxies }
  return { trustProxy: [...proxies] }
}

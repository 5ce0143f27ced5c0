import { noteEvent, noteLogin } from '../../src/audit/index.ts'
import type { Citizen, MethodName } from '../../src/citizen/index.ts'
import { citizensIn } from '../../src/citizen/index.ts'
import { defaultLimits } from '../../src/lockout/index.ts'
import { makeLogin, type Preset, type Presets } from '../../src/login/index.ts'
import { makeOidc, type Oidc, type OidcParts } from '../../src/oidc/index.ts'
import {
  digestWith,
  loadI18n,
  makeHttp,
  onceIn,
  openDb,
  openEnvelope,
  openSigningKeys,
  postgresStore,
  redisStore,
  systemRandom,
  type App,
  type Db,
  type EphemeralStore,
  type SigningAlg,
  type SigningKeys,
} from '../../src/platform/index.ts'
import { refusalRow, type RefusalCode } from '../../src/refusal/index.ts'
import { makeRelyingParties, rowLease, type RelyingParties } from '../../src/relying-party/index.ts'
import { makeSaml, type Saml } from '../../src/saml/index.ts'
import { testClock, type TestClock } from '../support/clock.ts'
import { testDatabase, type Teardown } from '../support/database.ts'
import { quietLog } from '../support/log.ts'
import { testRedis } from '../support/redis.ts'
import { fakeMethod, type FakeMethod } from '../login/fake-method.ts'
import { Browser } from './browser.ts'

export const issuer = 'https://clave.test'

/** Both faces before the real engine, registry and database; only what a citizen would type is left out. */
export interface IdentityProvider {
  readonly app: App
  readonly db: Db
  readonly store: EphemeralStore
  readonly clock: TestClock
  readonly keys: SigningKeys
  readonly relyingParties: RelyingParties
  readonly methods: Readonly<Record<'pin' | 'permanente', FakeMethod>>
  /** Citizen.id of Carmen (advanced, two surnames) and Wei (one surname). */
  readonly carmen: string
  readonly wei: string
  /** Every call of the store and every statement since it was emptied: `get oidc:code`, `sql relying-party.find`. */
  readonly trace: string[]
  /** What was logged. */
  readonly lines: readonly string[]
  /** The next login at this relying party completes without a page. */
  next(relyingParty: string, preset: Preset): void
  browser(): Browser
  refreshKeys(): Promise<boolean>
  /** Another instance before the same database and store. */
  another(): Promise<IdentityProvider>
}

export interface Options {
  readonly driver?: 'postgres' | 'redis'
  readonly algs?: readonly SigningAlg[]
  readonly fetch?: typeof fetch
  /** Milliseconds for which an agency's row is used again; production's unless told. */
  readonly lease?: number
  readonly certificates?: boolean
  /** With SAML keys, which take a moment to make. */
  readonly saml?: boolean
}

type Test = Teardown & { fail(message: string): unknown }

interface Shared {
  readonly db: Db
  readonly url: string
  readonly store: EphemeralStore
  readonly clock: TestClock
  readonly trace: string[]
  readonly secrets: {
    readonly pairwise: string
    readonly cookie: Buffer
    readonly digest: Buffer
    readonly envelope: Buffer
  }
  readonly presets: Map<string, Preset>
  readonly people: { readonly carmen: string; readonly wei: string }
}

export async function identityProvider(t: Test, options: Options = {}): Promise<IdentityProvider> {
  const { url } = await testDatabase(t)
  const clock = testClock()
  const trace: string[] = []
  const random = systemRandom
  const db = openDb({ url, size: 10, observe: (name) => trace.push(`sql ${name}`) })
  t.teardown(() => db.close())
  const store =
    options.driver === 'redis'
      ? await redisStore({ url: await testRedis(t), clock, random })
      : // On a pool of its own: its statements are counted as calls of the store.
        postgresStore({ db: quietDb(t, url), clock, random })
  t.teardown(() => store.close())
  const people = await seed(db, clock)
  const secrets = {
    pairwise: random.token(48),
    cookie: random.bytes(32),
    digest: random.bytes(32),
    envelope: random.bytes(32),
  }
  const shared = {
    db,
    url,
    clock,
    trace,
    secrets,
    people,
    store: traced(store, trace),
    presets: new Map<string, Preset>(),
  }
  return instance(t, shared, options)
}

function quietDb(t: Test, url: string): Db {
  const db = openDb({ url, size: 10 })
  t.teardown(() => db.close())
  return db
}

async function instance(t: Test, shared: Shared, options: Options): Promise<IdentityProvider> {
  const { db, store, clock, secrets, presets, people } = shared
  const random = systemRandom
  const digest = digestWith(secrets.digest)
  const envelope = openEnvelope([{ id: 'test', key: secrets.envelope }])
  const keys = await openSigningKeys({
    db,
    envelope,
    clock,
    algs: options.algs ?? ['ES256', ...(options.saml ? (['RS512'] as const) : [])],
  })
  const log = quietLog(t, () => ['CARMEN', 'FICTICIA', '99999999R', 'carmen@correo.example', '600000001'])
  const app = makeHttp({
    i18n: loadI18n({ strict: true }),
    random,
    digest,
    refusalStatus: (code) => refusalRow(code as RefusalCode).http,
    secure: true,
    log,
  })
  t.teardown(() => app.close())
  const methods = {
    pin: fakeMethod('pin'),
    permanente: fakeMethod('permanente'),
  }
  const relyingParties = makeRelyingParties({ db, clock, random, allowHttp: false, lease: options.lease ?? rowLease })
  const citizens = citizensIn(db, clock)
  const login = makeLogin({
    ...{ store, clock, random, digest, relyingParties, citizens, limits: defaultLimits },
    // There is no page for certificates yet: a test that wants the highest level takes them without one.
    methods: [...Object.values(methods), ...(options.certificates ? [certificates] : [])],
    presets: presetsIn(presets),
    note: (event) => noteEvent(db, event),
    noteLogin: (event, once) => noteLogin(db, event, once),
  })
  const common = {
    ...{ store, clock, random, keys, login, relyingParties, citizens, limits: defaultLimits },
    once: onceIn(db),
    baseUrl: issuer,
    pairwise: digestWith(Buffer.from(secrets.pairwise)),
  }
  const parts: OidcParts = {
    ...common,
    cookieKeys: [secrets.cookie],
    log,
    ...(options.fetch ? { fetch: options.fetch } : {}),
    farewell: async (left, browser, by, then) => {
      const [, next] = await Promise.all([oidc.tellEnded(left, by), saml.sayGoodbye(left, browser, then)])
      return next
    },
  }
  const oidc: Oidc = makeOidc(parts)
  const saml: Saml = makeSaml({ ...common, digest, tellOthers: (left, except) => oidc.tellEnded(left, except) })
  login.routes(app)
  oidc.routes(app)
  saml.routes(app)
  await app.ready()
  return {
    ...{ app, db, store, clock, keys, relyingParties, methods, ...people, trace: shared.trace, lines: log.lines },
    next: (relyingParty, preset) => presets.set(relyingParty, preset),
    browser: () => new Browser(app, issuer, digest),
    refreshKeys: oidc.refreshKeys,
    another: () => instance(t, shared, options),
  }
}

const certificates = fakeMethod('certificate', { basic: 'high', advanced: 'high' })

const presetsIn = (presets: Map<string, Preset>): Presets => ({
  waits: async ({ relyingParty }) => presets.has(relyingParty),
  take: async ({ relyingParty }) => {
    const preset = presets.get(relyingParty)
    presets.delete(relyingParty)
    return preset
  },
})

/** The store, writing down what it is asked: `<call> <key up to its last colon>`. */
function traced(store: EphemeralStore, trace: string[]): EphemeralStore {
  return new Proxy(store, {
    get(target, name: keyof EphemeralStore) {
      const member: unknown = target[name]
      if (typeof member !== 'function') return member
      return (...args: unknown[]) => {
        trace.push(`${name} ${String(args[0]).replace(/:[^:]*$/, '')}`)
        return (member as (...all: unknown[]) => unknown).apply(target, args)
      }
    },
  })
}

async function seed(db: Db, clock: TestClock): Promise<{ carmen: string; wei: string }> {
  const citizens = citizensIn(db, clock)
  const put = (citizen: Citizen) => citizens.put({ citizen, contrast: undefined })
  const common = {
    locale: 'es',
    registration: { level: 'advanced', channel: 'in_person', at: clock.now() },
    renouncedAt: undefined,
    deceased: false,
    blockedMethods: [],
  } as const
  const carmen = await put({
    ...common,
    id: systemRandom.uuid(),
    document: '99999999R',
    kind: 'dni',
    name: { given: 'CARMEN', firstSurname: 'PRUEBA', secondSurname: 'FICTICIA' },
    phone: '+34600000001',
    email: 'carmen@correo.example',
  })
  const wei = await put({
    ...common,
    id: systemRandom.uuid(),
    document: 'X9999999J',
    kind: 'nie',
    name: { given: 'WEI', firstSurname: 'ZHANG', secondSurname: undefined },
    phone: undefined,
    email: undefined,
  })
  return { carmen, wei }
}

/** A login without a page. */
export const by = (citizen: string, method: MethodName = 'pin'): Preset => ({ citizen, method })

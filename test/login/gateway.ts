import type { Test } from 'tap'
import type { Citizen } from '../../src/citizen/index.ts'
import { defaultLimits } from '../../src/lockout/index.ts'
import {
  makeLogin,
  type LoginEnding,
  type LoginEngine,
  type LoginOutcome,
  type LoginRequest,
  type Preset,
  type Session,
} from '../../src/login/index.ts'
import {
  digestWith,
  loadI18n,
  makeHttp,
  postgresStore,
  systemRandom,
  type App,
  type EphemeralStore,
} from '../../src/platform/index.ts'
import { refusalRow, type RefusalCode } from '../../src/refusal/index.ts'
import type { RelyingParty } from '../../src/relying-party/index.ts'
import { testClock, type TestClock } from '../support/clock.ts'
import { testDatabase } from '../support/database.ts'
import { fakeAudit, type FakeAudit } from './fake-audit.ts'
import { fakeMethod, type FakeMethod } from './fake-method.ts'
import { testBrowser, type Answered, type TestBrowser } from './test-browser.ts'

/** The engine behind a protocol that is nothing but a door. */
export interface Gateway {
  readonly app: App
  readonly clock: TestClock
  readonly engine: LoginEngine
  readonly store: EphemeralStore
  readonly endings: readonly LoginEnding[]
  readonly audit: FakeAudit
  /** The login that takes no page, if one waits. */
  preset: Preset | undefined
  /** Where an agency sends the browser with this request: /door/<resume>. */
  ask(request?: Partial<LoginRequest>): string
  /** The protocol's own transaction is gone. */
  forget(door: string): void
  browser(): TestBrowser
  /** What the engine answers of this browser's session without a page. */
  passive(browser: TestBrowser, request?: Partial<LoginRequest>): Promise<LoginOutcome>
  session(browser: TestBrowser): Promise<Session | undefined>
}

export async function gateway(t: Test, methods = [fakeMethod('pin'), fakeMethod('permanente')]): Promise<Gateway> {
  const { db } = await testDatabase(t)
  const clock = testClock()
  const random = systemRandom
  const digest = digestWith(random.bytes(32))
  const i18n = loadI18n({ strict: true })
  const app = makeHttp({
    i18n,
    random,
    digest,
    refusalStatus: (code) => refusalRow(code as RefusalCode).http,
    secure: false,
  })
  t.teardown(() => app.close())
  const store = postgresStore({ db, clock, random })
  const requests = new Map<string, LoginRequest>()
  const endings: LoginEnding[] = []
  const audit = fakeAudit()
  const presets = {
    waits: async () => self.preset !== undefined,
    take: async () => {
      const taken = self.preset
      self.preset = undefined
      return taken
    },
  }
  const engine = makeLogin({
    ...{ clock, random, digest, methods, presets, limits: defaultLimits, store },
    relyingParties: { find: async (id) => relyingParties.find((one) => one.id === id) },
    citizens: { find: async (id) => citizenNamed(id) },
    note: audit.note,
    noteLogin: audit.noteLogin,
    observe: (ending) => endings.push(ending),
  })
  mountDoor(app, engine, requests)
  engine.routes(app)
  await app.ready()
  const ask = (request: Partial<LoginRequest> = {}) => {
    const resume = random.token(9)
    const door = `/door/${resume}`
    requests.set(door, { ...plainRequest, ...request, door, resume })
    return door
  }
  const self: Gateway = {
    ...{ app, clock, engine, store, endings, audit, ask },
    preset: undefined,
    forget: (door) => requests.delete(door),
    browser: () => testBrowser(app, digest),
    passive: async (browser, request) => {
      const { body } = await browser.get(ask(request).replace('door', 'passive'))
      return JSON.parse(body) as LoginOutcome
    },
    session: async (browser) => (JSON.parse((await browser.get('/session')).body) as { session?: Session }).session,
  }
  return self
}

/** The door answers what the engine answered, as JSON. */
function mountDoor(app: App, engine: LoginEngine, requests: ReadonlyMap<string, LoginRequest>): void {
  app.get<{ Params: { resume: string } }>('/door/:resume', async (request, reply) => {
    const asked = requests.get(request.url)
    if (!asked) return engine.ended(request.params.resume, request, reply)
    const entered = await engine.enter(asked, request.visit, reply)
    return 'go' in entered ? reply.redirect(entered.go, 303) : entered.outcome
  })
  app.get('/passive/:resume', async (request) => {
    const asked = requests.get(request.url.replace('passive', 'door'))
    return asked && engine.passive(asked, request.visit)
  })
  app.get('/session', async ({ visit }) => ({ session: await engine.session(visit) }))
  app.get('/leave', async ({ visit }, reply) => ({ session: await engine.leave(visit, reply, 'aeat') }))
}

const plainRequest = {
  relyingParty: 'aeat',
  asked: ['low', 'substantial', 'high'],
  excluded: [],
  force: false,
  passive: false,
} as const

const relyingParties = ['aeat', 'dgt', 'sepe'].map((id): RelyingParty => ({
  ...{ id, name: id.toUpperCase(), sector: id, leastLevel: 'low', scopes: [], oidc: undefined, saml: undefined },
  excluded: id === 'dgt' ? ['movil'] : [],
  home: id === 'sepe' ? undefined : `https://${id}.example/`,
}))

const citizenNamed = (id: string): Citizen => ({
  ...{ id, document: '99999999R', kind: 'dni', phone: undefined, email: undefined, locale: 'es' },
  name: { given: id.toUpperCase(), firstSurname: 'PRUEBA', secondSurname: undefined },
  registration: { level: 'advanced', channel: 'in_person', at: new Date(0) },
  renouncedAt: undefined,
  deceased: false,
  blockedMethods: [],
})

/** The outcome that a door answered with. */
export const outcomeOf = (answer: Answered): LoginOutcome => JSON.parse(answer.body) as LoginOutcome

/** Takes a browser from the door to the page where its login begins; answers the login's address. */
export async function begin(browser: TestBrowser, door: string): Promise<string> {
  const { location = '' } = await browser.get(door)
  return location.split('/').slice(0, 3).join('/')
}

/** A whole login with the PIN, by whoever the fake method shows. */
export async function identify(
  gate: Gateway,
  browser: TestBrowser,
  request: Partial<LoginRequest> = {},
): Promise<LoginOutcome> {
  const login = await begin(browser, gate.ask(request))
  await browser.post(`${login}/choose`, { method: 'pin' })
  return outcomeOf(await browser.submit(`${login}/pin/identify`, { say: 'proven' }))
}

export type { FakeMethod }

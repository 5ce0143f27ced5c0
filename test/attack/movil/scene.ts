import type { Test } from 'tap'
import { makeAppMovil } from '../../../src/app-movil/index.ts'
import { noteEvent, noteLogin } from '../../../src/audit/index.ts'
import { makeMovil } from '../../../src/authentication/movil/make-movil.ts'
import { makeLogin, type LoginParts, type LoginRequest } from '../../../src/login/index.ts'
import { openPushKey } from '../../../src/messaging/index.ts'
import { loadI18n, makeHttp, onceIn, systemTimers, type App } from '../../../src/platform/index.ts'
import { refusalRow, type RefusalCode } from '../../../src/refusal/index.ts'
import type { RelyingParty } from '../../../src/relying-party/index.ts'
import { typedContrast, type TestCitizen } from '../../../src/sandbox/catalogue.ts'
import type { PhoneDecision, ShownToPhone } from '../../../src/sandbox/phone/words.ts'
import { baseUrl, carmen, movilScene, type MovilScene } from '../../authentication/movil-scene.ts'
import { codeIn, tokenIn, type Begun, type Waiting } from '../../authentication/movil-service.ts'
import { codeOf, type SceneOptions } from '../../authentication/scene.ts'
import { testBrowser, type Answered, type TestBrowser } from '../../login/test-browser.ts'
import { quietLog } from '../../support/log.ts'
import { makePhone, type Forged, type TestPhone } from '../../support/phone.ts'

/** An answer of the app's interface. */
export interface Said {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: Record<string, unknown>
  readonly refused: string | undefined
}

/** What an attacker may change of a call. */
export interface How {
  /** The phone's network address. */
  readonly from?: string
  /** The cookies of the browser that the app runs in. */
  readonly browser?: TestBrowser
  /** In the place of the word that the phone signs. */
  readonly word?: string
  readonly over?: Readonly<Record<string, unknown>>
  readonly forged?: Forged
  readonly headers?: Readonly<Record<string, string>>
}

/** Login pages and the app's interface on one server, as citizens and attackers meet them. */
export interface AttackScene extends MovilScene {
  readonly app: App
  begin(request?: Partial<LoginRequest>, browser?: TestBrowser): Promise<Begun>
  /** The same, on the page with the QR. */
  atQr(request?: Partial<LoginRequest>, browser?: TestBrowser): Promise<Waiting>
  /** The same, by document and contrast, on the page with the code. */
  byDocument(who?: TestCitizen, request?: Partial<LoginRequest>): Promise<Waiting>
  newBrowser(): TestBrowser
  /** An activated phone; with its own unlock unless told. */
  phoneOf(who?: TestCitizen, unlock?: boolean): Promise<TestPhone>
  /** A call that nobody signs. */
  open(method: 'GET' | 'POST', path: string, body?: object, how?: How): Promise<Said>
  call(phone: TestPhone, method: Method, path: string, body?: object, how?: How): Promise<Said>
  scan(phone: TestPhone, page: string | Answered, how?: How): Promise<Said>
  decide(phone: TestPhone, shown: Said, decision?: PhoneDecision, how?: Decided): Promise<Said>
}
type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

export interface Decided extends How {
  /** Claims of the decision. */
  readonly claims?: Readonly<Record<string, unknown>>
  readonly decisionForged?: Forged
  /** In the place of the decision that the phone signs. */
  readonly jws?: string
  readonly assertion?: object | 'none'
  readonly request?: string
}

export interface AttackOptions extends SceneOptions {
  readonly pushHosts?: readonly string[]
  /** In the place of parts of the login's engine. */
  readonly engine?: (parts: LoginParts) => Partial<LoginParts>
  readonly agency?: string
}

export async function attackScene(t: Test, options: AttackOptions = {}): Promise<AttackScene> {
  const s = await movilScene(t, options)
  const { db, clock, random, digest, envelope, limits, citizens, store } = s.parts
  const i18n = loadI18n({ strict: true })
  const app = makeHttp({
    ...{ i18n, random, digest, secure: false, trustProxy: true },
    refusalStatus: (code) => refusalRow(code as RefusalCode).http,
    log: quietLog(t, () => s.sent.map(codeOf)),
  })
  const failed = (error: unknown) => t.error(error)
  const movil = makeMovil({ ...s.parts, timers: systemTimers, failed })
  app.addHook('onClose', () => movil.close())
  t.teardown(() => app.close())
  const own: LoginParts = {
    ...{ clock, random, digest, limits, citizens, store },
    methods: [movil.method, s.pin, s.permanente],
    relyingParties: { find: async () => agencyNamed(options.agency ?? 'Agencia Tributaria') },
    note: (event) => noteEvent(s.db, event),
    noteLogin: (event, once) => noteLogin(s.db, event, once),
  }
  const engine = makeLogin({ ...own, ...options.engine?.(own) })
  const asked = new Map<string, Partial<LoginRequest>>()
  app.get<{ Params: { resume: string } }>('/door/:resume', async (request, reply) => {
    const { resume } = request.params
    const wanted = { ...plain, ...asked.get(resume), resume, door: `/door/${resume}` }
    const entered = await engine.enter(wanted, request.visit, reply)
    return 'go' in entered ? reply.redirect(entered.go, 303) : entered.outcome
  })
  engine.routes(app)
  makeAppMovil({
    ...s.parts,
    ...{ once: onceIn(db), i18n, timers: systemTimers, failed },
    pushKey: async () => (await openPushKey({ db, envelope, clock })).publicKey,
    push: { hosts: options.pushHosts ?? ['push.example'], allowHttp: false },
  }).routes(app)
  await app.ready()

  const newBrowser = () => testBrowser(app, digest)
  const begin = async (request: Partial<LoginRequest> = {}, browser = newBrowser()): Promise<Begun> => {
    const resume = random.token(6)
    asked.set(resume, request)
    const first = await browser.open(`/door/${resume}`)
    return { browser, first, login: first.at.split('/').slice(0, 3).join('/') }
  }
  const atQr = async (request: Partial<LoginRequest> = {}, browser = newBrowser()): Promise<Waiting> => {
    const begun = await begin(request, browser)
    return { ...begun, page: await begun.browser.submit(`${begun.login}/choose`, { method: 'movil' }) }
  }
  const api = apiOf(app)
  return {
    ...{ ...s, app, begin, atQr, newBrowser, ...api },
    async byDocument(who = carmen, request) {
      const { browser, login } = await atQr(request)
      await browser.submit(`${login}/movil`, { action: 'document' })
      const typed = { document: who.document, contrast: typedContrast(who) }
      return { browser, login, page: await browser.submit(`${login}/movil/document`, typed), first: { ...none } }
    },
    phoneOf: (who, unlock) => activate(s, api, who, unlock),
    scan: (phone, page, how) => api.call(phone, 'POST', '/request/scan', { token: tokenIn(page) }, how),
    decide: (phone, shown, decision = 'approve', how = {}) => decide(api, phone, shown, decision, how),
  }
}

type Api = Pick<AttackScene, 'open' | 'call'>

function apiOf(app: App): Api {
  const send = async (method: Method, path: string, payload: string, how: How, word?: string): Promise<Said> => {
    const answer = await app.inject({
      ...{ method, url: path },
      cookies: Object.fromEntries(how.browser?.cookies ?? []),
      headers: {
        ...(payload === '' ? {} : { 'content-type': 'application/json' }),
        ...(how.from === undefined ? {} : { 'x-forwarded-for': how.from }),
        ...(word === undefined ? {} : { authorization: `Clave-Movil ${word}` }),
        ...how.headers,
      },
      ...(payload === '' ? {} : { payload }),
    })
    const body = (answer.body === '' ? {} : JSON.parse(answer.body)) as Record<string, unknown>
    const refused = /^urn:clave:refusal:(.*)$/.exec(String(body['type']))?.[1]
    return { status: answer.statusCode, headers: answer.headers, body, refused }
  }
  const written = (body: object | undefined) => (body === undefined ? '' : JSON.stringify(body))
  return {
    open: (method, path, body, how = {}) => send(method, `/app/api${path}`, written(body), how, how.word),
    call(phone, method, path, body, how = {}) {
      const text = written(body)
      const asked = { method, path: `/app/api${path}`, body: text }
      return send(method, asked.path, text, how, how.word ?? phone.call(asked, how.over, how.forged))
    },
  }
}

async function activate(s: MovilScene, api: Api, who = carmen, unlock = true): Promise<TestPhone> {
  const phone = makePhone(baseUrl, s.parts.clock.wire)
  const begun = await api.open('POST', '/activation', { document: who.document, contrast: typedContrast(who) })
  const activation = String(begun.body['activation'])
  const confirmed = await api.open('POST', '/activation/confirm', confirmationOf(s, phone, activation))
  phone.device = String(confirmed.body['device'])
  if (!unlock) return phone
  const options = await api.call(phone, 'POST', '/phone/unlock')
  await api.call(phone, 'PUT', '/phone/unlock', { credential: phone.unlock.create(options.body) })
  return phone
}

/** With the code that was sent last. */
export const confirmationOf = (s: MovilScene, phone: TestPhone, activation: string) => ({
  ...{ activation, code: codeOf(s.sent.at(-1)), key: phone.key, name: 'Android, Chrome' },
  proof: phone.proof(activation),
})

async function decide(api: Api, phone: TestPhone, shown: Said, decision: PhoneDecision, how: Decided): Promise<Said> {
  const of = shownIn(shown)
  const jws = how.jws ?? phone.decide(of, decision, how.claims, how.decisionForged)
  const assertion = how.assertion ?? (decision === 'approve' ? phone.prove(jws) : 'none')
  const body = { request: how.request ?? of.id, jws, ...(assertion !== 'none' && { assertion }) }
  return api.call(phone, 'POST', '/request/decide', body, how)
}

export const shownIn = ({ body }: Said) => body as unknown as ShownToPhone

/** The code that a page shows, for a phone that types it. */
export const typing = (page: Answered) => ({ claims: { code: codeIn(page) } })

const none: Answered = { status: 0, location: undefined, body: '', at: '', cookies: [] }

const agencyNamed = (name: string): RelyingParty => ({
  ...{ id: 'aeat', name, sector: 'aeat', leastLevel: 'low', scopes: [], excluded: [] },
  ...{ oidc: undefined, saml: undefined, home: undefined },
})
const plain: Omit<LoginRequest, 'resume' | 'door'> = {
  relyingParty: 'aeat',
  asked: ['low', 'substantial', 'high'],
  excluded: [],
  force: false,
  passive: false,
}

import type { Test } from 'tap'
import { openScanned } from '../../src/authentication/movil/claim-request.ts'
import { makeMovil, type Movil } from '../../src/authentication/movil/make-movil.ts'
import { noteEvent, noteLogin } from '../../src/audit/index.ts'
import { makeLogin, type LoginOutcome, type LoginRequest } from '../../src/login/index.ts'
import { loadI18n, makeHttp, systemTimers, type App } from '../../src/platform/index.ts'
import { refusalRow, type RefusalCode } from '../../src/refusal/index.ts'
import type { RelyingParty } from '../../src/relying-party/index.ts'
import { testBrowser, type Answered, type TestBrowser } from '../login/test-browser.ts'
import type { TestPhone } from '../support/phone.ts'
import { callOf, movilScene, type MovilScene } from './movil-scene.ts'

/** The methods behind the real engine and a door that answers JSON. */
export interface MovilService extends MovilScene {
  readonly app: App
  readonly movil: Movil
  /** A browser whose login stands where it begins; answers the login's address. */
  begin(request?: Partial<LoginRequest>): Promise<Begun>
  /** The same, on the page with the QR. */
  atQr(request?: Partial<LoginRequest>): Promise<Waiting>
  scan(phone: TestPhone, page: string | Answered): ReturnType<typeof openScanned>
}

export interface Begun {
  readonly browser: TestBrowser
  readonly login: string
  readonly first: Answered
}

export interface Waiting extends Begun {
  readonly page: Answered
}

export async function movilService(t: Test): Promise<MovilService> {
  const s = await movilScene(t)
  const { clock, random, digest, limits, citizens, store } = s.parts
  const refusalStatus = (code: string) => refusalRow(code as RefusalCode).http
  const app = makeHttp({ i18n: loadI18n({ strict: true }), random, digest, refusalStatus, secure: false })
  const movil = makeMovil({ ...s.parts, timers: systemTimers, failed: (error) => t.error(error) })
  app.addHook('onClose', () => movil.close())
  t.teardown(() => app.close())
  const engine = makeLogin({
    ...{ clock, random, digest, limits, citizens, store },
    methods: [movil.method, s.pin, s.permanente],
    relyingParties: { find: async () => aeat },
    note: (event) => noteEvent(s.db, event),
    noteLogin: (event, once) => noteLogin(s.db, event, once),
  })
  const asked = new Map<string, Partial<LoginRequest>>()
  app.get<{ Params: { resume: string } }>('/door/:resume', async (request, reply) => {
    const { resume } = request.params
    const wanted = { ...plain, ...asked.get(resume), resume, door: `/door/${resume}` }
    const entered = await engine.enter(wanted, request.visit, reply)
    return 'go' in entered ? reply.redirect(entered.go, 303) : entered.outcome
  })
  engine.routes(app)
  const begin = async (request: Partial<LoginRequest> = {}): Promise<Begun> => {
    const resume = random.token(6)
    asked.set(resume, request)
    const browser = testBrowser(app, digest)
    const first = await browser.open(`/door/${resume}`)
    return { browser, first, login: first.at.split('/').slice(0, 3).join('/') }
  }
  return {
    ...{ ...s, app, movil, begin },
    async atQr(request) {
      const begun = await begin(request)
      return { ...begun, page: await begun.browser.submit(`${begun.login}/choose`, { method: 'movil' }) }
    },
    scan: async (phone, page) =>
      openScanned(s.parts, await callOf(s, phone), { token: tokenIn(page), browser: undefined }),
  }
}

const aeat: RelyingParty = {
  ...{ id: 'aeat', name: 'Agencia Tributaria', sector: 'aeat', leastLevel: 'low', scopes: [], excluded: [] },
  ...{ oidc: undefined, saml: undefined, home: undefined },
}
const plain: Omit<LoginRequest, 'resume' | 'door'> = {
  relyingParty: 'aeat',
  asked: ['low', 'substantial', 'high'],
  excluded: [],
  force: false,
  passive: false,
}

/** What the QR of a page says, as its link says it too; or a token itself. */
export const tokenIn = (page: string | Answered): string =>
  typeof page === 'string' ? page : (/href="[^"]*\/app\/scan#([^"]+)"/.exec(page.body)?.[1] ?? '')

/** The six digits that a page shows. */
export const codeIn = ({ body }: Answered): string =>
  (/class="clave-code"[^>]*>(\d{3}) (\d{3})</.exec(body)?.slice(1) ?? []).join('')

export const outcomeIn = ({ body }: { readonly body: string }): LoginOutcome => JSON.parse(body) as LoginOutcome

/** The news of a page that waits. */
export async function newsOf({ browser, login }: Begun, page = 'movil'): Promise<Record<string, unknown>> {
  return JSON.parse((await browser.get(`${login}/${page}/news`)).body) as Record<string, unknown>
}

import t, { type Test } from 'tap'
import { noteEvent, noteLogin } from '../../src/audit/index.ts'
import { makeLogin, type LoginOutcome, type LoginRequest } from '../../src/login/index.ts'
import { loadI18n, makeHttp, postgresStore } from '../../src/platform/index.ts'
import { refusalRow, type RefusalCode } from '../../src/refusal/index.ts'
import type { RelyingParty } from '../../src/relying-party/index.ts'
import { catalogue, sandboxPassword, typedContrast } from '../../src/sandbox/catalogue.ts'
import { testBrowser, type TestBrowser } from '../login/test-browser.ts'
import { quietLog, wordsOf } from '../support/log.ts'
import { codeOf, notThis, scene } from './scene.ts'

const wrongPassword = 'Equivocada-2026-Secreta'

/** Both methods behind the real engine and a door that answers JSON; what is logged is searched when the test ends. */
async function service(t: Test) {
  const s = await scene(t)
  const { clock, random, digest, limits, citizens } = s.parts
  const typed = [wrongPassword, '01/02/2033', 'q7Zk']
  const people = catalogue.map((one) => {
    const { document, name, phone, email } = one
    return { document, name, phone, email, contrast: typedContrast(one), password: sandboxPassword }
  })
  const log = quietLog(t, () => [...wordsOf(people), ...s.sent.map(codeOf), ...typed])
  const refusalStatus = (code: string) => refusalRow(code as RefusalCode).http
  const app = makeHttp({ i18n: loadI18n({ strict: true }), random, digest, refusalStatus, secure: false, log })
  t.teardown(() => app.close())
  const engine = makeLogin({
    ...{ clock, random, digest, limits, citizens },
    methods: [s.pin, s.permanente],
    store: postgresStore({ db: s.db, clock, random }),
    relyingParties: { find: async () => aeat },
    note: (event) => noteEvent(s.db, event),
    noteLogin: (event, once) => noteLogin(s.db, event, once),
  })
  let asked: Partial<LoginRequest> = {}
  app.get<{ Params: { resume: string } }>('/door/:resume', async (request, reply) => {
    const { resume } = request.params
    const entered = await engine.enter({ ...plain, ...asked, resume, door: `/door/${resume}` }, request.visit, reply)
    return 'go' in entered ? reply.redirect(entered.go, 303) : entered.outcome
  })
  engine.routes(app)
  /** A browser in a login that waits at the first page of this method. */
  const begin = async (method: string, request: Partial<LoginRequest> = {}) => {
    asked = request
    const browser = testBrowser(app, digest)
    const { location = '' } = await browser.get(`/door/${random.token(6)}`)
    const login = location.split('/').slice(0, 3).join('/')
    const first = await browser.submit(`${login}/choose`, { method })
    return { browser, login, first }
  }
  return { ...s, log, begin }
}

const aeat: RelyingParty = {
  ...{ id: 'aeat', name: 'Agencia Tributaria', sector: 'aeat', leastLevel: 'low', scopes: [], excluded: [] },
  oidc: undefined,
  saml: undefined,
  home: undefined,
}
const plain: Omit<LoginRequest, 'resume' | 'door'> = {
  relyingParty: 'aeat',
  asked: ['low', 'substantial', 'high'],
  excluded: [],
  force: false,
  passive: false,
}
const carmen = { document: '99999999R', contrast: '30/06/2031' }
const outcomeOf = ({ body }: { body: string }) => JSON.parse(body) as LoginOutcome

t.test('Cl@ve PIN from the choice of the method to who it was; each error is said on its page', async (t) => {
  const { begin, sent } = await service(t)
  const { browser, login, first } = await begin('pin')
  t.match(first, { status: 200, at: `${login}/pin` })
  const wrong = await browser.submit(`${login}/pin`, { ...carmen, contrast: '01/02/2033' })
  t.equal(wrong.status, 422)
  t.match(wrong.body, /No hemos podido comprobar su identidad/)
  t.match(wrong.body, /Revise todos los datos/)
  t.match(wrong.body, /value="99999999R"/)
  t.match(wrong.body, /Fecha de validez de su DNI/, 'the label fits the document now')
  const page = await browser.submit(`${login}/pin`, { ...carmen, prefix: 'q7Zk' })
  t.match(page, { status: 200, at: `${login}/pin/code` })
  const code = codeOf(sent.at(-1))
  const missed = await browser.submit(`${login}/pin/code`, { code: notThis(code), prefix: 'q7Zk' })
  t.equal(missed.status, 422)
  t.match(missed.body, /Le quedan 2 intentos/)
  const who = outcomeOf(await browser.submit(`${login}/pin/code`, { code, prefix: 'q7Zk' }))
  t.match(who, { method: 'pin', level: 'substantial', factors: ['otp', 'sms'], registrationLevel: 'advanced' })
})

t.test('of 50 submissions of the right PIN by one browser one ends the login; all are led to its end', async (t) => {
  const { begin, sent } = await service(t)
  const { browser, login } = await begin('pin')
  await browser.submit(`${login}/pin`, carmen)
  const code = codeOf(sent.at(-1))
  const answers = await Promise.all(Array.from({ length: 50 }, () => browser.post(`${login}/pin/code`, { code })))
  t.same(new Set(answers.map(({ status }) => status)), new Set([303]))
  t.equal(answers.filter(({ cookies }) => cookies.includes('clave-session')).length, 1, 'one session')
  const ends = await Promise.all(answers.map(({ location = '' }) => led(browser, location)))
  t.equal(new Set(ends).size, 1, 'the same outcome')
  t.match(JSON.parse(ends[0] ?? ''), { method: 'pin' })
})

t.test('Cl@ve Permanente, stepped up where substantial is asked', async (t) => {
  const { begin, sent, log } = await service(t)
  const { browser, login } = await begin('permanente', { asked: ['substantial', 'high'] })
  const { document } = carmen
  const wrong = await browser.submit(`${login}/permanente`, { document, password: wrongPassword })
  t.equal(wrong.status, 422)
  t.notMatch(wrong.body, wrongPassword)
  t.match(wrong.body, /value="99999999R"/)
  const page = await browser.submit(`${login}/permanente`, { document, password: sandboxPassword })
  t.match(page, { status: 200, at: `${login}/permanente/code` })
  const who = outcomeOf(await browser.submit(`${login}/permanente/code`, { code: codeOf(sent.at(-1)) }))
  t.match(who, { method: 'permanente', level: 'substantial', factors: ['pwd', 'otp', 'sms'] })
  t.ok(log.lines.length > 0, 'there is a log to search')
})

t.test('"another PIN" and "change my data" are pages that can be reloaded', async (t) => {
  const { begin, sent } = await service(t)
  const { browser, login } = await begin('pin')
  await browser.submit(`${login}/pin`, carmen)
  const another = await browser.post(`${login}/pin/code`, { code: '', action: 'another' })
  t.match(another, { status: 303, location: `${login}/pin/code` })
  t.match((await browser.get(`${login}/pin/code`)).body, /El anterior ya no sirve/)
  t.equal(sent.length, 2, 'looking again sends nothing')
  const change = await browser.submit(`${login}/pin/code`, { action: 'change' })
  t.match(change, { status: 200, at: `${login}/pin` })
})

t.test('who cannot go on this way hears why on a page of its own, and the agency gets an error', async (t) => {
  const { begin } = await service(t)
  const { browser, login } = await begin('pin')
  const page = await browser.submit(`${login}/pin`, { document: '99999995C', contrast: '28/02/2032' })
  t.match(page, { status: 403, body: /Todavía no está en Cl@ve/ })
})

async function led(browser: TestBrowser, location: string): Promise<string> {
  return (await browser.open(location)).body
}

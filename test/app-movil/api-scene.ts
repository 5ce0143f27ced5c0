import type { Test } from 'tap'
import { Check, Errors } from 'typebox/schema'
import { makeAppMovil } from '../../src/app-movil/index.ts'
import type { Login, StepAnswer } from '../../src/authentication/index.ts'
import { openPushKey } from '../../src/messaging/index.ts'
import { loadI18n, makeHttp, onceIn, systemTimers, type App, type Timers } from '../../src/platform/index.ts'
import { refusalRow, type RefusalCode } from '../../src/refusal/index.ts'
import { typedContrast } from '../../src/sandbox/catalogue.ts'
import { baseUrl, carmen, movilScene, type MovilScene } from '../authentication/movil-scene.ts'
import { codeOf, dataOf, loginWith, stepOf, type SceneOptions } from '../authentication/scene.ts'
import { quietLog } from '../support/log.ts'
import { makePhone, type Forged, type TestPhone } from '../support/phone.ts'

/** An answer of the interface, as a phone reads it. */
export interface Said {
  readonly status: number
  readonly type: string
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: Record<string, unknown>
  /** Code of a refusal. */
  readonly refused: string | undefined
}

export interface Signing {
  /** Claims of the word that goes with the call. */
  readonly over?: Readonly<Record<string, unknown>>
  readonly forged?: Forged
  /** In the place of the word. */
  readonly word?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface ApiScene extends MovilScene {
  readonly app: App
  /** `GET /app/api/phone`: every route of the interface as it was mounted. */
  readonly routes: readonly string[]
  /** What was handed to `failed`. */
  readonly failures: unknown[]
  /** A call that nobody signs. */
  open(method: 'GET' | 'POST', path: string, body?: object): Promise<Said>
  /** A call that this phone signs. */
  call(
    phone: TestPhone,
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: object,
    how?: Signing,
  ): Promise<Said>
  newPhone(): TestPhone
}

export interface ApiOptions extends SceneOptions {
  readonly timers?: Timers
}

/** The app's interface before the real acts and a real database, with the sandbox's citizens. */
export async function apiScene(t: Test, options: ApiOptions = {}): Promise<ApiScene> {
  const s = await movilScene(t, options)
  const { db, clock, random, digest, envelope } = s.parts
  const i18n = loadI18n({ strict: true })
  const app = makeHttp({
    ...{ i18n, random, digest },
    refusalStatus: (code) => refusalRow(code as RefusalCode).http,
    secure: true,
    log: quietLog(t, () => s.sent.map(codeOf)),
  })
  t.teardown(() => app.close())
  const failures: unknown[] = []
  const routes: string[] = []
  app.addHook('onRoute', ({ method, url }) => {
    if (url.startsWith('/app/api/') && typeof method === 'string') routes.push(`${method} ${url}`)
  })
  makeAppMovil({
    ...s.parts,
    ...{ once: onceIn(db), i18n, timers: options.timers ?? systemTimers },
    pushKey: async () => (await openPushKey({ db, envelope, clock })).publicKey,
    push: { hosts: ['push.example'], allowHttp: false },
    failed: (error) => void failures.push(error),
  }).routes(app)
  await app.ready()
  const send = async (method: string, path: string, payload: string, headers: Readonly<Record<string, string>>) => {
    const answer = await app.inject({
      method: method as 'GET',
      url: path,
      headers: { ...(payload === '' ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(payload === '' ? {} : { payload }),
    })
    const body = (answer.body === '' ? {} : JSON.parse(answer.body)) as Record<string, unknown>
    const refused = /^urn:clave:refusal:(.*)$/.exec(String(body['type']))?.[1]
    const type = String(answer.headers['content-type'] ?? '').split(';')[0] ?? ''
    return { status: answer.statusCode, type, headers: answer.headers, body, refused }
  }
  const api = (path: string) => `/app/api${path}`
  const written = (body: object | undefined) => (body === undefined ? '' : JSON.stringify(body))
  return {
    ...s,
    app,
    routes,
    failures,
    newPhone: () => makePhone(baseUrl, s.parts.clock.wire),
    open: (method, path, body) => send(method, api(path), written(body), {}),
    call(phone, method, path, body, { over, forged, word, headers } = {}) {
      const text = written(body)
      const said = word ?? phone.call({ method, path: api(path), body: text }, over, forged)
      return send(method, api(path), text, { authorization: `Clave-Movil ${said}`, ...headers })
    },
  }
}

/** A phone activated over the interface; with its own unlock unless told. */
export async function phoneOf(s: ApiScene, who = carmen, unlock = true): Promise<TestPhone> {
  const phone = s.newPhone()
  const begun = await s.open('POST', '/activation', { document: who.document, contrast: typedContrast(who) })
  const activation = String(begun.body['activation'])
  const confirmed = await s.open('POST', '/activation/confirm', confirmation(s, phone, activation))
  phone.device = String(confirmed.body['device'])
  if (!unlock) return phone
  const options = await s.call(phone, 'POST', '/phone/unlock')
  await s.call(phone, 'PUT', '/phone/unlock', { credential: phone.unlock.create(options.body) })
  return phone
}

/** With the code that was sent last. */
export const confirmation = (s: ApiScene, phone: TestPhone, activation: string) => ({
  activation,
  code: codeOf(s.sent.at(-1)),
  key: phone.key,
  name: 'Android, Chrome',
  proof: phone.proof(activation),
})

/** A PIN login up to the page where the PIN is typed. */
export async function pinLogin(s: ApiScene, { who = carmen, prefix = '' } = {}) {
  const login = loginWith()
  const form = { document: who.document, contrast: typedContrast(who), prefix }
  const data = dataOf(await stepOf(s.pin, 'pin.identify').submit(login, undefined, form))
  const enter = (code: string, typedPrefix = prefix): Promise<StepAnswer> =>
    stepOf(s.pin, 'pin.code').submit(login, data, { code, ...(typedPrefix !== '' && { prefix: typedPrefix }) })
  return { login, data, sms: codeOf(s.sent.at(-1)), enter, again: () => another(s, login, data) }
}

async function another(s: ApiScene, login: Login, data: unknown): Promise<string> {
  await stepOf(s.pin, 'pin.code').submit(login, data, { action: 'another' })
  return codeOf(s.sent.at(-1))
}

/** What a phone says to be shown a PIN. */
export function pinAsked(s: ApiScene, phone: TestPhone, over: Readonly<Record<string, unknown>> = {}) {
  const jti = s.parts.random.token(16)
  const iat = Math.floor(s.parts.clock.wire().getTime() / 1000)
  const word = phone.word('clave-movil-pin+jwt', { aud: baseUrl, jti, iat, ...over })
  return { word, assertion: phone.prove(word) }
}

/** What of a value does not fit a JSON schema; undefined: it fits. */
export function unfit(schema: object, value: unknown): string | undefined {
  return Check(schema, value) ? undefined : JSON.stringify(Errors(schema, value))
}

import { makePermanenteLife, type Caller, type PermanenteLife } from '../../src/authentication/index.ts'
import type { Email, Messages } from '../../src/messaging/index.ts'
import {
  loadI18n,
  makeHttp,
  postgresStore,
  statement,
  type App,
  type Db,
  type EphemeralStore,
  type Tx,
} from '../../src/platform/index.ts'
import { refusalRow, type RefusalCode } from '../../src/refusal/index.ts'
import { issueActivationCode } from '../../src/registration/index.ts'
import { citizen, codeOf, scene, type Scene, type SceneOptions } from './scene.ts'
import type { Teardown } from '../support/database.ts'

export interface LifeScene extends Scene {
  readonly life: PermanenteLife
  readonly app: App
  readonly store: EphemeralStore
  readonly emails: Email[]
  /** After which statement, or what else, the process dies: `commit` before, `after the commit`, `swap` of the journey. */
  fatal: string | undefined
  /** Whose sessions were ended, and which was left. */
  readonly ended: (readonly [string, string | undefined])[]
  /** A new activation code for the citizen with this document. */
  activationFor(document: string): Promise<string>
  visitor(cookies?: Record<string, string>): Visitor
  /** What the audit says of a citizen, in its order. */
  told(citizen: string): Promise<readonly Record<string, unknown>[]>
}

/** One browser. */
export interface Visitor {
  get(url: string): Promise<Answered>
  /** Sends the form of the page last seen, or to `url`, which is looked at first where none was seen. */
  send(form: Record<string, string>, url?: string): Promise<Answered>
  readonly cookies: Record<string, string>
}

export interface Answered {
  readonly status: number
  readonly body: string
  /** Where it leads to. */
  readonly to: string | undefined
  readonly heading: string
  readonly problems: readonly string[]
}

const events = statement<{ kind: string; data: Record<string, unknown> }>(
  'test.events',
  'select kind, data from audit_event where citizen_id = $1 order by id',
)

/** The life of Permanente over HTTP, on a real database with the sandbox's citizens. */
export async function lifeScene(
  t: Teardown,
  options: SceneOptions & { readonly isCommon?: () => Promise<boolean> } = {},
): Promise<LifeScene> {
  const s = await scene(t, options)
  const emails: Email[] = []
  const ended: (readonly [string, string | undefined])[] = []
  const messages: Messages = {
    ...s.parts.messages,
    email(message) {
      emails.push(message)
      return s.parts.messages.email(message)
    },
  }
  const { db, clock, digest, random, limits } = s.parts
  const codes = { clock, random, digest, limits }
  const dies = (at: string) => {
    if (made.fatal === at) throw new Error(`killed at ${at}`)
  }
  const kept = postgresStore({ db, clock, random })
  const store: EphemeralStore = {
    ...kept,
    async swap(...entry) {
      dies('swap')
      return kept.swap(...entry)
    },
  }
  const life = makePermanenteLife({
    ...s.parts,
    db: mortal(db, dies),
    messages,
    store,
    register: { ask: (document, ms) => s.register.ask(document, ms) },
    endSessionsOf: async (citizen, but) => void ended.push([citizen, but]),
    ...(options.isCommon ? { isCommon: options.isCommon } : {}),
  })
  const app = httpOf(s)
  life.routes(app)
  t.teardown(() => app.close())
  const made: LifeScene = {
    ...s,
    ...{ life, app, store, emails, ended, fatal: undefined },
    activationFor: (document) => db.transaction((tx) => issueActivationCode(tx, codes, citizen(document).id)),
    visitor: (cookies) => visitorOf(app, cookies),
    told: (id) => db.rows(events, [id]),
  }
  return made
}

/** A database that is left at a point of a transaction: rolled back by itself, or committed and not heard of. */
const mortal = (db: Db, dies: (at: string) => void): Db => ({
  ...db,
  async transaction(work) {
    const answer = await db.transaction(async (tx) => {
      const rows: Tx['rows'] = async (statement, values) => {
        const found = await tx.rows(statement, values)
        dies(statement.name)
        return found
      }
      const done = await work({ ...tx, rows, row: async (statement, values) => (await rows(statement, values))[0] })
      dies('commit')
      return done
    })
    dies('after the commit')
    return answer
  },
})

const httpOf = ({ parts }: Scene): App =>
  makeHttp({
    i18n: loadI18n({ strict: true }),
    random: parts.random,
    digest: parts.digest,
    refusalStatus: (code) => refusalRow(code as RefusalCode).http,
    secure: false,
  })

function visitorOf(app: App, cookies: Record<string, string> = {}): Visitor {
  let last: { url: string; body: string } | undefined
  const answered = (url: string, answer: Awaited<ReturnType<App['inject']>>): Answered => {
    for (const { name, value } of answer.cookies) cookies[name] = value
    const { body, statusCode: status } = answer
    if (status < 300 || status >= 400) last = { url, body }
    const list = /error-summary__list">([\s\S]*?)<\/ul>/.exec(body)?.[1] ?? ''
    return {
      ...{ status, body, to: answer.headers.location },
      heading: plain(/<h1[^>]*>([\s\S]*?)<\/h1>/.exec(body)?.[1] ?? ''),
      problems: [...list.matchAll(/<li>([\s\S]*?)<\/li>/g)].map(([, said]) => plain(said ?? '')),
    }
  }
  const get = async (url: string) => answered(url, await app.inject({ url, cookies }))
  return {
    cookies,
    get,
    async send(form, url) {
      if (!last) await get(url ?? '/permanente/activate')
      const { body = '', url: at = '' } = last ?? {}
      const fields = { _csrf: /name="_csrf" value="([^"]+)"/.exec(body)?.[1] ?? '', ...form }
      const action = url ?? /<form method="post" action="([^"]+)" novalidate>/.exec(body)?.[1] ?? at
      const payload = new URLSearchParams(fields).toString()
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      const sent = answered(action, await app.inject({ method: 'POST', url: action, cookies, headers, payload }))
      return sent.to === undefined ? sent : { ...(await get(sent.to)), to: sent.to }
    },
  }
}

const plain = (html: string): string =>
  html
    .replace(/<[^>]+>/g, '')
    .replace(/&#39;/g, "'")
    .replace(/&quot;/g, '"')
    .replace(/\s+/g, ' ')
    .trim()

/** A password that keeps every rule. */
export const goodPassword = 'roble verde 26'

export const callerOf = (over: Partial<Caller> = {}): Caller => ({
  ...{ browser: 'a browser', address: '192.0.2.1', session: undefined, locale: 'es' as const },
  ...over,
})

export const carmen = citizen('99999999R')
/** Registered, and without a password. */
export const fresh = citizen('99999988J')
export const blocked = citizen('99999991Q')

/** Document, e-mail and activation code; then the page of the SMS. */
export async function identified(
  s: LifeScene,
  document: string,
  code: string,
  visitor = s.visitor(),
): Promise<Visitor> {
  await visitor.get('/permanente/activate')
  await visitor.send({ document, email: citizen(document).email, activation: code })
  return visitor
}

/** And its code was right: the page of the password. */
export async function proven(s: LifeScene, document: string, code: string, visitor = s.visitor()): Promise<Visitor> {
  await identified(s, document, code, visitor)
  await visitor.send({ code: codeOf(s.sent.at(-1)) })
  return visitor
}

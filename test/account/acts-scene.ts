import type { Test } from 'tap'
import { openDb, statement, type Db } from '../../src/platform/index.ts'
import { testSandbox, type TestSandbox, type TestSandboxOptions } from '../support/sandbox.ts'
import { sandboxPassword } from '../../src/sandbox/catalogue.ts'
import { until } from '../support/until.ts'
import { visitor, type Arrived, type Visitor } from '../sandbox/visitor.ts'

/** The whole sandbox, its database, and people before Mi Cl@ve in browsers without a window. */
export interface ActsScene {
  readonly sandbox: TestSandbox
  /** What the audit says of a citizen, in its order; without the logins and the phone of the catalogue, unless they are asked for. */
  told(citizen: string, kinds?: readonly string[]): Promise<readonly Told[]>
  rows<Row>(sql: string, values?: readonly unknown[]): Promise<Row[]>
  /** The text of the first e-mail that says this, as soon as it was sent. */
  mail(says: RegExp): Promise<string>
  /** Somebody in a browser of their own, who identified just now with a code. */
  person(document: string, method?: 'pin' | 'permanente' | 'movil'): Promise<Person>
  /** Somebody who identified with the password and nothing else, as who phished it can. */
  withPassword(document: string): Promise<Person>
}

export interface Told {
  readonly kind: string
  readonly data: Readonly<Record<string, unknown>>
}

export interface Person {
  readonly browser: Visitor
  /** A page below /account. */
  open(path: string): Promise<Arrived>
  /** The form of a page below /account whose action is `action`, with its hidden fields. */
  send(page: Arrived, action: string, fields?: Readonly<Record<string, string>>): Promise<Arrived>
  /** Identifies once more, for what asks for it. */
  identify(): Promise<void>
}

export async function actsScene(t: Test, options?: TestSandboxOptions): Promise<ActsScene> {
  const sandbox = await testSandbox(t, options)
  const db: Db = openDb({ url: sandbox.databaseUrl, size: 2 })
  t.teardown(() => db.close())
  const rows: ActsScene['rows'] = (sql, values = []) => db.rows(statement(`test.${sql.slice(0, 40)}`, sql), values)
  return {
    sandbox,
    rows,
    told: async (citizen, kinds) =>
      (await rows<Told>('select kind, data from audit_event where citizen_id = $1 order by id', [citizen])).filter(
        ({ kind }) => kinds?.includes(kind) ?? !['login', 'logout', 'session-ended', 'device-activated'].includes(kind),
      ),
    async mail(says) {
      let text: string | undefined
      await until(async () => {
        const sent = await sandbox.messages()
        text = sent.find((one) => one.channel === 'email' && says.test(one.text))?.text
        return text !== undefined
      })
      return text ?? ''
    },
    person: (document, method = 'pin') => personAt(sandbox, (browser) => wished(sandbox, browser, document, method)),
    withPassword: (document) => personAt(sandbox, (browser) => byPassword(sandbox, browser, document)),
  }
}

async function wished(sandbox: TestSandbox, browser: Visitor, document: string, method: string): Promise<void> {
  await sandbox.api('next-login', { citizen: document, method })
  await browser.open(`${sandbox.url}/account`)
}

async function byPassword({ url }: TestSandbox, browser: Visitor, document: string): Promise<void> {
  const choose = await browser.open(`${url}/account`)
  const login = await browser.open(choose.at.href.replace(/choose$/, 'permanente'))
  await browser.submit(formAt(login, login.at.pathname), { document, password: sandboxPassword })
}

async function personAt(sandbox: TestSandbox, login: (browser: Visitor) => Promise<void>): Promise<Person> {
  const browser = visitor()
  const open: Person['open'] = (path) => browser.open(`${sandbox.url}/account${path}`)
  const identify = () => login(browser)
  await identify()
  return {
    browser,
    open,
    identify,
    send(page, action, fields = {}) {
      const form = formAt(page, action)
      return browser.submit(form, { ...hiddenIn(form), ...fields })
    },
  }
}

/** The page with this one of its forms in front. */
function formAt(page: Arrived, action: string): Arrived {
  const forms = [...page.body.matchAll(/<form method="post" action="([^"]+)"[\s\S]*?<\/form>/g)]
  const found = forms.find(([, to]) => to === action) ?? forms.find(([form]) => form.includes('name="_for"'))
  // Of another page's form: what every form of this person's carries.
  return { ...page, body: found?.[0].replace(/action="[^"]*"/, `action="${action}"`) ?? '' }
}

const hiddenIn = ({ body }: Arrived): Record<string, string> =>
  Object.fromEntries(
    [...body.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  )

/** The main text of a page. */
export const textOf = ({ body }: Arrived): string =>
  (/<main[\s\S]*<\/main>/.exec(body)?.[0] ?? body)
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#39;/g, "'")
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ')
    .trim()

export const headingOf = ({ body }: Arrived): string =>
  (/<h1[^>]*>([\s\S]*?)<\/h1>/.exec(body)?.[1] ?? '').replace(/\s+/g, ' ').trim()

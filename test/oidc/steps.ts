import { statement } from '../../src/platform/index.ts'
import type { Begun, OidcAgency, Wishes } from '../support/oidc-agency.ts'
import type { Browser, Page } from './browser.ts'
import { by, type IdentityProvider } from './identity-provider.ts'

/** A login of Carmen with the PIN, up to the agency's return address. */
export async function comesBack(
  idp: IdentityProvider,
  agency: OidcAgency,
  { wishes = {}, preset = by(idp.carmen), browser = idp.browser() }: Partial<Visit> = {},
): Promise<{ begun: Begun; at: URL; browser: Browser }> {
  idp.next(agency.id, preset)
  const begun = await agency.begin(wishes)
  const { location, body } = await browser.open(begun.url)
  if (!location) throw new Error(`the browser stayed on a page: ${titleOf(body)}`)
  return { begun, at: location, browser }
}

interface Visit {
  readonly wishes: Wishes
  readonly preset: ReturnType<typeof by>
  readonly browser: Browser
}

/** A code of Carmen's, and what belongs to it. */
export async function codeFor(idp: IdentityProvider, agency: OidcAgency, wishes: Wishes = {}): Promise<Code> {
  const { begun, at } = await comesBack(idp, agency, { wishes })
  return codeOf(agency, begun, at)
}

export interface Code {
  readonly code: string
  readonly code_verifier: string
  readonly redirect_uri: string
}

export function codeOf(agency: OidcAgency, begun: Begun, at: URL): Code {
  const code = at.searchParams.get('code')
  if (code === null) throw new Error(`no code: ${at.href}`)
  return { code, code_verifier: begun.verifier, redirect_uri: agency.callback }
}

/** What the agency is told instead of a code. */
export function errorAt(page: Pick<Page, 'location' | 'body'>): Record<string, string> {
  if (!page.location) throw new Error(`the browser stayed on a page: ${titleOf(page.body)}`)
  return Object.fromEntries(page.location.searchParams)
}

export const titleOf = (body: string): string => /<h1[^>]*>([^<]*)</.exec(body)?.[1] ?? body.slice(0, 200)

/** What an error page tells the integrator. */
export const technicalOf = (body: string): Record<string, string> =>
  Object.fromEntries(
    [...body.matchAll(/<dt[^>]*><code>([^<]*)<\/code><\/dt>\s*<dd[^>]*><code>([^<]*)<\/code>/g)].map((found) => [
      found[1] ?? '',
      found[2] ?? '',
    ]),
  )

export interface Answer {
  readonly status: number
  readonly json: Record<string, unknown>
}

/** A request of an agency's server, as raw as an attacker can make it. */
export async function send(
  idp: Pick<IdentityProvider, 'app'>,
  path: string,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const answer = await idp.app.inject({
    method: 'POST',
    url: path,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    payload: new URLSearchParams(form).toString(),
  })
  return { status: answer.statusCode, json: answer.body === '' ? {} : answer.json<Record<string, unknown>>() }
}

export const basic = ({ id, secret }: Pick<OidcAgency, 'id' | 'secret'>): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
})

export const redeem = (idp: Pick<IdentityProvider, 'app'>, agency: OidcAgency, code: Code): Promise<Answer> =>
  send(idp, '/oidc/token', { grant_type: 'authorization_code', ...code }, basic(agency))

export async function userInfo(idp: Pick<IdentityProvider, 'app'>, token: unknown): Promise<Answer> {
  const answer = await idp.app.inject({ url: '/oidc/userinfo', headers: { authorization: `Bearer ${String(token)}` } })
  return { status: answer.statusCode, json: answer.json() }
}

/** The ephemeral store is lost (driver postgres). */
export const flush = ({ db }: IdentityProvider): Promise<unknown> =>
  db.rows(statement('test.flush', 'delete from ephemeral'))

/** What openid-client throws when it is refused. */
export const errorOf = (refused: Promise<unknown>): Promise<unknown> =>
  refused.then(
    () => undefined,
    (error: unknown) => error,
  )

import { hash } from 'node:crypto'
import type { App, Digest } from '../../src/platform/index.ts'

export interface Answered {
  readonly status: number
  readonly location: string | undefined
  readonly body: string
  /** The address that answered, after redirects. */
  readonly at: string
  /** The names of the cookies that this answer set. */
  readonly cookies: readonly string[]
}

/** A browser without a window: it keeps cookies, and its forms carry the token that our pages would give them. */
export interface TestBrowser {
  readonly cookies: Map<string, string>
  /** One request; a redirect is not followed. */
  get(path: string): Promise<Answered>
  post(path: string, form?: Record<string, string>, headers?: Record<string, string>): Promise<Answered>
  /** The same, and through every redirect. */
  open(path: string): Promise<Answered>
  submit(path: string, form?: Record<string, string>): Promise<Answered>
}

export function testBrowser(app: App, digest: Digest): TestBrowser {
  const cookies = new Map<string, string>()
  const send = async (
    method: 'GET' | 'POST',
    url: string,
    form?: Record<string, string>,
    headers?: Record<string, string>,
  ): Promise<Answered> => {
    const token = digest('csrf', hash('sha256', cookies.get('clave-browser') ?? '', 'base64url'))
    const answer = await app.inject({
      method,
      url,
      cookies: Object.fromEntries(cookies),
      headers: { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded', ...headers },
      ...(form && { payload: new URLSearchParams({ ...form, _csrf: token }).toString() }),
    })
    for (const { name, value } of answer.cookies) {
      if (value) cookies.set(name, value)
      else cookies.delete(name)
    }
    const set = answer.cookies.map(({ name }) => name)
    return { status: answer.statusCode, location: answer.headers.location, body: answer.body, at: url, cookies: set }
  }
  const through = async (answer: Answered): Promise<Answered> =>
    answer.location === undefined ? answer : through(await send('GET', answer.location))
  return {
    cookies,
    get: (path) => send('GET', path),
    post: (path, form = {}, headers = {}) => send('POST', path, form, headers),
    open: async (path) => through(await send('GET', path)),
    submit: async (path, form = {}) => through(await send('POST', path, form)),
  }
}

import { hash } from 'node:crypto'
import type { App, Digest } from '../../src/platform/index.ts'

interface Cookie {
  readonly name: string
  readonly value: string
  readonly path: string
}

/** What a browser was answered, and where it was then. */
export interface Page {
  readonly status: number
  /** Where it is led: absolute. */
  readonly location: URL | undefined
  readonly headers: Readonly<Record<string, unknown>>
  readonly setCookies: readonly string[]
  readonly body: string
  readonly at: URL
}

/** A browser without a window, with a cookie jar that knows paths, as far as Cl@ve is concerned. */
export class Browser {
  readonly #app: App
  readonly #origin: string
  readonly #digest: Digest
  readonly #jar: { cookies: Cookie[] }

  constructor(app: App, origin: string, digest: Digest, jar: { cookies: Cookie[] } = { cookies: [] }) {
    this.#app = app
    this.#origin = origin
    this.#digest = digest
    this.#jar = jar
  }

  get cookies(): Cookie[] {
    return this.#jar.cookies
  }

  set cookies(cookies: Cookie[]) {
    this.#jar.cookies = cookies
  }

  /** The same browser before another instance. */
  at(app: App): Browser {
    return new Browser(app, this.#origin, this.#digest, this.#jar)
  }

  get(address: URL | string, headers: Record<string, string> = {}): Promise<Page> {
    return this.#send('GET', new URL(address, this.#origin), undefined, headers)
  }

  /** A form of ours, with its token. */
  post(address: URL | string, form: Record<string, string> = {}): Promise<Page> {
    const cookie = this.cookies.find(({ name }) => name.endsWith('clave-browser'))?.value ?? ''
    const _csrf = this.#digest('csrf', hash('sha256', cookie, 'base64url'))
    return this.postRaw(address, new URLSearchParams({ ...form, _csrf }).toString())
  }

  postRaw(address: URL | string, body: string): Promise<Page> {
    return this.#send('POST', new URL(address, this.#origin), body, {
      'content-type': 'application/x-www-form-urlencoded',
    })
  }

  /** Through every redirect, until a page is shown or the browser is led to another site. */
  async open(address: URL | string): Promise<Page> {
    return this.#through(await this.get(address))
  }

  async submit(address: URL | string, form: Record<string, string> = {}): Promise<Page> {
    return this.#through(await this.post(address, form))
  }

  async #through(page: Page): Promise<Page> {
    let last = page
    for (let hops = 0; last.location?.origin === this.#origin; hops++) {
      if (hops > 20) throw new Error(`redirected for ever: ${last.location.href}`)
      last = await this.get(last.location)
    }
    return last
  }

  async #send(
    method: 'GET' | 'POST',
    at: URL,
    payload: string | undefined,
    headers: Record<string, string>,
  ): Promise<Page> {
    const sent = this.cookies.filter(
      ({ path }) => at.pathname === path || at.pathname.startsWith(path.replace(/\/?$/, '/')),
    )
    const answer = await this.#app.inject({
      method,
      url: at.pathname + at.search,
      headers: {
        accept: 'text/html,application/xhtml+xml',
        host: at.host,
        ...(sent.length > 0 ? { cookie: sent.map(({ name, value }) => `${name}=${value}`).join('; ') } : {}),
        ...headers,
      },
      ...(payload === undefined ? {} : { payload }),
    })
    const setCookies = [answer.headers['set-cookie'] ?? []].flat()
    for (const line of setCookies) this.#keep(line, at)
    const { location } = answer.headers
    return {
      status: answer.statusCode,
      location: location === undefined ? undefined : new URL(location, at),
      headers: answer.headers,
      setCookies,
      body: answer.body,
      at,
    }
  }

  #keep(line: string, at: URL): void {
    const [pair = '', ...attributes] = line.split('; ')
    const name = pair.slice(0, pair.indexOf('='))
    const value = pair.slice(pair.indexOf('=') + 1)
    const path = attributes.find((one) => /^path=/i.test(one))?.slice(5) ?? at.pathname.replace(/\/[^/]*$/, '') + '/'
    this.cookies = this.cookies.filter((one) => one.name !== name || one.path !== path)
    const dead = attributes.some((one) => /^expires=Thu, 01 Jan 1970/i.test(one) || /^max-age=0$/i.test(one))
    if (!dead) this.cookies.push({ name, value, path })
  }
}

import type { Connection } from './connection.ts'
import { type Answer } from './connection.ts'

/** A browser as the servers see one: cookies with their paths, redirects followed by the flow itself. */
export class Browser {
  readonly #connection: Connection
  readonly #origin: string
  readonly #cookies = new Map<string, { readonly value: string; readonly path: string }>()
  requests = 0

  constructor(connection: Connection, origin: string) {
    this.#connection = connection
    this.#origin = origin
  }

  get(location: string): Promise<Answer> {
    return this.#send('GET', location, {}, '')
  }

  submit(location: string, form: Readonly<Record<string, string>>): Promise<Answer> {
    return this.#send('POST', location, formHeaders(this.#origin), new URLSearchParams(form).toString())
  }

  async #send(method: string, location: string, headers: Record<string, string>, body: string): Promise<Answer> {
    const path = location.startsWith(this.#origin) ? location.slice(this.#origin.length) : location
    const cookie = this.cookies(path)
    this.requests++
    const answer = await this.#connection.request(
      method,
      path,
      { accept: 'text/html', ...(cookie ? { cookie } : {}), ...headers },
      body,
    )
    for (const line of answer.cookies) this.#remember(line)
    return answer
  }

  /** What it would send to this path. */
  cookies(path: string): string {
    let text = ''
    for (const [name, { value, path: scope }] of this.#cookies) {
      if (path.startsWith(scope)) text += `${text && '; '}${name}=${value}`
    }
    return text
  }

  #remember(line: string): void {
    const [pair = '', ...attributes] = line.split('; ')
    const equals = pair.indexOf('=')
    const name = pair.slice(0, equals)
    const value = pair.slice(equals + 1)
    const path = attributes.find((attribute) => attribute.toLowerCase().startsWith('path='))?.slice(5) ?? '/'
    if (value === '') this.#cookies.delete(name)
    else this.#cookies.set(name, { value, path })
  }
}

const formHeaders = (origin: string) => ({
  'content-type': 'application/x-www-form-urlencoded',
  origin,
  'sec-fetch-site': 'same-origin',
})

/** Follows redirects inside the server; answers with the last one, or with the redirect that leaves it. */
export async function follow(browser: Browser, answer: Answer, origin: string): Promise<Answer> {
  let last = answer
  for (let hops = 0; isRedirect(last); hops++) {
    const location = last.headers.get('location')!
    if (!location.startsWith('/') && !location.startsWith(`${origin}/`)) return last
    if (hops > 10) throw new Error(`redirects without end, last to ${location}`)
    last = await browser.get(location)
  }
  return last
}

const isRedirect = (answer: Answer) => answer.status === 302 || answer.status === 303

/** The hidden fields of the form whose action is `action` (any form where left out). */
export function hiddenFields(page: string, action?: string): Record<string, string> {
  const from = action === undefined ? 0 : Math.max(0, page.indexOf(`action="${action}"`))
  const form = page.slice(from, page.indexOf('</form>', from))
  const fields: Record<string, string> = {}
  for (const [input] of form.matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
    const name = /name="([^"]*)"/.exec(input)?.[1]
    if (name) fields[name] = /value="([^"]*)"/.exec(input)?.[1] ?? ''
  }
  return fields
}

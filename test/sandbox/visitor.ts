/** A plain HTTP client with a cookie jar. */
export interface Visitor {
  /** Goes through every redirect until an address begins with `until`, which is not asked any more, or a page answers. */
  open(address: string, until?: string): Promise<Arrived>
  /** Sends the first form of a page of ours, filled in, and goes through every redirect, as `open` does. */
  submit(page: Arrived, fields: Readonly<Record<string, string>>, until?: string): Promise<Arrived>
  /** Sends a form as another site's page does: without a cookie, which SameSite=Lax keeps back. */
  post(address: string, fields: Readonly<Record<string, string>>, until?: string): Promise<Arrived>
  json<Body>(address: string): Promise<Body>
  /** The status that a HEAD is answered. */
  head(address: string): Promise<number>
  /** A file. */
  bytes(address: string): Promise<Buffer>
}

export interface Arrived {
  readonly at: URL
  /** Undefined: led to `until`. */
  readonly status: number | undefined
  readonly body: string
}

interface Cookie {
  readonly host: string
  readonly path: string
  readonly name: string
  readonly value: string
}

export function visitor(): Visitor {
  let jar: readonly Cookie[] = []
  const ask = async (
    at: URL,
    form?: URLSearchParams,
    crossSite = false,
    method = form ? 'POST' : 'GET',
  ): Promise<Response> => {
    const fits = jar.filter(({ host, path }) => !crossSite && host === at.hostname && at.pathname.startsWith(path))
    const cookie = fits.map(({ name, value }) => `${name}=${value}`).join('; ')
    const headers = { accept: 'text/html', ...(cookie && { cookie }) }
    const answer = await fetch(at, { redirect: 'manual', headers, method, ...(form && { body: form }) })
    for (const line of answer.headers.getSetCookie()) {
      const kept = cookieOf(line, at)
      const { host, path, name, value } = kept
      jar = jar.filter((one) => one.host !== host || one.path !== path || one.name !== name)
      if (value !== '') jar = [...jar, kept]
    }
    return answer
  }
  const open = async (
    address: URL | string,
    until?: string,
    form?: URLSearchParams,
    crossSite = false,
  ): Promise<Arrived> => {
    const at = new URL(address)
    if (until !== undefined && at.href.startsWith(until)) return { at, status: undefined, body: '' }
    const answer = await ask(at, form, crossSite)
    const location = answer.headers.get('location')
    return location === null
      ? { at, status: answer.status, body: await answer.text() }
      : open(new URL(location, at), until)
  }
  return {
    open: (address, until) => open(address, until),
    submit({ at, body }, fields, until) {
      const action = /<form method="post" action="([^"]+)"/.exec(body)?.[1] ?? ''
      const token = /name="_csrf" value="([^"]+)"/.exec(body)?.[1] ?? ''
      return open(new URL(action, at), until, new URLSearchParams({ ...fields, _csrf: token }))
    },
    post: (address, fields, until) => open(new URL(address), until, new URLSearchParams(fields), true),
    head: async (address) => (await ask(new URL(address), undefined, false, 'HEAD')).status,
    bytes: async (address) => Buffer.from(await (await ask(new URL(address))).arrayBuffer()),
    json: async <Body>(address: string) => (await (await ask(new URL(address))).json()) as Body,
  }
}

function cookieOf(line: string, at: URL): Cookie {
  const [pair = '', ...attributes] = line.split(/; */)
  const equals = pair.indexOf('=')
  const path = attributes.find((one) => /^path=/i.test(one))?.slice('path='.length) ?? '/'
  return { host: at.hostname, path, name: pair.slice(0, equals), value: pair.slice(equals + 1) }
}

/** A page of several forms with the one of its own step in front, for `submit`. */
export function formAt(page: Arrived): Arrived {
  const [form] = new RegExp(`<form method="post" action="${page.at.pathname}"[\\s\\S]*?</form>`).exec(page.body) ?? []
  return { ...page, body: form ?? page.body }
}

/** The form of a page that sends itself to another site, as its button would send it; undefined where there is none. */
export function formOf({
  body,
}: Arrived): { readonly action: string; readonly fields: Record<string, string> } | undefined {
  const [form, action] = /<form method="post" action="(https?:[^"]+)"[^>]*>.*?<\/form>/s.exec(body) ?? []
  if (form === undefined || action === undefined) return undefined
  const inputs = [...form.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)]
  return {
    action: unescaped(action),
    fields: Object.fromEntries(inputs.map(([, name = '', value = '']) => [name, unescaped(value)])),
  }
}

const unescaped = (html: string): string =>
  html.replace(/&(amp|lt|gt|quot|#39|#x27|#\d+);/g, (all, name: string) =>
    name.startsWith('#') && !name.startsWith('#x')
      ? String.fromCodePoint(Number(name.slice(1)))
      : ({ amp: '&', lt: '<', gt: '>', quot: '"', '#x27': "'" }[name] ?? all),
  )

/** Opens an address and sends every form that would send itself, until a page stays. */
export async function travel(by: Visitor, address: string): Promise<Arrived> {
  let arrived = await by.open(address)
  for (let form = formOf(arrived); form; form = formOf(arrived)) arrived = await by.post(form.action, form.fields)
  return arrived
}

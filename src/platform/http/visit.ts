import { hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Random } from '../random.ts'
import { locales, type Locale } from '../i18n.ts'

/** What a request tells about the browser it came from. */
export interface Visit {
  /** SHA-256 of the browser's cookie, base64url; undefined when it brought none. */
  browser: string | undefined
  /** The gateway session's cookie, as the browser holds it. */
  session: string | undefined
  /** Network address, behind as many proxies as are trusted. */
  readonly address: string
  /** What the browser calls itself (User-Agent). */
  readonly agent?: string | undefined
  /** The language chosen with the switch, if ever. */
  readonly language: Locale | undefined
}

export interface CookieNames {
  readonly browser: string
  readonly session: string
  readonly language: string
}

/** `__Host-` needs Secure, and Secure needs TLS (RFC 6265bis 4.1.3). */
export const cookieNames = (secure: boolean): CookieNames => ({
  browser: secure ? '__Host-clave-browser' : 'clave-browser',
  session: secure ? '__Host-clave-session' : 'clave-session',
  language: 'clave-lang',
})

/** The longest a browser keeps a cookie (RFC 6265bis 5.5), seconds. It recognises a browser; no deadline rests on it. */
const browserLifetime = 400 * 24 * 3600
const languageLifetime = 365 * 24 * 3600

const request = Symbol('request')
interface Marked extends IncomingMessage {
  [request]?: FastifyRequest
}

/** Lets `visitOf` find its way back from Node's request (all that oidc-provider knows) to ours. */
export function markRaw(of: FastifyRequest): void {
  ;(of.raw as Marked)[request] = of
}

/** The visit of a raw request that came in through `makeHttp`. */
export function visitOf(raw: IncomingMessage): Visit {
  const marked = (raw as Marked)[request]
  if (!marked) throw new Error('visitOf: the request did not come in through makeHttp')
  return marked.visit
}

export function readVisit(names: CookieNames, of: FastifyRequest): Visit {
  const header = of.headers.cookie ?? ''
  const browser = cookieToken(header, names.browser)
  const language = cookieToken(header, names.language)
  return {
    browser: browser && digestOf(browser),
    session: cookieToken(header, names.session),
    address: of.ip,
    agent: of.headers['user-agent'],
    language: locales.find((locale) => locale === language),
  }
}

/** The value of one cookie. Ours hold base64url only (never encoded); whatever else stands there is not ours. */
function cookieToken(header: string, name: string): string | undefined {
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=')
    if (equals < 0 || pair.slice(0, equals).trim() !== name) continue
    const value = pair.slice(equals + 1).trim()
    return /^[\w-]{1,200}$/.test(value) ? value : undefined
  }
  return undefined
}

const digestOf = (cookie: string): string => hash('sha256', cookie, 'base64url')

/** The functions that set cookies, as methods of the reply. */
export function cookieSetters(parts: { readonly random: Random; readonly secure: boolean }) {
  const names = cookieNames(parts.secure)
  const attributes = `; Path=/; HttpOnly; SameSite=Lax${parts.secure ? '; Secure' : ''}`
  const set = (reply: FastifyReply, name: string, value: string, maxAge?: number) =>
    reply.header('set-cookie', `${name}=${value}${attributes}${maxAge === undefined ? '' : `; Max-Age=${maxAge}`}`)
  return {
    ensureBrowser(this: FastifyReply): string {
      const visit = this.request.visit
      if (visit.browser) return visit.browser
      const cookie = parts.random.token(32)
      set(this, names.browser, cookie, browserLifetime)
      return (visit.browser = digestOf(cookie))
    },
    setSession(this: FastifyReply, token: string): void {
      this.request.visit.session = token
      set(this, names.session, token)
    },
    clearSession(this: FastifyReply): void {
      this.request.visit.session = undefined
      set(this, names.session, '', 0)
    },
    setLanguage(this: FastifyReply, locale: Locale): void {
      set(this, names.language, locale, languageLifetime)
    },
  }
}

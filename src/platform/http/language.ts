import type { FastifyRequest } from 'fastify'
import { locales, type Locale } from '../i18n.ts'

const asLocale = (text: unknown): Locale | undefined => locales.find((locale) => locale === text)

/** The first language of the list (Accept-Language, RFC 9110 12.5.4) that there is; order by weight. */
export function preferredLocale(header: string | undefined): Locale | undefined {
  if (!header) return undefined
  const wanted = header.split(',').map((entry) => {
    const [range = '', ...parameters] = entry.trim().split(';')
    const weight = parameters.map((parameter) => /^\s*q=([\d.]+)$/.exec(parameter)?.[1]).find(Boolean)
    return { language: range.toLowerCase().split('-')[0], weight: weight === undefined ? 1 : Number(weight) }
  })
  const best = wanted.filter(({ weight }) => weight > 0).sort((one, other) => other.weight - one.weight)
  return best.map(({ language }) => asLocale(language)).find(Boolean)
}

export interface LanguageChoice {
  readonly locale: Locale
  /** The same page without the parameter; always a path of this server. */
  readonly to: string
}

/** What the language switch asks for: `?lang=en` on a page, whatever page it is. */
export function languageChoice(request: FastifyRequest): LanguageChoice | undefined {
  if (request.method !== 'GET' || request.is404 || !request.url.includes('lang=')) return undefined
  if (request.routeOptions.config.api === true) return undefined
  const [path, search] = pathAndSearch(request.url)
  const locale = asLocale(search.get('lang'))
  if (!locale) return undefined
  search.delete('lang')
  return { locale, to: join(path, search) }
}

/** The address of this page in another language. */
export function inLanguage(url: string, locale: Locale): string {
  // Nearly every page of a login: none of the costs of reading a query.
  if (!url.includes('?')) return `${plainPath(url)}?lang=${locale}`
  const [path, search] = pathAndSearch(url)
  search.set('lang', locale)
  return join(path, search)
}

function pathAndSearch(url: string): [string, URLSearchParams] {
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  return [plainPath(path), new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1))]
}

/** Browsers take //host and /\host for another server. */
const plainPath = (path: string): string => path.replace(/^[/\\]+/, '/')

const join = (path: string, search: URLSearchParams): string => (search.size ? `${path}?${search.toString()}` : path)

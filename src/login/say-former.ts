import type { Locale } from '../platform/index.ts'
import type { FormerLogin } from './outcome.ts'

const inMadrid = { timeZone: 'Europe/Madrid' } as const
const formats = {
  es: formatsOf('es-ES'),
  en: formatsOf('en-GB'),
}

function formatsOf(language: string) {
  const day = new Intl.DateTimeFormat(language, { dateStyle: 'long', ...inMadrid })
  const time = new Intl.DateTimeFormat(language, { timeStyle: 'short', ...inMadrid })
  return { day, time }
}

/** Hour and minute in Madrid. */
export const hourOf = (at: Date, locale: Locale): string => formats[locale].time.format(at)

/** What `login/views/former.njk` needs, which says when the citizen identified before; nothing where they never did. */
export function sayFormer(former: FormerLogin | undefined, locale: Locale): { readonly former?: object } {
  if (!former) return {}
  const { at, method, agency } = former
  return { former: { day: formats[locale].day.format(at), time: hourOf(new Date(at), locale), method, agency } }
}

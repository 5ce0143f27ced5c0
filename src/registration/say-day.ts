import type { Locale } from '../platform/index.ts'

const timeZone = 'Europe/Madrid'
const languages: Record<Locale, string> = { es: 'es-ES', en: 'en-GB' }
const inLanguages = (options: Intl.DateTimeFormatOptions) => ({
  es: new Intl.DateTimeFormat(languages.es, { timeZone, ...options }),
  en: new Intl.DateTimeFormat(languages.en, { timeZone, ...options }),
})
const days = inLanguages({ day: 'numeric', month: 'long', year: 'numeric' })
const times = inLanguages({ hour: '2-digit', minute: '2-digit' })

/** 21 de noviembre de 2026, in mainland Spain */
export const calendarDay = (at: Date, locale: Locale): string => days[locale].format(at)

/** 14:05, by the clock of mainland Spain. */
export const timeOfDay = (at: Date, locale: Locale): string => times[locale].format(at)

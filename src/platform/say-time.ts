import type { Locale } from './i18n.ts'

/** What citizens read goes by the clock and the calendar of mainland Spain, wherever they and the server are. */
const timeZone = 'Europe/Madrid'
const languages: Record<Locale, string> = { es: 'es-ES', en: 'en-GB' }

// Making a format costs a hundred times what using it does.
const inLanguages = (options: Intl.DateTimeFormatOptions): Record<Locale, Intl.DateTimeFormat> => ({
  es: new Intl.DateTimeFormat(languages.es, { timeZone, ...options }),
  en: new Intl.DateTimeFormat(languages.en, { timeZone, ...options }),
})
const days = inLanguages({ dateStyle: 'long' })
const times = inLanguages({ hour: '2-digit', minute: '2-digit' })
const shortTimes = inLanguages({ timeStyle: 'short' })
const instants = inLanguages({ dateStyle: 'long', timeStyle: 'short' })

/** 21 de noviembre de 2026 */
export const calendarDay = (at: Date, locale: Locale): string => days[locale].format(at)

/** 09:05 */
export const timeOfDay = (at: Date, locale: Locale): string => times[locale].format(at)

/** 9:05 in Spanish, as within a sentence; 09:05 in English. */
export const timeInSentence = (at: Date, locale: Locale): string => shortTimes[locale].format(at)

/** 21 de noviembre de 2026 a las 9:05 */
export const dayAndTime = (at: Date, locale: Locale): string => instants[locale].format(at)

import type { Locale } from '../platform/index.ts'

const timeZone = 'Europe/Madrid'
const languages: Record<Locale, string> = { es: 'es-ES', en: 'en-GB' }

const formatsIn = (locale: Locale) => ({
  time: new Intl.DateTimeFormat(languages[locale], { timeZone, hour: '2-digit', minute: '2-digit' }),
  day: new Intl.DateTimeFormat(languages[locale], { timeZone, day: 'numeric', month: 'long', year: 'numeric' }),
})
// Making a format costs a hundred times what using it does.
const formats = { es: formatsIn('es'), en: formatsIn('en') }

/** 14:05, by the clock of mainland Spain. */
export const timeOfDay = (at: Date, locale: Locale): string => formats[locale].time.format(at)

/** 21 de noviembre de 2026 */
export const calendarDay = (at: Date, locale: Locale): string => formats[locale].day.format(at)

import type email from '../../../locales/es/email.json'
import { calendarDay, dayAndTime, type Locale, type TextDetails, type Translate } from '../../platform/index.ts'
import type { EmailText } from '../port.ts'

declare module '../../platform/i18n.ts' {
  interface Texts {
    email: typeof email
  }
}

/** What a citizen reads: one line of subject, and paragraphs of plain text. */
export interface WrittenEmail {
  readonly subject: string
  readonly text: string
}

/**
 * Names Cl@ve and what happened, and says that we neither ask for a password nor send links (clave-domain, "Sending").
 * `minutes`: how long a code in it lives.
 */
export function emailText(t: Translate, locale: Locale, text: EmailText, minutes: number): WrittenEmail {
  const details = detailsOf(t, locale, text, minutes)
  return {
    subject: t(`email:${text.kind}.subject`, details),
    text: `${t(`email:${text.kind}.text`, details)}\n\n${t('email:signature')}`,
  }
}

function detailsOf(t: Translate, locale: Locale, text: EmailText, minutes: number): TextDetails {
  return {
    minutes,
    ...('code' in text && { code: inOneLine(text.code) }),
    ...('agency' in text && { agency: inOneLine(text.agency) }),
    ...('masked' in text && { masked: inOneLine(text.masked) }),
    ...('days' in text && { count: text.days }),
    ...('level' in text && { level: t(`email:level.${text.level}`) }),
    ...('method' in text && { method: t(`email:method.${text.method}`) }),
    ...('until' in text && { until: calendarDay(text.until, locale) }),
    ...('at' in text && { at: dayAndTime(text.at, locale) }),
  }
}

/** A value brings neither a line of its own, which in a subject would be a header, nor a turn of the writing's direction. */
export const inOneLine = (value: string): string => value.replace(/[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim()

import type { CivilRecord, Domicile } from '../../civil-register/index.ts'
import { calendarDay, type I18n, type Locale } from '../../platform/index.ts'
import { inGroups } from '../draw-codes.ts'
import { wholeName } from '../receipt.ts'
import { makeSheet } from '../sheet.ts'

export interface LetterContent {
  readonly person: Pick<CivilRecord, 'name'>
  readonly domicile: Domicile
  readonly csv: string
  readonly at: Date
  readonly expires: Date
  readonly locale: Locale
}

export interface LetterDocumentParts {
  readonly i18n: I18n
  /** Where the service is found: the letter leads to its page /register/letter. */
  readonly baseUrl: string
}

/** The invitation letter, a PDF in the citizen's language. No personal data but what the envelope shows, and the CSV. */
export function makeLetter(
  { i18n, baseUrl }: LetterDocumentParts,
  { person, domicile, csv, at, expires, locale }: LetterContent,
): Promise<Buffer> {
  const t = i18n.translator(locale)
  const page = new URL('/register/letter', baseUrl)
  const { street, postalCode, town, province } = domicile
  const lastLine = town === province ? [] : [province]
  return makeSheet({ title: t('register:letterPdf.title'), locale, at }, (sheet) => {
    sheet.qr(page.href, t('register:letterPdf.qr'))
    sheet.address([wholeName(person.name), street, `${postalCode} ${town}`, ...lastLine])
    sheet.small(calendarDay(at, locale))
    sheet.heading(t('register:letterPdf.title'))
    sheet.paragraph(t('register:letterPdf.intro'))
    sheet.code(t('register:letterPdf.code'), inGroups(csv, 4))
    sheet.subheading(t('register:letterPdf.how'))
    sheet.steps([
      t('register:letterPdf.go', { address: page.host + page.pathname }),
      t('register:letterPdf.identify'),
      t('register:letterPdf.type'),
      t('register:letterPdf.phone'),
    ])
    sheet.paragraph(t('register:letterPdf.until', { day: calendarDay(expires, locale) }))
    sheet.subheading(t('register:letterPdf.safeTitle'))
    sheet.paragraph(t('register:letterPdf.safe'))
  })
}

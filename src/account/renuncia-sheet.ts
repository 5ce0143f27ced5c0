import { calendarDay, timeOfDay, type Locale } from '../platform/index.ts'
import { makeSheet } from '../registration/index.ts'
import type { ActsParts } from './acts-parts.ts'
import type { File } from './page.ts'

/** What the receipt of a renuncia is made of, as it is kept until it is downloaded. */
export interface RenunciaReceipt {
  readonly name: string
  readonly document: string
  /** ISO 8601. */
  readonly at: string
}

/** The receipt of a renuncia, a PDF. */
export async function makeRenunciaSheet(
  { i18n }: Pick<ActsParts, 'i18n'>,
  { name, document, at }: RenunciaReceipt,
  locale: Locale,
): Promise<File> {
  const t = i18n.translator(locale)
  const when = new Date(at)
  const title = t('account:renuncia.sheet.title')
  const content = await makeSheet({ title, locale, at: when }, (sheet) => {
    sheet.heading(title)
    sheet.paragraph(t('account:renuncia.sheet.intro'))
    sheet.facts([
      [t('account:sheet.name'), name],
      [t('account:sheet.document'), document],
      [t('account:sheet.day'), calendarDay(when, locale)],
      [t('account:sheet.time'), t('account:sheet.madrid', { time: timeOfDay(when, locale) })],
    ])
    sheet.subheading(t('account:renuncia.ends'))
    sheet.paragraph(t('account:renuncia.sheet.ended'))
    sheet.subheading(t('account:renuncia.stays'))
    sheet.paragraph(t('account:renuncia.staysAudit'))
    sheet.subheading(t('account:renuncia.after'))
    sheet.paragraph(t('account:renuncia.afterHelp'))
  })
  return { name: t('account:renuncia.sheet.file'), type: 'application/pdf', content }
}

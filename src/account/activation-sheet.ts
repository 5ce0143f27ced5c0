import type { Citizen } from '../citizen/index.ts'
import { calendarDay, type Locale } from '../platform/index.ts'
import { inGroups, makeSheet, wholeName } from '../registration/index.ts'
import type { ActsParts } from './acts-parts.ts'
import type { File } from './page.ts'

/** What the receipt of a new activation code is made of, as it is kept until it is downloaded. */
export interface ActivationReceipt {
  readonly citizen: string
  readonly code: string
  /** ISO 8601, both. */
  readonly at: string
  readonly expires: string
}

/** The receipt of a new activation code, a PDF. */
export async function makeActivationSheet(
  { i18n }: Pick<ActsParts, 'i18n'>,
  { name, document }: Pick<Citizen, 'name' | 'document'>,
  { code, at, expires }: ActivationReceipt,
  locale: Locale,
): Promise<File> {
  const t = i18n.translator(locale)
  const made = new Date(at)
  const title = t('account:activation.sheet.title')
  const content = await makeSheet({ title, locale, at: made }, (sheet) => {
    sheet.heading(title)
    sheet.paragraph(t('account:activation.sheet.intro'))
    sheet.facts([
      [t('account:sheet.name'), wholeName(name)],
      [t('account:sheet.document'), document],
      [t('account:sheet.day'), calendarDay(made, locale)],
    ])
    const until = { day: calendarDay(new Date(expires), locale) }
    sheet.code(t('account:activation.sheet.label'), inGroups(code, 5))
    sheet.paragraph(t('account:activation.sheet.life', until))
    sheet.subheading(t('account:activation.sheet.safeTitle'))
    sheet.paragraph(t('account:activation.sheet.safe'))
  })
  return { name: t('account:activation.sheet.file'), type: 'application/pdf', content }
}

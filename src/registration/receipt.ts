import type { CitizenName, RegistrationChannel } from '../citizen/index.ts'
import { calendarDay, type I18n, type Locale } from '../platform/index.ts'
import { inGroups } from './draw-codes.ts'
import { channelRules } from './levels.ts'
import { makeSheet } from './sheet.ts'

export interface Receipt {
  readonly document: string
  readonly name: CitizenName
  readonly channel: RegistrationChannel
  readonly at: Date
  /** The activation code. */
  readonly code: string
  readonly locale: Locale
}

/** The receipt of a registration, a PDF in the citizen's language: it hands the activation code over. */
export function makeReceipt(
  { i18n }: { readonly i18n: I18n },
  { document, name, channel, at, code, locale }: Receipt,
): Promise<Buffer> {
  const t = i18n.translator(locale)
  const { level } = channelRules[channel]
  return makeSheet({ title: t('register:receipt.title'), locale, at }, (sheet) => {
    sheet.heading(t('register:receipt.title'))
    sheet.paragraph(t('register:receipt.intro'))
    sheet.facts([
      [t('register:receipt.name'), wholeName(name)],
      [t('register:receipt.document'), document],
      [t('register:receipt.level'), t(`register:level.${level}`)],
      [t('register:receipt.channel'), t(`register:channel.${channel}`)],
      [t('register:receipt.date'), calendarDay(at, locale)],
    ])
    sheet.subheading(t('register:receipt.codeTitle'))
    sheet.paragraph(t('register:receipt.codeHelp'))
    sheet.code(t('register:receipt.codeLabel'), inGroups(code, 5))
    sheet.paragraph(t('register:receipt.codeLife'))
    sheet.subheading(t('register:receipt.safeTitle'))
    sheet.paragraph(t('register:receipt.safe'))
  })
}

export const wholeName = ({ given, firstSurname, secondSurname }: CitizenName): string =>
  [given, firstSurname, secondSurname].filter(Boolean).join(' ')

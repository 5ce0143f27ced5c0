import type { FormerOwner } from '../citizen/index.ts'
import { layMessageSql, type Laying, type SmsText } from '../messaging/index.ts'
import { locales, statement, type Locale, type Sql } from '../platform/index.ts'
import type { ActParts } from './parts.ts'

const lay = statement(
  'registration.lay-message',
  `with decided as (select 1), ${layMessageSql('decided', 1)} select id from laid`,
)

/** News that nobody waits for in front of a page is worth sending so long, seconds. */
const newsLasts = 3 * 86_400

/** Lays a message in the transaction that decided on it. */
export async function layMessage(sql: Sql, message: Laying): Promise<void> {
  await sql.row(lay, message)
}

export const newsExpires = ({ clock }: Pick<ActParts, 'clock'>): Date => clock.in(newsLasts)

/** A language of ours; Spanish where the row holds another. */
export const localeOf = (text: string): Locale => locales.find((locale) => locale === text) ?? 'es'

export async function tellBySms(
  sql: Sql,
  parts: ActParts,
  to: { readonly citizen: string; readonly phone: string; readonly locale: Locale },
  text: SmsText,
): Promise<void> {
  const { citizen, phone, locale } = to
  const key = parts.random.uuid()
  await layMessage(sql, parts.messages.sms({ key, citizen, to: phone, locale, text, expires: newsExpires(parts) }))
}

/** Tells who had a phone before that it is another's now; by e-mail, since the phone is not theirs any more. */
export async function tellFormerOwner(sql: Sql, parts: ActParts, former: FormerOwner, phone: string): Promise<void> {
  if (former.email === undefined) return
  const { id: citizen, email: to, locale } = former
  const text = { kind: 'phone-taken-over', masked: maskPhone(phone) } as const
  const message = { key: parts.random.uuid(), citizen, to, locale: localeOf(locale), text, expires: newsExpires(parts) }
  await layMessage(sql, parts.messages.email(message))
}

/** `··· ··· 123` */
export const maskPhone = (phone: string): string => `··· ··· ${phone.slice(-3)}`

import { eventValues, type AuditEvent } from '../../audit/index.ts'
import type { Citizen } from '../../citizen/index.ts'
import type { EmailText } from '../../messaging/index.ts'
import { locales, type Locale } from '../../platform/index.ts'
import type { CodeParts } from '../one-time-code.ts'
import type { Told } from './password-table.ts'

/** Days after which nobody is told any more what happened to a password. */
const newsLast = 7

/**
 * The event, and the e-mail to its citizen; where no address is known, the message goes nowhere. `until`: when the news is
 * none any more.
 */
export function tellOf(
  { messages, random, clock }: Pick<CodeParts, 'messages' | 'random' | 'clock'>,
  citizen: Pick<Citizen, 'id' | 'locale'> & { readonly email: string | undefined },
  event: AuditEvent,
  text: EmailText,
  until = clock.in(newsLast * 86_400),
): Told {
  const message = messages.email({
    key: random.uuid(),
    to: citizen.email,
    citizen: citizen.id,
    locale: localeOf(citizen),
    text,
    expires: until,
  })
  return { event: eventValues(event), message }
}

export const localeOf = ({ locale }: Pick<Citizen, 'locale'>): Locale => locales.find((one) => one === locale) ?? 'es'

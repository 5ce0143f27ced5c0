import type { Citizen } from '../citizen/index.ts'
import type { EmailText } from '../messaging/index.ts'
import type { Tx } from '../platform/index.ts'
import { layMessage, localeOf, newsExpires } from '../registration/index.ts'
import type { AccountParts } from './parts.ts'

/** Tells the citizen by e-mail, in the transaction that decided; nothing where no address is known. */
export async function layNews(
  tx: Tx,
  parts: Pick<AccountParts, 'messages' | 'random' | 'clock'>,
  { id: citizen, email: to, locale }: Pick<Citizen, 'id' | 'email' | 'locale'>,
  text: EmailText,
): Promise<void> {
  if (to === undefined) return
  const about = { key: parts.random.uuid(), citizen, locale: localeOf(locale), expires: newsExpires(parts) }
  await layMessage(tx, parts.messages.email({ ...about, to, text }))
}

import { endPhone, findDeviceOf, lockPhone } from '../authentication/index.ts'
import type { Citizen } from '../citizen/index.ts'
import { layNews } from './lay-news.ts'
import type { Caller } from './page.ts'
import type { AccountParts } from './parts.ts'

/** `not-me`: it is lost, or was never the citizen's. */
export type EndingWhy = 'by-citizen' | 'not-me'

/**
 * Ends the citizen's phone, if it is still the one that they were shown (`device`): nothing that it signs counts from the
 * commit on, nor an approval that no login has taken yet. Told to the audit, to the phone, and by e-mail. False: it is not
 * their phone any more, and nothing happened.
 */
export const endMyPhone = (
  parts: Pick<AccountParts, 'db' | 'clock' | 'random' | 'envelope' | 'messages'>,
  citizen: Pick<Citizen, 'id' | 'email' | 'locale'>,
  { device, why }: { readonly device: string; readonly why: EndingWhy },
  { browser, address }: Caller,
): Promise<boolean> =>
  parts.db.transaction(async (tx) => {
    await lockPhone(tx, citizen.id)
    if ((await findDeviceOf(tx, citizen.id))?.id !== device) return false
    await endPhone(tx, parts, citizen.id, { why, browser, address })
    await layNews(tx, parts, citizen, { kind: 'movil-ended', at: parts.clock.now() })
    return true
  })

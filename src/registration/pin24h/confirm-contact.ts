import { sendCode } from '../contact-page.ts'
import type { Proof, Who } from '../journey.ts'
import type { Answer, Turn } from '../page.ts'
import type { RegistrationParts } from '../parts.ts'
import { readEmail } from '../read-contact.ts'
import { findRecord } from './choose-record.ts'

export interface ConfirmedContact {
  readonly email: string
  /** `other-way`: the phone is not theirs any more, or they would rather register another way. */
  readonly action?: string
}

/**
 * The contact data of a record: the e-mail address may be corrected, the phone only confirmed, since the code sent there
 * is what shows that this is the person of the record and not somebody who has seen their document.
 */
export async function confirmContact(
  parts: RegistrationParts,
  turn: Turn,
  { who, proof }: { readonly who: Who; readonly proof: Proof },
  { email: typed, action }: ConfirmedContact,
): Promise<Answer> {
  if (action === 'other-way') return { to: { page: 'channels', who, letter: false } }
  const record = await findRecord(parts, who)
  if ('answer' in record) return record.answer
  const email = typed.trim() === '' ? record.email : readEmail(typed)
  const values = { email: typed }
  if (typed.trim() !== '' && email === undefined)
    return { again: [{ field: 'email', text: 'register:contact.emailForm' }], values }
  const sent = await sendCode(parts, turn, { who, proof, contact: { phone: record.phone, email } })
  return 'again' in sent ? { ...sent, values } : sent
}

import { refusal } from '../../refusal/index.ts'
import type { Who } from '../journey.ts'
import { refusedWith, type Answer } from '../page.ts'
import type { RegistrationParts } from '../parts.ts'
import { maskPhone } from '../tell.ts'
import { recordTable, type RecordOnFile } from './record-table.ts'

/**
 * Goes on with the person's record of PIN 24 horas. Of its contact data only a masked part is shown: so far nobody has
 * proven more than to know a document and its contrast.
 */
export async function chooseRecord(parts: RegistrationParts, who: Who): Promise<Answer> {
  const record = await findRecord(parts, who)
  if ('answer' in record) return record.answer
  const { phone, email } = record
  const proof = { channel: 'pin24h', phone: maskPhone(phone), email: email && maskEmail(email) } as const
  return { to: { page: 'contact', who, proof } }
}

export type OpenRecord = Pick<RecordOnFile, 'email'> & { readonly phone: string }

/** The record while it can be migrated; else what is answered instead of going on. */
export async function findRecord(
  { db }: RegistrationParts,
  who: Who,
): Promise<OpenRecord | { readonly answer: Answer }> {
  const record = await recordTable.find(db, who.document)
  if (record?.phone !== undefined) return { phone: record.phone, email: record.email }
  // Registered meanwhile; or the operator took the import back.
  return {
    answer: record
      ? refusedWith(refusal('REGISTER-12-other-was-faster'))
      : { to: { page: 'channels', who, letter: false } },
  }
}

/** `t···@citizens.example` */
const maskEmail = (email: string): string => `${email.slice(0, 1)}···${email.slice(email.indexOf('@'))}`

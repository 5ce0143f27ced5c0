import { parseContrast, parseDocument } from '../../citizen/index.ts'
import { readEmail, readPhone } from '../read-contact.ts'
import type { Pin24hRecord } from './record-table.ts'

/** The columns of a file, by name. */
export const columns = [
  'document',
  'contrast',
  'given_name',
  'first_surname',
  'second_surname',
  'phone',
  'email',
] as const
export type Column = (typeof columns)[number]

/** What is wrong with a field: what was expected instead, never what stood there. */
export interface FieldFault {
  readonly field: Column
  /** To follow "expected". */
  readonly expected: string
}

const longest = 200

/** One line by its rules; or everything that is wrong with it at once. */
export function readRecord(fields: Readonly<Record<Column, string>>): Pin24hRecord | readonly FieldFault[] {
  const unfit = columns.flatMap((field) => unfitFor(field, fields[field]))
  if (unfit.length > 0) return unfit
  const document = readDocument(fields.document)
  const contrast = readContrast(fields.document, fields.contrast)
  const given = readName('given_name', fields.given_name)
  const firstSurname = readName('first_surname', fields.first_surname)
  const second = fields.second_surname.trim() === '' ? undefined : readName('second_surname', fields.second_surname)
  const phone = readPhone(fields.phone) ?? fault('phone', 'a mobile phone that can exist; one abroad with its prefix')
  const email =
    fields.email.trim() === ''
      ? undefined
      : (readEmail(fields.email) ?? fault('email', 'an e-mail address, or nothing'))
  const faults = [document, contrast, given, firstSurname, second, phone, email].filter(isFault)
  if (faults.length > 0) return faults
  const name = { given, firstSurname, secondSurname: second } as Pin24hRecord['name']
  return { document, contrast, name, phone, email } as Pin24hRecord
}

const fault = (field: Column, expected: string): FieldFault => ({ field, expected })
const isFault = (read: string | undefined | FieldFault): read is FieldFault => typeof read === 'object'

/**
 * What no field may hold. A text that a spreadsheet would carry out as a formula is nobody's name or address, and the
 * next one who opens our data in a spreadsheet must not be the one to find out; phones begin with + by right.
 */
function unfitFor(field: Column, text: string): readonly FieldFault[] {
  if (text.length > longest) return [fault(field, `at most ${longest} characters`)]
  if (/[\p{Cc}\p{Cs}\p{Co}\p{Cn}\u2028\u2029\ufffd]/u.test(text))
    return [fault(field, 'text without control characters or line breaks')]
  if (field !== 'phone' && /^\s*[=+\-@]/.test(text.normalize('NFKC')))
    return [fault(field, 'text that does not begin as a formula, with = + - @')]
  return []
}

function readDocument(text: string): string | FieldFault {
  const read = parseDocument(text)
  if (!('wrong' in read)) return read.document
  return fault(
    'document',
    read.wrong === 'letter' ? 'the letter that belongs to the number' : 'a DNI or NIE with its letter',
  )
}

/** A support number whose letter is not said stays without: it may be of either kind. */
function readContrast(document: string, text: string): string | FieldFault | undefined {
  const read = parseDocument(document)
  // Which contrast there is depends on the document: with a wrong one nothing can be said of it.
  if ('wrong' in read) return undefined
  const claim = parseContrast(read.kind, text)
  if ('wrong' in claim)
    return fault(
      'contrast',
      read.kind === 'dni'
        ? 'the date until which the DNI is valid, or the issue date of a permanent one'
        : 'a support number: E or C and up to 8 digits',
    )
  if (claim.kind === 'date') return claim.date
  const [number, other] = claim.numbers
  return other === undefined ? number : number.slice(1)
}

/** Upper case, as on the card. */
function readName(field: Column, text: string): string | FieldFault {
  const name = text.normalize('NFC').replace(/ +/g, ' ').trim().toUpperCase()
  return /^\p{L}[\p{L}\p{M} '’·.ªº/-]{0,99}$/u.test(name) ? name : fault(field, 'a name, of letters')
}

import { timingSafeEqual } from 'node:crypto'
import type { Contrast, DocumentKind } from './citizen.ts'
import { bareText } from './document.ts'

/**
 * The contrast as a citizen claims it. A date is compared with the validity date, or with the issue date where the stored
 * DNI is permanent: the form cannot know which, and must not tell. A support number typed without its letter is the one
 * of a card (E) or of an EU citizen's certificate (C), so both are claimed.
 */
export type ContrastClaim =
  | { readonly kind: 'date'; readonly date: string }
  | { readonly kind: 'support'; readonly numbers: readonly [string, ...string[]] }

/**
 * `form`: nothing that reads as a date (DNI) or a support number (NIE); `calendar`: a day that is in no calendar;
 * `permanent`: 01-01-9999, the validity date of a permanent DNI, whose holder is to give the issue date.
 */
export interface ContrastFault {
  readonly wrong: 'empty' | 'form' | 'calendar' | 'permanent'
}

/** A date in one field, or in the three of govuk-frontend's date input. */
export type TypedContrast = string | { readonly day: string; readonly month: string; readonly year: string }

/** Reads what was typed as the contrast of a document of this kind. */
export function parseContrast(kind: DocumentKind, typed: TypedContrast): ContrastClaim | ContrastFault {
  const text =
    typeof typed === 'string' ? typed : [typed.day, typed.month, typed.year].map((part) => part.trim()).join('/')
  if (/^[\s/]*$/.test(text)) return { wrong: 'empty' }
  return kind === 'dni' ? parseDate(text) : parseSupportNumber(text)
}

/** Card or permit: E and 8 digits; EU citizen's certificate: C and 8 digits; missing zeros are filled in. */
function parseSupportNumber(text: string): ContrastClaim | ContrastFault {
  const [, letter, digits] = /^([EC]?)(\d{1,8})$/.exec(bareText(text)) ?? []
  if (digits === undefined) return { wrong: 'form' }
  const number = digits.padStart(8, '0')
  return { kind: 'support', numbers: letter ? [letter + number] : [`E${number}`, `C${number}`] }
}

/**
 * Day first, as Spain writes dates (30-06-2031, 30/6/2031, 30.6.31, 30 06 2031, 30062031), or ISO 8601 (2031-06-30,
 * 20310630). Two digits of a year are 1970 to 2069: no DNI issued before 1970 can be alive, and none is valid beyond 2069.
 */
function parseDate(text: string): ContrastClaim | ContrastFault {
  const plain = text
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .trim()
    .replace(/\s*[\s\p{Pd}−/.]\s*/gu, '-')
  const [, day = '', month = '', year = ''] =
    /^(\d{1,2})-(\d{1,2})-(\d{4}|\d{2})$/.exec(plain) ??
    /^(\d{2})(\d{2})((?:19|20|99)\d{2})$/.exec(plain) ??
    isoParts(plain)
  if (day === '') return { wrong: 'form' }
  const fullYear = year.length === 4 ? Number(year) : Number(year) + (Number(year) < 70 ? 2000 : 1900)
  if (fullYear === 9999) return { wrong: 'permanent' }
  if (!isCalendarDay(fullYear, Number(month), Number(day))) return { wrong: 'calendar' }
  return { kind: 'date', date: `${fullYear}-${month.padStart(2, '0')}-${day.padStart(2, '0')}` }
}

/** Year first, in the order that day-first dates have; nothing when it is not written so. */
function isoParts(plain: string): readonly string[] {
  const [, year, month, day] =
    /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(plain) ?? /^((?:19|20|99)\d{2})(\d{2})(\d{2})$/.exec(plain) ?? []
  return year && month && day ? ['', day, month, year] : []
}

function isCalendarDay(year: number, month: number, day: number): boolean {
  if (year < 1900 || year > 2199 || month < 1 || month > 12 || day < 1) return false
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate()
}

/**
 * Whether the claim is the stored contrast. Nothing stored (nobody known by this document) is compared as well, and
 * the comparison takes the same time whichever character differs.
 */
export function matchesContrast(stored: Contrast | undefined, claimed: ContrastClaim): boolean {
  const expected = stored === undefined ? 'nothing' : stored.kind === 'support' ? stored.number : stored.date
  const candidates = claimed.kind === 'support' ? claimed.numbers : [claimed.date]
  return candidates.map((candidate) => sameText(expected, candidate)).includes(true)
}

const width = 16

function sameText(one: string, other: string): boolean {
  const [left, right] = [Buffer.alloc(width), Buffer.alloc(width)]
  left.write(one)
  right.write(other)
  return timingSafeEqual(left, right)
}

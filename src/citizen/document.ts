import type { DocumentKind } from './citizen.ts'

/** A DNI or NIE in its one normal form: 8 digits and letter, or X, Y, Z, 7 digits and letter. */
export interface IdentityDocument {
  readonly document: string
  readonly kind: DocumentKind
}

/** `form`: it is no DNI or NIE at all; `letter`: it has the form of one, but the check letter is another. */
export interface DocumentFault {
  readonly wrong: 'empty' | 'form' | 'letter'
}

const letters = 'TRWAGMYFPDXBNJZSQVHLCKE'

/**
 * The check letter of a DNI's or NIE's digits (clave-domain, "Words": `document`); an initial X, Y, Z counts as 0, 1, 2.
 * `body`: the normal form without its last letter.
 */
export function checkLetter(body: string): string {
  const digits = body.replace(/^[XYZ]/, (initial) => String('XYZ'.indexOf(initial)))
  return letters.charAt(Number(digits) % letters.length)
}

/**
 * Reads a document as people type it: spaces, dots, any kind of dash, lower case, full-width characters, missing leading
 * zeros. A wrong letter is never mended: it is the one sign that a digit was mistyped.
 */
export function parseDocument(typed: string): IdentityDocument | DocumentFault {
  const text = bareText(typed)
  if (text === '') return { wrong: 'empty' }
  const [, initial = '', digits = '', letter = ''] = /^([XYZ]?)(\d{1,8})([A-Z])$/.exec(text) ?? []
  const length = initial ? 7 : 8
  if (letter === '' || digits.length > length) return { wrong: 'form' }
  const body = initial + digits.padStart(length, '0')
  if (checkLetter(body) !== letter) return { wrong: 'letter' }
  return { document: body + letter, kind: initial ? 'nie' : 'dni' }
}

/** Upper case, plain characters (NFKC), without what people put between the groups: spaces, dots, dashes, invisible characters. */
export function bareText(typed: string): string {
  return typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s\p{Pd}\p{Cf}.·−]/gu, '')
}

import type { Citizen } from './citizen.ts'

const small = new Set(['de', 'del', 'la', 'las', 'los', 'y', 'i', 'e', 'da', 'do', 'dos'])

/** `Maria del Pilar`: on the card names stand in capitals, which read as shouting in a greeting. */
export function properName(capitals: string): string {
  return capitals
    .toLocaleLowerCase('es')
    .split(' ')
    .map((word, nth) =>
      nth > 0 && small.has(word) ? word : word.replace(/(^|[-'’])(\p{L})/gu, (start) => start.toLocaleUpperCase('es')),
    )
    .join(' ')
}

export const fullName = ({ name }: Pick<Citizen, 'name'>): string =>
  [name.given, name.firstSurname, name.secondSurname].flatMap((part) => (part ? [properName(part)] : [])).join(' ')

/** `···999R`: the last three digits and the letter, as the app shows it (clave-domain, "Methods": part-masked). */
export const maskDocument = (document: string): string => `···${document.slice(-4)}`

/** `c···@example.es`: as its owner recognises it and nobody else can use it. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf('@')
  // Of a name of one letter nothing would be left hidden.
  return `${at > 1 ? email.slice(0, 1) : ''}···${email.slice(Math.max(at, 0))}`
}

import type { Random } from '../platform/index.ts'

/** Without 0, O, 1 and I, which people take for one another. */
const csvSigns = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ'
const csvLength = 16
/** Crockford's base32. */
const crockfordSigns = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const activationLength = 10

/** Both alphabets have 32 signs: five bits of each octet choose one, all alike. */
const draw = (random: Random, signs: string, length: number): string =>
  [...random.bytes(length)].map((octet) => signs.charAt(octet & 31)).join('')

/** The CSV of an invitation letter: 80 bits. */
export const drawCsv = (random: Random): string => draw(random, csvSigns, csvLength)

/** An activation code: 50 bits, of which nobody gets more than a few guesses. */
export const drawActivationCode = (random: Random): string => draw(random, crockfordSigns, activationLength)

/** As it is printed: in groups that the eye can hold. */
export const inGroups = (code: string, size: number): string =>
  code.match(new RegExp(`.{1,${size}}`, 'g'))?.join(' ') ?? ''

/** Capitals, without what people put between the groups. */
const bare = (typed: string): string =>
  typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s\p{Pd}\p{Cf}.·−]/gu, '')

/** A CSV as people type it; undefined when it has not the form of one. */
export function readCsv(typed: string): string | undefined {
  const csv = bare(typed)
  return csv.length === csvLength && [...csv].every((sign) => csvSigns.includes(sign)) ? csv : undefined
}

/** An activation code as people type it: o is 0, i and l are 1. Undefined when it has not the form of one. */
export function readActivationCode(typed: string): string | undefined {
  const code = bare(typed).replaceAll('O', '0').replace(/[IL]/g, '1')
  return code.length === activationLength && [...code].every((sign) => crockfordSigns.includes(sign)) ? code : undefined
}

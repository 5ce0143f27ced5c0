import type { Domicile } from '../civil-register/index.ts'

/**
 * An address as its owner recognises it and nobody else could use it: first letters, and of the postal code the province.
 * `C··· I··· ·`, `28··· M···`.
 */
export function maskDomicile({ street, postalCode, town }: Domicile): readonly string[] {
  return [masked(street), `${postalCode.slice(0, 2)}··· ${masked(town)}`]
}

const masked = (text: string): string =>
  text
    .split(/\s+/)
    .map((word) => (/^\p{L}/u.test(word) ? `${[...word][0] ?? ''}···` : '·'))
    .join(' ')

import type { Wishes } from './client.ts'

/** What a developer may set in an agency's login link: /sepe/login?level=high&force=true&exclude=GISSIdP,CLVMOVILIdP. */
export const samlWishNames = [
  'level',
  'comparison',
  'force',
  'passive',
  'exclude',
  'nameid',
  'relaystate',
  'binding',
] as const

/** What the request is to say, wished or by default; nothing is checked, so that errors can be tried. */
export interface Asked {
  readonly classRef: string
  readonly comparison: string
  readonly force: string
  readonly passive: string
  /** Names of `http://es.minhafp.clave/…`. */
  readonly excluded: readonly string[]
  readonly nameIdFormat: string
  readonly relayState: string | undefined
}

export function askedBy(wishes: Wishes, leastLevel: string): Asked {
  const relayState = wishes['relaystate']
  return {
    classRef: uri('http://eidas.europa.eu/LoA/', wishes['level'] ?? leastLevel),
    comparison: wishes['comparison'] ?? 'minimum',
    force: wishes['force'] ?? 'false',
    passive: wishes['passive'] ?? 'false',
    excluded: (wishes['exclude'] ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    nameIdFormat: nameIdFormat(wishes['nameid'] ?? 'persistent'),
    relayState,
  }
}

/** A word is completed, a whole URI stays as it is. */
const uri = (start: string, word: string): string => (word.includes(':') ? word : start + word)

const nameIdFormat = (word: string): string =>
  uri(
    word === 'unspecified'
      ? 'urn:oasis:names:tc:SAML:1.1:nameid-format:'
      : 'urn:oasis:names:tc:SAML:2.0:nameid-format:',
    word,
  )

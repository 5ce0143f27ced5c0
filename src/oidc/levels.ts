import { atLeast, levelsAsked, loas, type LevelsAsked, type Loa } from '../citizen/index.ts'

/** Authentication context classes of eIDAS (Implementing Regulation 2015/1502), as URIs. */
const prefix = 'http://eidas.europa.eu/LoA/'

export const acrOf = (loa: Loa): string => prefix + loa
export const acrValues: readonly string[] = loas.map(acrOf)
const levelOf = (acr: string): Loa | undefined => loas.find((loa) => acrOf(loa) === acr)

/** What an authorization request says of the level it wants. */
export interface AcrRequest {
  /** `acr_values`, split; and the values of an `acr` claim that is not essential (OpenID Connect Core 5.5.1.1 holds them equal). */
  readonly voluntary: readonly string[] | undefined
  /** The values of an essential `acr` claim. */
  readonly essential: readonly string[] | undefined
}

/**
 * The levels that the agency takes as an answer, or why there are none. Voluntary: the lowest listed is the least asked.
 * Essential: those listed and no other. The least level of the relying party holds for both. Values that are no level of
 * ours are passed over beside others, but a request that names nothing else cannot be met: what cannot be reached is an
 * error, never a lower level in silence.
 */
export function levelsFor({ voluntary, essential }: AcrRequest, least: Loa): LevelsAsked | { readonly unmet: string } {
  const floor = voluntary && lowest(voluntary)
  if (voluntary && !floor)
    return { unmet: `None of the acr values asked for can be reached; there are ${acrValues.join(', ')}.` }
  const listed = essential?.flatMap((acr) => levelOf(acr) ?? [])
  if (listed?.length === 0)
    return { unmet: `No value of the essential acr can be reached; there are ${acrValues.join(', ')}.` }
  const [first, ...others] = loas.filter((loa) => (listed?.includes(loa) ?? true) && isFrom(loa, floor))
  if (!first) return { unmet: 'The essential acr and acr_values have no level in common.' }
  return (
    atLeast([first, ...others], least) ?? { unmet: `The least level registered for this client is ${acrOf(least)}.` }
  )
}

const lowest = (acrs: readonly string[]): Loa | undefined => loas.find((loa) => acrs.includes(acrOf(loa)))
const isFrom = (loa: Loa, floor: Loa | undefined): boolean =>
  floor === undefined || levelsAsked('minimum', floor)?.includes(loa) === true

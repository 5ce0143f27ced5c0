import type { Citizen } from '../citizen/index.ts'
import { ownParty } from './own-party.ts'
import type { AccountParts } from './parts.ts'

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

/** The names of these relying parties, as citizens read them; one that is gone goes by its id. */
export async function agencyNames(
  { relyingParties }: Pick<AccountParts, 'relyingParties'>,
  ids: Iterable<string>,
): Promise<ReadonlyMap<string, string>> {
  const named = [...new Set(ids)].map(async (id): Promise<[string, string]> => {
    const party = id === ownParty.id ? ownParty : await relyingParties.find(id)
    return [id, party?.name ?? id]
  })
  return new Map(await Promise.all(named))
}

import { ownParty } from './own-party.ts'
import type { AccountParts } from './parts.ts'

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

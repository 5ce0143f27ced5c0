import type { Limits } from '../lockout/index.ts'
import { systemRandom, type Clock, type Db, type Digest } from '../platform/index.ts'
import { putActivationCode, putLetter } from '../registration/index.ts'
import { catalogue } from './catalogue.ts'

export interface SeedCodeParts {
  readonly db: Db
  readonly clock: Clock
  readonly digest: Digest
  readonly limits: Limits
}

/**
 * Puts what the catalogue names: the invitation letters with their CSVs, alive and on tables that are empty, and the
 * activation codes, as if nobody had used them. Their citizens must be there (`seedCatalogue`).
 */
export async function seedCodes(given: SeedCodeParts): Promise<void> {
  const parts = { ...given, random: systemRandom }
  await parts.db.transaction(async (tx) => {
    for (const { id, document, csv, activationCode } of catalogue) {
      if (csv !== undefined) await putLetter(tx, parts, { document, csv })
      if (activationCode !== undefined) await putActivationCode(tx, parts, id, activationCode)
    }
  })
}

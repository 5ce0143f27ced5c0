import type { Limits } from '../lockout/index.ts'
import { systemRandom, type Clock, type Db, type Digest } from '../platform/index.ts'
import { putLetter } from '../registration/index.ts'
import { catalogue } from './catalogue.ts'

export interface SeedLetterParts {
  readonly db: Db
  readonly clock: Clock
  readonly digest: Digest
  readonly limits: Limits
}

/** Puts the invitation letters of the catalogue, alive and with the CSVs that it names. On tables that are empty. */
export async function seedLetters(parts: SeedLetterParts): Promise<void> {
  await parts.db.transaction(async (tx) => {
    for (const { document, csv } of catalogue)
      if (csv !== undefined) await putLetter(tx, { ...parts, random: systemRandom }, { document, csv })
  })
}

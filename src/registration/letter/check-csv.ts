import type { Clock, Db, Digest } from '../../platform/index.ts'
import { refusal, type Refusal } from '../../refusal/index.ts'
import type { Limits } from '../../lockout/index.ts'
import { noteKilled } from './kill-letter.ts'
import { letterTable } from './letter-table.ts'

export interface CsvParts {
  readonly db: Db
  readonly clock: Clock
  readonly digest: Digest
  readonly limits: Pick<Limits, 'csvTries'>
}

/** What stays of a CSV. */
export const csvDigest = (digest: Digest, document: string, csv: string): string => digest('letter-csv', document, csv)

/**
 * Whether this is the CSV of the person's alive letter, which stays alive; answers its digest. A wrong one counts, the
 * last of `limits.csvTries` kills the letter (REGISTER-10), as one statement decides.
 */
export async function checkCsv(parts: CsvParts, document: string, csv: string): Promise<string | Refusal> {
  const { csvTries } = parts.limits
  const digest = csvDigest(parts.digest, document, csv)
  const now = parts.clock.now()
  return parts.db.transaction(async (tx) => {
    const tried = await letterTable.tryCsv(tx, document, digest, now, csvTries)
    if (tried?.right) return digest
    if (tried?.killed) await noteKilled(tx, tried.id, 'wrong-csv', now)
    if (!tried || tried.killed) return refusal('REGISTER-10-no-letter')
    return refusal('REGISTER-09-csv-wrong', { count: csvTries - tried.failures })
  })
}

/** Whether this is the CSV of the person's alive letter: 80 random bits, which nobody guesses, so that nothing is counted. */
export const isInvited = ({ db, clock, digest }: Omit<CsvParts, 'limits'>, document: string, csv: string) =>
  letterTable.invites(db, document, csvDigest(digest, document, csv), clock.now())

/**
 * Who has the letter, and beside it the wrong contrast, is perhaps not whom it was sent to: counts as a wrong CSV does, so
 * that a stolen letter buys no more than `limits.csvTries` guesses.
 */
export const countAtLetter = ({ db, clock, limits }: CsvParts, document: string): Promise<void> =>
  db.transaction(async (tx) => {
    const now = clock.now()
    // No CSV has this digest.
    const tried = await letterTable.tryCsv(tx, document, '', now, limits.csvTries)
    if (tried?.killed) await noteKilled(tx, tried.id, 'wrong-csv', now)
  })

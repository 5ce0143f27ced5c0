import type { Tx } from '../../platform/index.ts'
import { readCsv } from '../draw-codes.ts'
import { csvDigest, type CsvParts } from './check-csv.ts'
import { letterTable } from './letter-table.ts'
import type { LetterPressParts } from './make-letters.ts'

/** Puts an alive letter with a known CSV, as if it had been made and sent just now: for the sandbox's catalogue. */
export async function putLetter(
  tx: Tx,
  parts: Pick<CsvParts, 'clock' | 'digest'> & Pick<LetterPressParts, 'random' | 'limits'>,
  { document, csv }: { readonly document: string; readonly csv: string },
): Promise<void> {
  const read = readCsv(csv)
  if (read === undefined) throw new Error('putLetter: not the form of a CSV')
  const { clock, digest, random, limits } = parts
  await letterTable.put(tx, {
    id: random.uuid(),
    document,
    digest: csvDigest(digest, document, read),
    now: clock.now(),
    expires: clock.in(limits.letterLifetime),
  })
}

import { noteEvent } from '../../audit/index.ts'
import type { Tx } from '../../platform/index.ts'
import { letterTable, type LetterDeath } from './letter-table.ts'

/** Makes a person's alive letter worthless, where there is one. */
export async function killLetter(tx: Tx, document: string, why: LetterDeath, at: Date): Promise<void> {
  const letter = await letterTable.kill(tx, document, why, at)
  if (letter !== undefined) await noteKilled(tx, letter, why, at)
}

export const noteKilled = (tx: Tx, letter: string, why: LetterDeath, at: Date): Promise<void> =>
  noteEvent(tx, { kind: 'letter-killed', at, data: { letter, why } })

import type { Sql } from '../../platform/index.ts'
import { letterTable, type LetterDeath } from './letter-table.ts'

/** What became of an invitation letter. */
export interface LetterState {
  readonly asked: Date
  readonly made: Date | undefined
  readonly expires: Date | undefined
  readonly reminded: Date | undefined
  readonly used: Date | undefined
  readonly killed: { readonly at: Date; readonly why: LetterDeath } | undefined
}

/** The invitation letters of the person with this document, oldest first, as far back as they are kept. */
export async function lettersOf(sql: Sql, document: string): Promise<readonly LetterState[]> {
  const rows = await letterTable.ofPerson(sql, document)
  return rows.map((row) => ({
    asked: row.asked_at,
    made: row.made_at ?? undefined,
    expires: row.expires_at ?? undefined,
    reminded: row.reminded_at ?? undefined,
    used: row.used_at ?? undefined,
    killed: row.killed_at && row.killed_why ? { at: row.killed_at, why: row.killed_why } : undefined,
  }))
}

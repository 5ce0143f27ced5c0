import type { Sweep } from '../platform/index.ts'
import { makeLetters, readAcknowledgements, type LetterPressParts } from './letter/make-letters.ts'
import { remindLetters, sweepLetters, type RemindParts } from './letter/remind-letters.ts'
import { phoneCodeTable } from './phone-code-table.ts'

export type RegistrationSweepParts = LetterPressParts & RemindParts

const minute = 60
const hour = 60 * minute

/** What the worker does for registration. When letters are made each of them says itself (`letter.due`: at night). */
export function registrationSweeps(parts: RegistrationSweepParts): readonly Sweep[] {
  return [
    { name: 'make-letters', every: minute, run: () => makeLetters(parts) },
    { name: 'read-acknowledgements', every: minute, run: () => readAcknowledgements(parts) },
    { name: 'remind-letters', every: hour, run: () => remindLetters(parts) },
    { name: 'sweep-letters', every: hour, run: () => sweepLetters(parts) },
    // A dead code still counts among those of the last hour.
    { name: 'sweep-phone-codes', every: hour, run: () => phoneCodeTable.sweep(parts.db, parts.clock.in(-24 * hour)) },
  ]
}

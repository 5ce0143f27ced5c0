import { noteEvent } from '../../audit/index.ts'
import type { Locale } from '../../platform/index.ts'
import { isRefusal, refusal, type Refusal } from '../../refusal/index.ts'
import type { Origin, RegistrationParts } from '../parts.ts'
import { killLetter } from './kill-letter.ts'
import { letterTable, type Allowance } from './letter-table.ts'
import { nextNight } from './next-night.ts'

export interface Asked {
  /** When the letter is made. */
  readonly due: Date
}

const quarter = 90 * 86_400

/**
 * Asks for an invitation letter, which the job makes and which goes to the tax domicile of that day: no address is taken
 * here. At most one is alive, so the older one dies; `limits.lettersPerQuarter` in 90 days (REGISTER-08). `document`:
 * of a person whose contrast was right.
 */
export async function askLetter(
  parts: RegistrationParts,
  document: string,
  locale: Locale,
  origin: Origin,
): Promise<Asked | Refusal> {
  const { clock, digest, random, limits } = parts
  const now = clock.now()
  const due = parts.lettersMade === 'at-once' ? now : nextNight(now)
  const allowance: Allowance = {
    subject: digest('letter-allowance', document),
    now,
    most: limits.lettersPerQuarter,
    since: clock.in(-quarter),
  }
  const asked = await parts.db.transaction(async (tx) => {
    if (!(await letterTable.takeAllowance(tx, allowance))) return refusal('REGISTER-08-too-many-letters')
    await killLetter(tx, document, 'newer', now)
    const id = random.uuid()
    await letterTable.ask(tx, { id, document, locale, now, due })
    await noteEvent(tx, { kind: 'letter-asked', at: now, data: { letter: id, ...origin } })
    return { due }
  })
  return isRefusal(asked) ? refuseWithDays(parts, allowance) : asked
}

async function refuseWithDays({ db }: RegistrationParts, allowance: Allowance): Promise<Refusal> {
  const oldest = await letterTable.oldestCounted(db, allowance)
  if (!oldest) return refusal('REGISTER-08-too-many-letters')
  const seconds = quarter - (allowance.now.getTime() - oldest.getTime()) / 1000
  return refusal('REGISTER-08-too-many-letters', { count: Math.max(1, Math.ceil(seconds / 86_400)) })
}

import type { LetterPressParts } from './make-letters.ts'
import type { Messages } from '../../messaging/index.ts'
import { layMessage, localeOf } from '../tell.ts'
import { noteKilled } from './kill-letter.ts'
import { letterTable } from './letter-table.ts'

export interface RemindParts extends Pick<LetterPressParts, 'db' | 'clock' | 'random' | 'limits' | 'register'> {
  readonly messages: Messages
}

/** Reminders of one run. */
const most = 200
const registerPatience = 2_000

/** Reminds, once, of letters that nobody used, by e-mail where the Tax Agency knows an address. */
export async function remindLetters(parts: RemindParts): Promise<void> {
  const { db, clock, random, limits } = parts
  const now = clock.now()
  for (const letter of await letterTable.unreminded(db, now, clock.in(-limits.letterReminder), most)) {
    const person = await parts.register.ask(letter.document, registerPatience)
    // The register is away: another run asks it.
    if (person === 'silent') return
    const until = letter.expires_at
    await db.transaction(async (tx) => {
      if (!(await letterTable.remind(tx, letter.id, now)) || person?.email === undefined || person.deceased) return
      const about = { key: random.uuid(), citizen: undefined, locale: localeOf(letter.locale), expires: until }
      await layMessage(
        tx,
        parts.messages.email({ ...about, to: person.email, text: { kind: 'letter-reminder', until } }),
      )
    })
  }
}

/** Days that a letter which is over is kept: longer than its request counts. */
const kept = 400

/** Ends letters whose time is over and forgets those of long ago. */
export async function sweepLetters({ db, clock }: Pick<LetterPressParts, 'db' | 'clock'>): Promise<void> {
  const now = clock.now()
  await db.transaction(async (tx) => {
    for (const { id } of await letterTable.killExpired(tx, now)) await noteKilled(tx, id, 'expired', now)
    await letterTable.forget(tx, clock.in(-kept * 86_400))
  })
}

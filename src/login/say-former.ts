import { calendarDay, timeInSentence, type Locale } from '../platform/index.ts'
import type { FormerLogin } from './outcome.ts'

/** What `login/views/former.njk` needs, which says when the citizen identified before; nothing where they never did. */
export function sayFormer(former: FormerLogin | undefined, locale: Locale): { readonly former?: object } {
  if (!former) return {}
  const { method, agency } = former
  const at = new Date(former.at)
  return { former: { day: calendarDay(at, locale), time: timeInSentence(at, locale), method, agency } }
}

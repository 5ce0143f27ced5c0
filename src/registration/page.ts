import type { JourneyAnswer, JourneyPage, JourneyTurn, PageProblem } from '../platform/index.ts'
import { refusalRow, type Refusal } from '../refusal/index.ts'
import type { At } from './journey.ts'

export { atOf } from '../platform/index.ts'

export type Turn = JourneyTurn<At>
export type Page = JourneyPage<At>
export type Answer = JourneyAnswer<At>

/**
 * A refusal that ends the registration gets a page of its own. Any other is said on the page where it came up: beside
 * the field it is about or, where it is about none, with what to do now.
 */
export function refusedWith(refused: Refusal, values: Readonly<Record<string, string>> = {}, field = ''): Answer {
  const { ends, http } = refusalRow(refused.refused)
  if (ends === 'agency') return { to: { page: 'refused', refusal: refused } }
  const parts = field === '' ? (['body', 'remedy'] as const) : (['body'] as const)
  const again = parts.map((part) => ({
    field,
    text: `refusal:${refused.refused}.${part}`,
    ...(refused.details && { details: refused.details }),
  }))
  return { again, values, status: http }
}

export const isProblems = <T extends object | string>(
  read: T | readonly PageProblem[],
): read is readonly PageProblem[] => Array.isArray(read)

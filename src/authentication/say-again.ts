import { refusalRow, type Refusal } from '../refusal/index.ts'
import type { Problem, StepAnswer } from './method.ts'

/** The same page again, or what the page cannot say. */
export type SaidAgain = Extract<StepAnswer, { readonly again: unknown }> | Refusal

/**
 * A refusal that does not end the login is said on the page where it came up, beside the field it is about or, where it is
 * about none, with what to do now; `values` are shown again. Any other refusal is the engine's.
 */
export function sayAgain(refused: Refusal, values: Record<string, string> = {}, field = ''): SaidAgain {
  const { ends, http } = refusalRow(refused.refused)
  return ends === 'agency' ? refused : { again: problemsOf(refused, field), values, status: http }
}

function problemsOf({ refused, details }: Refusal, field: string): readonly Problem[] {
  const parts = field === '' ? (['body', 'remedy'] as const) : (['body'] as const)
  return parts.map((part) => ({
    field,
    text: `refusal:${refused}.${part}`,
    ...(details && { details }),
  }))
}

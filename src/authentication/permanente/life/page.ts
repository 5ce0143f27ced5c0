import type { TSchema } from 'typebox'
import type { Refusal } from '../../../refusal/index.ts'
import type { Login, Problem } from '../../method.ts'
import type { At, Journey, JourneyKind } from './journey.ts'
import { loginOf } from './journey.ts'
import type { Caller } from './parts.ts'

/** A request to a page of a journey that is alive and was begun in this browser, or begins here. */
export interface Turn {
  readonly journey: Journey
  readonly caller: Caller
}

/** One row of the state table: the router is made from these. */
export interface Page {
  /** Where a journey stands for this page to be its own. */
  readonly state: At['page']
  /** What begins here, where something does. */
  readonly begins?: JourneyKind
  /** Whole where a journey begins; else below /permanente/:id. */
  readonly path: string
  /** Below src/. */
  readonly template: string
  readonly form?: TSchema
  /** What the template needs. */
  show(turn: Turn): Promise<Readonly<Record<string, unknown>>>
  submit?(turn: Turn, form: unknown): Promise<Answer>
}

export type Answer =
  /** The journey moves; where it was not begun, it begins. */
  | { readonly to: At }
  /** The same page again, saying what is wrong. */
  | {
      readonly again: readonly Problem[]
      readonly values?: Readonly<Record<string, string>>
      readonly model?: Readonly<Record<string, unknown>>
      readonly status?: number
    }
  /** Another request of the same browser did this already. */
  | { readonly moved: true }
  | Refusal

/** What codes and counts know this journey by. */
export const loginIn = ({ journey, caller }: Turn): Login => loginOf(journey.id, caller, new Date(journey.expires))

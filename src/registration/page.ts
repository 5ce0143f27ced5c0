import type { TSchema } from 'typebox'
import type { Locale, PageProblem } from '../platform/index.ts'
import { refusalRow, type Refusal } from '../refusal/index.ts'
import type { Caller } from './identify-person.ts'
import type { At, Entry, Journey, StateName } from './journey.ts'

/** A request to a page of a registration that is alive and was begun in this browser. */
export interface Turn {
  readonly entry: Entry
  readonly journey: Journey
  readonly caller: Caller
  readonly locale: Locale
}

/** One row of the table: the router is made from these. */
export interface Page {
  readonly name: PageName
  /** Below /register. */
  readonly path: string
  /** Below src/; absent: a button without a page of its own. */
  readonly template?: string
  /** Where a registration may stand for this page to be shown or its form to be taken. */
  readonly states: readonly StateName[]
  /** The states that its form may move it to. */
  readonly leadsTo: readonly StateName[]
  readonly form?: TSchema
  show(turn: Turn): Promise<Shown>
  submit?(turn: Turn, form: unknown): Promise<Answer>
}

export type PageName =
  | 'contrast'
  | 'channels'
  | 'letter-request'
  | 'letter-asked'
  | 'letter'
  | 'contact'
  | 'phone'
  | 'confirm'
  | 'done'
  | 'receipt'
  | 'refused'
  | 'more-time'

/** What the template needs. */
export interface Shown {
  readonly model: object
  readonly status?: number
}

export type Answer =
  /** The registration moves; `file`: and this goes to whoever moved it, instead of the next page. */
  | { readonly to: At; readonly file?: File }
  /** It stays where it is, with another deadline. */
  | { readonly expires: number }
  | Again
  /** To be led to where it stands. */
  | { readonly moved: true }

/** The same page again, saying what is wrong; `values` fill the harmless fields in. */
export interface Again {
  readonly again: readonly PageProblem[]
  readonly values?: Readonly<Record<string, string>>
  readonly status?: number
  /** For the template. */
  readonly model?: object
}

export interface File {
  readonly name: string
  readonly content: Buffer
}

/** The part of the registration's `at` that a page of one state works with. */
export function atOf<State extends StateName>(
  { journey: { at } }: Turn,
  ...states: readonly State[]
): Extract<At, { page: State }> {
  if (!(states as readonly StateName[]).includes(at.page)) throw new Error(`registration: not on ${states.join()}`)
  return at as Extract<At, { page: State }>
}

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

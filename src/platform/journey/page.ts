import type { TSchema } from 'typebox'
import type { Refused } from '../http/reply.ts'
import type { Visit } from '../http/visit.ts'
import type { Locale } from '../i18n.ts'
import type { PageProblem } from '../views/views.ts'
import type { Journey, Lifetimes, Standing, Unbegun } from './record.ts'

/** What a room says of its journeys: the router (`mountJourneys`) is made from it. */
export interface JourneyTable<At extends Standing = Standing> {
  /** Stands before the keys in the store. */
  readonly name: string
  /**
   * What all paths begin with. Ending in `/:id`: a browser may have several journeys, each under its id. Else it has one,
   * found by the browser's cookie; each form of it carries the id in a field `journey`, so that none is taken for another's.
   */
  readonly base: string
  readonly lifetimes: Lifetimes
  readonly starts: readonly StartPage<At>[]
  readonly pages: readonly JourneyPage<At>[]
  /** Where nothing is to be done any more, so that no time is shown or given; `lapse`: even so they are over in time. */
  readonly ends: { readonly states: readonly At['page'][]; readonly lapse: boolean }
  /** The name of the page of each state: where somebody is led who comes to another one. */
  pageOf(at: At): string
  /** The page for who cannot be let in; `journey`: the one that lapsed. */
  lost(why: Lost, journey?: Journey<At>): Shown & { readonly template: string }
  /** The page of a refusal that a form answers with: below src/; the platform's own unless told. */
  readonly refusals?: { readonly template: string }
  /** Where somebody is led who gives a journey up with a POST to <base>/leave; absent: it cannot be given up. */
  readonly leaveTo?: string
}

/** `unknown`: never begun, or long gone; `foreign`: of another browser, or the form of another journey. */
export type Lost = 'unknown' | 'foreign' | 'expired'

/** A request to a page where a journey begins. */
export interface StartTurn {
  readonly journey: Unbegun
  readonly caller: JourneyCaller
  readonly locale: Locale
  readonly query: Readonly<Record<string, unknown>>
}

/** A request to a page of a journey that is alive and was begun in this browser. */
export interface JourneyTurn<At extends Standing = Standing> extends StartTurn {
  readonly journey: Journey<At>
}

export interface JourneyCaller extends Pick<Visit, 'address' | 'session'> {
  /** Digest of the browser's cookie. */
  readonly browser: string
}

/** A page where a journey begins. Nothing is kept before its form was right, so there is nothing to be lost. */
export interface StartPage<At extends Standing = Standing> {
  /** The whole path. */
  readonly path: string
  /** Below src/. */
  readonly template: string
  /** The kind of journey that begins here. */
  readonly begins: string
  readonly leadsTo: readonly At['page'][]
  readonly form?: TSchema
  show(turn: StartTurn): Promise<Shown>
  submit?(turn: StartTurn, form: unknown): Promise<StartAnswer<At>>
}

/** One row of the table of pages. */
export interface JourneyPage<At extends Standing = Standing> {
  readonly name: string
  /** Below the base. */
  readonly path: string
  /** Below src/; absent: a button without a page of its own. */
  readonly template?: string
  /** Where a journey may stand for this page to be shown or its form to be taken. */
  readonly states: readonly At['page'][]
  /** The states that its form may move it to. */
  readonly leadsTo: readonly At['page'][]
  readonly form?: TSchema
  /** Where somebody is led who has no journey under way and only looks at this page; absent: a page explains. */
  readonly without?: string
  show(turn: JourneyTurn<At>): Promise<Shown>
  submit?(turn: JourneyTurn<At>, form: unknown): Promise<JourneyAnswer<At>>
}

/** What the template needs. */
export interface Shown {
  readonly model: object
  readonly status?: number
}

/** The journey begins; or the same page again; or a refusal with a page of its own. */
export type StartAnswer<At extends Standing = Standing> = { readonly to: At } | Again | Refused

export type JourneyAnswer<At extends Standing = Standing> =
  /** The journey moves; `file`: and this goes to whoever moved it, instead of the next page. */
  | { readonly to: At; readonly file?: JourneyFile }
  | Again
  | Refused
  /** Another request did this already: to be led to where it stands. */
  | { readonly moved: true }

/** The same page again, saying what is wrong; `values` fill the harmless fields in. */
export interface Again {
  readonly again: readonly PageProblem[]
  readonly values?: Readonly<Record<string, string>>
  /** 422 unless told. */
  readonly status?: number
  /** For the template. */
  readonly model?: object
}

export interface JourneyFile {
  readonly name: string
  /** Media type. */
  readonly type: string
  readonly content: Buffer
}

/** What a journey remembers where it stands: for a page that is open in these states only. */
export function atOf<At extends Standing, State extends At['page']>(
  { journey: { at } }: JourneyTurn<At>,
  ...states: readonly State[]
): Extract<At, { page: State }> {
  if (!(states as readonly string[]).includes(at.page)) throw new Error(`journey: on ${at.page}, not ${states.join()}`)
  return at as Extract<At, { page: State }>
}

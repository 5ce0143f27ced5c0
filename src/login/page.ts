import type { FastifyReply } from 'fastify'
import type { TSchema } from 'typebox'
import type { News, Problem } from '../authentication/index.ts'
import type { Locale, Visit } from '../platform/index.ts'
import type { FormerLogin } from './outcome.ts'
import type { At, Entry, LoginRecord, Tried } from './record.ts'

/** A request to a page of a login that is alive and was begun in this browser. */
export interface Turn {
  readonly entry: Entry
  readonly login: LoginRecord
  readonly visit: Visit
  readonly locale: Locale
}

/** One row of the state table: the router is made from these. */
export interface Page {
  /** 'choose', or a step's 'pin.code'. */
  readonly name: string
  /** Below /login/:id. */
  readonly path: string
  /** Below src/; absent: a button without a page of its own. */
  readonly template?: string
  /** The page names nobody: what differs from one login to the next are the blanks of its model. */
  readonly stencil?: boolean
  /**
   * Where a login may stand for this page to be shown or its form to be taken. `here`: on this page only.
   * `open`: anywhere before its end, since nothing is lost by it: "use another way", "cancel", "more time".
   */
  readonly when: 'here' | 'open'
  /** Where else, for a page that the page there links to. */
  readonly from?: (login: LoginRecord) => boolean
  /** The pages that its form may move the login to. */
  readonly leadsTo: readonly string[]
  readonly form?: TSchema
  /** Of a page that waits: told at <path>/news, and as events at <path>/events. */
  readonly news?: {
    ask(turn: Turn): ReturnType<News['ask']>
    follow(turn: Turn, tell: Tell): ReturnType<News['follow']>
  }
  show(turn: Turn): Promise<Shown>
  submit(turn: Turn, form: unknown): Promise<Answer>
}

export type Tell = Parameters<News['follow']>[2]

/** What the template needs, or another page where there is nothing to show. */
export type Shown = { readonly model: object; readonly status?: number } | { readonly instead: string }

export type Answer =
  /** The login moves; `won` is for the one request that moved it. */
  | Move
  /** The login stays where it is, with another deadline. */
  | { readonly expires: number }
  | Again
  /** To be led to where the login stands. */
  | { readonly moved: true }

/** The same page again, saying what is wrong. */
export interface Again {
  readonly again: readonly Problem[]
  readonly values?: Record<string, string>
  readonly status?: number
  /** What the login is to remember from now on. */
  readonly at?: At
}

export interface Move {
  readonly to: At
  /** What is known of a refusal that it ends in, beside what the place where the login stands tells. */
  readonly tried?: Tried
  readonly won?: (reply: FastifyReply, former: FormerLogin | undefined) => Promise<void>
}

/** The name of the page that a login stands on. */
export const standing = (at: At): string => (at.page === 'step' ? at.step : at.page)

export const isOpen = (page: Page, login: LoginRecord): boolean =>
  login.at.page !== 'done' && (page.when === 'open' || standing(login.at) === page.name || page.from?.(login) === true)

export const addressOf = (login: LoginRecord): string => `/login/${encodeURIComponent(login.id)}`

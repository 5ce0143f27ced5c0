import type { TSchema } from 'typebox'
import type { Problem } from '../authentication/index.ts'
import type { Citizen } from '../citizen/index.ts'
import type { Session, Who } from '../login/index.ts'
import type { Locale } from '../platform/index.ts'
import type { Refusal } from '../refusal/index.ts'

/** A request of the citizen who is identified in this browser, to a page of Mi Cl@ve. */
export interface Turn {
  /** With a registration: who has none any more is not let in. */
  readonly citizen: Citizen
  readonly who: Who
  readonly session: Session
  readonly caller: Caller
  /** What stands behind `?` in the address; texts only. */
  readonly query: Readonly<Record<string, string>>
  /** What stands in the address for each `:name` of the path. */
  readonly params: Readonly<Record<string, string>>
  /** Whether the citizen identified as surely as `again` asks; for what only sometimes needs that (`ask`). */
  isSure(): Promise<boolean>
}

/** From where something is asked; as the acts of Cl@ve Permanente take it. */
export interface Caller {
  /** Digest of the browser's cookie. */
  readonly browser: string
  readonly address: string
  /** The gateway session's cookie. */
  readonly session: string
  readonly locale: Locale
}

/**
 * How surely the citizen must have identified: `session`: the session is enough. `again`: within
 * `limits.accountRecent` and with something that only its owner has (a code, a device, a certificate); who has not is
 * led through a login, and back.
 */
export type Surety = 'session' | 'again'

/** One row of the table of pages: the router and the navigation are made from these. */
export interface Page {
  /** Below /account: '', '/data', '/not-me/:event'. A `:name` is [\w-]{1,40}. */
  readonly path: string
  /** Below src/. */
  readonly template: string
  readonly surety: Surety
  /** In the navigation of every page, under the text `nav.<key>` of account.json; absent: reached from another page. */
  readonly nav?: string
  /** What the template needs, or where to instead. */
  show(turn: Turn): Promise<Shown>
}

export type Shown = { readonly model: Readonly<Record<string, unknown>> } | { readonly instead: string } | Ask

/** It turned out that this needs `again`: the citizen is led through a login, and back to the page. */
export interface Ask {
  readonly ask: 'again'
}

/** One row of the table of forms. */
export interface Form {
  /** Below /account: '/sessions/end'. */
  readonly path: string
  /**
   * The path of the page that it stands on, with the same `:names`: shown again where something is wrong, with the surety
   * that it has.
   */
  readonly page: string
  readonly form?: TSchema
  submit(turn: Turn, typed: unknown): Promise<Answer>
}

/** A file to download, by GET. */
export interface Download {
  readonly path: string
  readonly surety: Surety
  file(turn: Turn): Promise<File | Refusal>
}

export interface File {
  /** ASCII, without a path. */
  readonly name: string
  readonly type: string
  readonly content: Buffer | string
}

export type Answer =
  /** Done: on to a page below /account (303), which says the text `told.<told>` of account.json on top. */
  | { readonly to: string; readonly told?: string }
  /**
   * A page of its own, this once: what must not be shown again (an activation code). `leave`: the session is over, and its
   * cookie with it.
   */
  | { readonly page: string; readonly model: Readonly<Record<string, unknown>>; readonly leave?: true }
  /** The form's page again, saying what is wrong; `values` fill the harmless fields in. */
  | {
      readonly again: readonly Problem[]
      readonly values?: Readonly<Record<string, string>>
      readonly model?: Readonly<Record<string, unknown>>
      readonly status?: number
    }
  | Ask
  | Refusal

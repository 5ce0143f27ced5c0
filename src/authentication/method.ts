import type { TSchema, Static } from 'typebox'
import type { LevelsAsked, Loa, MethodName, RegistrationLevel } from '../citizen/index.ts'
import type { Locale } from '../platform/index.ts'
import type { Refusal } from '../refusal/index.ts'

/**
 * One way for a citizen to prove who they are.
 *
 * A method holds no HTTP: it is a row of steps, each one page with a form. The login engine mounts them, checks browser,
 * order, lifetime and CSRF, shows the page, and carries out what `submit` answers.
 */
export interface Method {
  readonly name: MethodName
  /** The best this method can reach for a citizen registered at `level`; `undefined`: it cannot be used. */
  reach(level: RegistrationLevel | undefined): Loa | undefined
  /** Its pages in their order; the tile of the method leads to the first. */
  readonly steps: readonly AnyStep[]
  /**
   * Whether this citizen may use this method now, apart from knowing its secrets: registered, alive, not renounced, not
   * blocked. Asked again whenever a gateway session is used; `device`: the phone that the session's proof rests on.
   */
  admits(citizen: string, device?: string): Promise<Admission | Refusal>
  /** The method that shows this one on its own tile, as long as that one can be used. */
  readonly within?: MethodName
  /**
   * The citizen goes another way from the page of this step: cancels, or takes another method. A method that has it is
   * begun by a form, never by a link, so that the login knows that it was begun.
   */
  leave?(login: Login, step: string, data: unknown): Promise<void>
}

/** What the rules say of a citizen whom a method admits. */
export interface Admission {
  readonly registrationLevel: RegistrationLevel
  /** What the method reaches for this citizen when every factor of it is used. */
  readonly best: Loa
}

/** What a method may know of the login it serves. */
export interface Login {
  readonly id: string
  readonly relyingParty: { readonly id: string; readonly name: string }
  /** The application's own name, where the agency said one. */
  readonly application?: string
  readonly asked: LevelsAsked
  readonly locale: Locale
  /** Digest of the browser's cookie: two logins with the same one came from the same browser. */
  readonly browser: string
  /** Network address the request came from, for windows that slow down. */
  readonly address: string
  /** What the browser calls itself (User-Agent); nothing where it says nothing. */
  readonly agent?: string
  readonly expires: Date
  /** Where there is a choice: the methods that the agency takes and that reach what it asks. */
  readonly methods?: readonly MethodName[]
  /** The document as a hint of the agency (login_hint), to fill the field in. */
  readonly hint?: string
}

/** One page of a method. `Data` is what the login remembers while the citizen stands on this page. */
export interface Step<Data = unknown, Form extends TSchema = TSchema> {
  /** Unique, `<method>.<page>`: 'pin.identify'. */
  readonly name: string
  /** Below /login/:id, e.g. '/pin/code'. */
  readonly path: string
  /** Template below src/, e.g. 'authentication/pin/views/code.njk'. */
  readonly template: string
  /** The page names nobody: what differs from one login to the next are the blanks of what `show` answers. */
  readonly stencil?: boolean
  readonly form: Form
  /** What the template needs; texts come from locales/. */
  show(login: Login, data: Data): Promise<Record<string, unknown>>
  submit(login: Login, data: Data, form: Static<Form>): Promise<StepAnswer>
  /** Steps of other methods that it may lead to. */
  readonly leadsTo?: readonly string[]
  /** Of a page that waits for something: what it is told meanwhile. Nothing moves by it. */
  readonly news?: News<Data>
}

/** JSON for the script of a page that waits. */
export interface News<Data = unknown> {
  /** How it stands now, for a page that asks again and again. */
  ask(login: Login, data: Data): Promise<Record<string, unknown>>
  /** Tells of each change, and at once of what changed before; answers how to stop. */
  follow(login: Login, data: Data, tell: (news: Record<string, unknown>) => void): Promise<() => void>
}
// A list of steps of different data and forms: each step's own types hold within it.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AnyStep = Step<any, any>

export type StepAnswer =
  /** The citizen is proven. */
  | { readonly proven: Evidence }
  /** On to another step, of this method or one of `leadsTo`, which gets `data` (JSON). */
  | { readonly next: string; readonly data: unknown }
  /** The same page again, saying what is wrong; `values` fill the harmless fields in. `data` replaces what is remembered. */
  | {
      readonly again: readonly Problem[]
      readonly values?: Record<string, string>
      readonly data?: unknown
      readonly status?: number
    }
  /** Another request of the same browser did this already: lead to where the login stands. */
  | { readonly moved: true }
  /** `ends: 'agency'` in the table: a page tells the citizen and leads back to the agency; `ends: 'page'`: the same page with the text. */
  | Refusal

/** One thing wrong with a form, for the error summary and the field. */
export interface Problem {
  readonly field: string
  /** Key in locales/. */
  readonly text: string
  readonly details?: Readonly<Record<string, string | number>>
}

/** What is kept of how a citizen proved who they are. */
export interface Evidence {
  readonly citizen: string
  readonly method: MethodName
  /** The factors used, as amr says them (RFC 8176): 'pwd', 'otp', 'sms', 'hwk', 'user'. */
  readonly factors: readonly string[]
  /** What these factors reach for this citizen (already bounded by the registration). */
  readonly level: Loa
  readonly registrationLevel: RegistrationLevel | undefined
  /** The phone that approved, of Cl@ve Móvil. */
  readonly device?: string
}

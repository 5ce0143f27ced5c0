import type { MethodName } from '../citizen/index.ts'
import type { Locale } from '../platform/index.ts'
import type { MovableClock } from './movable-clock.ts'
import type { NextLogins } from './next-login.ts'
import type { AnswerRequest } from './phone/answer-request.ts'

/** What was sent to a test citizen (sandbox.md, `GET messages`). */
export interface SentMessage {
  readonly id: string
  /** Real time, ISO 8601. */
  readonly at: string
  readonly channel: 'sms' | 'email' | 'letter' | 'push'
  readonly to: string
  /** Of an e-mail; of a push message its title. */
  readonly subject?: string
  readonly text: string
  /** The PIN or one-time code in it. */
  readonly code?: string
  readonly url?: string
  /** Each `url` downloads it. */
  readonly attachments?: readonly {
    readonly filename: string
    readonly type: string
    /** In octets. */
    readonly size: number
    readonly url: string
  }[]
}

export interface SentAttachment {
  readonly filename: string
  /** Media type. */
  readonly type: string
  readonly content: Buffer
}

export interface MessageFilter {
  readonly document?: string
  readonly channel?: string
  /** Only what came after the message with this id. */
  readonly after?: string
}

/** A test citizen with every secret a test needs. */
export interface ShownCitizen extends Readonly<Record<string, unknown>> {
  readonly document: string
  readonly name: string
  /** Null: this one has none. */
  readonly password: string | null
}

/** What the sandbox's page and JSON stand on. */
export interface SandboxParts {
  readonly issuer: string
  readonly agenciesUrl: string
  /** The catalogue; each one's state in that language. */
  citizens(locale: Locale): readonly ShownCitizen[]
  /** Our id of the citizen with this document, typed as people type it. */
  citizenId(document: string): Promise<string | undefined>
  messages(filter: MessageFilter): Promise<readonly SentMessage[]>
  /** The `nth` attachment, from 0, of the message with this id. */
  attachment(id: string, nth: number): SentAttachment | undefined
  /** The methods that exist. */
  readonly methods: readonly MethodName[]
  readonly nextLogins: NextLogins
  /** The citizen's test phone answers what waits in it. */
  readonly answerRequest: AnswerRequest
  readonly clock: MovableClock
  /** Carries out at once what fell due by moving the clock. */
  clockMoved(): Promise<void>
  readonly relyingParties: SandboxRelyingParties
  /** Back to the catalogue, clock included. */
  reset(): Promise<void>
}

export interface SandboxRelyingParties {
  find(id: string): Promise<unknown>
  list(): Promise<readonly ListedParty[]>
  register(input: object): Promise<Registered | RegistrationProblem>
  change(id: string, input: object): Promise<Registered | RegistrationProblem | undefined>
}
export interface ListedParty {
  readonly id: string
  readonly name: string
}
export interface Registered {
  readonly registered: object
}
export interface RegistrationProblem {
  readonly problem: { readonly title: string; readonly detail: string; readonly field: string }
}

import type { AuditEntry } from '../audit/index.ts'
import type { Contrast, MethodName, RegistrationChannel, RegistrationLevel } from '../citizen/index.ts'
import type { KeptOfDocument } from '../lockout/index.ts'
import type { SentMessage } from '../messaging/index.ts'

/**
 * What is kept of a citizen, as docs/data-download.md describes it. `version` rises when a member goes or changes its
 * meaning, not when one comes. Instants are ISO 8601 in UTC, days YYYY-MM-DD; what there is not is absent. No secret is
 * in it: no password, code, key or cookie, nor a digest of one but those of browsers in the events.
 */
export interface CitizenData {
  readonly format: 'clave-citizen-data'
  readonly version: 1
  readonly made: string
  readonly person: {
    readonly document: string
    readonly documentKind: 'dni' | 'nie'
    readonly givenName: string
    readonly firstSurname: string
    readonly secondSurname?: string
    /** By which the person is recognised at a login. */
    readonly contrast?: Contrast
  }
  readonly contact: {
    readonly phone?: string
    readonly email?: string
    readonly emailProvenAt?: string
    /** Given, and not proven yet; `until`: how long its code works. */
    readonly pendingEmail?: { readonly address: string; readonly until: string }
    readonly language: string
  }
  readonly registration: {
    readonly level: RegistrationLevel
    readonly channel: RegistrationChannel
    readonly since: string
    /** What the events tell of how it came about and changed, oldest first. */
    readonly history: readonly EventData[]
  }
  readonly methods: {
    readonly permanente?: { readonly set: string; readonly expires: string; readonly blocked: boolean }
    readonly authenticator: boolean
    /** The phone with Cl@ve Móvil. */
    readonly movil?: { readonly name: string; readonly since: string; readonly lastUsed?: string }
    readonly activationCode?: { readonly issued: string; readonly expires: string; readonly used?: string }
    /** Blocked by the citizen. */
    readonly blocked: readonly MethodName[]
  }
  readonly letters: readonly LetterData[]
  readonly cases: readonly { readonly opened: string; readonly event: number; readonly method?: MethodName }[]
  /** Those alive when the data were put together. */
  readonly sessions: readonly SessionData[]
  readonly security: {
    /** Browsers in which the citizen completed a login. */
    readonly knownBrowsers: number
    /** Wrong tries for the document since the last success, apart for those browsers and for others. */
    readonly failures: readonly FailureData[]
  }
  /** As far back as they are kept, newest first; never what they say. */
  readonly messages: readonly MessageData[]
  /** Of the last two years, newest first. */
  readonly events: readonly EventData[]
}

export interface LetterData {
  readonly asked: string
  readonly made?: string
  readonly expires?: string
  readonly reminded?: string
  readonly used?: string
  readonly ended?: { readonly at: string; readonly why: string }
}

export interface SessionData {
  /** When the citizen identified last in it, and by what. */
  readonly identified: string
  readonly method: MethodName
  readonly lastUsed: string
  readonly agencies: readonly string[]
}

export interface FailureData {
  readonly factor: KeptOfDocument['failures'][number]['factor']
  readonly knownBrowser: boolean
  readonly count: number
  readonly last: string
  readonly refusedUntil?: string
}

export interface MessageData extends Pick<SentMessage, 'channel' | 'state'> {
  readonly made: string
  /** When the carrier or the mail server took it. */
  readonly sent?: string
}

export interface EventData {
  readonly number: number
  readonly at: string
  readonly kind: AuditEntry['kind']
  /** The agency's name. */
  readonly agency?: string
  /** The fields of its kind (docs/audit.md). */
  readonly data: Readonly<Record<string, unknown>>
}

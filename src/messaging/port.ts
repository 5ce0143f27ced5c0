import type { Locale, Tx } from '../platform/index.ts'

/** What a message says; the text is made from locales/<language>/sms.json. */
export type SmsText =
  /**
   * The PIN of a login: names the agency and the code, and carries `@host #code` (origin-bound one-time codes).
   * `prefix`: the citizen chose characters to type before it.
   */
  | { readonly kind: 'pin'; readonly agency: string; readonly code: string; readonly prefix?: boolean }
  /** A one-time code that steps a login up. */
  | { readonly kind: 'code'; readonly agency: string; readonly code: string }

export interface Sms {
  /** Makes a repeated call harmless: one message per key. Opaque: never a document or a phone. */
  readonly key: string
  /** E.164. `undefined`: a decoy where nobody is proven; the same statements and the same job, and nothing is sent. */
  readonly to: string | undefined
  readonly citizen: string | undefined
  readonly locale: Locale
  readonly text: SmsText
  /** Never delivered after this instant of `clock.now()`: the code's own deadline. */
  readonly expires: Date
}

/** Lays messages into the outbox, inside the transaction that decided on them. */
export interface Messages {
  sms(tx: Tx, message: Sms): Promise<void>
}

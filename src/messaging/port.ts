import type { MethodName, RegistrationLevel } from '../citizen/index.ts'
import type { Locale } from '../platform/index.ts'
import type { Attachment } from './channel.ts'
import type { Subscription } from './push/check-subscription.ts'

/** What a message says; the text is made from locales/<language>/sms.json. */
export type SmsText =
  /**
   * The PIN of a login: names the agency and the code, and carries `@host #code` (origin-bound one-time codes).
   * `prefix`: the citizen chose characters to type before it.
   */
  | { readonly kind: 'pin'; readonly agency: string; readonly code: string; readonly prefix?: boolean }
  /** A one-time code that steps a login up. */
  | { readonly kind: 'code'; readonly agency: string; readonly code: string }
  /** Proves that the phone is in the hands of who registers it. */
  | { readonly kind: 'proof-code'; readonly code: string }
  /** Stands before a new password of Cl@ve Permanente: activation, recovery. */
  | { readonly kind: 'permanente-code'; readonly code: string }
  /** Stands before the activation of Cl@ve Móvil on a phone. */
  | { readonly kind: 'movil-code'; readonly code: string }
  | { readonly kind: 'welcome'; readonly level: RegistrationLevel }
  /** A phone got Cl@ve Móvil; the one before, if any, lost it. */
  | { readonly kind: 'movil-activated' }
  /** To a number that now belongs to another registration. */
  | { readonly kind: 'phone-taken-over' }

/** What an e-mail says; subject and text are made from locales/<language>/email.json. */
export type EmailText =
  /** Proves that the address is read by who gives it. */
  | { readonly kind: 'proof-code'; readonly code: string }
  | { readonly kind: 'registered'; readonly level: RegistrationLevel }
  /** The invitation letter still waits; `until`: its last day. */
  | { readonly kind: 'letter-reminder'; readonly until: Date }
  /** A new activation code was shown in Mi Cl@ve; the one before is dead. */
  | { readonly kind: 'activation-code-issued'; readonly at: Date }
  /** Somebody activated Cl@ve Permanente with the activation code. */
  | { readonly kind: 'activation-used' }
  | { readonly kind: 'password-expires'; readonly days: number; readonly until: Date }
  | { readonly kind: 'password-changed'; readonly at: Date }
  /** Too many wrong passwords. */
  | { readonly kind: 'password-blocked' }
  | { readonly kind: 'method-blocked'; readonly method: MethodName }
  | { readonly kind: 'method-unblocked'; readonly method: MethodName; readonly at: Date }
  /** Codes are asked of an app from now on, or no longer; nobody but the citizen should have done that. */
  | { readonly kind: 'authenticator-added'; readonly at: Date }
  | { readonly kind: 'authenticator-removed'; readonly at: Date }
  /** A phone lost Cl@ve Móvil, as its owner asked in Mi Cl@ve. */
  | { readonly kind: 'movil-ended'; readonly at: Date }
  /** The citizen denied a request in the app and reported it. */
  | { readonly kind: 'request-reported'; readonly at: Date }
  /** To the old address; `masked`: the new one, part of it hidden. */
  | { readonly kind: 'email-changed'; readonly masked: string }
  /** To who had the number before; `masked`: its last digits. */
  | { readonly kind: 'phone-taken-over'; readonly masked: string }
  /** "This was not me": `at` and `agency` are those of the reported login. */
  | { readonly kind: 'session-report'; readonly at: Date; readonly agency: string }
  | { readonly kind: 'renounced'; readonly at: Date }
  /** Goes with its PDF attached. */
  | { readonly kind: 'receipt' }

/** What a push message says, on a locked screen: nothing but that the app has something to show (locales/<language>/push.json). */
export type PushText =
  /** A login waits for the citizen. A newer one takes its place. */
  | { readonly kind: 'request' }
  /** Another device was activated, or this one was ended. */
  | { readonly kind: 'device-ended' }

interface Message {
  /** Makes a repeated call harmless: one message per key. Opaque: never a document, a phone or an address. */
  readonly key: string
  readonly citizen: string | undefined
  readonly locale: Locale
  /** Never delivered after this instant of `clock.now()`: the code's own deadline, or when the news is old. */
  readonly expires: Date
}

export interface Sms extends Message {
  /** E.164. `undefined`: a decoy where nobody is proven; the same statements and the same job, and nothing is sent. */
  readonly to: string | undefined
  readonly text: SmsText
}

export interface Email extends Message {
  /** One address, without a name. `undefined`: a decoy, as with SMS. */
  readonly to: string | undefined
  readonly text: EmailText
  readonly attachments?: readonly Attachment[]
}

/** To one browser: a citizen with several is sent as many, each under a key of its own. */
export interface Push extends Message {
  /** `undefined`: a decoy, as with SMS. */
  readonly to: Subscription | undefined
  readonly text: PushText
}

/** A message as the outbox takes it, sealed: the values of `layMessageSql`, in its order. */
export type Laying = readonly [
  id: string,
  channel: 'sms' | 'email' | 'push',
  citizen: string | null,
  content: string,
  now: Date,
  expires: Date,
]

/** Makes messages. Whoever decides on one lays it in the very statement that decides (`layMessageSql`). */
export interface Messages {
  sms(message: Sms): Laying
  email(message: Email): Laying
  push(message: Push): Laying
}

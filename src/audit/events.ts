import type { Loa, MethodName, RegistrationChannel, RegistrationLevel } from '../citizen/index.ts'
import type { RefusalCode } from '../refusal/index.ts'

/** What one field of an event holds. */
export interface Field<Value = unknown, Optional extends boolean = boolean> {
  readonly type: 'text' | 'texts' | 'number'
  /** Whether it says something about a person, beside whom the event is about. */
  readonly personal: boolean
  readonly optional: Optional
  /** Only for the type checker. */
  readonly value?: Value
}

const word = <Value extends string = string>(): Field<Value, false> => ({
  type: 'text',
  personal: false,
  optional: false,
})
const words = (): Field<readonly string[], false> => ({ type: 'texts', personal: false, optional: false })
const number = (): Field<number, false> => ({ type: 'number', personal: false, optional: false })
const personal = <Value, Optional extends boolean>(field: Field<Value, Optional>): Field<Value, Optional> => ({
  ...field,
  personal: true,
})
const maybe = <Value>(field: Field<Value, false>): Field<Value, true> => ({ ...field, optional: true })

/** One kind of event. */
export interface EventKindRow {
  readonly what: string
  /** Whether such an event names a citizen. */
  readonly citizen: 'always' | 'maybe' | 'never'
  /** Whether it happened at a relying party. */
  readonly relyingParty: 'always' | 'maybe'
  readonly fields: Readonly<Record<string, Field>>
}

/** Network address, for the citizen's own list and for inquiries (ENS op.exp.8). */
const address = maybe(personal(word()))
/** Digest of the browser's cookie. */
const browser = maybe(personal(word()))
/** As a citizen recognises it and nobody else could use it: `··· ··· 123`, `c···@example.es`. */
const masked = personal(word())

const citizens = { citizen: 'always', relyingParty: 'maybe' } as const
const anyones = { citizen: 'maybe', relyingParty: 'maybe' } as const

/**
 * Every kind of event there is. A new one is a new row; a field that a row once had keeps its meaning for good, since what
 * was written cannot be written again.
 *
 * No field ever holds a PIN, password, CSV, activation code, document, whole phone number or e-mail address.
 */
export const eventKinds = {
  login: {
    what: 'The citizen identified at an agency; `session` is the gateway session that came of it, `device` the phone that approved.',
    citizen: 'always',
    relyingParty: 'always',
    fields: {
      application: maybe(word()),
      method: word<MethodName>(),
      factors: words(),
      level: word<Loa>(),
      registrationLevel: maybe(word<RegistrationLevel>()),
      session: word(),
      device: maybe(word()),
      browser,
      address,
    },
  },
  'login-refused': {
    what: 'A login ended without an identification; it names a citizen only where one was proven.',
    citizen: 'maybe',
    relyingParty: 'always',
    fields: {
      application: maybe(word()),
      code: word<RefusalCode>(),
      method: maybe(word<MethodName>()),
      browser,
      address,
    },
  },
  logout: {
    what: 'The citizen logged out, at an agency or here.',
    ...citizens,
    fields: { session: word(), address },
  },
  'session-ended': {
    what: 'A gateway session was ended otherwise than by logging out.',
    ...citizens,
    fields: {
      session: maybe(word()),
      why: word<'by-citizen' | 'not-me' | 'renuncia' | 'password' | 'blocked'>(),
      address,
    },
  },
  'letter-asked': {
    what: 'An invitation letter to the tax domicile was asked for.',
    ...anyones,
    fields: { letter: word(), browser, address },
  },
  'letter-made': {
    what: 'The letter was put in the spool of the printer.',
    ...anyones,
    fields: { letter: word(), spoolBatch: maybe(word()) },
  },
  'letter-redeemed': {
    what: 'The CSV of a letter was accepted.',
    ...anyones,
    fields: { letter: word(), browser, address },
  },
  'letter-killed': {
    what: 'A letter became worthless before it was used.',
    ...anyones,
    fields: {
      letter: word(),
      why: word<'newer' | 'wrong-csv' | 'expired' | 'renuncia' | 'undeliverable' | 'registered'>(),
    },
  },
  registered: {
    what: 'The citizen was registered.',
    ...citizens,
    fields: {
      channel: word<RegistrationChannel>(),
      level: word<RegistrationLevel>(),
      terms: maybe(word()),
      browser,
      address,
    },
  },
  'registration-raised': {
    what: 'A basic registration became advanced.',
    ...citizens,
    fields: { channel: word<RegistrationChannel>(), level: word<RegistrationLevel>(), terms: maybe(word()), address },
  },
  renounced: {
    what: 'The citizen gave the registration up (renuncia).',
    ...citizens,
    fields: { how: word<'account' | 'certificate' | 'app' | 'in-person'>(), address },
  },
  'pin24h-imported': {
    what: 'A record of PIN 24 horas was imported.',
    ...citizens,
    fields: { importId: maybe(word()) },
  },
  'pin24h-migrated': {
    what: 'A record of PIN 24 horas became a registration.',
    ...citizens,
    fields: { level: word<RegistrationLevel>(), terms: maybe(word()), browser, address },
  },
  'permanente-activated': {
    what: 'Cl@ve Permanente was activated: its first password was set.',
    ...citizens,
    fields: { browser, address },
  },
  'permanente-changed': {
    what: 'The password was changed by whoever knew it.',
    ...citizens,
    fields: { browser, address },
  },
  'permanente-recovered': {
    what: 'A new password was set after a block or an expiry.',
    ...citizens,
    fields: { how: word<'activation-code' | 'contrast-and-code'>(), browser, address },
  },
  'permanente-blocked': {
    what: 'The password was blocked after too many wrong ones.',
    ...citizens,
    fields: { why: word<'wrong-passwords' | 'wrong-activation-codes'>(), browser, address },
  },
  'permanente-unblocked': {
    what: 'The block of the password was lifted.',
    ...citizens,
    fields: { how: word(), address },
  },
  'permanente-expiry-warned': {
    what: 'The citizen was warned that the password expires.',
    ...citizens,
    fields: { days: number() },
  },
  'totp-enrolled': { what: 'An authenticator app was added.', ...citizens, fields: { browser, address } },
  'totp-removed': { what: 'The authenticator app was removed.', ...citizens, fields: { browser, address } },
  'activation-code-issued': {
    what: 'The citizen made a new activation code, the end of the former one.',
    ...citizens,
    fields: { browser, address },
  },
  'device-activated': {
    what: 'Cl@ve Móvil was activated on a phone.',
    ...citizens,
    fields: { device: word(), address },
  },
  'device-ended': {
    what: 'A phone lost Cl@ve Móvil; `another`: a newer one took its place.',
    ...citizens,
    fields: { why: word<'another' | 'by-citizen' | 'not-me' | 'renuncia'>(), browser, address },
  },
  'movil-denied': {
    what: 'The citizen denied a request in the app; `reported`: and said that it was not theirs.',
    ...citizens,
    fields: { device: word(), reported: word<'yes' | 'no'>(), address },
  },
  'pin-shown': {
    what: 'The phone showed the citizen a PIN in the place of the one sent by SMS.',
    ...citizens,
    fields: { device: word(), address },
  },
  'email-changed': {
    what: 'A new e-mail address was proven.',
    ...citizens,
    fields: { from: maybe(masked), to: masked, browser, address },
  },
  'phone-changed': {
    what: 'A new mobile phone was proven.',
    ...citizens,
    fields: { channel: maybe(word<RegistrationChannel>()), from: maybe(masked), to: masked, browser, address },
  },
  'phone-taken-over': {
    what: 'Another citizen proved the phone that was this one’s, which has none now.',
    ...citizens,
    fields: { phone: masked },
  },
  'method-blocked': {
    what: 'The citizen blocked a method for themselves.',
    ...citizens,
    fields: { method: word<MethodName>(), browser, address },
  },
  'method-unblocked': {
    what: 'The citizen lifted that block.',
    ...citizens,
    fields: { method: word<MethodName>(), browser, address },
  },
  'case-opened': {
    what: 'The citizen said “this was not me”; `event` is the number of what they meant.',
    ...citizens,
    fields: { case: word(), event: maybe(number()), method: maybe(word<MethodName>()), browser, address },
  },
  'data-downloaded': {
    what: 'The citizen downloaded all their data.',
    ...citizens,
    fields: { format: word<'json' | 'pdf'>(), browser, address },
  },
  'audit-shortened': {
    what: 'The chain was given up, up to this batch; its rows may be removed (docs/runbooks/audit.md).',
    citizen: 'never',
    relyingParty: 'maybe',
    fields: { batch: number(), hash: word() },
  },
} as const satisfies Readonly<Record<string, EventKindRow>>

export type EventKind = keyof typeof eventKinds

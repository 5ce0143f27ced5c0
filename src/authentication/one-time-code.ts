import type { Limits } from '../lockout/index.ts'
import type { Messages, SmsText } from '../messaging/index.ts'
import type { Clock, Db, Digest, Random, Sql } from '../platform/index.ts'
import { refusal, type Refusal, type RefusalCode } from '../refusal/index.ts'
import type { Login } from './method.ts'
import {
  nextCodeAt,
  putCode,
  redeemCode,
  type CodeKind,
  type Completion,
  type Redeemed,
} from './one-time-code-table.ts'

export interface CodeParts {
  readonly db: Db
  readonly clock: Clock
  readonly random: Random
  readonly digest: Digest
  readonly messages: Messages
  readonly limits: Limits
}

/** What the kinds of codes by SMS differ in. */
interface Rules {
  readonly lifetime: number
  readonly digits: number
  readonly tries: number
  readonly perHour: number
  readonly tooMany: RefusalCode
  text(agency: string, code: string, prefixed: boolean): SmsText
}

const rulesOf: Record<CodeKind, (limits: Limits) => Rules> = {
  pin: (limits) => ({
    lifetime: limits.pinLifetime,
    digits: limits.pinDigits,
    tries: limits.pinTries,
    perHour: limits.pinsPerHour,
    tooMany: 'PIN-03-too-many',
    text: (agency, code, prefix) => ({ kind: 'pin', agency, code, prefix }),
  }),
  permanente: (limits) => ({ ...codeRules(limits), text: (agency, code) => ({ kind: 'code', agency, code }) }),
  password: (limits) => ({ ...codeRules(limits), text: (_agency, code) => ({ kind: 'permanente-code', code }) }),
  device: (limits) => ({ ...codeRules(limits), text: (_agency, code) => ({ kind: 'movil-code', code }) }),
}

const codeRules = (limits: Limits): Omit<Rules, 'text'> => ({
  lifetime: limits.codeLifetime,
  digits: limits.codeDigits,
  tries: limits.codeTries,
  perHour: limits.codesPerHour,
  tooMany: 'CODE-03-too-many',
})

export interface CodeSent {
  /** From then on it is dead. */
  readonly until: Date
}

/**
 * Sends a fresh code by SMS for this login: single use, bound to the login and its browser, and the end of any older one
 * of this login. Only a digest stays. `prefix`: the digest of the citizen's own characters (`prefixDigest`).
 * Refused (PIN-03, CODE-03) when the citizen had as many in the last hour as there may be.
 */
export async function sendCode(
  parts: CodeParts,
  kind: CodeKind,
  login: Login,
  to: { readonly citizen: string; readonly phone: string },
  prefix = '',
): Promise<CodeSent | Refusal> {
  const { lifetime, digits, perHour, text, tooMany } = rulesOf[kind](parts.limits)
  const code = parts.random.digits(digits)
  const now = parts.clock.now()
  const expires = new Date(now.getTime() + lifetime * 1000)
  const binding = bindingOf(parts.digest, kind, login, prefix)
  const digest = codeDigest(parts.digest, binding, code)
  const message = parts.messages.sms({
    key: parts.random.uuid(),
    to: to.phone,
    citizen: to.citizen,
    locale: login.locale,
    text: text(login.relyingParty.name, code, prefix !== ''),
    expires,
  })
  const { id, relyingParty } = login
  const put = { login: id, kind, citizen: to.citizen, digest, binding, relyingParty, expires, now, perHour, message }
  if (await putCode(parts.db, put)) return { until: expires }
  const next = await nextCodeAt(parts.db, kind, to.citizen, perHour)
  return refusal(tooMany, next && { count: minutesUntil(next, now) })
}

export interface Typed {
  readonly citizen: string
  /** As `readCode` made it. */
  readonly code: string
  readonly prefix?: string | undefined
  /** Where the code is the whole proof. */
  readonly completion?: Completion
}

/** Redeems what the citizen typed; in a transaction where what comes of it is to stand with it. */
export function redeem(
  parts: CodeParts,
  kind: CodeKind,
  login: Login,
  { citizen, code, prefix = '', completion }: Typed,
  sql: Sql = parts.db,
): Promise<Redeemed> {
  const digest = codeDigest(parts.digest, bindingOf(parts.digest, kind, login, prefix), code)
  const { tries } = rulesOf[kind](parts.limits)
  return redeemCode(sql, { login: login.id, kind, citizen, digest, now: parts.clock.now(), tries }, completion)
}

/**
 * What stays of the citizen's own characters while the login lasts. Capitals and small letters are alike: phones
 * capitalise the first letter by themselves, and the four add to a PIN that is enough alone.
 */
export const prefixDigest = (digest: Digest, login: Login, prefix: string): string =>
  digest('pin-prefix', login.id, login.browser, plainPrefix(prefix).toUpperCase())

export const plainPrefix = (typed: string): string => typed.normalize('NFKC').trim()

/** All that a code is bound to, kept beside it: so another one can be made where there is no browser of the login's. */
const bindingOf = (digest: Digest, kind: CodeKind, login: Login, prefix: string): string =>
  digest('code-binding', kind, login.id, login.browser, prefix)

/** What stays of a code. */
export const codeDigest = (digest: Digest, binding: string, code: string): string => digest('code', binding, code)

/** Digits as people paste them, with spaces or dashes between; undefined when it is no code of so many digits. */
export function readCode(typed: string, digits: number): string | undefined {
  const plain = typed.normalize('NFKC').replace(/[\s\p{Pd}\p{Cf}.]/gu, '')
  return /^[0-9]+$/.test(plain) && plain.length === digits ? plain : undefined
}

/** Whole minutes, never none: what a text tells somebody who has to wait. */
export const minutesUntil = (until: Date, now: Date): number =>
  Math.max(1, Math.ceil((until.getTime() - now.getTime()) / 60_000))

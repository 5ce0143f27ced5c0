import type { Locale } from '../platform/index.ts'
import { isRefusal, refusal, type Refusal } from '../refusal/index.ts'
import { countFailure, notHeard, slowDownHere, type Caller } from './identify-person.ts'
import type { RegistrationParts } from './parts.ts'
import { phoneCodeTable } from './phone-code-table.ts'

/** Which phone is proven, by whom and for what. */
export interface PhoneClaim {
  /** Opaque, the same from sending to typing. */
  readonly journey: string
  readonly document: string
  /** E.164. */
  readonly phone: string
}

/** Sends a code to the phone, the end of an older one of this journey; answers until when it lives. Refused: CODE-03. */
export async function sendPhoneCode(
  parts: RegistrationParts,
  claim: PhoneClaim,
  locale: Locale,
): Promise<Date | Refusal> {
  const { clock, random, digest, limits } = parts
  const code = random.digits(limits.codeDigits)
  const now = clock.now()
  const expires = clock.in(limits.codeLifetime)
  const message = parts.messages.sms({
    key: random.uuid(),
    to: claim.phone,
    citizen: undefined,
    locale,
    text: { kind: 'proof-code', code },
    expires,
  })
  const put = {
    journey: claim.journey,
    digest: digestOf(parts, claim, code),
    person: digest('phone-code-person', claim.document),
    phone: digest('phone-code-phone', claim.phone),
    perHour: limits.codesPerHour,
    ...{ now, expires, message },
  }
  if (await phoneCodeTable.put(parts.db, put)) return expires
  const next = await phoneCodeTable.nextAt(parts.db, put)
  const minutes = next && Math.max(1, Math.ceil((next.getTime() - now.getTime()) / 60_000))
  return refusal('CODE-03-too-many', minutes === undefined ? undefined : { count: minutes })
}

/** Digits as people paste them; undefined when it is no code of so many digits. */
export function readPhoneCode(typed: string, digits: number): string | undefined {
  const plain = typed.normalize('NFKC').replace(/[\s\p{Pd}\p{Cf}.]/gu, '')
  return /^[0-9]+$/.test(plain) && plain.length === digits ? plain : undefined
}

/**
 * Redeems a code as `readPhoneCode` made it. A wrong one counts for its document as at login (CITIZEN-02 where that was one
 * too many). `moved`: another request of this journey redeemed it.
 */
export async function redeemPhoneCode(
  parts: RegistrationParts,
  claim: PhoneClaim & { readonly known: boolean },
  code: string,
  { browser, address }: Caller,
): Promise<'right' | 'moved' | Refusal> {
  await slowDownHere(parts, address)
  const { refusedUntil } = await parts.lockout.standing(parts.db, claim.document, browser, ['code'])
  const silenced = notHeard(parts, refusedUntil)
  if (silenced) return silenced
  const digest = digestOf(parts, claim, code)
  const tries = parts.limits.codeTries
  const redeemed = await phoneCodeTable.redeem(parts.db, {
    journey: claim.journey,
    digest,
    now: parts.clock.now(),
    tries,
  })
  if (redeemed === 'right' || redeemed === 'moved') return redeemed
  if (redeemed === 'dead') return refusal('CODE-02-dead')
  const refused = await countFailure(parts, 'code', claim, address)
  if (isRefusal(refused)) return refused
  return redeemed.left > 0 ? refusal('CODE-01-wrong', { count: redeemed.left }) : refusal('CODE-02-dead')
}

const digestOf = ({ digest }: RegistrationParts, { journey, phone }: PhoneClaim, code: string): string =>
  digest('phone-code', journey, phone, code)

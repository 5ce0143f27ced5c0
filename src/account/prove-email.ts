import { noteEvent } from '../audit/index.ts'
import { maskEmail, putProvenEmail, type Citizen } from '../citizen/index.ts'
import type { Tx } from '../platform/index.ts'
import { refusal, type Refusal } from '../refusal/index.ts'
import type { ActsParts } from './acts-parts.ts'
import { emailCodeTable } from './email-code-table.ts'
import { layNews } from './lay-news.ts'
import type { Caller } from './page.ts'

type EmailParts = Pick<ActsParts, 'db' | 'clock' | 'random' | 'digest' | 'envelope' | 'limits' | 'messages'>

/** Which address is to be proven in this browser. */
export interface Proving {
  readonly address: string
  /** Until when its code may be typed; in the past: it is dead. */
  readonly until: Date
}

/**
 * Sends a code to the address, the end of an older one of this citizen: `limits.codeDigits` digits, alive
 * `limits.codeLifetime` (10 min), which nothing extends; typed in another browser it is none. Until it is typed the former
 * address goes on. Refused (CODE-03, `count`: minutes to wait) after `limits.emailCodesPerHour`, which logins do not count.
 */
export async function sendEmailCode(
  parts: EmailParts,
  citizen: Pick<Citizen, 'id'>,
  address: string,
  { browser, locale }: Caller,
): Promise<Date | Refusal> {
  const { clock, random, limits } = parts
  const code = random.digits(limits.codeDigits)
  const now = clock.now()
  const expires = clock.in(limits.codeLifetime)
  const about = { key: random.uuid(), citizen: citizen.id, locale, expires }
  const put = {
    citizen: citizen.id,
    browser,
    sealed: parts.envelope.seal(address, contextOf(citizen.id)),
    digest: digestOf(parts, citizen.id, browser, code),
    perHour: limits.emailCodesPerHour,
    message: parts.messages.email({ ...about, to: address, text: { kind: 'proof-code', code } }),
    ...{ now, expires },
  }
  if (await emailCodeTable.put(parts.db, put)) return expires
  const next = await emailCodeTable.nextAt(parts.db, put)
  // None: the registration was given up meanwhile.
  if (!next) return refusal('CITIZEN-03-not-registered')
  return refusal('CODE-03-too-many', { count: Math.max(1, Math.ceil((next.getTime() - now.getTime()) / 60_000)) })
}

/** What is being proven in this browser; undefined: nothing, or it was proven since. */
export async function provingIn(
  { db, envelope }: Pick<EmailParts, 'db' | 'envelope'>,
  citizen: string,
  browser: string,
): Promise<Proving | undefined> {
  const asked = await emailCodeTable.find(db, citizen, browser)
  if (!asked || asked.used) return undefined
  return { address: envelope.open(asked.sealed, contextOf(citizen)).toString(), until: asked.expires }
}

/** The address that waits to be proven, in whatever browser; kept until the code's row is swept. */
export async function pendingEmail(
  { db, envelope }: Pick<EmailParts, 'db' | 'envelope'>,
  citizen: string,
): Promise<Proving | undefined> {
  const asked = await emailCodeTable.pending(db, citizen)
  return asked && { address: envelope.open(asked.sealed, contextOf(citizen)).toString(), until: asked.expires }
}

/** Digits as people paste them; undefined when it is no code of so many digits. */
export function readEmailCode(typed: string, digits: number): string | undefined {
  const plain = typed.normalize('NFKC').replace(/[\s\p{Pd}\p{Cf}.]/gu, '')
  return /^[0-9]+$/.test(plain) && plain.length === digits ? plain : undefined
}

/**
 * Redeems a code as `readEmailCode` made it: the address is the citizen's from then on, and proven; the former one is told,
 * where it was another. `moved`: another request redeemed it. Refused: CODE-01 with the tries `left` (3 in all), CODE-02.
 */
export function proveEmail(
  parts: EmailParts,
  citizen: string,
  code: string,
  caller: Caller,
): Promise<'proven' | 'moved' | Refusal> {
  const { browser } = caller
  const digest = digestOf(parts, citizen, browser, code)
  return parts.db.transaction(async (tx) => {
    const now = parts.clock.now()
    const redeemed = await emailCodeTable.redeem(tx, { citizen, browser, digest, now }, parts.limits.codeTries)
    if (redeemed === 'moved') return redeemed
    if (redeemed === 'dead') return refusal('CODE-02-dead')
    if ('left' in redeemed)
      return redeemed.left > 0 ? refusal('CODE-01-wrong', { count: redeemed.left }) : refusal('CODE-02-dead')
    const address = parts.envelope.open(redeemed.sealed, contextOf(citizen)).toString()
    await writeEmail(tx, parts, citizen, address, caller)
    return 'proven'
  })
}

async function writeEmail(tx: Tx, parts: EmailParts, citizen: string, email: string, caller: Caller): Promise<void> {
  const at = parts.clock.now()
  const former = await putProvenEmail(tx, citizen, email, at)
  if (!former) throw new Error('proveEmail: the statement before found a registration')
  const to = maskEmail(email)
  const from = former.email === undefined ? undefined : maskEmail(former.email)
  const { browser, address, locale } = caller
  await noteEvent(tx, { kind: 'email-changed', at, citizen, data: { from, to, browser, address } })
  if (former.email === email) return
  await layNews(tx, parts, { id: citizen, email: former.email, locale }, { kind: 'email-changed', masked: to })
}

const contextOf = (citizen: string): string => `account_email_code.sealed_address.${citizen}`

const digestOf = ({ digest }: EmailParts, citizen: string, browser: string, code: string): string =>
  digest('email-code', citizen, browser, code)

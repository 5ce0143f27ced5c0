import { timingSafeEqual } from 'node:crypto'
import { refusal, type Refusal } from '../refusal/index.ts'
import { countFailure, notHeard, slowDownHere, type Caller } from './identify-person.ts'
import type { RegistrationParts } from './parts.ts'

/**
 * Whether this is the account that the Tax Agency knows of the person; where it knows none there is nothing to compare. A
 * wrong one counts as a wrong contrast does (REGISTER-11, CITIZEN-02). `iban`: in its electronic format.
 */
export async function checkIban(
  parts: RegistrationParts,
  who: { readonly document: string; readonly known: boolean },
  iban: string,
  { browser, address }: Caller,
): Promise<Refusal | undefined> {
  await slowDownHere(parts, address)
  const { refusedUntil } = await parts.lockout.standing(parts.db, who.document, browser, ['contrast'])
  const silenced = notHeard(parts, refusedUntil)
  if (silenced) return silenced
  const person = await parts.register.ask(who.document, parts.limits.registerWait)
  if (person === 'silent') return refusal('REGISTER-06-register-silent')
  if (person?.iban === undefined || same(parts, person.iban, iban)) return undefined
  return (await countFailure(parts, 'contrast', who, address)) ?? refusal('REGISTER-11-iban-wrong')
}

/** Digests of equal length are compared, so that the time taken tells nothing of either. */
function same({ digest }: RegistrationParts, one: string, other: string): boolean {
  const of = (iban: string) => Buffer.from(digest('iban', iban))
  return timingSafeEqual(of(one), of(other))
}

import { atLeast, levelsAsked, loas, type Comparison, type LevelsAsked, type Loa } from '../citizen/index.ts'
import { refusal, type Refusal } from '../refusal/index.ts'

const prefix = 'http://eidas.europa.eu/LoA/'

/** AuthnContextClassRef of a level (eIDAS message format 1.2, 2.6.3). */
export const classRefOf = (loa: Loa): string => prefix + loa

/**
 * Classes of SAML itself that libraries ask for where nobody told them what (node-saml: PasswordProtectedTransport). They
 * say nothing of assurance, so on the standard face they ask for none; the gateway's profile knows them not.
 */
const withoutLevel = ['unspecified', 'Password', 'PasswordProtectedTransport', 'TLSClient', 'X509', 'Smartcard'].map(
  (name) => `urn:oasis:names:tc:SAML:2.0:ac:classes:${name}`,
)

const asksNoLevel = (classRefs: readonly string[]): boolean =>
  classRefs.length > 0 && classRefs.every((ref) => withoutLevel.includes(ref))

/** What a RequestedAuthnContext says. */
export interface ContextAsked {
  readonly face: 'clave' | 'standard'
  readonly classRefs: readonly string[] | undefined
  readonly comparison: Comparison
}

/**
 * The levels that the agency takes as an answer (SAML 2.0 core, 3.3.2.2.1), never below its least. Nothing asked means
 * low or better. Classes that are no level of ours are passed over beside others, but alone they cannot be met.
 */
export function levelsFor({ face, classRefs, comparison }: ContextAsked, least: Loa): LevelsAsked | Refusal {
  const any = classRefs === undefined || (face === 'standard' && asksNoLevel(classRefs))
  const named = any ? [] : loas.filter((loa) => classRefs.includes(classRefOf(loa)))
  if (!any && named.length === 0)
    return refusal('SAML-13-level', { reason: `There are ${loas.map(classRefOf).join(', ')}.` })
  const taken = any ? loas : loas.filter((loa) => named.some((one) => levelsAsked(comparison, one)?.includes(loa)))
  const [first, ...others] = taken
  const answered = first && atLeast([first, ...others], least)
  return (
    answered ??
    refusal('SAML-14-level-below-least', {
      reason: first
        ? `The least level registered for this service provider is ${classRefOf(least)}.`
        : `No level is ${comparison} than ${named.map(classRefOf).join(', ')}.`,
    })
  )
}

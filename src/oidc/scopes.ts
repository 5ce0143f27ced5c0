import { scopes, type Scope } from '../relying-party/index.ts'

/** What each scope lets the agency learn, in UserInfo or, named in `claims`, in the ID token. */
export const claimsOf = {
  profile: ['name', 'given_name', 'family_name', 'first_surname', 'second_surname'],
  document: ['document', 'document_type'],
  registration: ['registration_level', 'method'],
  email: ['email', 'email_verified'],
  phone: ['phone_number', 'phone_number_verified'],
} as const satisfies Record<Scope, readonly string[]>

export type ClaimName = (typeof claimsOf)[Scope][number]

/** What every ID token says, whatever was asked. */
export const claimsOfEveryLogin = ['sub', 'acr', 'amr', 'auth_time'] as const

/** The scopes asked for that this agency may not have, or that there are not; `openid` is everyone's. */
export const lackingScopes = (asked: readonly string[], allowed: readonly Scope[]): readonly string[] =>
  asked.filter((scope) => scope !== 'openid' && !allowed.some((one) => one === scope))

/** The scopes that claims asked for by name belong to. Names that are no claim of ours belong to none (Core 5.5: ignored). */
export const scopesOfClaims = (names: readonly string[]): readonly Scope[] =>
  scopes.filter((scope) => claimsOf[scope].some((claim) => names.includes(claim)))

/** The claims that these scopes and these names come down to. */
export function claimsFor(asked: readonly string[], names: readonly string[]): readonly ClaimName[] {
  return scopes.flatMap((scope) => claimsOf[scope].filter((claim) => asked.includes(scope) || names.includes(claim)))
}

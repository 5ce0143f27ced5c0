import { errors, type Account, type TokenLike } from 'oidc-provider'
import type { Citizen } from '../citizen/index.ts'
import { grantOf, type GrantFacts } from './grant.ts'
import type { OidcParts } from './parts.ts'
import { claimsFor, type ClaimName } from './scopes.ts'

/**
 * A citizen as the library sees them. Who it is comes from the login engine and is not asked for again; the row is read
 * only where claims about the person are told, which is UserInfo, or the ID token where `claims` names some.
 */
export function accountOf(parts: OidcParts, citizen: string, token: TokenLike | undefined): Account {
  return {
    accountId: citizen,
    async claims(use, scope, named) {
      // What a scope stands for is told by UserInfo; the ID token tells what was named for it (Core 5.4, 5.5).
      const names = claimsFor(use === 'userinfo' ? scope.split(' ') : [], Object.keys(named))
      const { method, registrationLevel }: Partial<GrantFacts> = token ? grantOf(token.grantId) : {}
      const login = { method, registration_level: registrationLevel }
      if (names.every((name) => name in login)) return present(login)
      const person = await parts.citizens.find(citizen)
      if (!person) throw new errors.InvalidToken('the citizen is not known any more')
      return present({ ...login, ...claimsAbout(person) })
    },
  }
}

type Claims = Readonly<Partial<Record<ClaimName, string | boolean | undefined>>>

/** What is not there is left out (OpenID Connect Core 5.3.2), never null or empty. */
const present = (claims: Claims): Record<string, unknown> =>
  Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined))

function claimsAbout({ name, document, kind, phone, email, registration }: Citizen): Claims {
  const surnames = [name.firstSurname, ...(name.secondSurname === undefined ? [] : [name.secondSurname])].join(' ')
  return {
    name: `${name.given} ${surnames}`,
    given_name: name.given,
    family_name: surnames,
    first_surname: name.firstSurname,
    second_surname: name.secondSurname,
    document,
    document_type: kind.toUpperCase(),
    email,
    // No channel of registration proves the address: nobody ever had to read a message there.
    email_verified: email === undefined ? undefined : false,
    phone_number: phone,
    // Every channel but the migrated PIN 24h proves the phone by a code sent to it.
    phone_number_verified:
      phone === undefined ? undefined : registration !== undefined && registration.channel !== 'pin24h',
  }
}

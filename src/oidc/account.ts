import type { Account, TokenLike } from 'oidc-provider'
import { stillStands, type Citizen } from '../citizen/index.ts'
import { currentExchange } from './exchange.ts'
import { grantOf } from './grant.ts'
import type { OidcParts } from './parts.ts'
import { claimsFor, type ClaimName } from './scopes.ts'

/**
 * A citizen as the library sees them, when a code is redeemed or a token is shown: read anew each time, since what was
 * granted ends with the registration that it rests on (renuncia). Undefined where it has; the library refuses then.
 */
export async function findAccount(
  parts: Pick<OidcParts, 'citizens'>,
  id: string,
  token: TokenLike,
): Promise<Account | undefined> {
  const redeeming = currentExchange()?.redeeming
  const citizen = await (redeeming?.citizen === id && redeeming.read ? redeeming.read : parts.citizens.find(id))
  return stillStands(citizen, grantOf(token.grantId).registrationLevel) ? accountOf(citizen, token) : undefined
}

/** Before a login is answered: who it is comes from the login engine, and nothing is told about the person. */
export const accountNamed = (id: string): Account => ({ accountId: id, claims: async () => ({}) })

function accountOf(citizen: Citizen, token: TokenLike): Account {
  const { method, registrationLevel } = grantOf(token.grantId)
  return {
    accountId: citizen.id,
    async claims(use, scope, named) {
      // What a scope stands for is told by UserInfo; the ID token tells what was named for it (Core 5.4, 5.5).
      const names = claimsFor(use === 'userinfo' ? scope.split(' ') : [], Object.keys(named))
      const login = { method, registration_level: registrationLevel }
      return present(names.every((name) => name in login) ? login : { ...login, ...claimsAbout(citizen) })
    },
  }
}

type Claims = Readonly<Partial<Record<ClaimName, string | boolean | undefined>>>

/** What is not there is left out (OpenID Connect Core 5.3.2), never null or empty. */
const present = (claims: Claims): Record<string, unknown> =>
  Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined))

function claimsAbout({ name, document, kind, phone, email, emailProvenAt, registration }: Citizen): Claims {
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
    // No channel of registration proves the address; its owner does, by a code sent there, in Mi Cl@ve.
    email_verified: email === undefined ? undefined : emailProvenAt !== undefined,
    phone_number: phone,
    // Every channel of registration proves the phone by a code sent to it.
    phone_number_verified: phone === undefined ? undefined : registration !== undefined,
  }
}

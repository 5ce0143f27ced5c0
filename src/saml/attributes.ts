import type { MethodName, RegistrationLevel } from '../citizen/index.ts'
import type { Scope } from '../relying-party/index.ts'

/** One attribute with one value, as the assertion holds it. */
export interface OutAttribute {
  readonly friendlyName: string
  readonly name: string
  /** xsi:type. On the standard face `xs:string` only: no other prefix is declared there. */
  readonly type: 'xs:string' | `eidas-natural:${string}`
  readonly value: string
  /** URI; attrname-format:uri unless told. */
  readonly nameFormat?: string
}

/** What an agency may get to know of a citizen and of the login. */
export interface Person {
  readonly document: string
  readonly given: string
  readonly firstSurname: string
  readonly secondSurname?: string | undefined
  readonly email?: string | undefined
  /** E.164. */
  readonly phone?: string | undefined
  /** Absent: the login needed none. */
  readonly registrationLevel?: RegistrationLevel | undefined
  readonly method: MethodName
}

const natural = 'http://eidas.europa.eu/attributes/naturalperson'
const clave = 'http://es.minhafp.clave'
const string = 'xs:string'

/** The gateway's word for each method (clave-saml-profile, 4). */
const selectedIdP = {
  pin: 'PIN24H',
  permanente: 'SEGSOC',
  movil: 'CLVMOVIL',
  certificate: 'AFIRMA',
} as const satisfies Record<MethodName, string>

/** Agencies compute the second surname as this, less the first one, less one space. */
const surnames = ({ firstSurname, secondSurname }: Person): string =>
  (secondSurname === undefined ? firstSurname : `${firstSurname} ${secondSurname}`).toUpperCase()

const registerType = (level: RegistrationLevel): OutAttribute => ({
  friendlyName: 'RegistrationLevel',
  name: `${clave}/RegisterType`,
  type: string,
  value: level.toUpperCase(),
})
const method = (person: Person): OutAttribute => ({
  friendlyName: 'SelectedIdP',
  name: `${clave}/SelectedIdP`,
  type: string,
  value: selectedIdP[person.method],
})

export interface ClaveWishes {
  /** Value of the attribute RelayState of the request; absent, it was not asked for. */
  readonly relayState?: string | undefined
  /** Whether the agency opted in to the level of registration. */
  readonly registrationLevel?: boolean | undefined
}

/** The gateway's fixed set, whatever was asked (clave-saml-profile, 4). */
export function claveAttributes(person: Person, wishes: ClaveWishes = {}): readonly OutAttribute[] {
  const eidas = (friendlyName: string, word: string, value: string): OutAttribute => ({
    friendlyName,
    name: `${natural}/${word}`,
    type: `eidas-natural:${word}Type`,
    value,
  })
  const { relayState, registrationLevel } = wishes
  return [
    eidas('FamilyName', 'CurrentFamilyName', surnames(person)),
    eidas('FirstName', 'CurrentGivenName', person.given),
    eidas('PersonIdentifier', 'PersonIdentifier', person.document),
    firstSurname(person),
    method(person),
    ...(relayState === undefined
      ? []
      : [{ friendlyName: 'RelayState', name: `${clave}/RelayState`, type: string, value: relayState } as const]),
    ...(registrationLevel && person.registrationLevel ? [registerType(person.registrationLevel)] : []),
  ]
}

const firstSurname = (person: Person): OutAttribute => ({
  friendlyName: 'FirstSurname',
  name: `${clave}/FirstSurname`,
  type: string,
  // As in the surnames together, from which agencies take it away.
  value: person.firstSurname.toUpperCase(),
})

type Names = Readonly<Record<'surnames' | 'given' | 'full' | 'document' | 'email' | 'phone', Named | undefined>>
/** Friendly name and name. */
type Named = readonly [string, string]

/**
 * `eidas`: the gateway's names; e-mail and phone, which it does not give, by those of the eIDAS attribute profile 1.4.
 * `oid`: those of X.520, RFC 4524 and inetOrgPerson (RFC 2798), which SAML products know; the first surname alone, the
 * registration and the method have none there, and keep the gateway's.
 */
const names: Readonly<Record<'eidas' | 'oid', Names>> = {
  eidas: {
    surnames: ['FamilyName', `${natural}/CurrentFamilyName`],
    given: ['FirstName', `${natural}/CurrentGivenName`],
    full: undefined,
    document: ['PersonIdentifier', `${natural}/PersonIdentifier`],
    email: ['EmailAddress', `${natural}/EmailAddress`],
    phone: ['PhoneNumber', `${natural}/PhoneNumber`],
  },
  oid: {
    surnames: ['sn', 'urn:oid:2.5.4.4'],
    given: ['givenName', 'urn:oid:2.5.4.42'],
    full: ['displayName', 'urn:oid:2.16.840.1.113730.3.1.241'],
    document: ['serialNumber', 'urn:oid:2.5.4.5'],
    email: ['mail', 'urn:oid:0.9.2342.19200300.100.1.3'],
    phone: ['mobile', 'urn:oid:0.9.2342.19200300.100.1.41'],
  },
}

/** What the agency is registered for, and no more (clave-saml-profile, 9). What is not known is left out. */
export function standardAttributes(
  person: Person,
  scopes: readonly Scope[],
  style: 'eidas' | 'oid',
): readonly OutAttribute[] {
  const called = names[style]
  const say = (named: Named | undefined, value: string | undefined): readonly OutAttribute[] =>
    named && value !== undefined ? [{ friendlyName: named[0], name: named[1], type: string, value }] : []
  const told: Readonly<Record<Scope, () => readonly OutAttribute[]>> = {
    profile: () => [
      ...say(called.surnames, surnames(person)),
      ...say(called.given, person.given),
      firstSurname(person),
      ...say(called.full, `${person.given} ${surnames(person)}`),
    ],
    document: () => say(called.document, person.document),
    registration: () => [...(person.registrationLevel ? [registerType(person.registrationLevel)] : []), method(person)],
    email: () => say(called.email, person.email),
    phone: () => say(called.phone, person.phone),
  }
  return scopes.flatMap((scope) => told[scope]())
}

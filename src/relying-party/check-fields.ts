import { faultOfSamlAddress } from './check-address.ts'
import { readCertificates, readEncryptionCertificate } from './check-certificates.ts'
import { isRecord } from './check-jwks.ts'
import { oneOf, problem, type RelyingPartyProblem } from './check-metadata.ts'
import type { EncryptionChoice, SamlParty } from './saml-party.ts'

export interface SamlRules {
  /** Plain http and hosts of this machine: the sandbox only. */
  readonly allowHttp: boolean
  /** The wire's: certificates are judged by it. */
  readonly now: Date
}

/** The fault in words ("must …"), or nothing. */
export type Check = (value: unknown, rules: SamlRules) => string | undefined
export type Checks = Readonly<Record<string, Check>>

/** entityIDs are URIs, aliases may be any word: what both have in common. At most as long as SAML allows (core, 8.3.6). */
export const isName = (value: unknown): value is string =>
  typeof value === 'string' && /^[\x21-\x7e]{1,1024}$/.test(value)

/** What can be a return address at all; PostgreSQL knows no NUL. */
export const isAddress = (value: string): boolean => /^[\x21-\x7e]{1,2048}$/.test(value)

export const name: Check = (value) =>
  isName(value) ? undefined : 'must be a text of 1 to 1024 characters without spaces or accents'

export const address: Check = (value, { allowHttp }) => faultOfSamlAddress(value, { allowHttp, pattern: false })

export const listOf =
  (least: number, most: number, what: string, check: Check): Check =>
  (value, rules) => {
    if (!Array.isArray(value) || value.length < least || value.length > most)
      return `must be a list of ${least} to ${most} ${what}`
    if (new Set(value.map((one) => JSON.stringify(one))).size < value.length) return 'must not name one twice'
    const faults = value.map((one: unknown) => check(one, rules))
    const at = faults.findIndex((fault) => fault !== undefined)
    return at < 0 ? undefined : `[${at}] ${faults[at]}`
  }

/** An object with none but these members. */
export const record =
  (members: Checks, ...needed: readonly string[]): Check =>
  (value, rules) => {
    if (!isRecord(value)) return `must be an object of ${Object.keys(members).join(', ')}`
    const lacking = needed.find((member) => value[member] === undefined)
    if (lacking !== undefined) return `must have ${lacking}`
    for (const [member, one] of Object.entries(value)) {
      const wrong = Object.hasOwn(members, member) ? members[member]?.(one, rules) : 'is not known here'
      if (wrong !== undefined) return `${member} ${wrong}`
    }
    return undefined
  }

/** Of what is read to be checked the value is not wanted yet. */
export const faultIn = (read: unknown): string | undefined => (typeof read === 'string' ? read : undefined)

export const certificates: Check = (values, { now }) => faultIn(readCertificates(values, now))
export const algorithms: Checks = {
  content: oneOf('aes256-gcm', 'aes256-cbc'),
  keyDigest: oneOf('sha1', 'sha256'),
}
export const encryption = record(
  { ...algorithms, certificate: (value, { now }) => faultIn(readEncryptionCertificate(value, now)) },
  'certificate',
)

/** As both forms that are typed by hand say it. */
export interface KeysInput {
  readonly certificates: readonly string[]
  readonly encryption?: Exclude<EncryptionChoice, false> & { readonly certificate: string }
}

/** What passed the checks, read once more for its value. */
export function keysOf(
  { certificates, encryption }: KeysInput,
  { now }: SamlRules,
): Pick<SamlParty, 'certificates' | 'encryption'> {
  const read = readCertificates(certificates, now)
  const certificate = readEncryptionCertificate(encryption?.certificate, now)
  return {
    certificates: typeof read === 'string' ? [] : read,
    ...(encryption &&
      typeof certificate !== 'string' && {
        encryption: { content: 'aes256-gcm', keyDigest: 'sha1', ...encryption, certificate },
      }),
  }
}

export function faultsOf(
  prefix: string,
  given: unknown,
  fields: Checks,
  needed: readonly string[],
  rules: SamlRules,
): readonly RelyingPartyProblem[] {
  if (!isRecord(given)) return [problem(prefix, `must be an object of ${Object.keys(fields).join(', ')}`)]
  const lacking = needed.filter((field) => given[field] === undefined)
  return [
    ...lacking.map((field) => problem(`${prefix}.${field}`, 'must be given')),
    ...Object.entries(given).flatMap(([field, value]) => {
      if (value === undefined) return []
      const wrong = Object.hasOwn(fields, field)
        ? fields[field]?.(value, rules)
        : `is not known here; known: ${Object.keys(fields).join(', ')}`
      return wrong === undefined ? [] : [problem(`${prefix}.${field}`, wrong)]
    }),
  ]
}

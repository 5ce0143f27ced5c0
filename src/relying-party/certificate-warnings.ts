import { daysUntil, expiryWarning, type ExpiryWarning } from '../platform/index.ts'
import type { SamlRelyingParty } from './relying-party.ts'

/** A certificate that will count no more in `days`, and which of the days of warning has come. */
export interface CertificateWarning extends ExpiryWarning {
  readonly relyingParty: string
  /** SHA-256, hex, lower case. */
  readonly fingerprint: string
  readonly notAfter: Date
}

/** Every certificate, for signatures or encryption, that expires within sixty days of `now` (the wire's) and has not yet. */
export function certificateWarnings(parties: readonly SamlRelyingParty[], now: Date): readonly CertificateWarning[] {
  return parties.flatMap(({ id: relyingParty, saml }) => {
    const all = [...saml.certificates, ...(saml.encryption ? [saml.encryption.certificate] : [])]
    const different = new Map(all.map((certificate) => [certificate.fingerprint, certificate]))
    return [...different.values()].flatMap(({ fingerprint, notAfter: end }) => {
      const notAfter = new Date(end)
      const warning = expiryWarning(notAfter, now)
      return warning ? [{ relyingParty, fingerprint, notAfter, ...warning }] : []
    })
  })
}

/** Days until the last of its certificates that requests may be signed with expires, by relying party; then it is locked out. */
export function daysCertified(parties: readonly SamlRelyingParty[], now: Date): ReadonlyMap<string, number> {
  const lastOf = ({ saml }: SamlRelyingParty) =>
    new Date(Math.max(...saml.certificates.map(({ notAfter }) => Date.parse(notAfter))))
  return new Map(parties.map((party) => [party.id, daysUntil(lastOf(party), now)]))
}

import type { SamlRelyingParty } from './relying-party.ts'

/** A certificate that will count no more in `days`, and which of the days of warning has come. */
export interface CertificateWarning {
  readonly relyingParty: string
  /** SHA-256, hex, lower case. */
  readonly fingerprint: string
  readonly notAfter: Date
  /** Days left, rounded up. */
  readonly days: number
  readonly threshold: (typeof thresholds)[number]
}

const thresholds = [7, 30, 60] as const
const day = 24 * 60 * 60 * 1000

/** Every certificate, for signatures or encryption, that expires within sixty days of `now` (the wire's) and has not yet. */
export function certificateWarnings(parties: readonly SamlRelyingParty[], now: Date): readonly CertificateWarning[] {
  return parties.flatMap(({ id: relyingParty, saml }) => {
    const all = [...saml.certificates, ...(saml.encryption ? [saml.encryption.certificate] : [])]
    const different = new Map(all.map((certificate) => [certificate.fingerprint, certificate]))
    return [...different.values()].flatMap(({ fingerprint, notAfter: end }) => {
      const notAfter = new Date(end)
      const days = Math.ceil((notAfter.getTime() - now.getTime()) / day)
      const threshold = days > 0 ? thresholds.find((most) => days <= most) : undefined
      return threshold === undefined ? [] : [{ relyingParty, fingerprint, notAfter, days, threshold }]
    })
  })
}

/** Days until the last of its certificates that requests may be signed with expires, by relying party; then it is locked out. */
export function daysCertified(parties: readonly SamlRelyingParty[], now: Date): ReadonlyMap<string, number> {
  const lastOf = ({ saml }: SamlRelyingParty) =>
    Math.max(...saml.certificates.map(({ notAfter }) => new Date(notAfter).getTime()))
  return new Map(parties.map((party) => [party.id, (lastOf(party) - now.getTime()) / day]))
}

import { X509Certificate, type KeyObject } from 'node:crypto'
import type { SamlCertificate } from './saml-party.ts'

/** At most so many at once: each is one more key that a wrong signature is tried against. */
export const mostCertificates = 10

/** The certificate in PEM or in bare base64 of its DER, or the fault that it has. Its dates are not judged. */
export function readCertificate(value: unknown): SamlCertificate | string {
  const base64 = typeof value === 'string' && value.length <= 20_000 ? base64Of(value) : undefined
  if (base64 === undefined) return 'must be one certificate as PEM, or the base64 of its DER'
  try {
    const certificate = new X509Certificate(Buffer.from(base64, 'base64'))
    return faultOfKey(certificate.publicKey) ?? asSamlCertificate(certificate)
  } catch {
    return 'is no well-formed X.509 certificate'
  }
}

/** Certificates to verify with: different ones, and at least one that has not expired. */
export function readCertificates(values: unknown, now: Date): readonly SamlCertificate[] | string {
  if (!Array.isArray(values) || values.length === 0 || values.length > mostCertificates)
    return `must be a list of 1 to ${mostCertificates} certificates`
  const read = values.map((value: unknown) => readCertificate(value))
  const certificates = read.filter((one) => typeof one !== 'string')
  const at = read.findIndex((one) => typeof one === 'string')
  if (at >= 0) return `[${at}] ${read[at] as string}`
  if (new Set(certificates.map(({ fingerprint }) => fingerprint)).size < certificates.length)
    return 'must not name a certificate twice'
  return faultOfDates(certificates, now) ?? certificates
}

export function faultOfDates(certificates: readonly SamlCertificate[], now: Date): string | undefined {
  if (certificates.some(({ notAfter }) => new Date(notAfter) > now)) return undefined
  return `must hold one that has not expired; the last one expired on ${certificates
    .map(({ notAfter }) => notAfter)
    .sort()
    .at(-1)}`
}

/** Assertions are encrypted by RSA-OAEP: the one that they are encrypted for is RSA's, and has not expired. */
export function readEncryptionCertificate(value: unknown, now: Date): SamlCertificate | string {
  const read = readCertificate(value)
  if (typeof read === 'string') return read
  if (new X509Certificate(read.pem).publicKey.asymmetricKeyType !== 'rsa') return 'must hold an RSA key to encrypt for'
  return new Date(read.notAfter) > now ? read : `must not have expired: it did on ${read.notAfter}`
}

function base64Of(text: string): string | undefined {
  const inPem = /^\s*-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*$/.exec(text)
  const base64 = (inPem?.[1] ?? text).replace(/\s+/g, '')
  return /^[A-Za-z0-9+/]{4,}={0,2}$/.test(base64) ? base64 : undefined
}

/** RSA of 2048 bits or more, EC of 256 or more (clave-saml-profile, 8): the fault, or nothing. */
function faultOfKey({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): string | undefined {
  if (type === 'rsa')
    return (details?.modulusLength ?? 0) >= 2048 ? undefined : 'must have an RSA key of at least 2048 bits'
  if (type === 'ec' && ['prime256v1', 'secp384r1', 'secp521r1'].includes(details?.namedCurve ?? '')) return undefined
  return 'must have an RSA key of at least 2048 bits, or an EC key on P-256, P-384 or P-521'
}

const asSamlCertificate = (certificate: X509Certificate): SamlCertificate => ({
  pem: certificate.toString(),
  fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
  notBefore: certificate.validFromDate.toISOString(),
  notAfter: certificate.validToDate.toISOString(),
})

import { createPublicKey } from 'node:crypto'
import type { VerifyingKey } from '../platform/index.ts'
import type { SamlCertificate } from '../relying-party/index.ts'

// Parsing a certificate costs more than verifying with it. Keyed by the whole PEM, so that no name can stand for
// another key; the oldest goes when there are too many.
const most = 2_000
const parsed = new Map<string, VerifyingKey['key']>()

/** The key of a registered certificate. */
export function keyOf({ pem, fingerprint }: SamlCertificate): VerifyingKey {
  const known = parsed.get(pem)
  if (known) return { key: known, fingerprint }
  const key = createPublicKey(pem)
  if (parsed.size >= most) parsed.delete(parsed.keys().next().value!)
  parsed.set(pem, key)
  return { key, fingerprint }
}

/** Whether the certificate counts at this instant. */
export function isValidAt({ notBefore, notAfter }: SamlCertificate, now: Date): boolean {
  return Date.parse(notBefore) <= now.getTime() && now.getTime() <= Date.parse(notAfter)
}

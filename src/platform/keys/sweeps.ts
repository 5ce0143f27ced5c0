import { X509Certificate } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { Db } from '../db.ts'
import type { Sweep } from '../jobs/sweep.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { Once } from '../once.ts'
import { daysUntil, expiryWarning } from './expiry-warning.ts'
import { signingKeyTable } from './signing-key-table.ts'

export interface SigningKeySweepParts {
  readonly db: Db
  readonly clock: Pick<Clock, 'wire'>
  readonly once: Once
  readonly log: Log
  readonly metrics: Pick<Metrics, 'samlKeys'>
}

/** What the worker does for our own keys: tells when a certificate that agencies know us by runs out. */
export function signingKeySweeps(parts: SigningKeySweepParts): readonly Sweep[] {
  return [{ name: 'warn-own-certificates', every: 60 * 60, run: () => warnOfOwnCertificates(parts) }]
}

/**
 * Says once for each of the three days, on whatever instance, that the certificate of the SAML key that signs, or of the
 * one that waits, has 60, 30 or 7 days left. A previous one is on its way out and only stays for what it signed.
 */
async function warnOfOwnCertificates({ db, clock, once, log, metrics }: SigningKeySweepParts): Promise<void> {
  const now = clock.wire()
  const certified = (await signingKeyTable.all(db)).flatMap(({ state, certificate }) =>
    certificate === null || state === 'previous' ? [] : [{ state, certificate: new X509Certificate(certificate) }],
  )
  metrics.samlKeys(
    new Map(certified.map(({ state, certificate: { validToDate } }) => [state, daysUntil(validToDate, now)])),
  )
  for (const { state, certificate } of certified) {
    const warning = expiryWarning(certificate.validToDate, now)
    if (!warning) continue
    const fingerprint = certificate.fingerprint256.replaceAll(':', '').toLowerCase()
    if (await once('certificate-warning', `our own ${fingerprint} ${warning.threshold}`, certificate.validToDate))
      log.warn({ certificate: fingerprint, state, days: warning.days }, 'our own SAML certificate expires soon')
  }
}

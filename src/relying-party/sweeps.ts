import type { Metrics, Once, Sweep } from '../platform/index.ts'
import { certificateWarnings, daysCertified } from './certificate-warnings.ts'
import { makeFetchMetadata, type FetchMetadata } from './fetch-metadata.ts'
import { refreshMetadata, type RefreshMetadataParts } from './refresh-metadata.ts'
import { relyingPartyTable } from './relying-party-table.ts'

export interface RelyingPartySweepParts extends Omit<RefreshMetadataParts, 'fetchMetadata' | 'metrics'> {
  readonly once: Once
  readonly metrics: Pick<Metrics, 'metadata' | 'certificates'>
  /** Confined to the public Internet unless told. */
  readonly fetchMetadata?: FetchMetadata
}

/** What the worker does for the registry: reads metadata again when they are due, and tells which certificates run out. */
export function relyingPartySweeps(parts: RelyingPartySweepParts): readonly Sweep[] {
  const { fetchMetadata = makeFetchMetadata(parts) } = parts
  return [
    { name: 'refresh-metadata', every: 60, run: () => refreshMetadata({ ...parts, fetchMetadata }) },
    // Said once for each of the three days; every hour, so that a worker started each day comes to it, and the gauge stays true.
    { name: 'warn-certificates', every: 60 * 60, run: () => warnOfCertificates(parts) },
  ]
}

/** Says once, on whatever instance, that a certificate has 60, 30 or 7 days left. */
export async function warnOfCertificates({ db, clock, once, log, metrics }: RelyingPartySweepParts): Promise<void> {
  const parties = await relyingPartyTable.listSaml(db)
  const now = clock.wire()
  metrics.certificates(daysCertified(parties, now))
  for (const { relyingParty, fingerprint, notAfter, days, threshold } of certificateWarnings(parties, now)) {
    if (await once('certificate-warning', `${relyingParty} ${fingerprint} ${threshold}`, notAfter))
      log.warn({ relyingParty, certificate: fingerprint, days }, 'a certificate of a relying party expires soon')
  }
}

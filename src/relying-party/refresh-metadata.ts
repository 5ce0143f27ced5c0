import type { Clock, Db, Log, Metrics } from '../platform/index.ts'
import { importMetadata } from './import-metadata.ts'
import type { FetchMetadata } from './fetch-metadata.ts'
import { isMetadataFault, type MetadataFault } from './metadata-xml.ts'
import { relyingPartyTable } from './relying-party-table.ts'
import type { SamlRelyingParty } from './relying-party.ts'

export interface RefreshMetadataParts {
  readonly db: Db
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Pick<Metrics, 'metadata'>
  readonly allowHttp: boolean
  readonly fetchMetadata: FetchMetadata
}

/** All at once: with ten seconds each, as long as a stop of the worker may wait. */
const atOnce = 20
/** Seconds after which metadata that could not be had, or were not taken, are asked for again. */
const retryAfter = 60 * 60

/**
 * Reads again the metadata that are due. Whatever goes wrong (no answer, another signer, another entity, older ones) the
 * last good ones hold, until their own validUntil; then requests are refused.
 * Of several workers one reads, since it puts off what it claims; what a person changed meanwhile stays.
 */
export async function refreshMetadata(parts: RefreshMetadataParts): Promise<void> {
  const { db, clock } = parts
  const due = await relyingPartyTable.claimDue(db, clock.now(), clock.in(retryAfter), atOnce)
  await Promise.all(due.map((party) => refreshOne(parts, party)))
}

async function refreshOne(parts: RefreshMetadataParts, party: SamlRelyingParty): Promise<void> {
  const { db, clock, log, metrics } = parts
  const { id: relyingParty, saml: before } = party
  const url = before.metadata?.url
  if (url === undefined) return
  const saml = await readAgain(parts, party, url)
  if (isMetadataFault(saml)) {
    log.warn({ relyingParty, outcome: saml.code }, 'metadata were not renewed; the last good ones hold')
    return metrics.metadata(relyingParty, 'failed')
  }
  const due = clock.in(saml.metadata?.refreshEvery ?? retryAfter)
  if (await relyingPartyTable.refresh(db, party, saml, due, clock.now())) metrics.metadata(relyingParty, 'renewed')
}

async function readAgain(
  { clock, allowHttp, fetchMetadata }: RefreshMetadataParts,
  { saml }: SamlRelyingParty,
  url: string,
): Promise<SamlRelyingParty['saml'] | MetadataFault> {
  const octets = await fetchMetadata(url)
  return isMetadataFault(octets)
    ? octets
    : importMetadata(octets, { source: { url } }, saml, { allowHttp, now: clock.wire() })
}

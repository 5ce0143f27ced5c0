import type { MetadataGiven } from './check-saml.ts'
import type { SamlRules } from './check-fields.ts'
import { isMetadataFault, metadataFault, type MetadataFault } from './metadata-xml.ts'
import { openMetadata, type OpenedMetadata } from './open-metadata.ts'
import { readProviderMetadata, type ProviderMetadata } from './read-metadata.ts'
import type { EncryptionChoice, SamlEncryption, SamlMetadataSource, SamlParty } from './saml-party.ts'

const minute = 60
const hour = 60 * minute
const day = 24 * hour

/**
 * What a relying party becomes by metadata that were typed in, pasted or fetched:
 *
 * - Once a signer is pinned (`signedBy`, or the signer of the first signed import) later ones are signed by a pinned one.
 * - They name the same entity.
 * - Only forward in time: once there was a validUntil, the next one is not earlier, and there is one.
 * - What is read by schedule is signed and has a validUntil: without them whoever can answer in the agency's place, or
 *   only repeat what it said once, decides whose keys count.
 *
 * A person who gives `signedBy` anew decides again whom to believe, and so also since when.
 */
export function importMetadata(
  octets: Uint8Array,
  said: MetadataGiven,
  before: SamlParty | undefined,
  rules: SamlRules,
): SamlParty | MetadataFault {
  const known = before?.face === 'standard' ? before : undefined
  const pins = said.signedBy ?? known?.metadata?.signedBy ?? []
  const url = 'url' in said.source ? said.source.url : undefined
  const opened = openMetadata(octets, pins)
  if (isMetadataFault(opened)) return opened
  const unsigned = faultOfMissingSignature(opened, pins, url)
  if (unsigned) return unsigned
  const read = readProviderMetadata(opened.root, rules)
  if (isMetadataFault(read)) return read
  const wrong = faultOfSuccession(read, said, known) ?? faultOfSchedule(read, url)
  if (wrong) return wrong
  const choice = said.encryption ?? known?.metadata?.encryption
  const encryption = encryptionOf(read, choice)
  if (encryption && isMetadataFault(encryption)) return encryption
  const signedBy = pins.length === 0 && opened.signer !== undefined ? [opened.signer] : pins
  return {
    face: 'standard',
    name: read.entityId,
    aliases: [],
    certificates: read.signing,
    acs: read.acs,
    logout: [],
    ...(read.slo && { slo: read.slo }),
    ...(encryption && { encryption }),
    redirectBinding: true,
    attributeNames: said.attributeNames ?? known?.attributeNames ?? 'eidas',
    metadata: sourceOf(read, { url, signedBy, choice, now: rules.now }),
  }
}

function faultOfMissingSignature(
  { signer }: OpenedMetadata,
  pins: readonly string[],
  url: string | undefined,
): MetadataFault | undefined {
  if (signer !== undefined) return undefined
  if (pins.length > 0)
    return metadataFault(
      'not-signed',
      'The metadata are not signed, and earlier ones were: sign them, or give signedBy.',
    )
  if (url !== undefined)
    return metadataFault('not-signed', 'Metadata that are read from an address by schedule have to be signed.')
  return undefined
}

function faultOfSuccession(
  read: ProviderMetadata,
  { signedBy }: MetadataGiven,
  known: SamlParty | undefined,
): MetadataFault | undefined {
  if (known && known.name !== read.entityId)
    return metadataFault(
      'another-entity',
      `The metadata are those of another entityID than ${known.name}: register that application of its own.`,
    )
  const until = signedBy === undefined ? known?.metadata?.validUntil : undefined
  if (until !== undefined && (!read.validUntil || read.validUntil < new Date(until)))
    return metadataFault('older', `The metadata are older than those that hold: their validUntil is before ${until}.`)
  return undefined
}

function faultOfSchedule({ validUntil }: ProviderMetadata, url: string | undefined): MetadataFault | undefined {
  if (url === undefined || validUntil) return undefined
  return metadataFault('no-valid-until', 'Metadata that are read from an address by schedule need a validUntil.')
}

function encryptionOf(
  { encryption }: ProviderMetadata,
  choice: EncryptionChoice | undefined,
): SamlEncryption | MetadataFault | undefined {
  if (choice === false) return undefined
  if (encryption) return { ...encryption, ...choice }
  return choice && metadataFault('certificate', 'The metadata have no key to encrypt for, though encryption is asked.')
}

interface Source {
  readonly url: string | undefined
  readonly signedBy: readonly string[]
  readonly choice: EncryptionChoice | undefined
  readonly now: Date
}

function sourceOf(read: ProviderMetadata, { url, signedBy, choice, now }: Source): SamlMetadataSource {
  return {
    ...(url !== undefined && { url, refreshEvery: refreshEvery(read, now) }),
    signedBy,
    ...(read.validUntil && { validUntil: read.validUntil.toISOString() }),
    readAt: now.toISOString(),
    ...(choice !== undefined && { encryption: choice }),
  }
}

/** Seconds: what cacheDuration says, from an hour to a day, but half of the time that is left at most, and no less than five minutes. */
function refreshEvery({ cacheDuration = day, validUntil }: ProviderMetadata, now: Date): number {
  const usual = Math.min(Math.max(cacheDuration, hour), day)
  const left = validUntil ? (validUntil.getTime() - now.getTime()) / 1000 : Infinity
  return Math.floor(Math.min(usual, Math.max(left / 2, 5 * minute)))
}

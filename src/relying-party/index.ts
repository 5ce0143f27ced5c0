export { relyingPartyUsage, runRelyingPartyCommand, type CommandOutput } from './command.ts'
export { certificateWarnings, type CertificateWarning } from './certificate-warnings.ts'
export type { RelyingPartyProblem } from './check-metadata.ts'
export type { RelyingPartyInput } from './check-registration.ts'
export { hashOfSecret, type NotWritten, type Written } from './compose.ts'
export { makeFetchMetadata, type FetchMetadata, type FetchMetadataOptions } from './fetch-metadata.ts'
export { matchesAddress } from './match-address.ts'
export { makeRelyingParties, rowLease, type RelyingParties, type RelyingPartiesParts } from './relying-parties.ts'
export {
  clientSigningAlgs,
  scopes,
  type ClientSigningAlg,
  type OidcClient,
  type RelyingParty,
  type SamlRelyingParty,
  type Scope,
} from './relying-party.ts'
export type {
  SamlAcs,
  SamlCertificate,
  SamlEncryption,
  SamlLogoutService,
  SamlMetadataSource,
  SamlParty,
} from './saml-party.ts'
export { shownRelyingParty, type ShownRelyingParty } from './shown-relying-party.ts'
export { relyingPartySweeps, type RelyingPartySweepParts } from './sweeps.ts'

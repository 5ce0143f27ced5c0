export { relyingPartyUsage, runRelyingPartyCommand, type CommandOutput } from './command.ts'
export type { RelyingPartyProblem } from './check-metadata.ts'
export type { RelyingPartyInput } from './check-registration.ts'
export {
  hashOfSecret,
  makeRelyingParties,
  shownRelyingParty,
  type NotWritten,
  type RelyingParties,
  type RelyingPartiesParts,
  type Written,
} from './relying-parties.ts'
export {
  clientSigningAlgs,
  scopes,
  type ClientSigningAlg,
  type OidcClient,
  type RelyingParty,
  type Scope,
} from './relying-party.ts'

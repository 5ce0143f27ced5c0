import { createHash } from 'node:crypto'
import type { Clock, Random } from '../platform/index.ts'
import { problem, type CheckedMetadata, type RelyingPartyProblem } from './check-metadata.ts'
import type { CheckedInput } from './check-registration.ts'
import type { CheckedSaml } from './check-saml.ts'
import { importMetadata } from './import-metadata.ts'
import { isMetadataFault, type MetadataFault } from './metadata-xml.ts'
import type { OidcClient, RelyingParty } from './relying-party.ts'
import type { SamlParty } from './saml-party.ts'

export interface Written {
  readonly relyingParty: RelyingParty
  /** A secret made just now: told this once, only its SHA-256 is kept. */
  readonly clientSecret?: string
}

export interface NotWritten {
  readonly problems: readonly RelyingPartyProblem[]
}

export interface ComposeParts {
  readonly clock: Clock
  readonly random: Random
  readonly allowHttp: boolean
}

/** What is said, with the metadata that it names. */
export interface Said extends CheckedInput {
  readonly octets?: Uint8Array
}

/** The row that what was there and what is said make together. */
export function compose(
  parts: ComposeParts,
  before: RelyingParty | undefined,
  said: Said,
  newSecret = false,
): Written | NotWritten {
  const id = before?.id ?? said.id ?? parts.random.uuid()
  if (said.id !== undefined && said.id !== id) return refused(problem('id', `cannot be changed: it is ${id}`))
  const another = faultOfProtocol(before, said)
  if (another) return refused(another)
  const saml = samlOf(parts, before?.saml, said)
  if (saml && 'problems' in saml) return saml
  const name = said.name ?? before?.name ?? hostOf(said.oidc?.redirect_uris[0] ?? saml?.acs[0]?.url)
  if (name === undefined) return refused(problem('name', 'must be given'))
  if (!before && !said.oidc && !said.saml) return refused(noProtocol)
  const client = clientOf(parts, id, before?.oidc, said.oidc, newSecret)
  const relyingParty: RelyingParty = {
    id,
    name,
    sector: said.sector ?? before?.sector ?? id,
    leastLevel: said.level ?? before?.leastLevel ?? 'low',
    scopes: said.scopes ?? before?.scopes ?? [],
    home: said.home ?? before?.home,
    excluded: said.excluded ?? before?.excluded ?? [],
    oidc: client.oidc,
    saml,
  }
  return { relyingParty, ...(client.secret !== undefined && { clientSecret: client.secret }) }
}

const refused = (...problems: readonly RelyingPartyProblem[]): NotWritten => ({ problems })

const noProtocol: RelyingPartyProblem = {
  field: 'oidc',
  title: 'The relying party was not written',
  detail: 'One of oidc, clave and saml must be given: without it the relying party could not ask anything.',
}

/** Subjects, sessions and logout are those of a protocol: an application that changes it registers anew. */
function faultOfProtocol(before: RelyingParty | undefined, said: Said): RelyingPartyProblem | undefined {
  if (before?.oidc && said.saml) return problem(fieldOf(said.saml), 'must not be given: it speaks OpenID Connect')
  if (before?.saml && said.oidc) return problem('oidc', 'must not be given: it speaks SAML')
  return undefined
}

/** What citizens read where nobody gave a name. */
const hostOf = (address: string | undefined): string | undefined => URL.parse(address ?? '')?.host || undefined

/** Where what is wrong with a SAML party was said. */
export function fieldOf(saml: CheckedSaml): string {
  if ('party' in saml) return saml.party.face === 'clave' ? 'clave.providerName' : 'saml.entityId'
  return 'url' in saml.source ? 'saml.metadataUrl' : 'saml.metadata'
}

export const metadataProblem = (saml: CheckedSaml, { detail }: MetadataFault): RelyingPartyProblem => ({
  field: fieldOf(saml),
  title: 'The metadata were not taken',
  detail: `${fieldOf(saml)}: ${detail}`,
})

function samlOf(
  { clock, allowHttp }: ComposeParts,
  before: SamlParty | undefined,
  { saml: said, octets }: Said,
): SamlParty | NotWritten | undefined {
  if (!said) return before
  if ('party' in said) return withPins(said.party, before)
  const imported = importMetadata(octets ?? Buffer.alloc(0), said, before, { allowHttp, now: clock.wire() })
  return isMetadataFault(imported) ? refused(metadataProblem(said, imported)) : imported
}

/** Who may sign the metadata of an application is not forgotten because something of it is mended by hand. */
function withPins(party: SamlParty, before: SamlParty | undefined): SamlParty {
  const source = before?.name === party.name ? before.metadata : undefined
  if (!source || source.signedBy.length === 0) return party
  return { ...party, metadata: { signedBy: source.signedBy, readAt: source.readAt } }
}

function clientOf(
  { random }: ComposeParts,
  id: string,
  before: OidcClient | undefined,
  said: CheckedMetadata | undefined,
  newSecret: boolean,
): { readonly oidc: OidcClient | undefined; readonly secret?: string } {
  const { client_secret_hash: kept, ...metadata } = before ?? {}
  if (!said && !before) return { oidc: undefined }
  const oidc = { ...(said ?? metadata), client_id: id } as OidcClient
  if (oidc.token_endpoint_auth_method !== 'client_secret_basic') return { oidc }
  if (kept !== undefined && !newSecret) return { oidc: { ...oidc, client_secret_hash: kept } }
  const secret = random.token(32)
  return { oidc: { ...oidc, client_secret_hash: hashOfSecret(secret) }, secret }
}

/** What is kept of a client secret: its SHA-256, base64url. */
export const hashOfSecret = (secret: string): string => createHash('sha256').update(secret).digest('base64url')

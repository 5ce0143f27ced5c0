import { hash, timingSafeEqual } from 'node:crypto'
import type { Client, Payload } from 'oidc-provider'
import type { OidcClient, RelyingParty } from '../relying-party/index.ts'
import { currentExchange } from './exchange.ts'
import type { OidcParts } from './parts.ts'

/** Metadata of ours that travels with the library's client. */
export const extraMetadata = ['relying_party'] as const

/** The agency behind a client. */
export const relyingPartyOf = (client: Client): Agency => client['relying_party'] as Agency

type Agency = Pick<RelyingParty, 'id' | 'name' | 'sector' | 'leastLevel' | 'scopes' | 'home' | 'excluded'>

/**
 * The client of this id, as it is registered at this moment: one select a request, whatever the library asks. Its cache
 * is by content, so that a change acts at once.
 */
export async function findClient(parts: OidcParts, clientId: string): Promise<Payload | undefined> {
  const found = await findOnce(parts, clientId)
  return found?.oidc && clientMetadata(found, found.oidc)
}

function findOnce({ relyingParties }: OidcParts, clientId: string): Promise<RelyingParty | undefined> {
  // What cannot be an id is not asked of the database, which knows no NUL.
  if (!/^[\w.-]{1,64}$/.test(clientId)) return Promise.resolve(undefined)
  const known = currentExchange()?.clients
  const asked = known?.get(clientId) ?? relyingParties.findByClientId(clientId)
  known?.set(clientId, asked)
  return asked
}

/** RFC 7591 metadata as the library takes it. */
function clientMetadata(relyingParty: RelyingParty, oidc: OidcClient): Payload {
  const { client_secret_hash: secret, ...metadata } = oidc
  const { id, name, sector, leastLevel, scopes, home, excluded } = relyingParty
  return {
    ...metadata,
    client_name: name,
    ...(secret === undefined ? {} : { client_secret: secret }),
    // The sector of `sub` is a column of the row (see pairwise.ts). The library wants some URI as soon as the return
    // addresses are on two hosts, and never fetches this one.
    sector_identifier_uri: 'https://sector.invalid',
    relying_party: { id, name, sector, leastLevel, scopes, home, excluded },
  }
}

/** Of the secret only the SHA-256 is kept; both sides of the comparison have its length. */
export function secretFits(this: Client, given: string): boolean {
  const kept = Buffer.from(this.clientSecret ?? '', 'base64url')
  const digest = hash('sha256', given, 'buffer')
  return kept.length === digest.length && timingSafeEqual(kept, digest)
}

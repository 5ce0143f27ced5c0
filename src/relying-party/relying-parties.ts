import { createHash } from 'node:crypto'
import type { Clock, Db, Random } from '../platform/index.ts'
import { problem, type CheckedMetadata, type RelyingPartyProblem } from './check-metadata.ts'
import { checkInput, type CheckedInput, type RelyingPartyInput } from './check-registration.ts'
import { relyingPartyTable } from './relying-party-table.ts'
import type { OidcClient, RelyingParty } from './relying-party.ts'

export interface RelyingPartiesParts {
  readonly db: Db
  readonly clock: Clock
  readonly random: Random
  /** Plain http addresses pass: the sandbox only. */
  readonly allowHttp: boolean
}

/**
 * The registry of agencies' applications. Nothing is kept in memory: each request reads the row by its primary key, so a
 * change acts at once on every instance. A bad row is refused when it is written.
 */
export interface RelyingParties {
  find(id: string): Promise<RelyingParty | undefined>
  /** With its OIDC client; a `client_id` is the relying party's id. */
  findByClientId(clientId: string): Promise<(RelyingParty & { readonly oidc: OidcClient }) | undefined>
  list(): Promise<readonly RelyingParty[]>
  register(input: RelyingPartyInput): Promise<Written | NotWritten>
  /**
   * What the input leaves out stays; `oidc` replaces all metadata, but keeps the secret where the client still has one,
   * unless `newSecret` asks for another. Undefined: no such relying party.
   */
  change(
    id: string,
    input: RelyingPartyInput,
    options?: { readonly newSecret?: boolean },
  ): Promise<Written | NotWritten | undefined>
}

export interface Written {
  readonly relyingParty: RelyingParty
  /** A secret made just now: told this once, only its SHA-256 is kept. */
  readonly clientSecret?: string
}

export interface NotWritten {
  readonly problems: readonly RelyingPartyProblem[]
}

export function makeRelyingParties(parts: RelyingPartiesParts): RelyingParties {
  const { db, clock } = parts
  return {
    find: async (id) => relyingPartyTable.find(db, id),
    async findByClientId(clientId) {
      const found = await relyingPartyTable.find(db, clientId)
      return found?.oidc && { ...found, oidc: found.oidc }
    },
    list: async () => relyingPartyTable.list(db),
    async register(input) {
      const checked = checkInput(input, parts)
      if ('problems' in checked) return checked
      const written = compose(parts, undefined, checked)
      if ('problems' in written) return written
      if (await relyingPartyTable.insert(db, written.relyingParty, clock.now())) return written
      return { problems: [problem('id', `is taken: ${written.relyingParty.id}`)] }
    },
    change: (id, input, { newSecret = false } = {}) =>
      db.transaction(async (tx) => {
        const before = await relyingPartyTable.lock(tx, id)
        if (!before) return undefined
        const checked = checkInput(input, parts)
        if ('problems' in checked) return checked
        const written = compose(parts, before, checked, newSecret)
        if (!('problems' in written)) await relyingPartyTable.update(tx, written.relyingParty, clock.now())
        return written
      }),
  }
}

/** The row that what was there and what is said make together. */
function compose(
  parts: RelyingPartiesParts,
  before: RelyingParty | undefined,
  said: CheckedInput,
  newSecret = false,
): Written | NotWritten {
  const id = before?.id ?? said.id ?? parts.random.uuid()
  if (said.id !== undefined && said.id !== id) return { problems: [problem('id', `cannot be changed: it is ${id}`)] }
  const name = said.name ?? before?.name ?? hostOf(said.oidc)
  if (name === undefined) return { problems: [problem('name', 'must be given')] }
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
  }
  return { relyingParty, ...(client.secret !== undefined && { clientSecret: client.secret }) }
}

/** What citizens read where nobody gave a name. */
const hostOf = (oidc: CheckedMetadata | undefined): string | undefined =>
  URL.parse(oidc?.redirect_uris[0] ?? '')?.host || undefined

function clientOf(
  { random }: RelyingPartiesParts,
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

/** A relying party as it may be shown: without the hash of its secret. */
export function shownRelyingParty(one: RelyingParty): RelyingParty {
  if (!one.oidc) return one
  const { client_secret_hash: _, ...oidc } = one.oidc
  return { ...one, oidc }
}

import { setTimeout as rest } from 'node:timers/promises'
import type { Clock, Db, Random, Tx } from '../platform/index.ts'
import { isAddress, isName } from './check-fields.ts'
import { problem, type RelyingPartyProblem } from './check-metadata.ts'
import { checkInput, type RelyingPartyInput } from './check-registration.ts'
import { compose, fieldOf, metadataProblem, type NotWritten, type Said, type Written } from './compose.ts'
import { makeFetchMetadata, type FetchMetadata } from './fetch-metadata.ts'
import { leaseRows } from './lease-rows.ts'
import { isMetadataFault } from './metadata-xml.ts'
import { relyingPartyTable } from './relying-party-table.ts'
import type { OidcClient, RelyingParty, SamlRelyingParty } from './relying-party.ts'
import { samlNameTable } from './saml-name-table.ts'

export interface RelyingPartiesParts {
  readonly db: Db
  readonly clock: Clock
  readonly random: Random
  /** Plain http addresses, and metadata from this machine and private networks: the sandbox only. */
  readonly allowHttp: boolean
  /** Reads the metadata at an address; confined to the public Internet unless told. */
  readonly fetchMetadata?: FetchMetadata
  /**
   * Milliseconds for which a row that was read is used again (`rowLease`, wherever there are servers). None unless told:
   * each request reads the row.
   */
  readonly lease?: number
}

/** Milliseconds for which servers use a row that they read. All of an installation have the same. */
export const rowLease = 250
/** Milliseconds by which a timer may end too early: it counts whole ones. */
const earliness = 2

/**
 * The registry of agencies' applications. A change acts at once on every instance: whoever changes a row is answered when
 * no server uses the former one any more (ADR 0006). A bad row is refused when it is written.
 */
export interface RelyingParties {
  find(id: string): Promise<RelyingParty | undefined>
  /** With its OIDC client; a `client_id` is the relying party's id. */
  findByClientId(clientId: string): Promise<(RelyingParty & { readonly oidc: OidcClient }) | undefined>
  /** By what precedes the semicolon in a ProviderName, by an entityID or by an alias, exactly as it is registered. */
  findBySamlName(name: string): Promise<SamlRelyingParty | undefined>
  /** Every one whose requests may be signed with the certificate of this SHA-256 (hex, lower case): a body's applications may share it. */
  findBySamlCertificate(fingerprint: string): Promise<readonly SamlRelyingParty[]>
  /** Every one that takes the answers to logins or logouts at exactly this address. */
  findBySamlReturnAddress(address: string): Promise<readonly SamlRelyingParty[]>
  list(): Promise<readonly RelyingParty[]>
  register(input: RelyingPartyInput): Promise<Written | NotWritten>
  /**
   * What the input leaves out stays; `oidc` replaces all metadata, but keeps the secret where the client still has one,
   * unless `newSecret` asks for another; `clave` and `saml` replace all that SAML needs, but keep who may sign metadata.
   * Undefined: no such relying party. Answers when the change acts, on every instance.
   */
  change(
    id: string,
    input: RelyingPartyInput,
    options?: { readonly newSecret?: boolean },
  ): Promise<Written | NotWritten | undefined>
}

export function makeRelyingParties(parts: RelyingPartiesParts): RelyingParties {
  const { db, lease = 0 } = parts
  const { find, search } = leaseRows<RelyingParty>((id) => relyingPartyTable.find(db, id), lease)
  const searchSaml = (read: () => Promise<readonly SamlRelyingParty[]>) =>
    search(read) as Promise<readonly SamlRelyingParty[]>
  return {
    find,
    async findByClientId(clientId) {
      const found = await find(clientId)
      return found?.oidc && { ...found, oidc: found.oidc }
    },
    // What cannot be a name is not asked of the database, which knows no NUL.
    findBySamlName: async (name) =>
      isName(name) ? (await searchSaml(() => relyingPartyTable.findBySamlName(db, name)))[0] : undefined,
    findBySamlCertificate: async (fingerprint) =>
      /^[0-9a-f]{64}$/.test(fingerprint)
        ? searchSaml(() => relyingPartyTable.findBySamlCertificate(db, fingerprint))
        : [],
    findBySamlReturnAddress: async (address) =>
      isAddress(address) ? searchSaml(() => relyingPartyTable.findBySamlReturnAddress(db, address)) : [],
    list: async () => relyingPartyTable.list(db),
    async register(input) {
      const said = await read(parts, input)
      return 'problems' in said ? said : allOrNothing(db, (tx) => insert(parts, tx, said))
    },
    async change(id, input, { newSecret = false } = {}) {
      const said = await read(parts, input)
      const changed = await allOrNothing(db, (tx) => update(parts, tx, { id, said, newSecret }))
      if (changed && 'relyingParty' in changed && lease > 0) await rest(lease + earliness)
      return changed
    },
  }
}

/** What is said, metadata fetched: before any row is held. */
async function read(parts: RelyingPartiesParts, input: RelyingPartyInput): Promise<Said | NotWritten> {
  const { clock, allowHttp, fetchMetadata = makeFetchMetadata({ allowHttp }) } = parts
  const checked = checkInput(input, { allowHttp, now: clock.wire() })
  if ('problems' in checked || !checked.saml || 'party' in checked.saml) return checked
  const { source } = checked.saml
  const octets = 'text' in source ? Buffer.from(source.text) : await fetchMetadata(source.url)
  if (isMetadataFault(octets)) return { problems: [metadataProblem(checked.saml, octets)] }
  return { ...checked, octets }
}

async function insert(parts: RelyingPartiesParts, tx: Tx, said: Said): Promise<Written | NotWritten> {
  const written = compose(parts, undefined, said)
  if ('problems' in written) return written
  const { relyingParty } = written
  if (!(await relyingPartyTable.insert(tx, relyingParty, parts.clock.now(), dueOf(parts, relyingParty))))
    return { problems: [problem('id', `is taken: ${relyingParty.id}`)] }
  return (await takeNames(tx, relyingParty, said)) ?? written
}

interface Change {
  readonly id: string
  readonly said: Said | NotWritten
  readonly newSecret: boolean
}

async function update(
  parts: RelyingPartiesParts,
  tx: Tx,
  { id, said, newSecret }: Change,
): Promise<Written | NotWritten | undefined> {
  const before = await relyingPartyTable.lock(tx, id)
  if (!before) return undefined
  if ('problems' in said) return said
  const written = compose(parts, before, said, newSecret)
  if ('problems' in written) return written
  const { relyingParty } = written
  await relyingPartyTable.update(tx, relyingParty, parts.clock.now(), dueOf(parts, relyingParty))
  return (await takeNames(tx, relyingParty, said)) ?? written
}

/** When metadata that were read from an address are read again. */
const dueOf = ({ clock }: Pick<RelyingPartiesParts, 'clock'>, { saml }: RelyingParty): Date | undefined =>
  saml?.metadata?.refreshEvery === undefined ? undefined : clock.in(saml.metadata.refreshEvery)

/** The database decides whose a name is: of two that claim it at once, one gets it. */
async function takeNames(tx: Tx, { id, saml }: RelyingParty, said: Said): Promise<NotWritten | undefined> {
  if (!saml || !said.saml) return undefined
  const taken = await samlNameTable.claim(tx, id, [saml.name, ...saml.aliases])
  if (taken.length === 0) return undefined
  const whose = 'is the name of another relying party'
  const problems = taken.map((name): RelyingPartyProblem => {
    const field = saml.aliases.includes(name) ? 'clave.aliases' : fieldOf(said.saml!)
    return problem(field, `${whose}: ${name}`)
  })
  return { problems }
}

/** Carries the answer out of the transaction: only what is thrown takes back what it wrote. */
class NothingWritten extends Error {
  readonly answer: NotWritten
  constructor(answer: NotWritten) {
    super('Nothing was written')
    this.answer = answer
  }
}

async function allOrNothing<Answer extends Written | NotWritten | undefined>(
  db: Db,
  work: (tx: Tx) => Promise<Answer>,
): Promise<Answer | NotWritten> {
  try {
    return await db.transaction(async (tx) => {
      const answer = await work(tx)
      if (answer && 'problems' in answer) throw new NothingWritten(answer)
      return answer
    })
  } catch (thrown) {
    if (thrown instanceof NothingWritten) return thrown.answer
    throw thrown
  }
}

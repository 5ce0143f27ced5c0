import { faultOfSamlAddress, faultOfWebAddress } from './check-address.ts'
import { readCertificate } from './check-certificates.ts'
import {
  address,
  algorithms,
  certificates,
  encryption,
  faultIn,
  faultsOf,
  keysOf,
  listOf,
  name,
  record,
  type Check,
  type Checks,
  type KeysInput,
  type SamlRules,
} from './check-fields.ts'
import { isRecord } from './check-jwks.ts'
import { oneOf, problem, truth, type RelyingPartyProblem } from './check-metadata.ts'
import type { EncryptionChoice, SamlAcs, SamlLogoutService, SamlParty } from './saml-party.ts'

/** What `clave` or `saml` of an input came down to: everything said by hand, or metadata that are still to be read. */
export type CheckedSaml = { readonly party: SamlParty } | MetadataGiven

export interface MetadataGiven {
  readonly source: { readonly text: string } | { readonly url: string }
  /** SHA-256 of the certificates that may sign them, hex; a new pin where there was one. Absent: not said. */
  readonly signedBy?: readonly string[]
  readonly attributeNames?: SamlParty['attributeNames']
  readonly encryption?: EncryptionChoice
}

type Problems = { readonly problems: readonly RelyingPartyProblem[] }

const pattern: Check = (value, { allowHttp }) => faultOfSamlAddress(value, { allowHttp, pattern: true })

const claveFields: Checks = {
  providerName: (value) =>
    typeof value === 'string' && /^[A-Za-z0-9]{1,32}_[A-Za-z0-9._-]{1,64}$/.test(value)
      ? undefined
      : 'must be <CIF or NIF>_<DIR3>, as S2833002E_E04995902: the part of ProviderName before the semicolon',
  certificates,
  acs: listOf(1, 50, 'addresses', pattern),
  logout: listOf(0, 50, 'addresses', pattern),
  aliases: listOf(0, 20, 'names', name),
  encryption,
  redirectBinding: truth,
  logoutIssuer: name,
}

const index: Check = (value) =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 65_535 ? undefined : 'must be 0 to 65535'
const indexed = record({ url: address, index, isDefault: truth }, 'url')
const attributeNames = oneOf('eidas', 'oid')

const byHandFields: Checks = {
  entityId: name,
  certificates,
  acs: listOf(1, 50, 'addresses', (value, rules) => (isRecord(value) ? indexed : address)(value, rules)),
  slo: record({ binding: oneOf('redirect', 'post'), url: address, responseUrl: address }, 'binding', 'url'),
  encryption,
  redirectBinding: truth,
  attributeNames,
}

const fingerprint = /^([0-9a-f]{2}:?){31}[0-9a-f]{2}$/i
const metadataFields: Checks = {
  metadata: (value) => (typeof value === 'string' && value !== '' ? undefined : 'must be the XML as a text'),
  metadataUrl: (value, rules) => faultOfWebAddress(value, rules),
  signedBy: listOf(0, 10, 'certificates or fingerprints (SHA-256, hex)', (value) =>
    fingerprint.test(String(value)) ? undefined : faultIn(readCertificate(value)),
  ),
  encryption: (value, rules) => (value === false ? undefined : record(algorithms)(value, rules)),
  attributeNames,
}

/** The gateway's profile, as it is registered. */
export function checkClave(given: unknown, rules: SamlRules): CheckedSaml | Problems {
  const problems = faultsOf('clave', given, claveFields, ['providerName', 'certificates', 'acs'], rules)
  if (problems.length > 0) return { problems }
  const said = given as ClaveInput
  const { providerName, aliases = [], logout = [], redirectBinding = false, logoutIssuer } = said
  if (aliases.includes(providerName)) return { problems: [problem('clave.aliases', 'must not repeat providerName')] }
  const party: SamlParty = {
    face: 'clave',
    name: providerName,
    aliases,
    ...keysOf(said, rules),
    acs: said.acs.map((url) => ({ url })),
    logout,
    redirectBinding,
    attributeNames: 'eidas',
    ...(logoutIssuer !== undefined && { logoutIssuer }),
  }
  return { party }
}

/** The standard face: its metadata, where to read them, or the same by hand. */
export function checkSaml(given: unknown, rules: SamlRules): CheckedSaml | Problems {
  const said = isRecord(given) ? given : {}
  const [form, ...others] = ['metadata', 'metadataUrl', 'entityId'].filter((one) => said[one] !== undefined)
  if (form === undefined || others.length > 0) {
    const detail = 'must have one of metadata (the XML), metadataUrl, or entityId with certificates and acs'
    return { problems: [problem('saml', detail)] }
  }
  const [fields, needed] = form === 'entityId' ? [byHandFields, ['certificates', 'acs']] : [metadataFields, []]
  const problems = faultsOf('saml', said, fields, needed, rules)
  if (problems.length > 0) return { problems }
  return form === 'entityId' ? partyByHand(said as unknown as ByHandInput, rules) : metadataGiven(said)
}

interface ClaveInput extends KeysInput {
  readonly providerName: string
  readonly aliases?: readonly string[]
  readonly acs: readonly string[]
  readonly logout?: readonly string[]
  readonly redirectBinding?: boolean
  readonly logoutIssuer?: string
}
interface ByHandInput extends KeysInput {
  readonly entityId: string
  readonly acs: readonly (string | SamlAcs)[]
  readonly slo?: SamlLogoutService
  readonly redirectBinding?: boolean
  readonly attributeNames?: SamlParty['attributeNames']
}
type MetadataInput = Omit<MetadataGiven, 'source'> & { readonly metadata?: string; readonly metadataUrl?: string }

function partyByHand(said: ByHandInput, rules: SamlRules): CheckedSaml | Problems {
  const { slo, redirectBinding = true, attributeNames = 'eidas' } = said
  const acs = said.acs.map((one) => (typeof one === 'string' ? { url: one } : one))
  const indexes = acs.flatMap(({ index }) => index ?? [])
  if (new Set(indexes).size < indexes.length) return { problems: [problem('saml.acs', 'must not use an index twice')] }
  const party: SamlParty = {
    face: 'standard',
    name: said.entityId,
    aliases: [],
    ...keysOf(said, rules),
    acs,
    logout: [],
    ...(slo && { slo }),
    redirectBinding,
    attributeNames,
  }
  return { party }
}

function metadataGiven({ metadata, metadataUrl, signedBy, ...choices }: MetadataInput): MetadataGiven {
  const fingerprints = signedBy?.map((one) => {
    const read = fingerprint.test(one) ? one : readCertificate(one)
    return typeof read === 'string' ? read.replaceAll(':', '').toLowerCase() : read.fingerprint
  })
  return {
    source: metadata !== undefined ? { text: metadata } : { url: metadataUrl ?? '' },
    ...(fingerprints && { signedBy: fingerprints }),
    ...choices,
  }
}

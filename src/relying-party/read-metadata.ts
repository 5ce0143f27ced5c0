import type { XmlElement } from '../platform/index.ts'
import { faultOfSamlAddress } from './check-address.ts'
import { isName, type SamlRules } from './check-fields.ts'
import { readKeys, type MetadataKeys } from './metadata-keys.ts'
import {
  attributeText,
  childrenOf,
  isMetadataFault,
  metadataFault,
  metadataNs,
  readDuration,
  readInstant,
  type MetadataFault,
} from './metadata-xml.ts'
import type { SamlAcs, SamlLogoutService } from './saml-party.ts'

/** What the metadata of one service provider say, as far as it concerns an identity provider. */
export interface ProviderMetadata extends MetadataKeys {
  readonly entityId: string
  readonly acs: readonly SamlAcs[]
  readonly slo?: SamlLogoutService
  /** The earliest that any part of them says. */
  readonly validUntil?: Date
  /** Seconds; the shortest that any part of them says. */
  readonly cacheDuration?: number
}

const protocolNs = 'urn:oasis:names:tc:SAML:2.0:protocol'
const postBinding = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST'
const redirectBinding = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect'

/**
 * The one EntityDescriptor with its one SPSSODescriptor for SAML 2.0 (SAML 2.0 metadata, 2.3.2, 2.4.4). Other roles,
 * organisation, contacts, names and extensions are passed over.
 */
export function readProviderMetadata(root: XmlElement, rules: SamlRules): ProviderMetadata | MetadataFault {
  const entity = entityOf(root)
  if (isMetadataFault(entity)) return entity
  const role = roleOf(entity)
  if (isMetadataFault(role)) return role
  const entityId = attributeText(entity, 'entityID')
  if (!isName(entityId)) return metadataFault('not-metadata', 'EntityDescriptor has no entityID that a URI could be.')
  const times = timesOf([root, entity, role], rules.now)
  if (isMetadataFault(times)) return times
  const keys = readKeys(role, rules.now)
  if (isMetadataFault(keys)) return keys
  const acs = acsOf(role, rules)
  if ('code' in acs) return acs
  const slo = logoutOf(role, rules)
  if (slo && isMetadataFault(slo)) return slo
  return { entityId, ...keys, acs: acs.services, ...(slo && { slo }), ...times }
}

function entityOf(root: XmlElement): XmlElement | MetadataFault {
  const isMetadata = root.namespace === metadataNs
  if (isMetadata && root.name === 'EntityDescriptor') return root
  if (!isMetadata || root.name !== 'EntitiesDescriptor')
    return metadataFault('not-metadata', 'The root is no EntityDescriptor of SAML 2.0 metadata.')
  const [entity, ...others] = childrenOf(root, metadataNs, 'EntityDescriptor')
  if (entity && others.length === 0 && childrenOf(root, metadataNs, 'EntitiesDescriptor').length === 0) return entity
  return metadataFault(
    'not-metadata',
    'EntitiesDescriptor does not hold exactly one EntityDescriptor: send the metadata of this application alone.',
  )
}

function roleOf(entity: XmlElement): XmlElement | MetadataFault {
  const roles = childrenOf(entity, metadataNs, 'SPSSODescriptor').filter((role) =>
    (attributeText(role, 'protocolSupportEnumeration') ?? '').split(/\s+/).includes(protocolNs),
  )
  const [role, ...others] = roles
  if (role && others.length === 0) return role
  return metadataFault(
    'not-metadata',
    `There ${roles.length === 0 ? 'is no' : 'is more than one'} SPSSODescriptor for SAML 2.0; expected one.`,
  )
}

function timesOf(
  elements: readonly XmlElement[],
  now: Date,
): Pick<ProviderMetadata, 'validUntil' | 'cacheDuration'> | MetadataFault {
  const said = (attribute: string) => elements.flatMap((element) => attributeText(element, attribute) ?? [])
  const untils = said('validUntil').map(readInstant)
  const durations = said('cacheDuration').map(readDuration)
  if (untils.includes(undefined)) return metadataFault('not-metadata', 'validUntil is no xs:dateTime.')
  if (durations.includes(undefined)) return metadataFault('not-metadata', 'cacheDuration is no xs:duration.')
  const [validUntil] = untils.filter((at) => at !== undefined).sort((one, other) => one.getTime() - other.getTime())
  const [cacheDuration] = durations.filter((seconds) => seconds !== undefined).sort((one, other) => one - other)
  if (validUntil && validUntil <= now)
    return metadataFault('expired', `The metadata held until ${validUntil.toISOString()}; send newer ones.`)
  return { ...(validUntil && { validUntil }), ...(cacheDuration !== undefined && { cacheDuration }) }
}

/** Answers go out by POST only. The one that is meant where a request names none is marked (SAML 2.0 metadata, 2.2.3). */
function acsOf(role: XmlElement, rules: SamlRules): { readonly services: readonly SamlAcs[] } | MetadataFault {
  const endpoints = childrenOf(role, metadataNs, 'AssertionConsumerService').filter(
    (endpoint) => attributeText(endpoint, 'Binding') === postBinding,
  )
  if (endpoints.length === 0 || endpoints.length > 50)
    return metadataFault('address', 'There are not 1 to 50 AssertionConsumerService with the binding HTTP-POST.')
  const flags = endpoints.map((endpoint) => readBoolean(attributeText(endpoint, 'isDefault')))
  const first = flags.indexOf(true)
  const meant = first >= 0 ? first : Math.max(flags.indexOf(undefined), 0)
  const services: SamlAcs[] = []
  for (const [at, endpoint] of endpoints.entries()) {
    const url = attributeText(endpoint, 'Location') ?? ''
    const wrong = faultOfSamlAddress(url, { ...rules, pattern: false })
    if (wrong !== undefined) return metadataFault('address', `The Location of an AssertionConsumerService ${wrong}.`)
    const index = attributeText(endpoint, 'index')
    if (index !== undefined && !/^\d{1,5}$/.test(index))
      return metadataFault('not-metadata', 'The index of an AssertionConsumerService is no number.')
    services.push({
      url,
      ...(index !== undefined && { index: Number(index) }),
      ...(at === meant && { isDefault: true }),
    })
  }
  const indexes = services.flatMap(({ index }) => index ?? [])
  return new Set(indexes).size === indexes.length
    ? { services }
    : metadataFault('not-metadata', 'Two AssertionConsumerService have the same index.')
}

/** By Redirect where there is a choice: it brings the session's cookie, which browsers leave out of a POST from another site. */
function logoutOf(role: XmlElement, rules: SamlRules): SamlLogoutService | MetadataFault | undefined {
  const endpoints = childrenOf(role, metadataNs, 'SingleLogoutService')
  const by = (binding: string) => endpoints.find((endpoint) => attributeText(endpoint, 'Binding') === binding)
  const endpoint = by(redirectBinding) ?? by(postBinding)
  if (!endpoint) return undefined
  const url = attributeText(endpoint, 'Location')
  const responseUrl = attributeText(endpoint, 'ResponseLocation')
  for (const address of [url, ...(responseUrl === undefined ? [] : [responseUrl])]) {
    const wrong = faultOfSamlAddress(address, { ...rules, pattern: false })
    if (wrong !== undefined) return metadataFault('address', `The Location of SingleLogoutService ${wrong}.`)
  }
  const binding = endpoint === by(redirectBinding) ? 'redirect' : 'post'
  return { binding, url: url ?? '', ...(responseUrl !== undefined && { responseUrl }) }
}

const readBoolean = (text: string | undefined): boolean | undefined =>
  text === undefined ? undefined : text === 'true' || text === '1'

import { refusal, type Refusal } from '../refusal/index.ts'
import { matchesAddress, type SamlRelyingParty } from '../relying-party/index.ts'
import type { AuthnRequest } from './messages.ts'
import { shown } from './sender.ts'

/** Where the answer to a login goes: an address that is registered, or nowhere. */
export function acsOf(
  { acsUrl, acsIndex }: Pick<AuthnRequest, 'acsUrl' | 'acsIndex'>,
  { saml }: SamlRelyingParty,
): string | Refusal {
  if (acsUrl !== undefined) {
    if (saml.acs.some(({ url }) => matchesAddress(url, acsUrl))) return acsUrl
    return refusal('SAML-10-return-address', {
      reason: `AssertionConsumerServiceURL "${shown(acsUrl)}" is not registered; registered: ${known(saml.acs)}.`,
    })
  }
  if (saml.face === 'clave')
    return refusal('SAML-10-return-address', { reason: 'The request has no AssertionConsumerServiceURL.' })
  if (acsIndex !== undefined) {
    const indexed = saml.acs.find(({ index }) => index === acsIndex)
    return indexed?.url ?? refusal('SAML-10-return-address', { reason: `No return address has the index ${acsIndex}.` })
  }
  const [first] = saml.acs
  const fallback = saml.acs.find(({ isDefault }) => isDefault === true) ?? first
  return fallback?.url ?? refusal('SAML-10-return-address', { reason: 'No return address is registered.' })
}

/** Where the answer to a logout on the gateway's face goes: the first of these that is registered. */
export function logoutReturnOf(
  candidates: readonly (string | undefined)[],
  { saml }: SamlRelyingParty,
): string | Refusal {
  const registered = [...saml.logout, ...saml.acs.map(({ url }) => url)]
  const named = candidates.filter((one) => one !== undefined)
  const found = named.find((given) => registered.some((one) => matchesAddress(one, given)))
  return (
    found ??
    refusal('SAML-10-return-address', {
      reason: `Issuer "${shown(named[0] ?? '')}" is not registered as a return address; registered: ${registered.join(', ')}.`,
    })
  )
}

const known = (acs: SamlRelyingParty['saml']['acs']): string => acs.map(({ url }) => url).join(', ')

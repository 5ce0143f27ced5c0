import type { RelyingParty } from './relying-party.ts'
import type { SamlParty } from './saml-party.ts'

/** A relying party as it may be shown. */
export type ShownRelyingParty = Omit<RelyingParty, 'saml'> & {
  readonly clave?: Readonly<Record<string, unknown>>
  readonly saml?: Readonly<Record<string, unknown>>
}

/**
 * Without the hash of its secret, SAML in the words in which it is registered, so that it can be sent back. Of metadata
 * that were not read from an address it tells what they said, as if that had been typed by hand.
 */
export function shownRelyingParty({ saml, ...one }: RelyingParty): ShownRelyingParty {
  const { client_secret_hash: _, ...oidc } = one.oidc ?? {}
  return {
    ...one,
    oidc: one.oidc && (oidc as RelyingParty['oidc']),
    ...(saml && (saml.face === 'clave' ? { clave: shownClave(saml) } : { saml: shownStandard(saml) })),
  }
}

function shownClave(saml: SamlParty): Readonly<Record<string, unknown>> {
  const { name: providerName, aliases, acs, logout, redirectBinding, logoutIssuer } = saml
  return {
    ...{ providerName, ...shownKeys(saml), acs: acs.map(({ url }) => url), logout, aliases, redirectBinding },
    ...(logoutIssuer !== undefined && { logoutIssuer }),
  }
}

function shownStandard(saml: SamlParty): Readonly<Record<string, unknown>> {
  const { name: entityId, acs, slo, redirectBinding, attributeNames, metadata } = saml
  if (metadata?.url !== undefined) {
    const { url: metadataUrl, signedBy, encryption } = metadata
    return { metadataUrl, signedBy, attributeNames, ...(encryption !== undefined && { encryption }) }
  }
  return { entityId, ...shownKeys(saml), acs, ...(slo && { slo }), redirectBinding, attributeNames }
}

const shownKeys = ({ certificates, encryption }: SamlParty): object => ({
  certificates: certificates.map(({ pem }) => pem),
  ...(encryption && { encryption: { ...encryption, certificate: encryption.certificate.pem } }),
})

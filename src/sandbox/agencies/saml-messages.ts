import { SamlLib } from 'samlify'
import type { Asked } from './saml-wishes.ts'

/** Every message of an agency, before it is signed. What is filled in is escaped by the library. */

const bindings = 'urn:oasis:names:tc:SAML:2.0:bindings:'
const fill = (template: string, values: Readonly<Record<string, string | undefined>>): string =>
  SamlLib.replaceTagsByValue(template, { ...values })

export interface AuthnRequestParts {
  readonly id: string
  readonly at: Date
  readonly destination: string
  readonly acs: string
  readonly providerName: string
  /** None on the gateway's profile, as the official kits do: ProviderName says who asks. */
  readonly issuer: string | undefined
  readonly asked: Asked
  /** The attribute RelayState, which the gateway echoes. */
  readonly relayState: string | undefined
}

/** An AuthnRequest in the shape of the real gateway's kits; on the standard face it has an Issuer and no Extensions. */
export function authnRequest(parts: AuthnRequestParts): string {
  const { asked, issuer } = parts
  const text = fill(
    '<saml2p:AuthnRequest xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion"' +
      ' xmlns:eidas="{Eidas}" xmlns:eidas-natural="{Natural}"' +
      ' ID="{ID}" Version="2.0" IssueInstant="{At}" Destination="{Destination}" AssertionConsumerServiceURL="{Acs}"' +
      ` ProtocolBinding="${bindings}HTTP-POST" ProviderName="{ProviderName}"` +
      ' Consent="urn:oasis:names:tc:SAML:2.0:consent:unspecified" ForceAuthn="{Force}" IsPassive="{Passive}">' +
      '<saml2:Issuer>{Issuer}</saml2:Issuer>' +
      '<saml2p:NameIDPolicy AllowCreate="true" Format="{NameIdFormat}"/>' +
      '<saml2p:RequestedAuthnContext Comparison="{Comparison}"><saml2:AuthnContextClassRef>{ClassRef}</saml2:AuthnContextClassRef>' +
      '</saml2p:RequestedAuthnContext></saml2p:AuthnRequest>',
    {
      ...(issuer === undefined ? eidasNamespaces : { Eidas: undefined, Natural: undefined }),
      ID: parts.id,
      At: parts.at.toISOString(),
      Destination: parts.destination,
      Acs: parts.acs,
      ProviderName: parts.providerName,
      Force: asked.force,
      Passive: asked.passive,
      Issuer: issuer,
      NameIdFormat: asked.nameIdFormat,
      Comparison: asked.comparison,
      ClassRef: asked.classRef,
    },
  )
  return issuer === undefined
    ? text.replace('<saml2p:NameIDPolicy', () => `${extensions(parts)}<saml2p:NameIDPolicy`)
    : text
}

const eidasNamespaces = {
  Eidas: 'http://eidas.europa.eu/saml-extensions',
  Natural: 'http://eidas.europa.eu/attributes/naturalperson',
}

function extensions({ asked, relayState }: AuthnRequestParts): string {
  const excluded = asked.excluded.map((name) => requestedAttribute(name, undefined))
  const echoed = relayState === undefined ? [] : [requestedAttribute('RelayState', relayState)]
  return (
    '<saml2p:Extensions><eidas:SPType>public</eidas:SPType><eidas:RequestedAttributes>' +
    `${[...excluded, ...echoed].join('')}</eidas:RequestedAttributes></saml2p:Extensions>`
  )
}

/** A method is switched off by naming it; only RelayState carries a value. */
function requestedAttribute(name: string, value: string | undefined): string {
  const content =
    value === undefined
      ? ''
      : '<eidas:AttributeValue xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="eidas-natural:PersonIdentifierType">{Value}</eidas:AttributeValue>'
  return fill(
    '<eidas:RequestedAttribute FriendlyName="{FriendlyName}" Name="{Name}"' +
      ` NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri" isRequired="false">${content}</eidas:RequestedAttribute>`,
    {
      FriendlyName: name.slice(name.lastIndexOf('/') + 1),
      Name: name.includes(':') ? name : `http://es.minhafp.clave/${name}`,
      Value: value ?? '',
    },
  )
}

export interface LogoutRequestParts {
  readonly id: string
  readonly at: Date
  readonly destination: string
  readonly issuer: string
  readonly nameId: string
  readonly format?: string | undefined
  readonly nameQualifier?: string | undefined
  readonly spNameQualifier?: string | undefined
  readonly sessionIndex?: string | undefined
}

/** On the gateway's profile the NameID is the provider, not the citizen, and there is no SessionIndex. */
export const logoutRequest = (parts: LogoutRequestParts): string =>
  fill(
    '<saml2p:LogoutRequest xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion"' +
      ' ID="{ID}" Version="2.0" IssueInstant="{At}" Destination="{Destination}" Reason="urn:oasis:names:tc:SAML:2.0:logout:user">' +
      '<saml2:Issuer>{Issuer}</saml2:Issuer>' +
      '<saml2:NameID Format="{Format}" NameQualifier="{NameQualifier}" SPNameQualifier="{SPNameQualifier}">{NameId}</saml2:NameID>' +
      '<saml2p:SessionIndex>{SessionIndex}</saml2p:SessionIndex></saml2p:LogoutRequest>',
    {
      ID: parts.id,
      At: parts.at.toISOString(),
      Destination: parts.destination,
      Issuer: parts.issuer,
      Format: parts.format,
      NameQualifier: parts.nameQualifier,
      SPNameQualifier: parts.spNameQualifier,
      NameId: parts.nameId,
      SessionIndex: parts.sessionIndex,
    },
  )

export interface LogoutResponseParts {
  readonly id: string
  readonly at: Date
  readonly destination: string
  readonly issuer: string
  readonly inResponseTo: string
}

export const logoutResponse = (parts: LogoutResponseParts): string =>
  fill(
    '<saml2p:LogoutResponse xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion"' +
      ' ID="{ID}" Version="2.0" IssueInstant="{At}" Destination="{Destination}" InResponseTo="{InResponseTo}">' +
      '<saml2:Issuer>{Issuer}</saml2:Issuer><saml2p:Status>' +
      '<saml2p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></saml2p:Status></saml2p:LogoutResponse>',
    {
      ID: parts.id,
      At: parts.at.toISOString(),
      Destination: parts.destination,
      InResponseTo: parts.inResponseTo,
      Issuer: parts.issuer,
    },
  )

export interface SpMetadataParts {
  readonly entityId: string
  /** Base64 of the DER: one key signs and is encrypted for. */
  readonly certificate: string
  readonly acs: readonly string[]
  readonly slo: string
  readonly name: string
}

/** What the agency of the standard face is registered by. */
export function spMetadata({ entityId, certificate, acs, slo, name }: SpMetadataParts): string {
  const key = (use: string, methods: readonly string[]) =>
    fill(
      `<md:KeyDescriptor use="${use}"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{Certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>` +
        `${methods.map((method) => `<md:EncryptionMethod Algorithm="${method}"/>`).join('')}</md:KeyDescriptor>`,
      { Certificate: certificate },
    )
  const logout = ['HTTP-Redirect', 'HTTP-POST'].map((binding) =>
    fill(`<md:SingleLogoutService Binding="${bindings}${binding}" Location="{Slo}"/>`, { Slo: slo }),
  )
  const formats = ['persistent', 'transient'].map(
    (format) => `<md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:${format}</md:NameIDFormat>`,
  )
  const consumers = acs.map((location, index) =>
    fill(
      `<md:AssertionConsumerService Binding="${bindings}HTTP-POST" Location="{Location}" index="${index}"${index === 0 ? ' isDefault="true"' : ''}/>`,
      { Location: location },
    ),
  )
  return (
    fill(
      '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="{EntityId}">',
      { EntityId: entityId },
    ) +
    '<md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol" AuthnRequestsSigned="true" WantAssertionsSigned="true">' +
    key('signing', []) +
    key('encryption', [
      'http://www.w3.org/2009/xmlenc11#aes256-gcm',
      'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
    ]) +
    [...logout, ...formats, ...consumers].join('') +
    '</md:SPSSODescriptor>' +
    fill(
      '<md:Organization><md:OrganizationName xml:lang="es">{Name}</md:OrganizationName><md:OrganizationDisplayName xml:lang="es">{Name}</md:OrganizationDisplayName><md:OrganizationURL xml:lang="es">{Slo}</md:OrganizationURL></md:Organization>',
      { Name: name, Slo: entityId },
    ) +
    '</md:EntityDescriptor>'
  )
}

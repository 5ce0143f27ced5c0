/** Messages in the shape that the official kits send (clave-saml-profile, 3 and 7), unsigned. */

const namespaces = [
  'xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol"',
  'xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion"',
].join(' ')
const eidasNamespaces = [
  'xmlns:ds="http://www.w3.org/2000/09/xmldsig#"',
  'xmlns:eidas="http://eidas.europa.eu/saml-extensions"',
  'xmlns:eidas-natural="http://eidas.europa.eu/attributes/naturalperson"',
].join(' ')

export interface AuthnRequestContent {
  readonly id?: string
  readonly issueInstant?: string
  /** undefined: the attribute is left out; so for all below. */
  readonly destination?: string | undefined
  readonly acsUrl?: string | undefined
  readonly acsIndex?: number | undefined
  readonly providerName?: string | undefined
  readonly forceAuthn?: string | undefined
  readonly isPassive?: string | undefined
  readonly protocolBinding?: string | undefined
  readonly issuer?: string | undefined
  /** Names behind `http://es.minhafp.clave/`, as AFirmaIdP; undefined: no RequestedAttributes. */
  readonly requested?: readonly string[] | undefined
  /** Value of the requested attribute RelayState. */
  readonly relayState?: string | undefined
  readonly spType?: string | undefined
  /** XML inside Extensions, in front of the rest. */
  readonly extensions?: string
  readonly nameIdFormat?: string | undefined
  readonly comparison?: string | undefined
  /** URIs; undefined: no RequestedAuthnContext. */
  readonly classRefs?: readonly string[] | undefined
  /** XML at the end of the root. */
  readonly last?: string
  /** More attributes of the root. */
  readonly attributes?: string
  /** A line break and two spaces between all elements. */
  readonly pretty?: boolean
}

const requestDefaults = {
  id: '_r1',
  issueInstant: '2026-01-10T09:00:00.000Z',
  destination: 'https://idp.example/Proxy2/ServiceProvider',
  acsUrl: 'https://sp.example/SP2/ReturnPage',
  providerName: 'S2800001A_E00000001;Demo',
  forceAuthn: 'true',
  isPassive: 'false',
  requested: ['EIDASIdP'],
  nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  comparison: 'minimum',
  classRefs: ['http://eidas.europa.eu/LoA/low'],
} as const satisfies AuthnRequestContent

/** As the kits send it, but for what is told; `undefined` told leaves it out. */
export function authnRequest(content: AuthnRequestContent = {}): string {
  const of: AuthnRequestContent = { ...requestDefaults, ...content }
  const root = attributes({
    ID: of.id,
    Version: '2.0',
    IssueInstant: of.issueInstant,
    Destination: of.destination,
    AssertionConsumerServiceURL: of.acsUrl,
    AssertionConsumerServiceIndex: of.acsIndex?.toString(),
    ProviderName: of.providerName,
    ProtocolBinding: of.protocolBinding,
    Consent: 'urn:oasis:names:tc:SAML:2.0:consent:unspecified',
    ForceAuthn: of.forceAuthn,
    IsPassive: of.isPassive,
  })
  const xml = [
    `<saml2p:AuthnRequest ${namespaces} ${eidasNamespaces}${root}${of.attributes ?? ''}>`,
    of.issuer === undefined ? '' : element('saml2:Issuer', of.issuer),
    extensions(of),
    of.nameIdFormat === undefined
      ? ''
      : `<saml2p:NameIDPolicy AllowCreate="true" Format="${escaped(of.nameIdFormat)}"/>`,
    authnContext(of),
    of.last ?? '',
    '</saml2p:AuthnRequest>',
  ].join('')
  return of.pretty ? xml.replaceAll('><', '>\n  <') : xml
}

function extensions({ requested, relayState, spType, extensions = '' }: AuthnRequestContent): string {
  const wanted = (requested ?? []).map((name) => requestedAttribute(name, ''))
  if (relayState !== undefined) wanted.push(requestedAttribute('RelayState', attributeValue(relayState)))
  const list =
    requested || relayState !== undefined
      ? `<eidas:RequestedAttributes>${wanted.join('')}</eidas:RequestedAttributes>`
      : ''
  const inside = extensions + (spType === undefined ? '' : element('eidas:SPType', spType)) + list
  return inside === '' ? '' : `<saml2p:Extensions>${inside}</saml2p:Extensions>`
}

const requestedAttribute = (name: string, inside: string) =>
  `<eidas:RequestedAttribute FriendlyName="${name}" Name="http://es.minhafp.clave/${name}" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri" isRequired="false">${inside}</eidas:RequestedAttribute>`
const attributeValue = (value: string) =>
  `<eidas:AttributeValue xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="eidas-natural:PersonIdentifierType">${escaped(value)}</eidas:AttributeValue>`

function authnContext({ classRefs, comparison }: AuthnRequestContent): string {
  if (!classRefs) return ''
  const refs = classRefs.map((uri) => element('saml2:AuthnContextClassRef', uri)).join('')
  return `<saml2p:RequestedAuthnContext${attributes({ Comparison: comparison })}>${refs}</saml2p:RequestedAuthnContext>`
}

export interface LogoutRequestContent {
  readonly id?: string
  readonly issueInstant?: string
  readonly destination?: string | undefined
  readonly notOnOrAfter?: string | undefined
  readonly issuer?: string | undefined
  readonly nameId?: string
  readonly nameIdFormat?: string | undefined
  readonly spNameQualifier?: string | undefined
  readonly sessionIndexes?: readonly string[]
  /** XML inside Extensions. */
  readonly extensions?: string
  /** XML at the end of the root. */
  readonly last?: string
}

const logoutDefaults = {
  id: '_l1',
  issueInstant: '2026-01-10T09:00:00.000Z',
  destination: 'https://idp.example/Proxy2/ServiceProvider',
  issuer: 'https://sp.example/SP2/LogoutPage',
  nameId: 'S2800001A_E00000001',
  spNameQualifier: 'https://sp.example/SP2/LogoutPage',
} as const satisfies LogoutRequestContent

export function logoutRequest(content: LogoutRequestContent = {}): string {
  const of: LogoutRequestContent = { ...logoutDefaults, ...content }
  const root = attributes({
    ID: of.id,
    Version: '2.0',
    IssueInstant: of.issueInstant,
    Destination: of.destination,
    NotOnOrAfter: of.notOnOrAfter,
    Reason: 'urn:oasis:names:tc:SAML:2.0:logout:user',
  })
  return [
    `<saml2p:LogoutRequest ${namespaces}${root}>`,
    of.issuer === undefined ? '' : element('saml2:Issuer', of.issuer),
    of.extensions === undefined ? '' : `<saml2p:Extensions>${of.extensions}</saml2p:Extensions>`,
    `<saml2:NameID${attributes({ SPNameQualifier: of.spNameQualifier, Format: of.nameIdFormat })}>${escaped(of.nameId ?? '')}</saml2:NameID>`,
    ...(of.sessionIndexes ?? []).map((index) => element('saml2p:SessionIndex', index)),
    of.last ?? '',
    '</saml2p:LogoutRequest>',
  ].join('')
}

export interface LogoutResponseContent {
  readonly id?: string
  readonly issueInstant?: string
  readonly destination?: string | undefined
  readonly inResponseTo?: string | undefined
  readonly issuer?: string | undefined
  /** The last word of the status URI. */
  readonly status?: string
  readonly extensions?: string
  readonly last?: string
}

export function logoutResponse(content: LogoutResponseContent = {}): string {
  const of: LogoutResponseContent = {
    id: '_s1',
    issueInstant: '2026-01-10T09:00:00.000Z',
    destination: 'https://idp.example/saml/slo',
    inResponseTo: '_l2',
    issuer: 'https://sp.example/metadata',
    status: 'Success',
    ...content,
  }
  const root = attributes({
    ID: of.id,
    Version: '2.0',
    IssueInstant: of.issueInstant,
    Destination: of.destination,
    InResponseTo: of.inResponseTo,
  })
  return [
    `<saml2p:LogoutResponse ${namespaces}${root}>`,
    of.issuer === undefined ? '' : element('saml2:Issuer', of.issuer),
    of.extensions === undefined ? '' : `<saml2p:Extensions>${of.extensions}</saml2p:Extensions>`,
    `<saml2p:Status><saml2p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${of.status}"/></saml2p:Status>`,
    of.last ?? '',
    '</saml2p:LogoutResponse>',
  ].join('')
}

const attributes = (values: Readonly<Record<string, string | undefined>>) =>
  Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${escaped(value!)}"`)
    .join('')
const element = (name: string, text: string) => `<${name}>${escaped(text)}</${name}>`

export const escaped = (text: string) =>
  text.replace(/[&<>"]/g, (character) => `&${{ '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot' }[character]};`)

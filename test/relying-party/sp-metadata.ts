import { makeKeyPair, signXml, type SamlKeyPair } from '../support/saml-signer.ts'
import type { NotWritten, Written } from '../../src/relying-party/index.ts'

export const entityId = 'https://sp.example/metadata'
export const acs = 'https://sp.example/saml/acs'
export const [sp, other, ec] = [makeKeyPair(), makeKeyPair(), makeKeyPair('P-256')]
export const day = 24 * 60 * 60 * 1000
/** So many days from now, as SAML writes it. */
export const inDays = (days: number): string => new Date(Date.now() + days * day).toISOString()

export interface MetadataContent {
  readonly entityId?: string
  /** Attributes of EntityDescriptor beside entityID and ID. */
  readonly attributes?: string
  /** Of SPSSODescriptor. */
  readonly roleAttributes?: string
  /** Elements in the place of the KeyDescriptors. */
  readonly keys?: string
  /** Elements in the place of SingleLogoutService. */
  readonly logout?: string
  /** Elements in the place of AssertionConsumerService. */
  readonly acs?: string
}

export const base64Of = ({ certificate }: SamlKeyPair): string => certificate.pem.replace(/-----.*-----|\s/g, '')

export const keyDescriptor = (pair: SamlKeyPair, use?: 'signing' | 'encryption', methods = ''): string =>
  `<md:KeyDescriptor${use ? ` use="${use}"` : ''}><ds:KeyInfo><ds:X509Data><ds:X509Certificate>
${base64Of(pair)}
</ds:X509Certificate></ds:X509Data></ds:KeyInfo>${methods}</md:KeyDescriptor>`

export const endpoint = (name: string, binding: string, location: string, more = ''): string =>
  `<md:${name} Binding="urn:oasis:names:tc:SAML:2.0:bindings:${binding}" Location="${location}"${more}/>`

/** The metadata of an agency's application, as its own software would write them. */
export function spMetadata(content: MetadataContent = {}): string {
  const {
    attributes = '',
    keys = keyDescriptor(sp, 'signing'),
    logout = '',
    acs: services = endpoint('AssertionConsumerService', 'HTTP-POST', acs, ' index="0"'),
  } = content
  return `<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"
  ID="_m1" entityID="${content.entityId ?? entityId}" ${attributes}>
  <md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"${content.roleAttributes ?? ''}>
    ${keys}${logout}
    <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:transient</md:NameIDFormat>
    ${services}
  </md:SPSSODescriptor>
  <md:Organization><md:OrganizationName xml:lang="es">Organismo</md:OrganizationName></md:Organization>
</md:EntityDescriptor>`
}

export const signed = (content: MetadataContent = {}, by: SamlKeyPair = sp): string =>
  signXml(spMetadata(content), { ...by, algorithm: 'rsa-sha256', digest: 'sha256', at: 'first' })

export function written(answer: Written | NotWritten | undefined): Written {
  if (answer && 'relyingParty' in answer) return answer
  throw new Error(`not written: ${JSON.stringify(answer)}`)
}

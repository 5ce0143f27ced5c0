import { execFileSync, spawnSync } from 'node:child_process'
import { generateKeyPairSync, X509Certificate, type KeyObject } from 'node:crypto'
import path from 'node:path'
import { XmlC14NMode, XmlDocument } from 'libxml2-wasm'
import type { Test } from 'tap'
import { scopes } from '../../src/relying-party/index.ts'
import { selfSignedCertificate, systemClock, systemRandom, type SamlKey } from '../../src/platform/index.ts'
import { claveAttributes, standardAttributes, type Person } from '../../src/saml/attributes.ts'
import { idpMetadata } from '../../src/saml/idp-metadata.ts'
import { logoutRequest, logoutResponse } from '../../src/saml/logout-message.ts'
import { errorResponse, successResponse, type Encrypting, type SuccessAnswer } from '../../src/saml/response.ts'

/** What the service's side of a test is made of. The times are real: peers compare them with their own clock. */
export const at = systemClock.wire()
export const issuer = 'https://clave.test'
export const acs = 'https://agency.test/acs'
export const spEntityId = 'https://agency.test/metadata'
export const persistent = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'

export interface KeyAndCertificate {
  readonly privateKey: KeyObject
  readonly privatePem: string
  readonly certificatePem: string
}

export function keyAndCertificate(commonName: string): KeyAndCertificate {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const years = (count: number) => new Date(at.getTime() + count * 365 * 86_400_000)
  const certificatePem = selfSignedCertificate({ ...pair, commonName, notBefore: years(-1), notAfter: years(5) })
  const privatePem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return { privateKey: pair.privateKey, privatePem, certificatePem }
}

export function samlKey(commonName = 'clave.test', state: SamlKey['state'] = 'current'): SamlKey & { pem: string } {
  const { privateKey, certificatePem } = keyAndCertificate(commonName)
  const certificate = new X509Certificate(certificatePem)
  const { raw, validToDate: notAfter } = certificate
  return {
    kid: `${commonName}-${state}`,
    state,
    privateKey,
    certificate: raw.toString('base64'),
    notAfter,
    pem: certificatePem,
  }
}

/** What an agency has encrypted for it. */
export const spKey = keyAndCertificate('agency.test')
export const spCertificate = {
  pem: spKey.certificatePem,
  fingerprint: new X509Certificate(spKey.certificatePem).fingerprint256.replaceAll(':', '').toLowerCase(),
  notBefore: at.toISOString(),
  notAfter: at.toISOString(),
}

export const carmen: Person = {
  document: '99999999R',
  given: 'CARMEN',
  firstSurname: 'PRUEBA',
  secondSurname: 'FICTICIA',
  email: 'carmen@example.test',
  phone: '+34600000001',
  registrationLevel: 'advanced',
  method: 'pin',
}

export const answer = (face: 'clave' | 'standard'): SuccessAnswer => ({
  face,
  issuer,
  destination: acs,
  inResponseTo: '_request',
  at,
  id: '_response',
  assertionId: '_assertion',
  audience: face === 'clave' ? acs : spEntityId,
})

/** A name that every writer of XML stumbles over, if it stumbles. */
export const awkward = `O'DONNELL "&<]]>\u0007\u2028😀 אבג\r\n\tÑ`

export const success = (face: 'clave' | 'standard', key: SamlKey, encryption?: Encrypting, given = awkward): string =>
  successResponse(
    key,
    answer(face),
    {
      nameId: face === 'clave' ? carmen.document : 'pairwise',
      nameIdFormat: persistent,
      classRef: 'http://eidas.europa.eu/LoA/substantial',
      authnInstant: at,
      attributes:
        face === 'clave'
          ? claveAttributes({ ...carmen, given }, { relayState: 'state', registrationLevel: true })
          : standardAttributes({ ...carmen, given }, scopes, 'eidas'),
      ...(face === 'clave' ? {} : { sessionIndex: '_session', spNameQualifier: spEntityId }),
    },
    encryption,
  )

export const failure = (face: 'clave' | 'standard', key: SamlKey): string =>
  errorResponse(key, answer(face), { status: 'Responder', sub: 'AuthnFailed', message: `003002 - ${awkward}` })

export const goodbye = (face: 'clave' | 'standard', key: SamlKey | undefined): string =>
  logoutResponse(key, {
    face,
    issuer,
    destination: 'https://agency.test/slo',
    inResponseTo: '_request',
    at,
    id: '_logout',
    success: true,
  })

export const order = (key: SamlKey | undefined): string =>
  logoutRequest(key, {
    issuer,
    destination: 'https://agency.test/slo',
    at,
    id: '_order',
    nameId: 'pairwise',
    nameIdFormat: persistent,
    spNameQualifier: spEntityId,
    sessionIndex: '_session',
    notOnOrAfter: new Date(at.getTime() + 300_000),
  })

export const metadata = (keys: readonly SamlKey[]): string =>
  idpMetadata(keys, { entityId: issuer, id: '_metadata', validUntil: new Date(at.getTime() + 7 * 86_400_000) })

export const encryptions = (['aes256-gcm', 'aes256-cbc'] as const).flatMap((content) =>
  (['sha1', 'sha256'] as const).map((keyDigest): Encrypting => ({
    certificate: spCertificate,
    content,
    keyDigest,
    random: systemRandom,
  })),
)

const protocol = 'urn:oasis:names:tc:SAML:2.0:protocol'

/** One message of each kind; the prefixes that its canonicalisation is told of, and its root for xmlsec1. */
export function everyKind(key: SamlKey): readonly {
  readonly kind: string
  readonly xml: string
  readonly prefixes: readonly string[]
  readonly root: string
}[] {
  const faces = [
    { face: 'clave', prefixes: ['eidas-natural', 'xs'] },
    { face: 'standard', prefixes: ['xs'] },
  ] as const
  const response = `${protocol}:Response`
  return [
    ...faces.flatMap(({ face, prefixes }) => [
      { kind: `${face} success`, xml: success(face, key), prefixes, root: response },
      ...encryptions.map((encryption) => ({
        kind: `${face} success in ${encryption.content} under OAEP ${encryption.keyDigest}`,
        xml: success(face, key, encryption),
        prefixes,
        root: response,
      })),
      { kind: `${face} error`, xml: failure(face, key), prefixes, root: response },
      { kind: `${face} LogoutResponse`, xml: goodbye(face, key), prefixes, root: `${protocol}:LogoutResponse` },
    ]),
    { kind: 'LogoutRequest', xml: order(key), prefixes: ['xs'], root: `${protocol}:LogoutRequest` },
    {
      kind: 'metadata',
      xml: metadata([key]),
      prefixes: [],
      root: 'urn:oasis:names:tc:SAML:2.0:metadata:EntityDescriptor',
    },
  ]
}

const namespaces = {
  saml2p: 'urn:oasis:names:tc:SAML:2.0:protocol',
  saml2: 'urn:oasis:names:tc:SAML:2.0:assertion',
  md: 'urn:oasis:names:tc:SAML:2.0:metadata',
  ds: 'http://www.w3.org/2000/09/xmldsig#',
  ec: 'http://www.w3.org/2001/10/xml-exc-c14n#',
  xenc: 'http://www.w3.org/2001/04/xmlenc#',
  xenc11: 'http://www.w3.org/2009/xmlenc11#',
  xsi: 'http://www.w3.org/2001/XMLSchema-instance',
}

/** The contents of all nodes that an XPath finds, by libxml2. */
export function found(xml: string, xpath: string): readonly string[] {
  const document = XmlDocument.fromString(xml)
  try {
    return document.find(xpath, namespaces).map(({ content }) => content)
  } finally {
    document.dispose()
  }
}

/** By libxml2, exclusive. */
export function canonical(xml: string, prefixes: readonly string[]): string {
  const document = XmlDocument.fromString(xml)
  try {
    const options = { mode: XmlC14NMode.XML_C14N_EXCLUSIVE_1_0, inclusiveNamespacePrefixes: [...prefixes] }
    return document.canonicalizeToString(options)
  } finally {
    document.dispose()
  }
}

/** Names of the child elements, with their prefixes. */
export const children = (xml: string, of: string): readonly string[] => {
  const document = XmlDocument.fromString(xml)
  try {
    return document
      .find(`${of}/*`, namespaces)
      .map((node) => ('prefix' in node ? `${String(node.prefix)}:` : '') + ('name' in node ? String(node.name) : ''))
  } finally {
    document.dispose()
  }
}

/** Whether xmlsec1 verifies the signature at this place, trusting this certificate alone. */
export function xmlsecVerifies(t: Test, xml: string, trustedPem: string, element: string, signature?: string): boolean {
  const folder = t.testdir({ 'message.xml': xml, 'trusted.pem': trustedPem })
  const args = ['--verify', '--trusted-pem', path.join(folder, 'trusted.pem'), '--id-attr:ID', element]
  if (signature !== undefined) args.push('--node-xpath', signature)
  try {
    execFileSync('xmlsec1', [...args, path.join(folder, 'message.xml')], { stdio: 'pipe' })
    return true
  } catch {
    return false
  }
}

/** What xmlsec1 makes of an encrypted element. Throws where it cannot. */
export function xmlsecDecrypts(t: Test, xml: string, privatePem: string): string {
  const folder = t.testdir({ 'message.xml': xml, 'key.pem': privatePem })
  const args = ['--decrypt', '--privkey-pem', path.join(folder, 'key.pem'), path.join(folder, 'message.xml')]
  return execFileSync('xmlsec1', args, { stdio: 'pipe' }).toString()
}

/** The schemas of OASIS and W3C, for xmllint. */
export const schemaFile = path.join(import.meta.dirname, '../schemas/saml.xsd')

/** What xmllint has against the message by the schemas of OASIS and W3C, fetching nothing; empty: it is valid. */
export function schemaFaults(t: Test, xml: string): string {
  const file = path.join(t.testdir({ 'message.xml': xml }), 'message.xml')
  const { status, stderr } = spawnSync('xmllint', ['--nonet', '--noout', '--schema', schemaFile, file])
  if (status === 0) return ''
  const lines = stderr.toString().split('\n')
  const faults = lines.filter((line) => line.includes('message.xml'))
  return (faults.length > 0 ? faults : lines).join('\n')
}

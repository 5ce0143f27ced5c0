import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import type { Test } from 'tap'
import { IdentityProvider, SamlLib, ServiceProvider } from 'samlify'
import { SignedXml } from 'xml-crypto'
import { selfSignedCertificate } from '../../src/platform/index.ts'

/** An identity provider that speaks by a library's signature, and says whatever it is told to. */
export interface TestIdp {
  readonly url: string
  /** From now on it publishes and signs with another key. */
  rollOver(): void
  /** Signs the element with this ID, below its Issuer. */
  sign(xml: string, id: string, algorithm?: 'sha1' | 'sha256' | 'sha512'): string
  /** A Response of the gateway's profile: signed once, on the outside. */
  gateway(said: Said): string
  /** A Response of the standard face: both signed, the assertion encrypted for this certificate. */
  standard(said: Said, certificate: string): Promise<string>
}

export interface Said {
  readonly inResponseTo: string
  readonly acs: string
  readonly audience: string
  readonly issuer?: string
  readonly destination?: string
  readonly level?: string
  readonly relayState?: string
  /** Minutes from now. */
  readonly until?: number
  /** Instead of success: top-level word, second word, message. */
  readonly failure?: readonly [string, string, string]
}

const start = Date.now()
const at = (minutes: number) => new Date(start + minutes * 60_000).toISOString()

interface Key {
  readonly privateKey: string
  readonly certificate: string
}

function newKey(): Key {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const notBefore = new Date(start)
  const pem = selfSignedCertificate({
    ...{ privateKey, publicKey, commonName: 'test', notBefore },
    notAfter: new Date(start + 86_400_000),
  })
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    certificate: pem.replace(/-----[^-]+-----|\s/g, ''),
  }
}

export async function testIdp(t: Test): Promise<TestIdp> {
  let key = newKey()
  const server = createServer((request, answer) => {
    const { url: path } = request
    const x509 = `<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${key.certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`
    const services = ['SingleLogoutService', 'SingleSignOnService'].flatMap((name) =>
      ['HTTP-Redirect', 'HTTP-POST'].map(
        (binding) =>
          `<md:${name} Binding="urn:oasis:names:tc:SAML:2.0:bindings:${binding}" Location="${url}/saml/${name === 'SingleSignOnService' ? 'sso' : 'slo'}"/>`,
      ),
    )
    answer.setHeader('content-type', 'application/xml')
    if (path === '/Proxy2/Certificates')
      answer.end(`<Certificates><KeyDescriptor use="signing">${x509}</KeyDescriptor></Certificates>`)
    else
      answer.end(
        `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${url}"><md:IDPSSODescriptor WantAuthnRequestsSigned="true" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor use="signing">${x509}</md:KeyDescriptor>${services.join('')}</md:IDPSSODescriptor></md:EntityDescriptor>`,
      )
  }).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const sign: TestIdp['sign'] = (xml, id, algorithm = 'sha512') => signed(key, xml, id, algorithm)
  const base64 = (xml: string) => Buffer.from(xml).toString('base64')
  return {
    url,
    rollOver() {
      key = newKey()
    },
    sign,
    gateway: (said) => base64(sign(response(url, said), '_p1')),
    async standard(said, certificate) {
      const inner = said.failure ? response(url, said) : sign(response(url, said), '_a1', 'sha256')
      if (said.failure) return base64(sign(inner, '_p1', 'sha256'))
      const sp = ServiceProvider({
        encryptCert: certificate,
        assertionConsumerService: [{ Binding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST', Location: said.acs }],
      })
      const idp = IdentityProvider({
        isAssertionEncrypted: true,
        singleSignOnService: [{ Binding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST', Location: url }],
        singleLogoutService: [{ Binding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST', Location: url }],
        dataEncryptionAlgorithm: 'http://www.w3.org/2009/xmlenc11#aes256-gcm',
        keyEncryptionAlgorithm: 'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
      } as Parameters<typeof IdentityProvider>[0])
      const encrypted = await SamlLib.encryptAssertion(idp, sp, inner)
      return base64(sign(Buffer.from(encrypted, 'base64').toString(), '_p1', 'sha256'))
    },
  }
}

const algorithms = {
  sha1: ['http://www.w3.org/2000/09/xmldsig#rsa-sha1', 'http://www.w3.org/2000/09/xmldsig#sha1'],
  sha256: ['http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', 'http://www.w3.org/2001/04/xmlenc#sha256'],
  sha512: ['http://www.w3.org/2001/04/xmldsig-more#rsa-sha512', 'http://www.w3.org/2001/04/xmlenc#sha512'],
} as const

function signed(key: Key, xml: string, id: string, algorithm: keyof typeof algorithms): string {
  const [signatureAlgorithm, digestAlgorithm] = algorithms[algorithm]
  const signer = new SignedXml({
    privateKey: key.privateKey,
    publicCert: `-----BEGIN CERTIFICATE-----\n${key.certificate}\n-----END CERTIFICATE-----`,
    signatureAlgorithm,
    canonicalizationAlgorithm: 'http://www.w3.org/2001/10/xml-exc-c14n#',
  })
  signer.addReference({
    xpath: `//*[@ID='${id}']`,
    digestAlgorithm,
    transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', 'http://www.w3.org/2001/10/xml-exc-c14n#'],
  })
  signer.computeSignature(xml, {
    prefix: 'ds',
    location: { reference: `//*[@ID='${id}']/*[local-name(.)='Issuer']`, action: 'after' },
  })
  return signer.getSignedXml()
}

const attribute = (friendly: string, name: string, value: string, type = 'xs:string') =>
  `<saml2:Attribute FriendlyName="${friendly}" Name="${name}" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri"><saml2:AttributeValue xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="${type}">${value}</saml2:AttributeValue></saml2:Attribute>`
const natural = 'http://eidas.europa.eu/attributes/naturalperson'
const clave = 'http://es.minhafp.clave'

function response(url: string, said: Said): string {
  const { inResponseTo, acs, failure } = said
  const issuer = `<saml2:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity">${said.issuer ?? url}</saml2:Issuer>`
  const [top, second, message] = failure ?? ['Success', undefined, 'urn:oasis:names:tc:SAML:2.0:status:Success']
  const code = (word: string, inner = '') =>
    `<saml2p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${word}">${inner}</saml2p:StatusCode>`
  const status = `<saml2p:Status>${code(top, second === undefined ? '' : code(second))}<saml2p:StatusMessage>${message}</saml2p:StatusMessage></saml2p:Status>`
  const until = at(said.until ?? 15)
  const assertion = `<saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:eidas-natural="${natural}" xmlns:xs="http://www.w3.org/2001/XMLSchema" ID="_a1" IssueInstant="${at(0)}" Version="2.0">${issuer}<saml2:Subject><saml2:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" NameQualifier="${url}">99999999R</saml2:NameID><saml2:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml2:SubjectConfirmationData InResponseTo="${inResponseTo}" NotOnOrAfter="${until}" Recipient="${acs}"/></saml2:SubjectConfirmation></saml2:Subject><saml2:Conditions NotBefore="${at(-1)}" NotOnOrAfter="${until}"><saml2:AudienceRestriction><saml2:Audience>${said.audience}</saml2:Audience></saml2:AudienceRestriction></saml2:Conditions><saml2:AuthnStatement AuthnInstant="${at(0)}" SessionIndex="_s1"><saml2:AuthnContext><saml2:AuthnContextClassRef>http://eidas.europa.eu/LoA/${said.level ?? 'substantial'}</saml2:AuthnContextClassRef></saml2:AuthnContext></saml2:AuthnStatement><saml2:AttributeStatement>${[
    attribute('FamilyName', `${natural}/CurrentFamilyName`, 'PRUEBA FICTICIA', 'eidas-natural:CurrentFamilyNameType'),
    attribute(
      'FirstName',
      `${natural}/CurrentGivenName`,
      'CARMEN &amp; &lt;b&gt;',
      'eidas-natural:CurrentGivenNameType',
    ),
    attribute('PersonIdentifier', `${natural}/PersonIdentifier`, '99999999R', 'eidas-natural:PersonIdentifierType'),
    attribute('FirstSurname', `${clave}/FirstSurname`, 'PRUEBA'),
    attribute('SelectedIdP', `${clave}/SelectedIdP`, 'SEGSOC'),
    ...(said.relayState === undefined ? [] : [attribute('RelayState', `${clave}/RelayState`, said.relayState)]),
  ].join('')}</saml2:AttributeStatement></saml2:Assertion>`
  return `<saml2p:Response xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" Destination="${said.destination ?? acs}" ID="_p1" InResponseTo="${inResponseTo}" IssueInstant="${at(0)}" Version="2.0">${issuer}${status}${failure ? '' : assertion}</saml2p:Response>`
}

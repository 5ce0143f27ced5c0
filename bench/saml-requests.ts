import { createHash, createSign, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto'
import { selfSignedCertificate } from '../src/platform/keys/self-signed-certificate.ts'

/** An agency of the gateway's profile: its key, and its requests. */
export interface SamlAgency {
  readonly certificate: string
  readonly providerName: string
  readonly acs: string
  /** A signed AuthnRequest that was never sent before, base64. */
  request(origin: string): string
}

const acs = 'https://agency.example/SP2/ReturnPage'
const providerName = 'S2800001A_E00000001'
const c14n = 'http://www.w3.org/2001/10/xml-exc-c14n#'

export function makeSamlAgency(): SamlAgency {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const now = Date.now()
  const certificate = selfSignedCertificate({
    privateKey,
    publicKey,
    commonName: 'bench',
    notBefore: new Date(now - 60_000),
    notAfter: new Date(now + 365 * 86_400_000),
  })
  const der = certificate.replace(/-----[A-Z ]+-----|\s/g, '')
  return {
    certificate,
    providerName,
    acs,
    request: (origin) => Buffer.from(signedRequest(origin, privateKey, der)).toString('base64'),
  }
}

/** In the real gateway's shape, written as canonicalisation leaves it: what is digested is what is sent. */
function signedRequest(origin: string, key: KeyObject, certificate: string): string {
  const id = `_${randomBytes(16).toString('hex')}`
  const open =
    `<saml2p:AuthnRequest xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol" AssertionConsumerServiceURL="${acs}"` +
    ` Destination="${origin}/Proxy2/ServiceProvider" ForceAuthn="true" ID="${id}" IsPassive="false"` +
    ` IssueInstant="${new Date().toISOString()}" ProviderName="${providerName};Bench" Version="2.0">`
  const rest =
    '<saml2p:Extensions><eidas:RequestedAttributes xmlns:eidas="http://eidas.europa.eu/saml-extensions"></eidas:RequestedAttributes></saml2p:Extensions>' +
    '<saml2p:NameIDPolicy AllowCreate="true" Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"></saml2p:NameIDPolicy>' +
    '<saml2p:RequestedAuthnContext Comparison="minimum"><saml2:AuthnContextClassRef xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion">http://eidas.europa.eu/LoA/low</saml2:AuthnContextClassRef></saml2p:RequestedAuthnContext>' +
    '</saml2p:AuthnRequest>'
  const digest = createHash('sha512')
    .update(open + rest)
    .digest('base64')
  const info =
    `<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:CanonicalizationMethod Algorithm="${c14n}"></ds:CanonicalizationMethod>` +
    '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"></ds:SignatureMethod>' +
    `<ds:Reference URI="#${id}"><ds:Transforms><ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></ds:Transform>` +
    `<ds:Transform Algorithm="${c14n}"></ds:Transform></ds:Transforms>` +
    '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha512"></ds:DigestMethod>' +
    `<ds:DigestValue>${digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>`
  const value = createSign('sha512').update(info).sign(key, 'base64')
  return (
    `${open}<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#">${info}<ds:SignatureValue>${value}</ds:SignatureValue>` +
    `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>${rest}`
  )
}

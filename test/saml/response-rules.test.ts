import { createHash, createPublicKey, verify, X509Certificate } from 'node:crypto'
import { inflateRawSync } from 'node:zlib'
import t from 'tap'
import { claveAttributes, standardAttributes } from '../../src/saml/attributes.ts'
import { logoutRequest, logoutResponse, signedRedirect } from '../../src/saml/logout-message.ts'
import { errorResponse, successResponse, type Subject } from '../../src/saml/response.ts'
import {
  acs,
  answer,
  at,
  canonical,
  carmen,
  children,
  found,
  issuer,
  persistent,
  samlKey,
  spEntityId,
} from './outgoing.ts'

const key = samlKey()
const low = 'http://eidas.europa.eu/LoA/low'
const subject: Subject = {
  nameId: '99999999R',
  nameIdFormat: persistent,
  classRef: low,
  authnInstant: new Date(at.getTime() - 5_000),
  sessionIndex: '_session',
  attributes: claveAttributes(carmen),
}
const standardSubject: Subject = {
  ...subject,
  nameId: 'pairwise',
  spNameQualifier: spEntityId,
  attributes: standardAttributes(carmen, ['profile'], 'eidas'),
}
const clave = successResponse(key, answer('clave'), subject)
const standard = successResponse(key, answer('standard'), standardSubject)
const failed = { status: 'Responder', sub: 'AuthnFailed', message: '003002 - Authentication cancelled' } as const
const later = (seconds: number) => new Date(at.getTime() + seconds * 1000).toISOString()
const logout = { issuer, destination: acs, inResponseTo: '_request', at, id: '_logout', success: true } as const

t.test('4: signed once, on the Response, right after Issuer', async (t) => {
  t.equal(found(clave, '//ds:Signature').length, 1)
  t.same(children(clave, '/saml2p:Response'), ['saml2:Issuer', 'ds:Signature', 'saml2p:Status', 'saml2:Assertion'])
})

t.test('4: RSA-SHA512, SHA-512 digest, exclusive canonicalisation', async (t) => {
  const algorithms = (name: string) => found(clave, `//ds:${name}/@Algorithm`)
  t.same(algorithms('SignatureMethod'), ['http://www.w3.org/2001/04/xmldsig-more#rsa-sha512'])
  t.same(algorithms('DigestMethod'), ['http://www.w3.org/2001/04/xmlenc#sha512'])
  t.same(algorithms('CanonicalizationMethod'), ['http://www.w3.org/2001/10/xml-exc-c14n#'])
})

t.test('4: the Reference names the Response; enveloped-signature, then exclusive with its prefixes', async (t) => {
  t.same(found(clave, '//ds:Reference/@URI'), ['#_response'])
  t.same(found(clave, '//ds:Transform/@Algorithm'), [
    'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
    'http://www.w3.org/2001/10/xml-exc-c14n#',
  ])
  t.same(found(clave, '//ds:Transform[2]/ec:InclusiveNamespaces/@PrefixList'), ['eidas-natural xs'])
})

t.test('4: KeyInfo holds the certificate', async (t) => {
  t.same(found(clave, '//ds:KeyInfo/ds:X509Data/ds:X509Certificate'), [key.certificate])
})

t.test('4: digest and RSA, recomputed by hand', async (t) => {
  const bare = clave.replace(/<ds:Signature .*<\/ds:Signature>/, '')
  const digest = createHash('sha512')
    .update(canonical(bare, ['eidas-natural', 'xs']))
    .digest('base64')
  t.same(found(clave, '//ds:DigestValue'), [digest])
  const info = /<ds:SignedInfo>.*<\/ds:SignedInfo>/.exec(clave)![0]
  const signed = info.replace('<ds:SignedInfo>', '<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">')
  const value = Buffer.from(found(clave, '//ds:SignatureValue')[0]!, 'base64')
  t.ok(
    verify(
      'sha512',
      Buffer.from(canonical(signed, [])),
      createPublicKey(new X509Certificate(key.pem).publicKey.export({ type: 'spki', format: 'pem' })),
      value,
    ),
  )
})

t.test('4: the Assertion is plain unless encryption is asked', async (t) => {
  t.equal(found(clave, '/saml2p:Response/saml2:Assertion').length, 1)
  t.same(found(clave, '//*[local-name()="EncryptedAssertion"]'), [])
})

t.test('4: prefixes are saml2p, saml2, ds, eidas-natural, xs', async (t) => {
  const used = new Set([...clave.matchAll(/<([\w-]+):/g)].map(([, prefix]) => prefix))
  t.same([...used].sort(), ['ds', 'ec', 'saml2', 'saml2p'])
  const types = new Set([...clave.matchAll(/xsi:type="([\w-]+):/g)].map(([, prefix]) => prefix))
  t.same([...types].sort(), ['eidas-natural', 'xs'])
  t.match(clave, 'xmlns:eidas-natural="http://eidas.europa.eu/attributes/naturalperson"')
  t.match(clave, 'xmlns:xs="http://www.w3.org/2001/XMLSchema"')
})

t.test('4: Status Success carries a StatusMessage that repeats the URN', async (t) => {
  const success = 'urn:oasis:names:tc:SAML:2.0:status:Success'
  t.same(found(clave, '//saml2p:StatusCode/@Value'), [success])
  t.same(found(clave, '//saml2p:StatusMessage'), [success])
})

t.test('4: Issuer of Response and Assertion is our entityID, Format entity', async (t) => {
  t.same(found(clave, '//saml2:Issuer'), [issuer, issuer])
  t.same(found(clave, '//saml2:Issuer/@Format'), Array(2).fill('urn:oasis:names:tc:SAML:2.0:nameid-format:entity'))
})

t.test('4: NameID is the bare document, NameQualifier our entityID, Format as asked', async (t) => {
  t.same(found(clave, '//saml2:NameID'), ['99999999R'])
  t.same(found(clave, '//saml2:NameID/@NameQualifier'), [issuer])
  t.same(found(clave, '//saml2:NameID/@Format'), [persistent])
  t.same(found(clave, '//saml2:NameID/@SPNameQualifier'), [])
})

t.test('4: Conditions and SubjectConfirmationData last 15 minutes; OneTimeUse', async (t) => {
  t.same(found(clave, '//saml2:Conditions/@NotBefore'), [later(0)])
  t.same(found(clave, '//@NotOnOrAfter'), [later(900), later(900)])
  t.equal(found(clave, '//saml2:Conditions/saml2:OneTimeUse').length, 1)
})

t.test('4: Audience is the ACS URL, as handed in; on the standard face the entityID of the SP', async (t) => {
  t.same(found(clave, '//saml2:Audience'), [acs])
  t.same(found(standard, '//saml2:Audience'), [spEntityId])
})

t.test('4: InResponseTo twice; Recipient is the ACS; no Address; no SessionIndex', async (t) => {
  t.same(found(clave, '//@InResponseTo'), ['_request', '_request'])
  t.same(found(clave, '//saml2:SubjectConfirmationData/@Recipient'), [acs])
  t.same(found(clave, '//saml2:SubjectConfirmation/@Method'), ['urn:oasis:names:tc:SAML:2.0:cm:bearer'])
  t.same(found(clave, '//@Address | //@SessionIndex'), [], 'even where one is handed in')
})

t.test('4: AuthnContextClassRef is the level reached, an empty AuthnContextDecl follows it', async (t) => {
  t.same(found(clave, '//saml2:AuthnContextClassRef'), [low])
  t.same(children(clave, '//saml2:AuthnContext'), ['saml2:AuthnContextClassRef', 'saml2:AuthnContextDecl'])
  t.same(found(clave, '//saml2:AuthnContextDecl'), [''])
  t.same(found(clave, '//saml2:AuthnStatement/@AuthnInstant'), [later(-5)])
})

t.test('4: the order of the Assertion, Consent and the times with their Z', async (t) => {
  t.same(children(clave, '//saml2:Assertion'), [
    'saml2:Issuer',
    'saml2:Subject',
    'saml2:Conditions',
    'saml2:AuthnStatement',
    'saml2:AttributeStatement',
  ])
  t.same(found(clave, '/saml2p:Response/@Consent'), ['urn:oasis:names:tc:SAML:2.0:consent:obtained'])
  t.same(found(clave, '/saml2p:Response/@Destination'), [acs])
  t.same(found(clave, '//@IssueInstant'), [at.toISOString(), at.toISOString()])
  t.same(found(clave, '//saml2:Assertion/@ID'), ['_assertion'])
})

t.test('4: each value is typed by xsi:type on its own AttributeValue', async (t) => {
  t.same(found(clave, '//saml2:AttributeValue/@xsi:type'), [
    'eidas-natural:CurrentFamilyNameType',
    'eidas-natural:CurrentGivenNameType',
    'eidas-natural:PersonIdentifierType',
    'xs:string',
    'xs:string',
  ])
  t.equal(
    clave.match(/<saml2:AttributeValue xmlns:xsi="http:\/\/www.w3.org\/2001\/XMLSchema-instance" xsi:type="/g)?.length,
    5,
  )
})

for (const face of ['clave', 'standard'] as const) {
  const refused = errorResponse(key, answer(face), failed)
  t.test(`6: an error on the ${face} face says status, nested status and message, and names nobody`, async (t) => {
    t.same(found(refused, '/saml2p:Response/saml2p:Status/saml2p:StatusCode/@Value'), [
      'urn:oasis:names:tc:SAML:2.0:status:Responder',
    ])
    t.same(found(refused, '//saml2p:StatusCode/saml2p:StatusCode/@Value'), [
      'urn:oasis:names:tc:SAML:2.0:status:AuthnFailed',
    ])
    t.same(found(refused, '//saml2p:StatusMessage'), [failed.message])
    t.same(children(refused, '/saml2p:Response'), ['saml2:Issuer', 'ds:Signature', 'saml2p:Status'])
    t.same(found(refused, '/saml2p:Response/@InResponseTo'), ['_request'])
    t.same(found(refused, '/saml2p:Response/@Destination'), [acs])
  })
  t.test(`6: an error on the ${face} face is signed like the others`, async (t) => {
    const success = face === 'clave' ? clave : standard
    const methods = '/saml2p:Response/ds:Signature//@Algorithm'
    t.same(found(refused, methods), found(success, methods))
  })
}

t.test('6: an error that answers no request that could be read has no InResponseTo', async (t) => {
  const refused = errorResponse(key, { ...answer('clave'), inResponseTo: undefined }, failed)
  t.same(found(refused, '//@InResponseTo'), [])
})

t.test(
  '7: LogoutResponse: Destination, InResponseTo, Issuer, signed like a Response, Success with StatusMessage',
  async (t) => {
    const xml = logoutResponse(key, { ...logout, face: 'clave' })
    t.same(found(xml, '/saml2p:LogoutResponse/@Destination'), [acs])
    t.same(found(xml, '/saml2p:LogoutResponse/@InResponseTo'), ['_request'])
    t.same(found(xml, '//saml2:Issuer'), [issuer])
    t.same(found(xml, '//ds:Signature//@Algorithm'), found(clave, '//ds:Signature//@Algorithm'))
    t.same(found(xml, '//@PrefixList'), ['eidas-natural xs'])
    t.same(found(xml, '//saml2p:StatusMessage'), ['urn:oasis:names:tc:SAML:2.0:status:Success'])
    t.same(children(xml, '/*'), ['saml2:Issuer', 'ds:Signature', 'saml2p:Status'])
  },
)

t.test('7: LogoutResponse: another Issuer where an agency wants it', async (t) => {
  t.same(found(logoutResponse(key, { ...logout, face: 'clave', issuer: 'Cl@ve' }), '//saml2:Issuer'), ['Cl@ve'])
})

t.test('7: LogoutResponse says in part, not at all, and why', async (t) => {
  const codes = (success: Parameters<typeof logoutResponse>[1]['success']) =>
    found(logoutResponse(key, { ...logout, face: 'standard', success }), '//saml2p:StatusCode/@Value').map((uri) =>
      uri.split(':').at(-1),
    )
  t.same(codes(true), ['Success'])
  t.same(codes('partial'), ['Success', 'PartialLogout'])
  t.same(codes(false), ['Responder', 'RequestDenied'])
  t.same(codes({ status: 'Requester', sub: 'RequestDenied', message: 'x' }), ['Requester', 'RequestDenied'])
})

t.test('9: Response and Assertion are both signed, rsa-sha256, the Assertion right after its Issuer', async (t) => {
  t.same(found(standard, '//ds:Reference/@URI'), ['#_response', '#_assertion'])
  const methods = found(standard, '//ds:SignatureMethod/@Algorithm')
  t.same(methods, Array(2).fill('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'))
  t.same(found(standard, '//ds:DigestMethod/@Algorithm'), Array(2).fill('http://www.w3.org/2001/04/xmlenc#sha256'))
  t.same(children(standard, '//saml2:Assertion').slice(0, 3), ['saml2:Issuer', 'ds:Signature', 'saml2:Subject'])
})

t.test('9: not on or after five minutes; a little before, for clocks that lag', async (t) => {
  t.same(found(standard, '//@NotOnOrAfter'), [later(300), later(300)])
  t.same(found(standard, '//@NotBefore'), [later(-30)])
})

t.test('9: SessionIndex; NameID with the qualifiers of both; no AuthnContextDecl; no OneTimeUse', async (t) => {
  t.same(found(standard, '//saml2:AuthnStatement/@SessionIndex'), ['_session'])
  t.same(found(standard, '//saml2:NameID/@NameQualifier'), [issuer])
  t.same(found(standard, '//saml2:NameID/@SPNameQualifier'), [spEntityId])
  t.same(found(standard, '//saml2:AuthnContextDecl | //saml2:OneTimeUse'), [])
})

t.test('9: an SP without any attribute gets no empty AttributeStatement', async (t) => {
  const xml = successResponse(key, answer('standard'), { ...standardSubject, attributes: [] })
  t.same(found(xml, '//saml2:AttributeStatement'), [])
})

const order = {
  issuer,
  destination: 'https://agency.test/slo',
  at,
  id: '_order',
  nameId: 'pairwise',
  nameIdFormat: persistent,
  spNameQualifier: spEntityId,
  sessionIndex: '_session',
  notOnOrAfter: new Date(at.getTime() + 300_000),
}

t.test('9: LogoutRequest names the citizen as the assertion did, with the SessionIndex', async (t) => {
  const xml = logoutRequest(key, order)
  t.same(children(xml, '/*'), ['saml2:Issuer', 'ds:Signature', 'saml2:NameID', 'saml2p:SessionIndex'])
  const name = (of: string) =>
    ['.', '@Format', '@NameQualifier', '@SPNameQualifier'].flatMap((part) => found(of, `//saml2:NameID/${part}`))
  t.same(name(xml), name(standard))
  t.same(found(xml, '//saml2p:SessionIndex'), ['_session'])
  t.same(found(xml, '/*/@NotOnOrAfter'), [later(300)])
})

t.test('9: HTTP-Redirect: the query is signed rsa-sha256 as it stands, the message has no signature', async (t) => {
  const xml = logoutRequest(undefined, order)
  t.same(found(xml, '//ds:Signature'), [])
  const url = signedRedirect('https://agency.test/slo?tenant=1', 'SAMLRequest', xml, 'a b&c=ñ', key)
  t.match(url, /^https:\/\/agency\.test\/slo\?tenant=1&SAMLRequest=/)
  const query = new URL(url).searchParams
  t.same([...query.keys()], ['tenant', 'SAMLRequest', 'RelayState', 'SigAlg', 'Signature'])
  t.equal(query.get('RelayState'), 'a b&c=ñ')
  t.equal(inflateRawSync(Buffer.from(query.get('SAMLRequest')!, 'base64')).toString(), xml)
  const octets = /SAMLRequest=[^?]*(?=&Signature=)/.exec(url)![0]
  const value = Buffer.from(query.get('Signature')!, 'base64')
  t.ok(verify('sha256', Buffer.from(octets), new X509Certificate(key.pem).publicKey, value))
  const bare = new URL(signedRedirect('https://agency.test/slo', 'SAMLResponse', xml, undefined, key))
  t.same([...bare.searchParams.keys()], ['SAMLResponse', 'SigAlg', 'Signature'])
})

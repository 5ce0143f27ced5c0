import t from 'tap'
import { certificatesDocument } from '../../src/saml/certificates-document.ts'
import { children, found, issuer, metadata, samlKey, xmlsecVerifies } from './outgoing.ts'
import { need } from '../support/need.ts'

const keys = (['current', 'previous', 'next'] as const).map((state) => samlKey('clave.test', state))
const [current, previous, next] = keys.map(({ certificate }) => certificate)
const published = metadata(keys)
const certificates = certificatesDocument(keys)

t.test('9: metadata name the entity, the doors, the formats, and that requests are signed', async (t) => {
  t.same(found(published, '/md:EntityDescriptor/@entityID'), [issuer])
  t.same(found(published, '//@WantAuthnRequestsSigned'), ['true'])
  t.match(found(published, '/md:EntityDescriptor/@validUntil'), [/Z$/])
  t.same(found(published, '//md:SingleSignOnService/@Location'), Array(2).fill(`${issuer}/saml/sso`))
  t.same(found(published, '//md:SingleLogoutService/@Location'), Array(2).fill(`${issuer}/saml/slo`))
  const bindings = ['HTTP-Redirect', 'HTTP-POST'].map((binding) => `urn:oasis:names:tc:SAML:2.0:bindings:${binding}`)
  t.same(found(published, '//md:SingleSignOnService/@Binding'), bindings)
  t.same(found(published, '//md:SingleLogoutService/@Binding'), bindings)
  t.same(
    found(published, '//md:NameIDFormat').map((format) => format.split(':').at(-1)),
    ['persistent', 'transient'],
  )
})

t.test('9: during a change of keys metadata hold all of them: current, next, previous', async (t) => {
  t.same(found(published, '//md:KeyDescriptor[@use="signing"]//ds:X509Certificate'), [current, next, previous])
})

t.test('9: metadata are signed by the current key, rsa-sha256, first thing in them', async (t) => {
  t.same(children(published, '/*'), ['ds:Signature', 'md:IDPSSODescriptor'])
  t.same(found(published, '//ds:SignatureMethod/@Algorithm'), ['http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'])
  t.same(found(published, '/*/ds:Signature//ds:X509Certificate'), [current])
  t.same(found(published, '//ds:Reference/@URI'), ['#_metadata'])
})

t.test('9: metadata with several keys are verified by xmlsec1', { skip: need('xmlsec1') }, async (t) => {
  t.ok(xmlsecVerifies(t, published, keys[0]!.pem, 'urn:oasis:names:tc:SAML:2.0:metadata:EntityDescriptor'))
})

t.test('1: /Proxy2/Certificates has one KeyDescriptor for each live certificate, with its state', async (t) => {
  t.same(found(certificates, '//md:KeyDescriptor/@use'), Array(3).fill('signing'))
  t.same(found(certificates, '//md:KeyDescriptor/ds:KeyInfo/ds:X509Data/ds:X509Certificate'), [current, previous, next])
  t.same(found(certificates, '//ds:KeyInfo/ds:MgmtData'), ['current', 'previous', 'next'])
  t.same(
    found(certificates, '//ds:KeyInfo/ds:KeyName'),
    keys.map(({ kid }) => kid),
  )
  t.match(certificates, '<KeyDescriptor ', 'for readers that look for the name as it is written')
})

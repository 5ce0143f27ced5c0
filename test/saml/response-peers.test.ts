import { SAML, type SamlConfig } from '@node-saml/node-saml'
import { DOMParser } from '@xmldom/xmldom'
import { IdentityProvider, ServiceProvider, setSchemaValidator } from 'samlify'
import t from 'tap'
import { ExclusiveCanonicalization } from 'xml-crypto'
import { signedRedirect } from '../../src/saml/logout-message.ts'
import { need } from '../support/need.ts'
import {
  acs,
  awkward,
  canonical,
  encryptions,
  everyKind,
  failure,
  found,
  goodbye,
  issuer,
  metadata,
  order,
  persistent,
  samlKey,
  schemaFaults,
  spEntityId,
  spKey,
  success,
  xmlsecDecrypts,
  xmlsecVerifies,
} from './outgoing.ts'

const key = samlKey()
const stranger = samlKey('stranger.test')
const kinds = everyKind(key)
const faces = ['clave', 'standard'] as const
const base64 = (xml: string) => Buffer.from(xml).toString('base64')
/** What a reader gets of `awkward`. */
const givenName = awkward.replace('\u0007', '\uFFFD').replace('\u2028', '\n')
/** Peers that know XML Encryption 1.0 only unwrap rsa-oaep-mgf1p. */
const oldEncryptions = encryptions.filter(({ keyDigest }) => keyDigest === 'sha1')

t.test('every message is written canonical, says libxml2 and says xml-crypto', async (t) => {
  const errorHandler = (level: string, message: string) => {
    if (level !== 'warning') throw new Error(message)
  }
  for (const { kind, xml, prefixes } of kinds) {
    t.equal(canonical(xml, prefixes), xml, kind)
    const root = new DOMParser({ errorHandler }).parseFromString(xml, 'text/xml').documentElement!
    const options = { inclusiveNamespacesPrefixList: [...prefixes] }
    t.equal(new ExclusiveCanonicalization().process(root as unknown as Element, options), xml, kind)
  }
})

t.test(
  'xmlsec1 verifies every message, and none for another key or with a letter changed',
  { skip: need('xmlsec1') },
  async (t) => {
    for (const { kind, xml, root } of kinds) {
      t.ok(xmlsecVerifies(t, xml, key.pem, root), kind)
      t.notOk(xmlsecVerifies(t, xml, stranger.pem, root), `${kind}: another certificate`)
      t.notOk(xmlsecVerifies(t, xml.replaceAll('clave.test', 'klave.test'), key.pem, root), `${kind}: changed`)
    }
  },
)

const assertion = 'urn:oasis:names:tc:SAML:2.0:assertion:Assertion'
const assertionSignature = "/*/*[local-name()='Assertion']/*[local-name()='Signature']"

t.test("xmlsec1 verifies the Assertion's own signature on the standard face", { skip: need('xmlsec1') }, async (t) => {
  t.ok(xmlsecVerifies(t, success('standard', key), key.pem, assertion, assertionSignature))
})

for (const face of faces)
  for (const encryption of oldEncryptions) {
    const name = `${face}, ${encryption.content}`
    t.test(`xmlsec1 decrypts what is encrypted for an agency: ${name}`, { skip: need('xmlsec1') }, async (t) => {
      const sent = success(face, key, encryption)
      t.notMatch(sent, 'PRUEBA')
      const read = xmlsecDecrypts(t, sent, spKey.privatePem)
      t.same(found(read, '/saml2p:Response//saml2:Assertion//saml2:NameID').length, 1)
      t.same(found(read, '//saml2:Attribute[@FriendlyName="FirstName"]'), [givenName])
      if (face === 'standard') {
        const signature = assertionSignature.replace('/*/*', '/*/*/*')
        t.ok(xmlsecVerifies(t, read, key.pem, assertion, signature), 'its signature holds after that')
      }
    })
  }

t.test('every message is valid against the schemas of OASIS and W3C', { skip: need('xmllint') }, async (t) => {
  for (const { kind, xml } of kinds) t.equal(schemaFaults(t, xml), '', kind)
})

t.test(
  'what is encrypted is valid against the schemas too',
  { skip: need('xmllint') || need('xmlsec1') },
  async (t) => {
    for (const face of faces) {
      const read = xmlsecDecrypts(t, success(face, key, oldEncryptions[0]), spKey.privatePem)
      const plain = read.replace(/<\/?saml2:EncryptedAssertion[^>]*>/g, '')
      t.equal(schemaFaults(t, plain), '', face)
    }
  },
)

t.test('the schemas are asked: a message that is wrong is not valid', { skip: need('xmllint') }, async (t) => {
  t.not(schemaFaults(t, success('clave', key).replaceAll('saml2:Conditions', 'saml2:Condition')), '')
  t.not(schemaFaults(t, success('clave', key).replaceAll('PersonIdentifierType', 'UnknownType')), '')
})

const nodeSaml = (options: Partial<SamlConfig> = {}) =>
  new SAML({
    idpCert: key.pem,
    issuer: spEntityId,
    callbackUrl: acs,
    logoutUrl: `${issuer}/saml/slo`,
    wantAuthnResponseSigned: true,
    wantAssertionsSigned: true,
    decryptionPvk: spKey.privatePem,
    ...options,
  })
/** As each face needs it: the gateway signs the Response only and takes the ACS for the audience. */
const nodeSamlOf = {
  clave: () => nodeSaml({ wantAssertionsSigned: false, audience: acs }),
  standard: () => nodeSaml({ audience: spEntityId }),
}

for (const face of faces)
  for (const encryption of [undefined, ...oldEncryptions])
    t.test(`node-saml takes a ${face} success, ${encryption?.content ?? 'plain'}`, async (t) => {
      const { profile } = await nodeSamlOf[face]().validatePostResponseAsync({
        SAMLResponse: base64(success(face, key, encryption)),
      })
      t.match(profile, {
        issuer,
        nameIDFormat: persistent,
        nameID: face === 'clave' ? '99999999R' : 'pairwise',
        nameQualifier: issuer,
        'http://eidas.europa.eu/attributes/naturalperson/CurrentFamilyName': 'PRUEBA FICTICIA',
        'http://eidas.europa.eu/attributes/naturalperson/CurrentGivenName': givenName,
        ...(face === 'standard' ? { sessionIndex: '_session', spNameQualifier: spEntityId } : {}),
      })
    })

for (const face of faces)
  t.test(`node-saml takes a ${face} error and a ${face} LogoutResponse`, async (t) => {
    const sp = nodeSamlOf[face]()
    const refused = sp.validatePostResponseAsync({ SAMLResponse: base64(failure(face, key)) })
    await t.rejects(refused, { message: /^SAML provider returned Responder error: 003002 - O'DONNELL/ })
    const { loggedOut } = await sp.validatePostResponseAsync({ SAMLResponse: base64(goodbye(face, key)) })
    t.ok(loggedOut)
    const forged = base64(goodbye(face, stranger))
    await t.rejects(sp.validatePostResponseAsync({ SAMLResponse: forged }), 'of a stranger not')
  })

t.test('node-saml takes a LogoutRequest by POST, and both logout messages by Redirect', async (t) => {
  const named = { issuer, nameID: 'pairwise', nameIDFormat: persistent, sessionIndex: '_session' }
  const { profile } = await nodeSaml().validatePostRequestAsync({ SAMLRequest: base64(order(key)) })
  t.match(profile, named)
  const arrive = (url: string) => {
    const { search, searchParams } = new URL(url)
    return nodeSaml().validateRedirectAsync(Object.fromEntries(searchParams), search.slice(1))
  }
  const slo = 'https://agency.test/slo'
  const asked = await arrive(signedRedirect(slo, 'SAMLRequest', order(undefined), 'state +/=', key))
  t.match(asked.profile, named)
  const answered = await arrive(signedRedirect(slo, 'SAMLResponse', goodbye('standard', undefined), undefined, key))
  t.ok(answered.loggedOut)
  const wrongKey = signedRedirect(slo, 'SAMLRequest', order(undefined), undefined, stranger)
  await t.rejects(arrive(wrongKey), { message: /signature/i })
})

// The schemas are held by xmllint above.
setSchemaValidator({ validate: async () => 'valid' })

const samlifySp = (face: 'clave' | 'standard') =>
  ServiceProvider({
    entityID: spEntityId,
    wantAssertionsSigned: face === 'standard',
    wantMessageSigned: true,
    wantLogoutRequestSigned: true,
    wantLogoutResponseSigned: true,
    encPrivateKey: spKey.privatePem,
    assertionConsumerService: [{ Binding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST', Location: acs }],
  })
const samlifyIdp = (isAssertionEncrypted: boolean) =>
  IdentityProvider({
    metadata: metadata([key]),
    isAssertionEncrypted,
    wantLogoutRequestSigned: true,
    wantLogoutResponseSigned: true,
  })

for (const face of faces)
  for (const encryption of [undefined, ...oldEncryptions])
    t.test(`samlify takes a ${face} success by our metadata, ${encryption?.content ?? 'plain'}`, async (t) => {
      // It writes the message anew before it verifies, and a carriage return does not survive that.
      const SAMLResponse = base64(success(face, key, encryption, awkward.replace('\r', '')))
      const { extract } = await samlifySp(face).parseLoginResponse(samlifyIdp(encryption !== undefined), 'post', {
        body: { SAMLResponse },
      })
      t.match(extract, {
        issuer,
        nameID: face === 'clave' ? '99999999R' : 'pairwise',
        audience: face === 'clave' ? acs : spEntityId,
        response: { destination: acs, inResponseTo: '_request' },
        attributes: { 'http://eidas.europa.eu/attributes/naturalperson/CurrentFamilyName': 'PRUEBA FICTICIA' },
      })
    })

for (const face of faces)
  t.test(`samlify takes a ${face} error and a ${face} LogoutResponse`, async (t) => {
    const [sp, idp] = [samlifySp(face), samlifyIdp(false)]
    const refused = sp.parseLoginResponse(idp, 'post', { body: { SAMLResponse: base64(failure(face, key)) } })
    await t.rejects(refused, { message: /status:Responder.*status:AuthnFailed/ })
    const { extract } = await sp.parseLogoutResponse(idp, 'post', {
      body: { SAMLResponse: base64(goodbye(face, key)) },
    })
    t.match(extract, { issuer, response: { inResponseTo: '_request' } })
    const forged = { body: { SAMLResponse: base64(goodbye(face, stranger)) } }
    await t.rejects(sp.parseLogoutResponse(idp, 'post', forged), 'of a stranger not')
  })

t.test('samlify takes a LogoutRequest', async (t) => {
  const body = { SAMLRequest: base64(order(key)) }
  const { extract } = await samlifySp('standard').parseLogoutRequest(samlifyIdp(false), 'post', { body })
  t.match(extract, { issuer, nameID: 'pairwise', sessionIndex: '_session' })
})

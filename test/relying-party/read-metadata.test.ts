import { createRequire } from 'node:module'
import { generateServiceProviderMetadata } from '@node-saml/node-saml'
import t from 'tap'
import { isMetadataFault } from '../../src/relying-party/metadata-xml.ts'
import { metadataLimits, openMetadata } from '../../src/relying-party/open-metadata.ts'
import { readProviderMetadata, type ProviderMetadata } from '../../src/relying-party/read-metadata.ts'
import { makeKeyPair } from '../support/saml-signer.ts'
import { acs, ec, endpoint, entityId, inDays, keyDescriptor, other, signed, sp, spMetadata } from './sp-metadata.ts'

function read(xml: string, allowHttp = false): ProviderMetadata | { readonly code: string; readonly detail: string } {
  const opened = openMetadata(Buffer.from(xml), [])
  return isMetadataFault(opened) ? opened : readProviderMetadata(opened.root, { allowHttp, now: new Date() })
}

t.test('an EntityDescriptor comes down to what an identity provider needs', async (t) => {
  t.match(read(spMetadata()), {
    entityId,
    signing: [{ fingerprint: sp.certificate.fingerprint }],
    encryption: undefined,
    acs: [{ url: acs, index: 0, isDefault: true }],
    slo: undefined,
    validUntil: undefined,
  })
})

t.test('keys: for signing, for encryption, for both', async (t) => {
  const [a, b] = [sp.certificate.fingerprint, other.certificate.fingerprint]
  t.match(read(spMetadata({ keys: keyDescriptor(sp) })), {
    signing: [{ fingerprint: a }],
    encryption: { certificate: { fingerprint: a }, content: 'aes256-gcm', keyDigest: 'sha1' },
  })
  const apart = keyDescriptor(sp) + keyDescriptor(sp, 'signing') + keyDescriptor(other, 'encryption')
  const both = read(spMetadata({ keys: apart }))
  t.match(both, { signing: [{ fingerprint: a }], encryption: { certificate: { fingerprint: b } } })
  t.equal('signing' in both && both.signing.length, 1, 'the same certificate twice is one')
  const forBoth = read(spMetadata({ keys: keyDescriptor(ec) }))
  t.match(forBoth, { signing: [{ fingerprint: ec.certificate.fingerprint }], encryption: undefined })
  t.match(read(spMetadata({ keys: keyDescriptor(sp, 'signing') + keyDescriptor(ec, 'encryption') })), {
    code: 'certificate',
    detail: /RSA/,
  })
  t.match(read(spMetadata({ keys: '' })), { code: 'certificate' })
  t.match(read(spMetadata({ keys: keyDescriptor(sp, 'encryption') })), { code: 'certificate' })
  const short = makeKeyPair('rsa-1024')
  t.match(read(spMetadata({ keys: keyDescriptor(short, 'signing') })), { code: 'certificate', detail: /2048/ })
  const old = makeKeyPair('rsa-2048', { notBefore: new Date(inDays(-9)), notAfter: new Date(inDays(-1)) })
  t.match(read(spMetadata({ keys: keyDescriptor(old, 'signing') })), { code: 'certificate', detail: /expired/ })
  t.match(read(spMetadata({ keys: keyDescriptor(old) + keyDescriptor(sp) })), {
    signing: [{}, {}],
    encryption: { certificate: { fingerprint: a } },
  })
})

t.test('EncryptionMethod chooses among what both know', async (t) => {
  const method = (uri: string, inside = '') =>
    `<md:EncryptionMethod Algorithm="http://www.w3.org/${uri}">${inside}</md:EncryptionMethod>`
  const digest = (uri: string) => `<ds:DigestMethod Algorithm="http://www.w3.org/${uri}"/>`
  const of = (...methods: string[]) =>
    read(spMetadata({ keys: keyDescriptor(sp, 'signing') + keyDescriptor(sp, 'encryption', methods.join('')) }))
  const [gcm, cbc] = [method('2009/xmlenc11#aes256-gcm'), method('2001/04/xmlenc#aes256-cbc')]
  t.match(of(cbc, gcm), { encryption: { content: 'aes256-gcm' } })
  t.match(of(cbc), { encryption: { content: 'aes256-cbc' } })
  t.match(of(method('2001/04/xmlenc#tripledes-cbc'), cbc), { encryption: { content: 'aes256-cbc' } })
  t.match(of(method('2001/04/xmlenc#rsa-oaep-mgf1p', digest('2000/09/xmldsig#sha1'))), {
    encryption: { content: 'aes256-gcm', keyDigest: 'sha1' },
  })
  t.match(of(cbc, method('2009/xmlenc11#rsa-oaep', digest('2001/04/xmlenc#sha256'))), {
    encryption: { content: 'aes256-cbc', keyDigest: 'sha256' },
  })
  t.match(of(method('2001/04/xmlenc#rsa-1_5', digest('2001/04/xmlenc#sha256'))), { encryption: { keyDigest: 'sha1' } })
})

t.test('answers go by POST, to the one that is marked or the first that is not excluded', async (t) => {
  const post = (path: string, more = '') => endpoint('AssertionConsumerService', 'HTTP-POST', `${acs}${path}`, more)
  const artifact = endpoint('AssertionConsumerService', 'HTTP-Artifact', 'gopher://x', ' index="9"')
  const meant = (...services: string[]) => {
    const answer = read(spMetadata({ acs: services.join('') }))
    return 'acs' in answer ? answer.acs.find(({ isDefault }) => isDefault)?.url : answer.code
  }
  t.equal(meant(artifact, post('/1', ' index="1"'), post('/2', ' index="2" isDefault="true"')), `${acs}/2`)
  t.equal(meant(post('/1', ' isDefault="false"'), post('/2', ' index="2"')), `${acs}/2`)
  t.equal(meant(post('/1', ' isDefault="0"'), post('/2', ' isDefault="0"')), `${acs}/1`)
  t.equal(meant(artifact), 'address')
  t.equal(meant(post('/{session}')), 'address', 'no pattern on the standard face')
  t.equal(meant(post('#x')), 'address')
  t.equal(meant(endpoint('AssertionConsumerService', 'HTTP-POST', 'javascript:alert(1)')), 'address')
  t.equal(meant(endpoint('AssertionConsumerService', 'HTTP-POST', 'http://sp.example/acs')), 'address')
  t.equal(meant(post('/1', ' index="1"'), post('/2', ' index="1"')), 'not-metadata')
  t.equal(meant(post('/1', ' index="one"')), 'not-metadata')
  const http = spMetadata({ acs: endpoint('AssertionConsumerService', 'HTTP-POST', 'http://localhost:9/acs') })
  t.match(read(http, true), { acs: [{ url: 'http://localhost:9/acs' }] })
})

t.test('logout goes by Redirect where there is a choice', async (t) => {
  const service = (binding: string, path: string, more = '') =>
    endpoint('SingleLogoutService', binding, `https://sp.example/${path}`, more)
  const of = (...services: string[]) => read(spMetadata({ logout: services.join('') }))
  const [post, redirect, soap] = [service('HTTP-POST', 'p'), service('HTTP-Redirect', 'r'), service('SOAP', 's')]
  t.match(of(soap, post, redirect), { slo: { binding: 'redirect', url: 'https://sp.example/r' } })
  t.match(of(soap, post), { slo: { binding: 'post', url: 'https://sp.example/p' } })
  t.match(of(soap), { slo: undefined })
  t.match(of(service('HTTP-POST', 'p', ' ResponseLocation="https://sp.example/answer"')), {
    slo: { url: 'https://sp.example/p', responseUrl: 'https://sp.example/answer' },
  })
  t.match(of(service('HTTP-POST', 'p', ' ResponseLocation="javascript:alert(1)"')), { code: 'address' })
})

t.test('the earliest validUntil and the shortest cacheDuration hold', async (t) => {
  const [soon, later] = [inDays(2), inDays(9)]
  const metadata = spMetadata({
    attributes: `validUntil="${later}" cacheDuration="P1DT2H"`,
    roleAttributes: ` validUntil="${soon}" cacheDuration="PT90M"`,
  })
  t.match(read(metadata), { validUntil: new Date(soon), cacheDuration: 5400 })
  t.match(read(spMetadata({ attributes: `validUntil="${soon.slice(0, 19)}"` })), {
    validUntil: new Date(`${soon.slice(0, 19)}Z`),
  })
  t.match(read(spMetadata({ attributes: 'cacheDuration="P1Y2M3DT4H5M6.5S"' })), {
    cacheDuration: 365 * 86400 + 63 * 86400 + 4 * 3600 + 306.5,
  })
  t.match(read(spMetadata({ attributes: `validUntil="${inDays(-0.01)}"` })), { code: 'expired' })
  for (const wrong of ['tomorrow', '2026-13-01T00:00:00Z', '2026-01-01', ''])
    t.match(read(spMetadata({ attributes: `validUntil="${wrong}"` })), { code: 'not-metadata' }, wrong)
  for (const wrong of ['1h', 'P', 'PT', '-PT1H', 'P1H', 'PT1D'])
    t.match(read(spMetadata({ attributes: `cacheDuration="${wrong}"` })), { code: 'not-metadata' }, wrong)
})

t.test('of EntitiesDescriptor exactly one is taken; what is no metadata of an SP is refused', async (t) => {
  const one = spMetadata().replace(/^<\?xml.*\?>/, '')
  const entities = (...inside: string[]) =>
    `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">${inside.join('')}</md:EntitiesDescriptor>`
  t.match(read(entities(one)), { entityId })
  for (const wrong of [
    entities(),
    entities(one, one.replace('_m1', '_m2')),
    entities(entities(one)),
    entities(one, entities()),
  ])
    t.match(read(wrong), { code: 'not-metadata', detail: /exactly one/ })
  const saml11 = 'urn:oasis:names:tc:SAML:1.1:protocol'
  for (const wrong of [
    '<x/>',
    '<EntityDescriptor entityID="x"/>',
    one.replaceAll('SPSSODescriptor', 'IDPSSODescriptor'),
    one.replace('urn:oasis:names:tc:SAML:2.0:protocol', saml11),
    one.replace(/(<md:SPSSODescriptor[^]*<\/md:SPSSODescriptor>)/, '$1$1'),
    one.replace(`entityID="${entityId}"`, ''),
    one.replace(entityId, 'a b'),
  ]) {
    t.match(read(wrong), { code: 'not-metadata' }, wrong.slice(0, 80))
  }
})

t.test(
  'comments of exporters are passed over and split nothing; DTDs, entities, CDATA and what is too large are refused',
  async (t) => {
    const plain = spMetadata()
    t.match(read(`\uFEFF${plain}`), { entityId })
    t.match(read(plain.replace('<md:Organization>', '<!-- -a- <x> --><md:Organization>')), { entityId })
    const inside = plain.replace(/(<ds:X509Certificate>\s*.{40})/, '$1<!---->')
    t.match(read(inside), { signing: [{ fingerprint: sp.certificate.fingerprint }] })
    t.match(read(plain.replace('?>', '?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>')), { code: 'doctype' })
    t.match(read(plain.replace('Organismo', '<![CDATA[<!--]]>Organismo<![CDATA[-->]]>')), { code: 'doctype' })
    t.match(read(plain.replace('Organismo', '<!-- open')), { code: 'doctype' })
    t.match(read(plain.replace('Organismo', '&e;')), { code: 'doctype' })
    t.match(read(plain.replace('</md:EntityDescriptor>', '')), { code: 'not-xml' })
    t.match(read(plain.replace('Organismo', 'x'.repeat(600_000))), { code: 'too-large' })
    t.match(read(plain.replace('Organismo', '<a/>'.repeat(25_000))), { code: 'too-large' })
    t.match(read(plain.replace('Organismo', '<a>'.repeat(50) + '</a>'.repeat(50))), { code: 'too-large' })
    t.match(openMetadata(Buffer.from(plain, 'utf16le'), []), { code: 'not-xml' })
    t.match(openMetadata(Buffer.from(plain.replace('Organismo', 'ñ'), 'latin1'), []), { code: 'not-xml' })
    const began = performance.now()
    read('<!--'.repeat(130_000))
    read(`<a b="${'<!--x'.repeat(100_000)}"/>`)
    t.ok(performance.now() - began < 1_000, 'whatever is written, comments are found in one pass')
  },
)

t.test('metadata that samlify writes are read', async (t) => {
  const { ServiceProvider } = createRequire(import.meta.url)('samlify') as typeof import('samlify')
  const post = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST'
  const written = ServiceProvider({
    entityID: entityId,
    authnRequestsSigned: true,
    signingCert: sp.certificate.pem,
    encryptCert: other.certificate.pem,
    assertionConsumerService: [{ Binding: post, Location: acs, isDefault: true }],
    singleLogoutService: [{ Binding: post, Location: 'https://sp.example/slo' }],
  }).getMetadata()
  t.match(read(written), {
    entityId,
    signing: [{ fingerprint: sp.certificate.fingerprint }],
    encryption: { certificate: { fingerprint: other.certificate.fingerprint } },
    acs: [{ url: acs, index: 0, isDefault: true }],
    slo: { binding: 'post', url: 'https://sp.example/slo' },
  })
})

t.test('metadata that node-saml writes and signs are read, by the key that signed them', async (t) => {
  const pem = (pair: typeof sp) => pair.key.export({ type: 'pkcs8', format: 'pem' }) as string
  const written = generateServiceProviderMetadata({
    issuer: entityId,
    callbackUrl: acs,
    logoutCallbackUrl: 'https://sp.example/slo',
    privateKey: pem(sp),
    publicCerts: sp.certificate.pem,
    decryptionPvk: pem(other),
    decryptionCert: other.certificate.pem,
    signMetadata: true,
    signatureAlgorithm: 'sha256',
    digestAlgorithm: 'sha256',
    xmlSignatureTransforms: [
      'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
      'http://www.w3.org/2001/10/xml-exc-c14n#',
    ],
  })
  t.match(openMetadata(Buffer.from(written), []), { signer: sp.certificate.fingerprint })
  t.match(openMetadata(Buffer.from(written), [other.certificate.fingerprint]), { code: 'wrong-signer' })
  t.match(read(written), {
    entityId,
    signing: [{ fingerprint: sp.certificate.fingerprint }],
    encryption: { certificate: { fingerprint: other.certificate.fingerprint }, content: 'aes256-gcm' },
    acs: [{ url: acs }],
    slo: { binding: 'post', url: 'https://sp.example/slo' },
  })
})

t.test(
  'little text that becomes much when it is canonicalised is refused before it is, within the limits of metadata',
  async (t) => {
    /** A namespace of so many characters, written again in canonical form at each of so many elements. */
    const growing = (characters: number, elements: number) =>
      signed()
        .replace('<md:EntityDescriptor', `$& xmlns:z="urn:${'a'.repeat(characters)}"`)
        .replace('</md:EntityDescriptor>', `${'<z:a/>'.repeat(elements)}$&`)
    const { bytes } = metadataLimits
    for (const [characters, elements, detail] of [
      [1_000, 900, /^DigestValue/],
      [1_000, 1_200, /no canonical form, or one of more than 1048576 octets/],
      [400_000, 19_000, /no canonical form, or one of more than 1048576 octets/],
    ] as const) {
      const xml = growing(characters, elements)
      t.ok(xml.length < bytes, 'small enough to be read')
      const began = process.cpuUsage()
      t.match(openMetadata(Buffer.from(xml), []), { code: 'signature', detail }, `${characters} × ${elements}`)
      const { user, system } = process.cpuUsage(began)
      t.ok(user + system < 2_000_000, 'and what would have been written, up to 8 GB, never is')
    }
  },
)

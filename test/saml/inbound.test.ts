import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { isRefusal, type Refusal } from '../../src/refusal/index.ts'
import { receivePost, receiveRedirect, type Verified } from '../../src/saml/inbound.ts'
import type { AuthnRequest, InboundMessage, MessageKind } from '../../src/saml/messages.ts'
import { need } from '../support/need.ts'
import {
  authnRequest,
  base64,
  deflated,
  logoutRequest,
  logoutResponse,
  makeKeyPair,
  redirectQuery,
  signXml,
  type KeyKind,
  type SignatureMethod,
  type SignOptions,
} from '../support/saml-signer.ts'

const pair = makeKeyPair()
const other = makeKeyPair()
const now = new Date()
const every: readonly MessageKind[] = ['AuthnRequest', 'LogoutRequest', 'LogoutResponse']

function open(xml: string, certificates = [pair.certificate]): Verified | Refusal {
  const received = receivePost(base64(xml), every)
  return isRefusal(received) ? received : received.verify(certificates, now)
}
const sign = (xml: string, options: Partial<SignOptions> = {}) => signXml(xml, { ...pair, ...options })

function accepted(t: Test, xml: string): InboundMessage {
  const verified = open(xml)
  if (isRefusal(verified)) throw new Error(`${t.name}: ${JSON.stringify(verified)}`)
  t.equal(verified.certificate, pair.certificate.fingerprint)
  return verified.message
}
const login = (t: Test, xml: string) => accepted(t, xml) as AuthnRequest

function refused(t: Test, verified: Verified | Refusal, code: Refusal['refused'], reason: RegExp): void {
  t.match(verified, { refused: code, details: { reason } })
}

const kitRequest: AuthnRequest = {
  kind: 'AuthnRequest',
  id: '_r1',
  issueInstant: new Date('2026-01-10T09:00:00Z'),
  destination: 'https://idp.example/Proxy2/ServiceProvider',
  issuer: undefined,
  providerName: 'S2800001A_E00000001;Demo',
  acsUrl: 'https://sp.example/SP2/ReturnPage',
  acsIndex: undefined,
  protocolBinding: undefined,
  forceAuthn: true,
  isPassive: false,
  nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  spNameQualifier: undefined,
  classRefs: ['http://eidas.europa.eu/LoA/low'],
  comparison: 'minimum',
  spType: undefined,
  requestedAttributes: [{ name: 'http://es.minhafp.clave/EIDASIdP', values: [] }],
}

t.test('the request of the official kits is read whole', async (t) => {
  t.strictSame(login(t, sign(authnRequest())), kitRequest)
})

t.test('the shapes of the signature that kits send', async (t) => {
  const shapes: Record<string, string> = {
    'Signature in the default namespace': sign(authnRequest(), { prefix: '' }),
    'line breaks in the values': sign(authnRequest(), { lineBreak: '\n' }),
    '&#13; and line breaks in the values': sign(authnRequest(), { lineBreak: '\r\n' }),
    'pretty-printed': sign(authnRequest({ pretty: true })),
    'pretty-printed after signing, inside the Signature but for SignedInfo': sign(authnRequest())
      .replace('<ds:SignatureValue>', '\n  <ds:SignatureValue>\n')
      .replace('</ds:SignatureValue>', '\n</ds:SignatureValue>\n')
      .replaceAll(/(<\/?ds:X509\w+>)/g, '$1\n'),
    'an XML declaration': `<?xml version="1.0" encoding="UTF-8"?>\n${sign(authnRequest())}`,
    'an XML declaration in lower case, with standalone': `<?xml version='1.0' encoding='utf-8' standalone='yes' ?>${sign(authnRequest())}`,
    'white space around the document': `\n ${sign(authnRequest())}\n`,
    'inclusive canonicalisation': sign(authnRequest(), { canonicalization: 'inclusive' }),
    'no canonicalisation named, which is the inclusive one': sign(authnRequest(), {
      transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature'],
    }),
    'no KeyInfo': sign(authnRequest(), { keyInfo: false }),
  }
  for (const [name, xml] of Object.entries(shapes)) t.strictSame(login(t, xml), kitRequest, name)
})

t.test('every algorithm of the profile, by a key that fits', async (t) => {
  const methods: readonly (readonly [SignatureMethod, KeyKind])[] = [
    ['rsa-sha256', 'rsa-2048'],
    ['rsa-sha384', 'rsa-3072'],
    ['rsa-sha512', 'rsa-2048'],
    ['pss-sha256', 'rsa-2048'],
    ['pss-sha384', 'rsa-2048'],
    ['pss-sha512', 'rsa-2048'],
    ['ecdsa-sha256', 'P-256'],
    ['ecdsa-sha384', 'P-384'],
    ['ecdsa-sha512', 'P-521'],
  ]
  for (const [algorithm, kind] of methods)
    for (const digest of ['sha256', 'sha384', 'sha512'] as const) {
      const keys = makeKeyPair(kind)
      const verified = open(signXml(authnRequest(), { ...keys, algorithm, digest }), [
        pair.certificate,
        keys.certificate,
      ])
      t.match(verified, { message: kitRequest, certificate: keys.certificate.fingerprint }, `${algorithm} ${digest}`)
    }
})

t.test('a key is used for its own kind only', async (t) => {
  const ec = makeKeyPair('P-256')
  refused(
    t,
    open(sign(authnRequest()), [ec.certificate]),
    'SAML-07-certificate',
    /No registered certificate has a key for/,
  )
})

t.test('who asks: without Issuer, an URL, a UUID', async (t) => {
  for (const issuer of ['https://sp.example/metadata', 'b3f8a6de-54f4-4a0e-9d53-0d6a6f4d8a3b'])
    t.strictSame(login(t, sign(authnRequest({ issuer }))), { ...kitRequest, issuer })
  const padded = login(t, sign(authnRequest({ issuer: ' https://sp.example ' })))
  t.equal(padded.issuer, 'https://sp.example', 'white space around it is no part of it')
})

t.test('an instant with milliseconds, without, and without a zone is UTC', async (t) => {
  const instants = {
    '2026-01-10T09:00:00.123Z': '2026-01-10T09:00:00.123Z',
    '2026-01-10T09:00:00Z': '2026-01-10T09:00:00.000Z',
    '2026-01-10T09:00:00': '2026-01-10T09:00:00.000Z',
    '2026-01-10T09:00:00.5': '2026-01-10T09:00:00.500Z',
    '2026-01-10T09:00:00.1234567Z': '2026-01-10T09:00:00.123Z',
    '2026-01-10T09:00:00+01:00': '2026-01-10T08:00:00.000Z',
    '2026-01-10T09:00:00-05:30': '2026-01-10T14:30:00.000Z',
    ' 2026-01-10T09:00:00Z ': '2026-01-10T09:00:00.000Z',
  }
  for (const [issueInstant, expected] of Object.entries(instants))
    t.equal(login(t, sign(authnRequest({ issueInstant }))).issueInstant.toISOString(), expected, issueInstant)
  for (const issueInstant of [
    '2026-02-29T00:00:00Z',
    '2026-01-10',
    '2026-01-10T25:00:00Z',
    '10/01/2026',
    '',
    '2026-01-10T09:00:00 Z',
  ])
    refused(t, open(sign(authnRequest({ issueInstant }))), 'SAML-03-schema', /IssueInstant of AuthnRequest must be/)
})

t.test('booleans are true, false, 1 and 0; missing is false', async (t) => {
  for (const [forceAuthn, expected] of [
    ['true', true],
    ['1', true],
    ['false', false],
    ['0', false],
    [undefined, false],
  ] as const)
    t.equal(login(t, sign(authnRequest({ forceAuthn }))).forceAuthn, expected)
  t.equal(login(t, sign(authnRequest({ isPassive: '1' }))).isPassive, true)
  for (const forceAuthn of ['TRUE', 'yes', ''])
    refused(t, open(sign(authnRequest({ forceAuthn }))), 'SAML-03-schema', /ForceAuthn of AuthnRequest must be true/)
})

t.test('each exclusion, an empty list, and no list at all', async (t) => {
  const names = ['AFirmaIdP', 'GISSIdP', 'AEATIdP', 'CLVMOVILIdP', 'EIDASIdP']
  for (const requested of [[], ...names.map((name) => [name]), names])
    t.strictSame(
      login(t, sign(authnRequest({ requested }))).requestedAttributes.map(({ name }) => name),
      requested.map((name) => `http://es.minhafp.clave/${name}`),
    )
  t.strictSame(login(t, sign(authnRequest({ requested: undefined }))).requestedAttributes, [])
})

t.test('the requested attribute RelayState brings its value', async (t) => {
  const { requestedAttributes } = login(t, sign(authnRequest({ requested: [], relayState: '_abc <&> 1234' })))
  t.strictSame(requestedAttributes, [{ name: 'http://es.minhafp.clave/RelayState', values: ['_abc <&> 1234'] }])
})

t.test('SPType as it is sent, with or without', async (t) => {
  t.equal(login(t, sign(authnRequest({ spType: 'public' }))).spType, 'public')
  t.equal(login(t, sign(authnRequest({ spType: 'what' }))).spType, 'what', 'what it may be is a rule, not the schema')
})

t.test('each comparison and level; none asked is none', async (t) => {
  for (const comparison of ['minimum', 'exact', 'better', 'maximum'])
    for (const level of ['low', 'substantial', 'high']) {
      const classRefs = [`http://eidas.europa.eu/LoA/${level}`]
      t.match(login(t, sign(authnRequest({ comparison, classRefs }))), { comparison, classRefs })
    }
  t.equal(login(t, sign(authnRequest({ comparison: undefined }))).comparison, 'exact')
  t.equal(login(t, sign(authnRequest({ classRefs: undefined }))).classRefs, undefined)
  refused(t, open(sign(authnRequest({ classRefs: [] }))), 'SAML-03-schema', /RequestedAuthnContext lacks/)
  refused(t, open(sign(authnRequest({ comparison: 'most' }))), 'SAML-03-schema', /Comparison of RequestedAuthnContext/)
})

t.test('a reference to a declaration is a context asked for, not nothing', async (t) => {
  const last =
    '<saml2p:RequestedAuthnContext><saml2:AuthnContextDeclRef>urn:x</saml2:AuthnContextDeclRef></saml2p:RequestedAuthnContext>'
  t.strictSame(login(t, sign(authnRequest({ classRefs: undefined, last }))).classRefs, [], 'heard, and no class')
})

t.test('a return address with a session in its last segment, an index, a binding', async (t) => {
  const acsUrl = 'https://sp.example/clave/a8Zc-19_x.html'
  t.equal(login(t, sign(authnRequest({ acsUrl }))).acsUrl, acsUrl)
  const protocolBinding = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST'
  t.match(login(t, sign(authnRequest({ acsUrl: undefined, acsIndex: 3, protocolBinding }))), {
    acsUrl: undefined,
    acsIndex: 3,
    protocolBinding,
  })
})

t.test('what the schema allows and we do not use gives no value', async (t) => {
  const extensions = '<x:a xmlns:x="urn:x" b="c">text<x:d ID="_d"/></x:a>'
  const last = '<saml2p:Scoping ProxyCount="1"><saml2p:RequesterID>urn:y</saml2p:RequesterID></saml2p:Scoping>'
  t.strictSame(login(t, sign(authnRequest({ extensions, last }))), kitRequest)
  const subject = '<saml2:Subject><saml2:NameID>99999999R</saml2:NameID></saml2:Subject>'
  const withSubject = authnRequest().replace('<saml2p:NameIDPolicy', `${subject}<saml2p:NameIDPolicy`)
  t.strictSame(login(t, sign(withSubject)), kitRequest)
})

t.test('an attribute that may not be missing is not found under a prefix', async (t) => {
  const extensions =
    '<eidas:RequestedAttributes><eidas:RequestedAttribute xmlns:z="urn:z" z:Name="x"/></eidas:RequestedAttributes>'
  const xml = sign(authnRequest({ requested: undefined, extensions }))
  refused(t, open(xml), 'SAML-03-schema', /RequestedAttribute lacks the attribute Name/)
})

t.test('on the face of the gateway an empty Extensions is read: one client writes it', async (t) => {
  const xml = base64(
    sign(authnRequest({ requested: undefined }).replace('<saml2p:NameIDPolicy', '<saml2p:Extensions/>$&')),
  )
  const [standard, clave] = (['standard', 'clave'] as const).map((face) => receivePost(xml, every, face))
  if (isRefusal(standard!) || isRefusal(clave!)) throw new Error('refused')
  refused(t, standard!.verify([pair.certificate], now), 'SAML-03-schema', /Extensions holds no element/)
  t.notOk(isRefusal(clave!.verify([pair.certificate], now)))
})

t.test('values are those that were written: escapes, four-byte letters, right to left', async (t) => {
  for (const providerName of ['<&>"\'', 'Añ 𝒳 \u202eabc', ']]>', '&amp;lt;'])
    t.equal(login(t, sign(authnRequest({ providerName }))).providerName, providerName)
})

t.test('a logout of the gateway and of the standard face', async (t) => {
  t.strictSame(accepted(t, sign(logoutRequest())), {
    kind: 'LogoutRequest',
    id: '_l1',
    issueInstant: new Date('2026-01-10T09:00:00Z'),
    destination: 'https://idp.example/Proxy2/ServiceProvider',
    issuer: 'https://sp.example/SP2/LogoutPage',
    notOnOrAfter: undefined,
    nameId: { value: 'S2800001A_E00000001', spNameQualifier: 'https://sp.example/SP2/LogoutPage' },
    sessionIndexes: [],
    asynchronous: false,
  })
  const standard = logoutRequest({
    notOnOrAfter: '2026-01-10T09:05:00Z',
    sessionIndexes: ['_s1', '_s2'],
    extensions: '<aslo:Asynchronous xmlns:aslo="urn:oasis:names:tc:SAML:2.0:protocol:ext:async-slo"/>',
  })
  t.match(accepted(t, sign(standard)), {
    notOnOrAfter: new Date('2026-01-10T09:05:00Z'),
    sessionIndexes: ['_s1', '_s2'],
    asynchronous: true,
  })
})

t.test('a LogoutResponse', async (t) => {
  t.strictSame(accepted(t, sign(logoutResponse())), {
    kind: 'LogoutResponse',
    id: '_s1',
    issueInstant: new Date('2026-01-10T09:00:00Z'),
    destination: 'https://idp.example/saml/slo',
    issuer: 'https://sp.example/metadata',
    inResponseTo: '_l2',
    status: 'urn:oasis:names:tc:SAML:2.0:status:Success',
  })
})

t.test('a door takes the messages that it expects', async (t) => {
  refused(
    t,
    receivePost(base64(sign(logoutRequest())), ['AuthnRequest']) as Refusal,
    'SAML-03-schema',
    /no AuthnRequest/,
  )
})

t.test('before it is verified a message only claims', async (t) => {
  const received = receivePost(base64(sign(authnRequest({ issuer: ' https://sp.example ' }))), every)
  if (isRefusal(received)) throw new Error('refused')
  t.equal(received.kind, 'AuthnRequest')
  t.strictSame(received.claims, {
    providerName: 'S2800001A_E00000001;Demo',
    issuer: 'https://sp.example',
    nameId: undefined,
    certificate: pair.certificate.fingerprint,
  })
  t.ok(isRefusal(received.verify([other.certificate], now)))
  t.notOk(isRefusal(received.verify([other.certificate, pair.certificate], now)), 'and may be verified again')
})

t.test('which certificate counts', async (t) => {
  const xml = sign(authnRequest())
  refused(t, open(xml, []), 'SAML-07-certificate', /No registered certificate/)
  refused(t, open(xml, [other.certificate]), 'SAML-07-certificate', /in KeyInfo .* is not registered/)
  const expired = { ...pair.certificate, notAfter: new Date(now.getTime() - 1000).toISOString() }
  refused(t, open(xml, [expired]), 'SAML-07-certificate', /beyond its dates/)
  refused(t, open(xml, [other.certificate, expired]), 'SAML-07-certificate', /beyond its dates/)
  t.notOk(isRefusal(open(xml, [expired, pair.certificate])), 'a renewed certificate of the same key counts')
})

t.test('base64 with line breaks, and deflated as some clients post it', async (t) => {
  const xml = sign(authnRequest())
  const wrapped = base64(xml).replace(/.{76}/g, '$&\r\n')
  for (const text of [wrapped, deflated(xml)]) t.notOk(isRefusal(receivePost(text, every)))
})

t.test('by HTTP-Redirect', async (t) => {
  for (const relayState of [undefined, '', 'a b+c&d=é/%'])
    for (const algorithm of ['rsa-sha256', 'rsa-sha512', 'pss-sha256'] as const) {
      const query = redirectQuery(authnRequest(), {
        ...pair,
        algorithm,
        ...(relayState !== undefined && { relayState }),
      })
      const received = receiveRedirect(query, every)
      if (isRefusal(received)) throw new Error(JSON.stringify(received))
      t.equal(received.relayState, relayState)
      t.match(received.verify([pair.certificate], now), { message: kitRequest })
    }
  const query = redirectQuery(logoutResponse(), { ...pair, word: 'SAMLResponse' })
  const [message, method, signature] = query.split('&')
  const shuffled = `lang=es&${signature}&SAMLEncoding=urn%3Aoasis%3Anames%3Atc%3ASAML%3A2.0%3Abindings%3AURL-Encoding%3ADEFLATE&${method}&${message}`
  t.notOk(isRefusal(receiveRedirect(shuffled, every)), 'the order in the query means nothing')
})

t.test('signed by xmlsec1', { skip: need('xmlsec1') }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'clave-xmlsec1-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const [template, key] = [join(folder, 'template.xml'), join(folder, 'key.pem')]
  writeFileSync(key, pair.key.export({ type: 'pkcs8', format: 'pem' }))
  const id = ['--id-attr:ID', 'urn:oasis:names:tc:SAML:2.0:protocol:AuthnRequest']
  const exclusive = '<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>'
  const list =
    '<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"><ec:InclusiveNamespaces xmlns:ec="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="eidas-natural xs #default"/></ds:Transform>'
  for (const pretty of [false, true])
    for (const transform of [exclusive, list]) {
      // A signature that was made, emptied for xmlsec1 to fill in.
      const empty = sign(authnRequest({ pretty }), { keyInfo: false })
        .replace(/(?<=<ds:(Digest|Signature)Value>)[^<]+/g, '')
        .replace(exclusive, transform)
      writeFileSync(template, empty)
      const signed = execFileSync('xmlsec1', ['--sign', '--privkey-pem', key, ...id, template], { encoding: 'utf8' })
      t.match(signed, transform)
      t.strictSame(login(t, signed), kitRequest)
    }
})

import { isDeepStrictEqual } from 'node:util'
import { diag, XmlDocument, type XmlElement as LibElement } from 'libxml2-wasm'
import t, { type Test } from 'tap'
import {
  isXmlFault,
  openSigned,
  readXml,
  signatureNamespace,
  verifyOctets,
  type XmlElement,
  type XmlFault,
} from '../../src/platform/index.ts'
import { canonicalize } from '../../src/platform/xml/canonicalize.ts'
import { readElement } from '../../src/platform/xml/read-element.ts'
import { plainSignedInfo } from '../../src/platform/xml/plain-signed-info.ts'
import {
  authnRequest,
  canonicalizations,
  makeKeyPair,
  signOctets,
  signatureMethods,
  signXml,
} from '../support/saml-signer.ts'
import { seededRandom } from '../support/seeded-random.ts'

const limits = { bytes: 10_000, nodes: 100, depth: 10 }
const pair = makeKeyPair()
const key = { key: pair.publicKey, fingerprint: pair.certificate.fingerprint }

function read(t: Test, xml: string | Uint8Array): XmlElement {
  const element = readXml(xml, limits)
  if (isXmlFault(element)) throw new Error(`${t.name}: ${JSON.stringify(element)}`)
  return element
}
function faulty(t: Test, xml: string | Uint8Array, fault: XmlFault['fault'], reason = /./): void {
  t.match(readXml(xml, limits), { fault, reason }, String(xml).slice(0, 80))
}

t.test('a document becomes a tree of plain data', async (t) => {
  t.strictSame(
    read(
      t,
      '<?xml version="1.0"?>\n<a xmlns="urn:a" xmlns:b="urn:b" c="1" b:d="&lt;2&#x41;">x<b:e/>y<f xmlns=""> z </f></a>',
    ),
    {
      namespace: 'urn:a',
      name: 'a',
      attributes: [
        { namespace: '', name: 'c', value: '1' },
        { namespace: 'urn:b', name: 'd', value: '<2A' },
      ],
      children: [
        { namespace: 'urn:b', name: 'e', attributes: [], children: [], text: '' },
        { namespace: '', name: 'f', attributes: [], children: [], text: ' z ' },
      ],
      text: 'xy',
    },
  )
})

t.test('nothing is parsed beyond its limits', async (t) => {
  const fit = `<a>${'<b/>'.repeat(99)}</a>`
  t.equal(read(t, fit).children.length, 99)
  faulty(t, `<a>${'<b/>'.repeat(100)}</a>`, 'too-large', /more than 100 elements/)
  faulty(t, `<a>${'<b c="1"/>'.repeat(50)}</a>`, 'too-large')
  faulty(t, `<a ${Array.from({ length: 100 }, (_, at) => `xmlns:b${at}="urn:b"`).join(' ')}/>`, 'too-large')
  read(t, '<a>'.repeat(10) + '</a>'.repeat(10))
  faulty(t, '<a>'.repeat(11) + '</a>'.repeat(11), 'too-large', /deeper than 10/)
  // What is too deep is told before anything else is wrong with it: the parser was not asked.
  faulty(t, '<a>'.repeat(11), 'too-large')
  faulty(t, `<a>${' '.repeat(10_000)}</a>`, 'too-large', /at most 10000/)
  faulty(t, Buffer.alloc(10_001), 'too-large')
  read(t, `<a b="${'<'.replace('<', '&lt;').repeat(500)} > = ' ' =">></a>`)
})

t.test('only UTF-8, without a byte order mark', async (t) => {
  t.equal(read(t, '<?xml version="1.0" encoding="utf-8"?><a>ñ𝒳</a>').text, 'ñ𝒳')
  t.equal(read(t, Buffer.from('<a>ñ𝒳</a>')).text, 'ñ𝒳')
  faulty(t, Buffer.from('<a>\u00f1</a>', 'latin1'), 'not-xml', /UTF-8/)
  faulty(t, Buffer.from('<a/>', 'utf16le'), 'not-xml', /zero/)
  faulty(t, '\ufeff<a/>', 'not-xml', /byte order mark/)
  faulty(t, '<a>b\ufeff</a>', 'not-xml', /byte order mark/)
  faulty(t, '<?xml version="1.0" encoding="ISO-8859-1"?><a/>', 'not-xml', /declaration/)
  faulty(t, '<?xml version="1.1"?><a/>', 'not-xml', /declaration/)
})

t.test('nothing but elements, attributes and text', async (t) => {
  const refused = {
    '<!DOCTYPE a><a/>': /DOCTYPE/,
    '<a><!-- --></a>': /comment/,
    '<a><![CDATA[b]]></a>': /CDATA/,
    '<a><?b c?></a>': /processing instruction/,
    '<?b?><a/>': /processing instruction/,
    ' <?xml version="1.0"?><a/>': /processing instruction/,
    '<a>&b;</a>': /entity/,
    '<a b="&c;"/>': /entity/,
    '<a>&</a>': /entity/,
    '<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="b"/></a>': /XInclude/,
  }
  for (const [xml, reason] of Object.entries(refused)) faulty(t, xml, 'doctype', reason)
  faulty(t, '<a xml:id="b"/>', 'not-xml', /xml:id/)
  faulty(t, '<a><b xml:base="c"/></a>', 'not-xml', /xml:base/)
  t.equal(read(t, '<a xml:lang="es"/>').attributes[0]?.value, 'es')
})

t.test('namespaces are declared and absolute', async (t) => {
  const refused = [
    '<b:a/>',
    '<a b:c=""/>',
    '<a xmlns="b"/>',
    '<a xmlns:b="./c"/>',
    '<a xmlns:b=""/>',
    '<a xmlns:xml="urn:b"/>',
    '<a xmlns:xmlns="urn:b"/>',
    '<a xmlns:b="urn:c" xmlns:d="urn:c" b:e="" d:e=""/>',
  ]
  for (const xml of refused) faulty(t, xml, 'not-xml')
})

t.test('what is not well-formed is told with its line', async (t) => {
  faulty(t, '<a>\n<b></a>', 'not-xml', /line 2/)
  for (const xml of [
    '',
    ' ',
    'a',
    '<a',
    '<a/><b/>',
    '<a b=c/>',
    '<a b="<"/>',
    '<a>]]></a>',
    '<a>&#0;</a>',
    '<a>\u0001</a>',
  ])
    faulty(t, xml, 'not-xml')
})

t.test('a signed document is read from what was signed', async (t) => {
  const signed = openSigned(signXml(authnRequest({ issuer: 'https://sp.example' }), pair), limits)
  if (isXmlFault(signed)) throw new Error(JSON.stringify(signed))
  const { claims } = signed
  const assertion = 'urn:oasis:names:tc:SAML:2.0:assertion'
  t.strictSame(claims.root, { namespace: 'urn:oasis:names:tc:SAML:2.0:protocol', name: 'AuthnRequest' })
  t.equal(claims.attribute('ProviderName'), 'S2800001A_E00000001;Demo')
  t.equal(claims.attribute('constructor'), undefined)
  t.equal(claims.childText(assertion, 'Issuer'), 'https://sp.example')
  t.strictSame(claims.signatureAfter, { namespace: assertion, name: 'Issuer' })
  t.equal(claims.certificate(), pair.certificate.fingerprint)
  const other = makeKeyPair()
  t.match(signed.verify([]), { fault: 'certificate' })
  t.match(signed.verify([{ key: other.publicKey, fingerprint: 'x' }]), { fault: 'signature' })
  const verified = signed.verify([{ key: other.publicKey, fingerprint: 'x' }, key])
  if (isXmlFault(verified)) throw new Error(JSON.stringify(verified))
  t.equal(verified.fingerprint, key.fingerprint)
  t.equal(verified.signatureMethod, signatureMethods['rsa-sha512'])
  t.strictSame(
    verified.element.children.map(({ name }) => name),
    ['Issuer', 'Extensions', 'NameIDPolicy', 'RequestedAuthnContext'],
    'without the Signature',
  )
})

t.test('a signature over bare octets', async (t) => {
  const octets = Buffer.from('SAMLRequest=x')
  for (const [algorithm, kind] of [
    ['rsa-sha256', 'rsa-2048'],
    ['pss-sha512', 'rsa-2048'],
    ['ecdsa-sha384', 'P-384'],
  ] as const) {
    const keys = makeKeyPair(kind)
    const signature = signOctets(octets, keys.key, algorithm)
    const verify = (method: string, signed = octets) =>
      verifyOctets(method, [key, { key: keys.publicKey, fingerprint: algorithm }], signed, signature)
    t.strictSame(verify(signatureMethods[algorithm]), { fingerprint: algorithm })
    t.match(verify(signatureMethods[algorithm], Buffer.from('SAMLRequest=y')), { fault: 'signature' })
    t.match(verify('http://www.w3.org/2000/09/xmldsig#rsa-sha1'), { fault: 'signature-algorithm' })
  }
})

t.test('a key too short is told as such', async (t) => {
  const short = makeKeyPair('rsa-1024')
  const signature = signOctets(Buffer.from('x'), short.key, 'rsa-sha256')
  const keys = [{ key: short.publicKey, fingerprint: 'short' }]
  t.match(verifyOctets(signatureMethods['rsa-sha256'], keys, Buffer.from('x'), signature), {
    fault: 'signature-algorithm',
    reason: /too short/,
  })
})

t.test('the parser gives its memory back, whatever came of the document', async (t) => {
  const genuine = signXml(authnRequest(), pair)
  const documents = [
    genuine,
    genuine.replace('ReturnPage', 'EvilPage'),
    '<a>',
    '<a xmlns="b"/>',
    genuine.replace('LoA', '<x/>'),
  ]
  const round = () => {
    for (const xml of documents) {
      const signed = openSigned(xml, limits)
      if (!isXmlFault(signed)) signed.verify([key])
    }
  }
  // From now on the library tells which of its objects nobody disposed of.
  diag.configure({ enabled: true })
  t.teardown(() => diag.configure({ enabled: false }))
  for (let count = 0; count < 300; count++) round()
  t.strictSame(diag.report(), {})
})

t.test('a namespace holds from its declaration on, until another takes its prefix', async (t) => {
  const names = ({ namespace, children }: XmlElement): unknown => [namespace, ...children.map(names)]
  const xml = `<a xmlns="urn:1" xmlns:p="urn:2"><b/><p:b><b xmlns=""><p:c/><c/></b><p:b xmlns:p="urn:3" p:d=""><p:c/></p:b></p:b><p:b/><b/></a>`
  t.strictSame(names(read(t, xml)), [
    'urn:1',
    ['urn:1'],
    ['urn:2', ['', ['urn:2'], ['']], ['urn:3', ['urn:3']]],
    ['urn:2'],
    ['urn:1'],
  ])
  t.match(read(t, xml).children[1]?.children[1]?.attributes, [{ namespace: 'urn:3', name: 'd' }])
  t.match(read(t, '<a xml:lang="es"/>').attributes, [{ namespace: 'http://www.w3.org/XML/1998/namespace' }])
  for (const prefix of ['constructor', 'toString', 'hasOwnProperty', '__defineGetter__'])
    t.equal(read(t, `<${prefix}:a xmlns:${prefix}="urn:1"/>`).namespace, 'urn:1')
  faulty(t, '<__proto__:a xmlns:__proto__ ="urn:1"/>', 'not-xml', /__proto__/)
})

t.test('a long namespace is not copied for each element and attribute that is of it', async (t) => {
  const long = `urn:${'a'.repeat(300_000)}`
  const inside = '<z:a/>'.repeat(5_000) + '<z:a z:b=""/>'.repeat(3_000)
  const began = process.memoryUsage().heapUsed
  const element = readXml(`<z:r xmlns:z="${long}">${inside}</z:r>`, { bytes: 500_000, nodes: 20_000, depth: 10 })
  if (isXmlFault(element)) throw new Error(element.reason)
  t.ok(process.memoryUsage().heapUsed - began < 100_000_000, 'it would be three gigabytes')
  t.ok([element, ...element.children].every(({ namespace }) => namespace === long))
  t.equal(element.children.at(-1)?.attributes[0]?.namespace, long)
})

/** What the parser reads of the SignedInfo, and its canonical octets. */
function parsedSignedInfo(xml: string): { readonly element: XmlElement; readonly canonical: string | undefined } {
  const parsed = XmlDocument.fromString(xml)
  const info = parsed.get('//ds:SignedInfo', { ds: signatureNamespace })! as LibElement
  const how = { algorithm: canonicalizations.exclusive, prefixes: [] }
  const found = { element: readElement(info), canonical: canonicalize(parsed, how, 100_000, info)?.toString() }
  parsed.dispose()
  return found
}

function plainlyRead(xml: string, prefix = 'ds'): ReturnType<typeof parsedSignedInfo> | undefined {
  const plain = plainSignedInfo(Buffer.from(xml), { prefix, namespace: signatureNamespace })
  return plain && { element: plain.element, canonical: plain.canonical.toString() }
}

t.test(
  'a SignedInfo that stands as it is canonicalised is read as the parser reads it, and nothing else passes for one',
  async (t) => {
    const document = signXml(authnRequest({}), pair)
    const spread = document.replace(/<ds:SignedInfo>.*<\/ds:SignedInfo>/s, (info) => info.replaceAll('><', '>\n\t <'))
    const closed = document.replace(/<(ds:\w*(?:Method|Transform)) ([^>]*)\/>/g, '<$1 $2></$1>')
    const bare = signXml(authnRequest({}), { ...pair, prefix: '' })
    for (const [xml, prefix] of [
      [document, 'ds'],
      [spread, 'ds'],
      [closed, 'ds'],
      [bare, ''],
    ] as const)
      t.strictSame(plainlyRead(xml, prefix), parsedSignedInfo(xml))
    const changed: Readonly<Record<string, [string | RegExp, string]>> = {
      'a second one': ['<saml2p:Extensions>', '$&<ds:SignedInfo/>'],
      'an attribute': ['<ds:SignedInfo>', '<ds:SignedInfo Id="a">'],
      'two attributes': ['<ds:Reference ', '<ds:Reference Id="a" '],
      'single quotes': [/URI="([^"]*)"/, "URI='$1'"],
      'white space in a tag': ['<ds:Transforms>', '<ds:Transforms >'],
      'two spaces': ['<ds:Reference ', '<ds:Reference  '],
      'a space before the end': ['#"/><ds:SignatureMethod', '#" /><ds:SignatureMethod'],
      'a line break in a value': ['rsa-sha512"', 'rsa-sha512\n"'],
      'a reference to a character': ['URI="#', 'URI="&#35;'],
      'a carriage return': ['<ds:Transforms>', '$&\r\n'],
      'more than ASCII': ['<ds:Transforms>', '$&ñ'],
      '> in a text': ['<ds:Transforms>', '$&>'],
      '> in a value': ['URI="', 'URI=">'],
      'a namespace declared inside': ['<ds:Transforms>', '<ds:Transforms xmlns:x="urn:x">'],
      'another prefix': ['<ds:Transforms>', '<x:Transforms>'],
      'no end': ['</ds:SignedInfo>', ''],
    }
    for (const [what, [from, to]] of Object.entries(changed)) {
      const xml = document.replace(from, to)
      t.not(xml, document, what)
      t.equal(plainlyRead(xml), undefined, what)
    }
    t.equal(plainlyRead(document, 'x'), undefined)
  },
)

t.test('whatever is changed in a SignedInfo, what is read plainly of it is what the parser reads', async (t) => {
  const random = seededRandom(20_261_122)
  const document = signXml(authnRequest({}), pair)
  const [start, end] = [document.indexOf('<ds:SignedInfo>'), document.indexOf('</ds:SignedInfo>') + 16]
  const marks = [
    '<',
    '>',
    '/',
    '"',
    ' ',
    '=',
    '\n',
    'a',
    'A',
    '-',
    '<ds:A/>',
    '<ds:A B="c d"></ds:A>',
    ' C=""',
    'ds:',
    ' text ',
  ]
  let plain = 0
  for (let tries = 0; tries < 4_000; tries++) {
    let info = document.slice(start, end)
    for (let changes = random.below(3); changes >= 0; changes--) {
      const at = random.below(info.length)
      info = info.slice(0, at) + random.pick(marks) + info.slice(at + random.below(3))
    }
    const xml = document.slice(0, start) + info + document.slice(end)
    if (isXmlFault(readXml(xml, { bytes: 10_000, nodes: 200, depth: 20 }))) continue
    const read = plainlyRead(xml)
    if (!read) continue
    plain++
    if (!isDeepStrictEqual(read, parsedSignedInfo(xml))) t.fail(info)
  }
  t.ok(plain > 300, `${plain} were read plainly`)
})

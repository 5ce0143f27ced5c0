import { deflateRawSync } from 'node:zlib'
import { redirectQuery, signatureMethods, signOctets } from '../../../support/saml-signer.ts'
import { swap, type Attack, type Genuine } from '../attack.ts'

/** By HTTP-Redirect the signature stands beside the message: everything that the two can disagree about. */

const of = (name: string, refused: Attack['refused'], make: (query: string, genuine: Genuine) => string): Attack => ({
  name: `redirect: ${name}`,
  make: (genuine) => ({ redirect: make(genuineQuery(genuine), genuine) }),
  refused,
})
const genuineQuery = ({ bare, pair }: Genuine) =>
  redirectQuery(bare.AuthnRequest, { key: pair.key, relayState: 'state: 1/ñ' })
const evilXml = ({ bare }: Genuine) => swap(bare.AuthnRequest, 'ReturnPage', 'EvilPage')
const parameter = (query: string, name: string) => new RegExp(`(?<=(?:^|&)${name}=)[^&]*`).exec(query)![0]
const evil = (genuine: Genuine) =>
  parameter(redirectQuery(evilXml(genuine), { key: genuine.foreign.key }), 'SAMLRequest')

/** Signed anew by the registered key over whatever octets are told. */
function signedOver(parts: readonly string[], { pair }: Genuine): string {
  const signature = signOctets(Buffer.from(parts.join('&')), pair.key, 'rsa-sha256').toString('base64')
  return [...parts, `Signature=${encodeURIComponent(signature)}`].join('&')
}
const parts = (query: string) => query.split('&').filter((part) => !part.startsWith('Signature='))
const withMessage = (octets: Uint8Array, genuine: Genuine) =>
  signedOver(
    [
      `SAMLRequest=${encodeURIComponent(Buffer.from(octets).toString('base64'))}`,
      `SigAlg=${encodeURIComponent(signatureMethods['rsa-sha256'])}`,
    ],
    genuine,
  )

const twice = 'SAML-01-not-a-message'
const wrong = 'SAML-04-signature'

const duplicates: readonly Attack[] = [
  of('a second message in front', twice, (query, genuine) => `SAMLRequest=${evil(genuine)}&${query}`),
  of('a second message behind', twice, (query, genuine) => `${query}&SAMLRequest=${evil(genuine)}`),
  of('the same message twice', twice, (query) => `${query}&SAMLRequest=${parameter(query, 'SAMLRequest')}`),
  of(
    'a second message, its name percent-encoded',
    twice,
    (query, genuine) => `${query}&SAML%52equest=${evil(genuine)}`,
  ),
  of('a request and a response', twice, (query, genuine) => `${query}&SAMLResponse=${evil(genuine)}`),
  of('a second SigAlg', twice, (query) => `${query}&SigAlg=${parameter(query, 'SigAlg')}`),
  of('a second Signature', twice, (query) => `${query}&Signature=${parameter(query, 'Signature')}`),
  of('a second RelayState', 'SAML-11-relay-state', (query) => `${query}&RelayState=evil`),
]

const octets: readonly Attack[] = [
  of('signed in another order', wrong, (query, genuine) => signedOver(parts(query).reverse(), genuine)),
  of('percent-encoded anew, in lower case', wrong, (query) =>
    query.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
  ),
  of('percent-encoded anew, every letter', wrong, (query) =>
    swap(query, parameter(query, 'SAMLRequest'), everyLetter(parameter(query, 'SAMLRequest'))),
  ),
  of('spaces as plus signs', wrong, (query) => query.replaceAll('%20', '+')),
  of('RelayState changed', wrong, (query) => swap(query, parameter(query, 'RelayState'), 'evil')),
  of('RelayState taken away', wrong, (query) => swap(query, /&RelayState=[^&]*/, '')),
  of(
    'RelayState added',
    wrong,
    (_, { bare, pair }) => `${redirectQuery(bare.AuthnRequest, { key: pair.key })}&RelayState=evil`,
  ),
  of('another message under the signature', wrong, (query, genuine) =>
    swap(query, parameter(query, 'SAMLRequest'), evil(genuine)),
  ),
  of('a request sent as a response', 'SAML-01-not-a-message', (query) => swap(query, 'SAMLRequest=', 'SAMLResponse=')),
  of('a percent sign that encodes nothing', 'SAML-01-not-a-message', (query) =>
    swap(query, parameter(query, 'SAMLRequest'), '%zz'),
  ),
  of('RelayState that is no UTF-8', 'SAML-01-not-a-message', (query) =>
    swap(query, parameter(query, 'RelayState'), '%ff'),
  ),
]

const everyLetter = (raw: string) =>
  [...Buffer.from(decodeURIComponent(raw))].map((octet) => `%${octet.toString(16).padStart(2, '0')}`).join('')

const signatures: readonly Attack[] = [
  of('unsigned', wrong, (query) => parts(query)[0]!),
  of('without Signature', wrong, (query) => parts(query).join('&')),
  of('without SigAlg', wrong, (query) => swap(query, /&SigAlg=[^&]*/, '')),
  of('an empty Signature', wrong, (query) => swap(query, parameter(query, 'Signature'), '')),
  of('a foreign key', wrong, (_, { bare, foreign }) => redirectQuery(bare.AuthnRequest, { key: foreign.key })),
  of('an expired certificate', 'SAML-07-certificate', (_, { bare, expired }) =>
    redirectQuery(bare.AuthnRequest, { key: expired.key }),
  ),
  of('SHA-1, truly signed', 'SAML-05-signature-algorithm', (_, { bare, pair }) =>
    redirectQuery(bare.AuthnRequest, { key: pair.key, algorithm: 'rsa-sha1' }),
  ),
  of('HMAC', 'SAML-05-signature-algorithm', (query) =>
    swap(query, parameter(query, 'SigAlg'), encodeURIComponent('http://www.w3.org/2001/04/xmldsig-more#hmac-sha256')),
  ),
  of('another method than the one signed with', wrong, (query) =>
    swap(query, parameter(query, 'SigAlg'), encodeURIComponent(signatureMethods['rsa-sha512'])),
  ),
  of('signed inside as well', wrong, (_, { signed, pair }) => redirectQuery(signed.AuthnRequest, { key: pair.key })),
  of(
    'signed inside only',
    wrong,
    (_, { signed, pair }) => parts(redirectQuery(signed.AuthnRequest, { key: pair.key }))[0]!,
  ),
]

const messages: readonly Attack[] = [
  of('a response sent as a request, truly signed', 'SAML-01-not-a-message', (_, { bare, pair }) =>
    redirectQuery(bare.LogoutResponse, { key: pair.key }),
  ),
  of('another SAMLEncoding', 'SAML-01-not-a-message', (query) => `${query}&SAMLEncoding=urn%3Ax`),
  of('not deflated', 'SAML-01-not-a-message', (_, genuine) =>
    withMessage(Buffer.from(genuine.bare.AuthnRequest), genuine),
  ),
  of('octets behind the deflated ones', 'SAML-01-not-a-message', (_, genuine) =>
    withMessage(Buffer.concat([deflateRawSync(genuine.bare.AuthnRequest), deflateRawSync('<evil/>')]), genuine),
  ),
  of('a deflate bomb', 'SAML-01-not-a-message', (_, genuine) =>
    withMessage(deflateRawSync(Buffer.alloc(20_000_000, 0x20)), genuine),
  ),
  of('a DOCTYPE', 'SAML-02-doctype', (_, { bare, pair }) =>
    redirectQuery(`<!DOCTYPE x>${bare.AuthnRequest}`, { key: pair.key }),
  ),
  of('neither request nor response', 'SAML-01-not-a-message', () => 'a=b&c'),
  of('an empty query', 'SAML-01-not-a-message', () => ''),
]

export const cases: readonly Attack[] = [...duplicates, ...octets, ...signatures, ...messages]

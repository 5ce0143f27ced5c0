import { signXml } from '../../../support/saml-signer.ts'
import {
  acs,
  base64Of,
  ec,
  endpoint,
  entityId,
  inDays,
  keyDescriptor,
  other,
  signed,
  sp,
  spMetadata,
  type MetadataContent,
} from '../../../relying-party/sp-metadata.ts'
import { append, prepend, signatureOf, swap, withoutSignature } from '../attack.ts'
import type { MetadataAttack, RegistrationAttack } from '../metadata.ts'

/** What an attacker who holds the address of the metadata, or the post to whom they are given, puts in their place. */

const of = (name: string, refused: string, make: () => string): MetadataAttack => ({ name, refused, make })
/** Later than those that hold; another signs `theirs`. */
const later = (content: MetadataContent = {}): string =>
  signed({ ...content, attributes: `validUntil="${inDays(20)}" ${content.attributes ?? ''}` })
const laterBare = (content: MetadataContent = {}): string =>
  spMetadata({ ...content, attributes: `validUntil="${inDays(20)}"` })
const evil = 'https://evil.example/acs'
const bare = (xml: string) => xml.replace(/^<\?[^]*?\?>\s*/, '')
const theirKeys = { keys: keyDescriptor(other, 'signing') }
const theirAcs = { acs: endpoint('AssertionConsumerService', 'HTTP-POST', evil, ' index="0"') }

const hijack: readonly MetadataAttack[] = [
  of('hijack: unsigned', 'not-signed', () => laterBare(theirKeys)),
  of('hijack: the signature taken away', 'not-signed', () => withoutSignature(later())),
  of('hijack: signed by another', 'wrong-signer', () =>
    signXml(laterBare(theirKeys), { ...other, algorithm: 'rsa-sha256', at: 'first' }),
  ),
  of('hijack: signed by another, with the certificate of the pinned one in KeyInfo', 'wrong-signer', () =>
    signXml(laterBare(theirKeys), { ...other, certificate: sp.certificate, algorithm: 'rsa-sha256', at: 'first' }),
  ),
  of('hijack: signed by another, no KeyInfo, the pinned certificate among the keys', 'wrong-signer', () =>
    signXml(laterBare(), { ...other, keyInfo: false, algorithm: 'rsa-sha256', at: 'first' }),
  ),
  of('hijack: a return address changed', 'signature', () => swap(later(), acs, evil)),
  of('hijack: a key added', 'signature', () =>
    swap(later(), '<md:KeyDescriptor', `${keyDescriptor(other, 'signing')}<md:KeyDescriptor`),
  ),
  of('hijack: a later validUntil written into old ones', 'signature', () =>
    swap(later(), /validUntil="[^"]*"/, `validUntil="${inDays(99)}"`),
  ),
  of('hijack: the signed ones in the organisation of others', 'signature', () =>
    append(swap(laterBare({ ...theirKeys, ...theirAcs }), 'ID="_m1"', 'ID="_m2"'), bare(later())),
  ),
  of('hijack: the signature of the old ones on others', 'signature', () =>
    prepend(bare(laterBare(theirKeys)), signatureOf(later())),
  ),
  of('hijack: two signatures', 'signature', () => {
    const xml = later()
    return swap(xml, signatureOf(xml), signatureOf(xml).repeat(2))
  }),
  of('hijack: two of them, the signed ones first', 'signature', () => both(bare(later()), bare(theirs()))),
  of('hijack: two of them, the signed ones last', 'signature', () => both(bare(theirs()), bare(later()))),
  of('hijack: SHA-1', 'signature-algorithm', () => signXml(laterBare(), { ...sp, algorithm: 'rsa-sha1', at: 'first' })),
  of('hijack: a digest of SHA-1', 'digest-algorithm', () =>
    signXml(laterBare(), { ...sp, digest: 'sha1', at: 'first' }),
  ),
  of('hijack: of another entity, truly signed', 'another-entity', () => later({ entityId: 'https://victim.example' })),
  of('hijack: the entity in another case, truly signed', 'another-entity', () =>
    later({ entityId: entityId.toUpperCase() }),
  ),
]
const theirs = () => swap(laterBare({ ...theirKeys, ...theirAcs }), 'ID="_m1"', 'ID="_m2"')
const both = (...entities: readonly string[]) =>
  `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">${entities.join('')}</md:EntitiesDescriptor>`

/** Those that hold are good for ten days. */
const rollback: readonly MetadataAttack[] = [
  of('rollback: an earlier validUntil', 'older', () => signed({ attributes: `validUntil="${inDays(9)}"` })),
  of('rollback: a minute earlier', 'older', () => signed({ attributes: `validUntil="${inDays(10 - 1 / 1440)}"` })),
  of('rollback: no validUntil', 'older', () => signed()),
  of('rollback: an earlier validUntil of the role', 'older', () =>
    later({ roleAttributes: ` validUntil="${inDays(9)}"` }),
  ),
]

const expiry: readonly MetadataAttack[] = [
  of('expiry: a validUntil that has passed', 'expired', () => signed({ attributes: `validUntil="${inDays(-1)}"` })),
  of('expiry: that of the role has', 'expired', () => later({ roleAttributes: ` validUntil="${inDays(-1)}"` })),
  of('expiry: a validUntil that is none', 'not-metadata', () => signed({ attributes: 'validUntil="never"' })),
  of('expiry: a cacheDuration that is none', 'not-metadata', () => later({ attributes: 'cacheDuration="-P1D"' })),
]

/** More than is canonicalised of little that is read. */
const growing = () =>
  swap(later(), '<md:EntityDescriptor', `<md:EntityDescriptor xmlns:z="urn:${'a'.repeat(100_000)}"`).replace(
    '<md:SPSSODescriptor',
    `<md:Extensions>${'<z:a/>'.repeat(15_000)}</md:Extensions>$&`,
  )
const oversize: readonly MetadataAttack[] = [
  of('oversize: 600,000 octets', 'too-large', () => later() + ' '.repeat(600_000)),
  of('oversize: 10 MB in one value', 'too-large', () => swap(later(), 'Organismo', 'x'.repeat(10_000_000))),
  of('oversize: 25,000 elements', 'too-large', () => swap(later(), 'Organismo', '<a/>'.repeat(25_000))),
  of('oversize: 50 deep', 'too-large', () => swap(later(), 'Organismo', '<a>'.repeat(50) + '</a>'.repeat(50))),
  of('oversize: little that grows when it is canonicalised', 'signature', growing),
  of('oversize: 51 return addresses', 'address', () =>
    later({
      acs: Array.from({ length: 51 }, (_, at) =>
        endpoint('AssertionConsumerService', 'HTTP-POST', `${acs}/${at}`, ` index="${at}"`),
      ).join(''),
    }),
  ),
  of('oversize: entities that grow', 'doctype', () =>
    swap(later(), '?>', '?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'),
  ),
  of('no metadata', 'not-metadata', () => signXml('<x ID="_x"/>', { ...sp, at: 'first' })),
  of('no XML', 'not-xml', () => '{}'),
  of('nothing', 'not-xml', () => ' '),
]

const returnTo = (name: string, location: string) =>
  of(`return address: ${name}`, 'address', () =>
    later({ acs: endpoint('AssertionConsumerService', 'HTTP-POST', location, ' index="0"') }),
  )
const contents: readonly MetadataAttack[] = [
  returnTo('javascript:', 'javascript:alert(1)'),
  returnTo('data:', 'data:text/html,x'),
  returnTo('http', acs.replace('https:', 'http:')),
  returnTo('user-info', acs.replace('https://', 'https://evil@')),
  returnTo('a fragment', `${acs}#x`),
  returnTo('none', ''),
  of('logout address: javascript:', 'address', () =>
    later({ logout: endpoint('SingleLogoutService', 'HTTP-POST', 'javascript:alert(1)') }),
  ),
  of('keys: none', 'certificate', () => later({ keys: '' })),
  of('keys: one of P-256 to encrypt for', 'certificate', () =>
    later({ keys: keyDescriptor(sp, 'signing') + keyDescriptor(ec, 'encryption') }),
  ),
  of('keys: one cut short', 'certificate', () =>
    later({ keys: keyDescriptor(sp, 'signing').replace(base64Of(sp), base64Of(sp).slice(0, 400)) }),
  ),
]

export const metadataCases: readonly MetadataAttack[] = [...hijack, ...rollback, ...expiry, ...oversize, ...contents]

const claims = (name: string, input: RegistrationAttack['input']): RegistrationAttack => ({
  name: `the name of another: ${name}`,
  refused: /name of another relying party/,
  input,
})
const certificates = [other.certificate.pem]
const reads = (name: string, metadataUrl: string, refused: RegExp): RegistrationAttack => ({
  name: `metadata from ${name}`,
  refused,
  input: () => ({ saml: { metadataUrl } }),
})

export const registrationCases: readonly RegistrationAttack[] = [
  claims('by metadata', () => ({ saml: { metadata: spMetadata({ ...theirKeys, ...theirAcs }) } })),
  claims('by hand', () => ({ saml: { entityId, certificates, acs: [evil] } })),
  claims('as an alias', () => ({ clave: { providerName: 'S1_E1', certificates, acs: [evil], aliases: [entityId] } })),
  ...['127.0.0.1', '10.0.0.1', '169.254.169.254', '[::1]', '[::ffff:127.0.0.1]'].map((host) =>
    reads(host, `https://${host}/metadata`, /private|this machine|public/i),
  ),
  reads('plain http', 'http://sp.example/metadata', /https/),
  reads('a file', 'file:///etc/passwd', /./),
]

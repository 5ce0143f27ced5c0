import t from 'tap'
import { systemRandom } from '../../src/platform/index.ts'
import { makeRelyingParties, shownRelyingParty } from '../../src/relying-party/index.ts'
import { metadataFault } from '../../src/relying-party/metadata-xml.ts'
import { signXml } from '../support/saml-signer.ts'
import { testClock } from '../support/clock.ts'
import { testDatabase, type Teardown } from '../support/database.ts'
import { acs, entityId, inDays, keyDescriptor, other, signed, sp, spMetadata, written } from './sp-metadata.ts'

const url = 'https://sp.example/metadata.xml'
const [first, second] = [sp.certificate.fingerprint, other.certificate.fingerprint]
const until = (days: number) => ({ attributes: `validUntil="${inDays(days)}"` })

/** A registry, and what its web answers at any address. */
async function scene(t: Teardown) {
  const { db } = await testDatabase(t)
  const web: { answer: string | Error; asked: string[] } = { answer: new Error(), asked: [] }
  const registry = makeRelyingParties({
    ...{ db, clock: testClock(), random: systemRandom, allowHttp: false },
    async fetchMetadata(address) {
      web.asked.push(address)
      return typeof web.answer === 'string' ? Buffer.from(web.answer) : metadataFault('unreachable', 'Nobody is there.')
    },
  })
  const register = (metadata: string, more: object = {}) =>
    registry.register({ id: 'sepe', saml: { metadata, ...more } })
  const change = (metadata: string, more: object = {}) => registry.change('sepe', { saml: { metadata, ...more } })
  return { registry, web, register, change }
}

const refusedFor = (detail: RegExp, field = 'saml.metadata') => ({ problems: [{ field, title: String, detail }] })

t.test('metadata that nobody signed are taken from a person, and may be replaced by others', async (t) => {
  const { register, change, registry } = await scene(t)
  const { relyingParty } = written(await register(spMetadata()))
  t.match(relyingParty, {
    name: 'sp.example',
    saml: {
      face: 'standard',
      name: entityId,
      certificates: [{ fingerprint: first }],
      acs: [{ url: acs, index: 0 }],
      redirectBinding: true,
      attributeNames: 'eidas',
      metadata: { signedBy: [], url: undefined, validUntil: undefined },
    },
  })
  t.same(await registry.findBySamlName(entityId), relyingParty)
  const { relyingParty: changed } = written(await change(spMetadata({ keys: keyDescriptor(other) })))
  t.match(changed.saml, {
    certificates: [{ fingerprint: second }],
    encryption: { certificate: { fingerprint: second } },
  })
})

t.test('the first signed import pins its signer; later ones are signed by it, or by whom a person names', async (t) => {
  const { register, change } = await scene(t)
  t.match(written(await register(signed())).relyingParty.saml?.metadata, { signedBy: [first] })
  written(await change(signed({ keys: keyDescriptor(other) })))
  t.match(await change(spMetadata()), refusedFor(/not signed/))
  t.match(await change(signed({}, other)), refusedFor(/none of the certificates/))
  const changed = written(await change(signed({ keys: keyDescriptor(other) }, other), { signedBy: [second] }))
  t.match(changed.relyingParty.saml?.metadata, { signedBy: [second] })
  t.match(await change(signed()), refusedFor(/none of the certificates/))
  written(await change(signed(), { signedBy: [sp.certificate.pem, second.match(/../g)!.join(':').toUpperCase()] }))
  written(await change(signed({}, other)))
})

t.test('a pin given at the first import holds for it', async (t) => {
  const { register } = await scene(t)
  t.match(await register(spMetadata(), { signedBy: [first] }), refusedFor(/not signed/))
  t.match(await register(signed({}, other), { signedBy: [first] }), refusedFor(/none of the certificates/))
  written(await register(signed(), { signedBy: [first] }))
})

t.test('who may sign is not forgotten when something is mended by hand', async (t) => {
  const { register, change, registry } = await scene(t)
  const { relyingParty } = written(await register(signed()))
  const { saml } = shownRelyingParty(relyingParty)
  t.match(saml, { entityId, certificates: [String], acs: [{ url: acs }] })
  written(await registry.change('sepe', { saml }))
  t.match(await change(signed({}, other)), refusedFor(/none of the certificates/))
  written(await change(signed()))
})

t.test('a signature that does not hold, or stands where it may not, is refused', async (t) => {
  const { register } = await scene(t)
  const good = signed()
  for (const bad of [
    good.replace('Organismo', 'Organismos'),
    good.replace(acs, 'https://evil.example/acs'),
    good.replace('ID="_m1"', 'ID="_m2"'),
    good.replace(/(<ds:Signature [^]*<\/ds:Signature>)/, '$1$1'),
    good.replace(/<ds:SignatureValue>[^<]*/, '<ds:SignatureValue>AAAA'),
    good
      .replace(
        /<ds:KeyInfo><ds:X509Data><ds:X509Certificate>MII[^<]*(?=<\/ds:X509Certificate><\/ds:X509Data><\/ds:KeyInfo><\/ds:Signature>)/,
        `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${other.certificate.pem.replace(/-----.*-----|\s/g, '')}`,
      )
      .replaceAll(/<md:KeyDescriptor[^]*<\/md:KeyDescriptor>/g, keyDescriptor(other)),
    signXml(spMetadata(), { ...sp, algorithm: 'rsa-sha1', at: 'first' }),
    signXml(spMetadata(), { ...sp, digest: 'sha1', at: 'first' }),
    // The signed one inside of another that says more.
    spMetadata({ entityId: 'urn:evil', attributes: 'x="1"' })
      .replace('ID="_m1"', 'ID="_x"')
      .replace('</md:SPSSODescriptor>', `</md:SPSSODescriptor>${good.replace(/^<\?xml.*\?>/, '')}`),
  ]) {
    t.match(await register(bad), { problems: [{ field: 'saml.metadata' }] })
  }
  written(await register(good))
})

t.test('another entity cannot come in the place of the registered one', async (t) => {
  const { register, change } = await scene(t)
  written(await register(signed()))
  t.match(await change(signed({ entityId: 'urn:other' })), refusedFor(/another entityID/))
  t.match(await change(signed({ entityId: 'urn:other' }), { signedBy: [first] }), refusedFor(/another entityID/))
})

t.test("metadata cannot claim another's entityID, by entityID or against an alias", async (t) => {
  const { registry, register } = await scene(t)
  const certificates = [other.certificate.pem]
  const clave = { providerName: 'S1_E1', certificates, acs: [acs], aliases: [entityId] }
  written(await registry.register({ id: 'owner', clave }))
  t.match(await register(signed()), refusedFor(/name of another relying party/))
  t.equal(await registry.find('sepe'), undefined)
  t.equal((await registry.findBySamlName(entityId))?.id, 'owner')
})

t.test('only forward in time: an earlier validUntil, or none, is refused; a new pin begins anew', async (t) => {
  const { register, change } = await scene(t)
  const held = signed(until(10))
  written(await register(held))
  t.match(await change(signed(until(5))), refusedFor(/older/))
  t.match(await change(signed()), refusedFor(/older/))
  t.match(await change(signed(until(-1))), refusedFor(/held until/))
  written(await change(held))
  written(await change(signed(until(20))))
  t.match(await change(held), refusedFor(/older/))
  written(await change(held, { signedBy: [first] }))
})

t.test('expired, too large, or no metadata at all: refused with the reason', async (t) => {
  const { register } = await scene(t)
  t.match(await register(spMetadata(until(-1))), refusedFor(/held until/))
  t.match(await register(spMetadata() + ' '.repeat(600_000)), refusedFor(/at most 524288/))
  t.match(await register('<html></html>'), refusedFor(/no EntityDescriptor/))
  t.match(await register('{}'), refusedFor(/./))
})

t.test('what is said beside the metadata holds through later ones', async (t) => {
  const { register, change } = await scene(t)
  const keys = keyDescriptor(sp)
  const choices = { attributeNames: 'oid', encryption: { content: 'aes256-cbc', keyDigest: 'sha256' } }
  const { relyingParty } = written(await register(spMetadata({ keys }), choices))
  const wanted = { attributeNames: 'oid', encryption: { content: 'aes256-cbc', keyDigest: 'sha256' } }
  t.match(relyingParty.saml, wanted)
  t.match(written(await change(spMetadata({ keys }))).relyingParty.saml, wanted)
  t.equal(written(await change(spMetadata({ keys }), { encryption: false })).relyingParty.saml?.encryption, undefined)
  t.equal(written(await change(spMetadata({ keys }))).relyingParty.saml?.encryption, undefined)
  t.match(await change(spMetadata(), { encryption: {} }), refusedFor(/no key to encrypt for/))
})

t.test('from an address: signed, with a validUntil, and pinned', async (t) => {
  const { registry, web } = await scene(t)
  const add = (more: object = {}): Promise<unknown> =>
    registry.register({ id: 'sepe', saml: { metadataUrl: url, ...more } })
  const refused = (detail: RegExp) => refusedFor(detail, 'saml.metadataUrl')
  t.match(await add(), refused(/Nobody is there/))
  web.answer = spMetadata(until(10))
  t.match(await add(), refused(/have to be signed/))
  web.answer = signed()
  t.match(await add(), refused(/need a validUntil/))
  web.answer = signed(until(10))
  t.match(await add({ signedBy: [second] }), refused(/none of the certificates/))
  t.match(await add(), {
    relyingParty: { saml: { name: entityId, metadata: { url, signedBy: [first], refreshEvery: 86_400 } } },
  })
  t.same(new Set(web.asked), new Set([url]))
})

t.test('what is shown of a party with an address can be sent back', async (t) => {
  const { registry, web } = await scene(t)
  web.answer = signed({ ...until(10), keys: keyDescriptor(sp) })
  const saml = { metadataUrl: url, attributeNames: 'oid', encryption: false }
  const { relyingParty } = written(await registry.register({ id: 'sepe', saml }))
  const shown = shownRelyingParty(relyingParty)
  t.match(shown.saml, { ...saml, signedBy: [first] })
  const again = written(await registry.change('sepe', { saml: shown.saml }))
  t.match(again.relyingParty.saml, { attributeNames: 'oid', encryption: undefined, metadata: { signedBy: [first] } })
})

t.test('how often it is read again follows cacheDuration and validUntil', async (t) => {
  const { registry, web } = await scene(t)
  const every = async (attributes: string, days: number) => {
    web.answer = signed({ attributes: `${attributes} validUntil="${inDays(days)}"` })
    const saml = { metadataUrl: url, signedBy: [first] }
    const answer = (await registry.change('sepe', { saml })) ?? (await registry.register({ id: 'sepe', saml }))
    return written(answer).relyingParty.saml?.metadata?.refreshEvery
  }
  t.equal(await every('', 10), 86_400)
  t.equal(await every('cacheDuration="PT6H"', 10), 21_600)
  t.equal(await every('cacheDuration="PT1M"', 10), 3_600)
  t.equal(await every('cacheDuration="P9D"', 10), 86_400)
  const half = (await every('', 0.5)) ?? 0
  t.ok(half > 21_500 && half <= 21_600, 'half of twelve hours')
  t.equal(await every('', 1 / 24 / 60), 300)
})

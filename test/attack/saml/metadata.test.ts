import t, { type Test } from 'tap'
import { systemRandom } from '../../../src/platform/index.ts'
import { makeRelyingParties } from '../../../src/relying-party/index.ts'
import { refreshMetadata } from '../../../src/relying-party/refresh-metadata.ts'
import { by, identityProvider, issuer } from '../../oidc/identity-provider.ts'
import { acs, entityId, inDays, other, signed, sp, written } from '../../relying-party/sp-metadata.ts'
import { formOf, newId, now, responseOf, sends, technical } from '../../saml/agency.ts'
import { testClock } from '../../support/clock.ts'
import { quietLog } from '../../support/log.ts'
import { authnRequest, base64, signXml, type SamlKeyPair } from '../../support/saml-signer.ts'
import { loadMetadataCases, loadRegistrationCases } from './corpus.ts'

const url = 'https://sp.example/metadata.xml'

/** A service provider whose metadata are read by schedule, before the doors that go by them. */
async function scene(t: Test) {
  const idp = await identityProvider(t, { saml: true })
  const [clock, log] = [testClock(), quietLog(t)]
  const web = { answer: signed({ attributes: `validUntil="${inDays(10)}"` }) }
  const fetchMetadata = async () => Buffer.from(web.answer)
  const common = { db: idp.db, clock, allowHttp: false, fetchMetadata }
  const registry = makeRelyingParties({ ...common, random: systemRandom })
  const { relyingParty } = written(await registry.register({ id: 'sepe', saml: { metadataUrl: url } }))
  return {
    ...{ idp, registry, relyingParty },
    /** What the schedule says of a document at the address. */
    async reads(document: string): Promise<unknown> {
      web.answer = document
      clock.advance(86_400)
      const before = log.lines.length
      await refreshMetadata({ ...common, log, metrics: { metadata: () => {} } })
      return log.lines.slice(before).map((line) => (JSON.parse(line) as { readonly outcome?: string }).outcome)[0]
    },
    async asks(keys: SamlKeyPair, acsUrl = acs) {
      const destination = `${issuer}/saml/sso`
      const placed = { id: newId(), issueInstant: now(), issuer: entityId, providerName: undefined, destination }
      const SAMLRequest = base64(signXml(authnRequest({ ...placed, acsUrl, requested: undefined }), keys))
      idp.next('sepe', by(idp.carmen))
      return sends(idp.browser(), '/saml/sso', { SAMLRequest })
    },
  }
}

t.test('nothing takes the place of the metadata of a service provider', async (t) => {
  const { registry, relyingParty, reads, asks, idp } = await scene(t)
  const isServed = async (t: Test) => t.equal(responseOf(formOf(await asks(sp))).status, 'Success')
  await t.test('they serve', isServed)
  for (const { name, refused, make } of await loadMetadataCases())
    await t.test(name, async (t) => {
      const document = make()
      t.equal(await reads(document), refused, 'at its address')
      const byHand = await registry.change('sepe', { saml: { metadata: document } })
      t.match(byHand, { problems: [{ field: 'saml.metadata' }] }, 'from a person')
      t.same(await registry.find('sepe'), relyingParty, 'the last good ones hold')
    })
  for (const { name, refused, input } of await loadRegistrationCases())
    await t.test(name, async (t) => {
      // As it is in production: with the fetch that is confined to the public Internet.
      t.match(await idp.relyingParties.register({ id: 'evil', ...input() }), { problems: [{ detail: refused }] })
      t.equal(await registry.find('evil'), undefined)
      t.same(await registry.findBySamlName(entityId), relyingParty)
    })
  await t.test('they serve still, and nobody else by them', async (t) => {
    await isServed(t)
    const page = await asks(other)
    t.match([page.status, technical(page)], [400, /203018/])
    const elsewhere = await asks(sp, 'https://evil.example/acs')
    t.match([elsewhere.status, technical(elsewhere)], [400, /200008/])
  })
  await t.test('newer ones of the same signer do', async (t) => {
    t.equal(await reads(signed({ attributes: `validUntil="${inDays(11)}"` })), undefined)
    t.not((await registry.find('sepe'))?.saml?.metadata?.validUntil, relyingParty.saml?.metadata?.validUntil)
    await isServed(t)
  })
})

import t from 'tap'
import { openDb, statement, systemRandom } from '../../src/platform/index.ts'
import {
  makeRelyingParties,
  shownRelyingParty,
  type RelyingParties,
  type RelyingPartyInput,
} from '../../src/relying-party/index.ts'
import { testClock } from '../support/clock.ts'
import { testDatabase, type Teardown } from '../support/database.ts'
import { acs, ec, entityId, other, sp, spMetadata, written } from './sp-metadata.ts'

const providerName = 'S2833002E_E04995902'
const pem = sp.certificate.pem
const clave = { providerName, certificates: [pem], acs: ['https://sp.example/SP2/ReturnPage'] }
const byHand = { entityId, certificates: [pem], acs: [acs] }

async function scene(t: Teardown, allowHttp = false) {
  const { db, url } = await testDatabase(t)
  const parts = { clock: testClock(), random: systemRandom, allowHttp }
  return { db, url, parts, registry: makeRelyingParties({ db, ...parts }) }
}

/** The fields that are refused, and nothing else. */
async function refused(
  t: { same(found: unknown, wanted: unknown, name: string): unknown },
  registry: RelyingParties,
  input: RelyingPartyInput,
  ...fields: readonly string[]
): Promise<void> {
  const answer = await registry.register(input)
  const problems = 'problems' in answer ? answer.problems : []
  t.same(
    problems.map(({ field }) => field),
    fields,
    `${fields.join()}: ${JSON.stringify(input).slice(0, 200)}`,
  )
}

t.test('an application of the real gateway is registered by its ProviderName', async (t) => {
  const { registry } = await scene(t)
  const { relyingParty } = written(
    await registry.register({
      id: 'seguridad-social',
      level: 'substantial',
      clave: {
        ...clave,
        certificates: [pem, ec.certificate.pem],
        acs: [...clave.acs, 'https://sp.example/back/{session}.html'],
        logout: ['https://sp.example/clave-logout/SPApp'],
        aliases: ['https://sp.example/SP2', '7f1dd1d2-8c5a-4f0e-9f0a-2d4b1c6e0a11'],
        encryption: { certificate: other.certificate.pem, content: 'aes256-cbc' },
        logoutIssuer: 'Cl@ve',
      },
    }),
  )
  t.match(relyingParty, {
    name: 'sp.example',
    leastLevel: 'substantial',
    oidc: undefined,
    saml: {
      face: 'clave',
      name: providerName,
      aliases: ['https://sp.example/SP2', '7f1dd1d2-8c5a-4f0e-9f0a-2d4b1c6e0a11'],
      certificates: [{ fingerprint: sp.certificate.fingerprint }, { fingerprint: ec.certificate.fingerprint }],
      acs: [{ url: clave.acs[0] }, { url: 'https://sp.example/back/{session}.html' }],
      logout: ['https://sp.example/clave-logout/SPApp'],
      encryption: {
        certificate: { fingerprint: other.certificate.fingerprint },
        content: 'aes256-cbc',
        keyDigest: 'sha1',
      },
      redirectBinding: false,
      logoutIssuer: 'Cl@ve',
    },
  })
  for (const name of [providerName, ...relyingParty.saml!.aliases])
    t.same(await registry.findBySamlName(name), relyingParty, name)
  t.same(await registry.find('seguridad-social'), relyingParty)
  t.same(await registry.list(), [relyingParty])
  t.equal(await registry.findByClientId('seguridad-social'), undefined)
})

t.test('an application without a metadata file is registered by hand', async (t) => {
  const { registry } = await scene(t)
  const { relyingParty } = written(
    await registry.register({
      saml: {
        ...byHand,
        acs: [acs, { url: `${acs}/2`, index: 2, isDefault: true }],
        slo: { binding: 'redirect', url: 'https://sp.example/slo' },
        attributeNames: 'oid',
      },
    }),
  )
  t.match(relyingParty.saml, {
    face: 'standard',
    name: entityId,
    aliases: [],
    logout: [],
    acs: [{ url: acs }, { url: `${acs}/2`, index: 2, isDefault: true }],
    slo: { binding: 'redirect', url: 'https://sp.example/slo' },
    redirectBinding: true,
    attributeNames: 'oid',
    metadata: undefined,
    encryption: undefined,
  })
  t.same(await registry.findBySamlName(entityId), relyingParty)
})

t.test('each field that is wrong is named', async (t) => {
  const { registry } = await scene(t)
  const wrongClave = (changes: object, ...fields: string[]) =>
    refused(t, registry, { clave: { ...clave, ...changes } }, ...fields.map((field) => `clave.${field}`))
  for (const name of [`${providerName};Portal`, 'S2833002E', '_E04995902', 'S28_', 'a b_c', 'ñ_c', 42, '', undefined])
    await wrongClave({ providerName: name }, 'providerName')
  for (const certificates of [[], [pem, pem], ['x'], pem, undefined]) await wrongClave({ certificates }, 'certificates')
  for (const addresses of [[], ['http://sp.example/x'], ['javascript:alert(1)'], ['https://sp.example/{x}'], undefined])
    await wrongClave({ acs: addresses }, 'acs')
  await wrongClave({ acs: [clave.acs[0], clave.acs[0]] }, 'acs')
  await wrongClave({ logout: ['https://u@sp.example/'] }, 'logout')
  await wrongClave({ aliases: ['a b'] }, 'aliases')
  await wrongClave({ aliases: [providerName] }, 'aliases')
  await wrongClave({ encryption: { content: 'aes256-gcm' } }, 'encryption')
  await wrongClave({ encryption: { certificate: ec.certificate.pem } }, 'encryption')
  await wrongClave({ encryption: { certificate: pem, content: '3des' } }, 'encryption')
  await wrongClave(
    { redirectBinding: 'yes', logoutIssuer: '', colour: 'red' },
    'redirectBinding',
    'logoutIssuer',
    'colour',
  )
  await refused(t, registry, { clave: 'x' }, 'clave')

  const wrongSaml = (changes: object, ...fields: string[]) =>
    refused(t, registry, { saml: { ...byHand, ...changes } }, ...fields.map((field) => `saml.${field}`))
  await wrongSaml({ entityId: 'a b' }, 'entityId')
  await wrongSaml({ acs: ['https://sp.example/{session}'] }, 'acs')
  await wrongSaml(
    {
      acs: [
        { url: acs, index: 1 },
        { url: `${acs}/2`, index: 1 },
      ],
    },
    'acs',
  )
  await wrongSaml({ acs: [{ url: acs, index: -1 }] }, 'acs')
  await wrongSaml({ acs: [{ index: 1 }] }, 'acs')
  await wrongSaml({ slo: { binding: 'soap', url: acs } }, 'slo')
  await wrongSaml({ slo: { binding: 'post', url: 'x' } }, 'slo')
  await wrongSaml({ attributeNames: 'all', logout: [] }, 'attributeNames', 'logout')
  for (const saml of [
    {},
    'x',
    { metadata: '<x/>', metadataUrl: 'https://sp.example' },
    { ...byHand, metadata: '<x/>' },
  ])
    await refused(t, registry, { saml }, 'saml')
  await refused(t, registry, { saml: { metadata: '' } }, 'saml.metadata')
  await refused(t, registry, { saml: { metadataUrl: 'http://sp.example/m' } }, 'saml.metadataUrl')
  await refused(t, registry, { saml: { metadata: '<x/>', signedBy: ['abc'] } }, 'saml.signedBy')
  t.same(await registry.list(), [])
})

t.test('http addresses pass where the installation allows them, and only there', async (t) => {
  const input = { clave: { ...clave, acs: ['http://127.0.0.1:8090/{session}'] } }
  t.match(await (await scene(t, true)).registry.register(input), { relyingParty: { name: '127.0.0.1:8090' } })
  t.match(await (await scene(t)).registry.register(input), { problems: [{ field: 'clave.acs' }] })
})

t.test('a relying party speaks one protocol', async (t) => {
  const { registry, db } = await scene(t)
  const oidc = { redirect_uris: ['https://agency.example/callback'] }
  await refused(t, registry, { oidc, clave }, 'clave')
  await refused(t, registry, { clave, saml: byHand }, 'saml')
  written(await registry.register({ id: 'dgt', oidc }))
  written(await registry.register({ id: 'sepe', saml: byHand }))
  t.match(await registry.change('dgt', { clave }), { problems: [{ field: 'clave.providerName' }] })
  t.match(await registry.change('sepe', { oidc }), { problems: [{ field: 'oidc' }] })
  await t.rejects(
    db.rows(statement('test.both', `update relying_party set oidc = '{"client_id": "sepe"}' where id = 'sepe'`)),
    'nor may a row hold both',
  )
})

t.test("no relying party can claim another's name, as entityID, ProviderName or alias", async (t) => {
  const { registry } = await scene(t)
  written(await registry.register({ id: 'one', saml: byHand }))
  written(await registry.register({ id: 'two', clave: { ...clave, aliases: ['urn:two'] } }))
  const oidcNames = { name: 'Evil' }
  await refused(t, registry, { ...oidcNames, saml: byHand }, 'saml.entityId')
  await refused(t, registry, { ...oidcNames, saml: { metadata: spMetadata() } }, 'saml.metadata')
  await refused(t, registry, { ...oidcNames, saml: { ...byHand, entityId: 'urn:two' } }, 'saml.entityId')
  await refused(t, registry, { ...oidcNames, saml: { ...byHand, entityId: providerName } }, 'saml.entityId')
  await refused(t, registry, { ...oidcNames, clave }, 'clave.providerName')
  const mine = { ...clave, providerName: 'S1111111A_E1' }
  await refused(
    t,
    registry,
    { clave: { ...mine, aliases: ['x', entityId, 'urn:two'] } },
    'clave.aliases',
    'clave.aliases',
  )
  t.equal((await registry.list()).length, 2, 'of what was refused nothing stays')
  t.equal(await registry.findBySamlName('x'), undefined)

  t.match(await registry.change('two', { clave: { ...clave, aliases: [entityId] } }), {
    problems: [{ field: 'clave.aliases', detail: `clave.aliases is the name of another relying party: ${entityId}` }],
  })
  t.equal((await registry.findBySamlName(entityId))?.id, 'one')
  t.equal((await registry.findBySamlName('urn:two'))?.id, 'two', 'a refused change takes no name away')
})

t.test('a name that is given up is free', async (t) => {
  const { registry } = await scene(t)
  written(await registry.register({ id: 'one', clave: { ...clave, aliases: ['urn:a', 'urn:b'] } }))
  written(await registry.change('one', { clave: { ...clave, aliases: ['urn:b'] } }))
  t.equal(await registry.findBySamlName('urn:a'), undefined)
  written(await registry.register({ id: 'two', saml: { ...byHand, entityId: 'urn:a' } }))
  t.equal((await registry.findBySamlName('urn:a'))?.id, 'two')
  written(await registry.change('one', { level: 'high' }))
  t.equal((await registry.findBySamlName('urn:b'))?.id, 'one', 'what a change does not name stays')
})

t.test('of many that claim one name at once one gets it, on several instances', async (t) => {
  const { registry, url, parts } = await scene(t)
  const otherDb = openDb({ url })
  t.teardown(() => otherDb.close())
  const second = makeRelyingParties({ db: otherDb, ...parts })
  const tries = await Promise.all(
    Array.from({ length: 12 }, (_, at) => {
      const where = at % 2 === 0 ? registry : second
      const aliases = at % 3 === 0 ? ['urn:b', 'urn:a'] : ['urn:a', 'urn:b']
      return where.register({ clave: { ...clave, providerName: at < 6 ? providerName : `S${at}_E1`, aliases } })
    }),
  )
  t.equal(tries.filter((answer) => 'relyingParty' in answer).length, 1)
  for (const answer of tries)
    if ('problems' in answer) for (const { field } of answer.problems) t.match(field, /^clave\.(providerName|aliases)$/)
  const [winner, ...others] = await registry.list()
  t.same(others, [])
  for (const name of ['urn:a', 'urn:b']) t.equal((await registry.findBySamlName(name))?.id, winner?.id)
})

t.test('parties are found by certificate: applications of a body may share it', async (t) => {
  const { registry } = await scene(t)
  written(await registry.register({ id: 'party-b', clave: { ...clave, certificates: [pem, other.certificate.pem] } }))
  written(await registry.register({ id: 'party-a', saml: byHand }))
  written(
    await registry.register({
      id: 'party-c',
      saml: { ...byHand, entityId: 'urn:c', certificates: [ec.certificate.pem] },
    }),
  )
  const ids = async (fingerprint: string) => (await registry.findBySamlCertificate(fingerprint)).map(({ id }) => id)
  t.same(await ids(sp.certificate.fingerprint), ['party-a', 'party-b'])
  t.same(await ids(other.certificate.fingerprint), ['party-b'])
  t.same(await ids(ec.certificate.fingerprint), ['party-c'])
  for (const nobody of ['0'.repeat(64), '', "' or true --", sp.certificate.fingerprint.toUpperCase()])
    t.same(await ids(nobody), [])
})

t.test('each question is one prepared select', async (t) => {
  const { registry, url, parts } = await scene(t)
  written(await registry.register({ id: 'one', clave }))
  const seen: string[] = []
  const db = openDb({ url, observe: (name) => seen.push(name) })
  t.teardown(() => db.close())
  const observed = makeRelyingParties({ db, ...parts })
  t.equal((await observed.findBySamlName(providerName))?.id, 'one')
  t.equal((await observed.findBySamlCertificate(sp.certificate.fingerprint)).length, 1)
  t.same(seen, ['relying-party.find-by-saml-name', 'relying-party.find-by-saml-certificate'])
  for (const name of ['', 'a\u0000b', 'x y', 'x'.repeat(10_000), `${providerName};Portal`, providerName.toLowerCase()])
    t.equal(await observed.findBySamlName(name), undefined)
})

t.test('what is shown can be sent back', async (t) => {
  const { registry } = await scene(t)
  const inputs = [
    { id: 'one', clave: { ...clave, aliases: ['urn:a'], encryption: { certificate: pem }, logoutIssuer: 'Cl@ve' } },
    {
      id: 'two',
      saml: { ...byHand, acs: [{ url: acs, index: 3 }], encryption: { certificate: pem, keyDigest: 'sha256' } },
    },
  ]
  for (const input of inputs) {
    const { relyingParty } = written(await registry.register(input))
    const { leastLevel: level, ...shown } = shownRelyingParty(relyingParty)
    const sent = JSON.parse(JSON.stringify({ ...shown, level })) as RelyingPartyInput
    t.match(sent, input)
    t.same(written(await registry.change(input.id, sent)).relyingParty, relyingParty)
  }
})

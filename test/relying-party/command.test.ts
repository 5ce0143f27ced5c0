import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import t from 'tap'
import { systemRandom } from '../../src/platform/index.ts'
import { makeRelyingParties, runRelyingPartyCommand } from '../../src/relying-party/index.ts'
import { testClock } from '../support/clock.ts'
import { testDatabase, type Teardown } from '../support/database.ts'
import { acs, entityId, inDays, keyDescriptor, signed, sp, spMetadata } from './sp-metadata.ts'

async function command(t: Teardown, web = '') {
  const { db } = await testDatabase(t)
  const parts = { db, clock: testClock(), random: systemRandom, allowHttp: false }
  const registry = makeRelyingParties({ ...parts, fetchMetadata: async () => Buffer.from(web) })
  const run = async (...args: string[]) => {
    const said = { out: '', error: '' }
    const code = await runRelyingPartyCommand(registry, args, {
      out: (text) => void (said.out += text),
      error: (text) => void (said.error += text),
    })
    return { code, ...said }
  }
  return { registry, run }
}

t.test('clave rp lists, adds and changes relying parties', async (t) => {
  const { registry, run } = await command(t)
  const file = path.join(t.testdir({}), 'client.json')
  await writeFile(file, JSON.stringify({ redirect_uris: ['https://agency.example/callback'] }))

  const added = await run(
    'add',
    'aeat',
    '--name',
    'AEAT',
    '--sector',
    'hacienda',
    '--scopes',
    'profile,document',
    '--oidc',
    file,
  )
  t.match(added, { code: 0, error: '' })
  t.match(JSON.parse(added.out), { id: 'aeat', client_id: 'aeat', client_secret: /^[\w-]{43}$/ })
  t.match(await registry.find('aeat'), { name: 'AEAT', sector: 'hacienda', scopes: ['profile', 'document'] })

  t.same(await run('change', 'aeat', '--level', 'substantial', '--excluded', 'pin'), {
    code: 0,
    error: '',
    out: '{\n  "id": "aeat",\n  "client_id": "aeat"\n}\n',
  })
  t.match(JSON.parse((await run('change', 'aeat', '--new-secret')).out), { client_secret: String })
  t.same(await run('list'), { code: 0, error: '', out: 'aeat\tsubstantial\toidc\thacienda\tAEAT\n' })

  t.match(await run('add', 'aeat', '--name', 'AEAT', '--oidc', file), { code: 1, error: 'id is taken: aeat\n' })
  t.match(await run('add', 'dgt', '--name', 'DGT'), { code: 1, error: /^One of oidc, clave and saml must be given/ })
  t.match(await run('change', 'aeat', '--level', 'medium', '--scopes', 'iban'), {
    code: 1,
    error: /^level .*\nscopes .*\n$/,
  })
  t.match(await run('change', 'nobody', '--level', 'low'), { code: 1, error: /no such relying party/ })
  t.match(await run('add', '--oidc', `${file}.not`), { code: 1, error: /cannot be read as JSON/ })
  for (const wrong of [
    [],
    ['remove', 'aeat'],
    ['change'],
    ['list', 'aeat'],
    ['add', 'a', 'b'],
    ['list', '--colour', 'red'],
  ]) {
    t.match(await run(...wrong), { code: 2, out: '', error: /clave rp change ID/ }, wrong.join(' '))
  }
})

t.test('clave rp takes SAML as JSON, as metadata and from an address', async (t) => {
  const web = signed({ attributes: `validUntil="${inDays(9)}"`, entityId: 'urn:far' })
  const { registry, run } = await command(t, web)
  const certificates = [sp.certificate.pem]
  const folder = t.testdir({
    'clave.json': JSON.stringify({ providerName: 'S2833002E_E04995902', certificates, acs: [acs] }),
    'hand.json': JSON.stringify({ entityId: 'urn:hand', certificates, acs: [acs] }),
    'metadata.xml': spMetadata({ keys: keyDescriptor(sp) }),
  })
  const file = (name: string) => path.join(folder, name)
  t.same(await run('add', 'clave', '--clave', file('clave.json')), {
    code: 0,
    error: '',
    out: '{\n  "id": "clave",\n  "saml_name": "S2833002E_E04995902"\n}\n',
  })
  t.match(await run('add', 'hand', '--saml', file('hand.json'), '--name', 'Hand'), { code: 0 })
  t.match(await run('add', 'file', '--saml-metadata', file('metadata.xml'), '--attribute-names', 'oid'), { code: 0 })
  t.match(await registry.findBySamlName(entityId), { id: 'file', saml: { attributeNames: 'oid' } })
  const signers = ['--signed-by', `${'0'.repeat(64)},${sp.certificate.fingerprint}`]
  t.match(await run('add', 'far', '--saml-url', 'https://sp.example/m', ...signers), { code: 0 })
  t.match((await registry.find('far'))?.saml?.metadata, { signedBy: ['0'.repeat(64), sp.certificate.fingerprint] })
  t.equal(
    (await run('list')).out.replaceAll(/\t\S*\t\S*$/gm, ''),
    'clave\tlow\tclave\nfar\tlow\tsaml\nfile\tlow\tsaml\nhand\tlow\tsaml\n',
  )

  t.match(await run('change', 'file', '--saml-metadata', file('none.xml')), { code: 1, error: /cannot be read/ })
  t.match(await run('change', 'file', '--saml-metadata', file('hand.json')), { code: 1, error: /^saml\.metadata: / })
  t.match(await run('change', 'file', '--signed-by', sp.certificate.fingerprint), {
    code: 1,
    error: /must have one of/,
  })
  const both = ['--clave', file('clave.json'), '--saml', file('hand.json')]
  t.match(await run('change', 'file', ...both), { code: 1, error: /one protocol/ })
})

import t from 'tap'
import { systemClock, systemRandom } from '../../src/platform/index.ts'
import { certificateText, makeSamlKeys } from '../../src/sandbox/agencies/saml-keys.ts'
import { authnRequest, spMetadata } from '../../src/sandbox/agencies/saml-messages.ts'
import { newId, send } from '../../src/sandbox/agencies/saml-send.ts'
import { askedBy } from '../../src/sandbox/agencies/saml-wishes.ts'
import { demoAgencies, type SamlDemoAgency } from '../../src/sandbox/agencies/agency.ts'
import { testSandbox } from '../support/sandbox.ts'
import { formOf, visitor } from './visitor.ts'

const sandbox = await testSandbox(t)
const keys = await makeSamlKeys('test', systemClock.wire())

type Row = { readonly id: string; readonly field?: string } & Readonly<Record<string, unknown>>
const register = (body: object) => sandbox.api<Row>('relying-parties', body)
const change = (id: string, body: object) => sandbox.api<Row>(`relying-parties/${id}`, body, 'PUT')
const listed = async (id: string) => (await sandbox.api<Row[]>('relying-parties')).body.find((one) => one.id === id)

const gatewayAgency = demoAgencies.find(({ id }) => id === 'seguridad-social') as SamlDemoAgency
const acs = 'http://127.0.0.1:9/return/{session}.html'
let count = 0
const clave = (more: object = {}) => ({
  providerName: `S000000${++count}E_E0000000${count}`,
  certificates: [keys.certificate],
  acs: [acs],
  logout: ['http://127.0.0.1:9/logged-out'],
  ...more,
})

/** A login of an application with this ProviderName; the page it ends at. */
async function login(providerName: string, to = acs.replace('{session}', 'abc123')) {
  const destination = `${sandbox.url}/Proxy2/ServiceProvider`
  const xml = authnRequest({
    ...{ id: newId(systemRandom), at: systemClock.wire(), destination, acs: to, providerName: `${providerName};App` },
    issuer: undefined,
    asked: askedBy({}, 'low'),
    relayState: undefined,
  })
  const message = { field: 'SAMLRequest', address: destination, xml, relayState: undefined, binding: 'post' } as const
  const step = send({ agency: gatewayAgency, keys }, message)
  const fields = 'fields' in step ? step.fields : {}
  return visitor().post(destination, { SAMLRequest: fields['SAMLRequest'] ?? '' })
}

t.test(
  'an application of the real gateway is registered by ProviderName, certificates and return addresses',
  async (t) => {
    const body = clave()
    const answer = await register({ name: 'Mine', level: 'low', clave: body })
    t.match(answer, { status: 201, body: { id: /^[\w-]+$/, name: 'Mine', level: 'low' } })
    t.notHas(answer.body, { client_id: String })
    await sandbox.api('next-login', { citizen: '99999999R', method: 'pin', rp: answer.body.id })
    const form = formOf(await login(body.providerName))
    t.equal(form?.action, acs.replace('{session}', 'abc123'), 'with a session in its last segment')
    t.match(Buffer.from(form?.fields['SAMLResponse'] ?? '', 'base64').toString(), '>99999999R<')
  },
)

t.test(
  'without scopes it gets all that production sends, and the level of registration where it opted in',
  async (t) => {
    const told = async (more: object) => {
      const body = clave()
      const { id } = (await register({ name: 'Mine', level: 'low', clave: body, ...more })).body
      await sandbox.api('next-login', { citizen: '99999999R', method: 'pin', rp: id })
      const answer = formOf(await login(body.providerName))?.fields['SAMLResponse'] ?? ''
      const xml = Buffer.from(answer, 'base64').toString()
      return [...xml.matchAll(/FriendlyName="([^"]+)"/g)].map(([, name]) => name)
    }
    const fixed = ['FamilyName', 'FirstName', 'PersonIdentifier', 'FirstSurname', 'SelectedIdP']
    t.strictSame((await told({})).toSorted(), fixed.toSorted())
    t.strictSame((await told({ scopes: ['registration'] })).toSorted(), [...fixed, 'RegistrationLevel'].toSorted())
  },
)

t.test('a change acts on the next request', async (t) => {
  const body = clave()
  const { id } = (await register({ name: 'Mine', clave: body })).body
  t.equal((await login(body.providerName)).status, 200)
  t.equal((await change(id, { clave: { ...body, acs: ['http://127.0.0.1:9/elsewhere'] } })).status, 200)
  const refused = await login(body.providerName)
  t.equal(refused.status, 400)
  t.match(refused.body, 'SAML-10-return-address')
})

t.test('a service provider of the standard face is registered by its metadata', async (t) => {
  const metadata = spMetadata({
    entityId: 'https://sp.example/metadata',
    certificate: certificateText(keys.certificate),
    acs: ['http://127.0.0.1:9/acs'],
    slo: 'http://127.0.0.1:9/slo',
    name: 'SP',
  })
  const { status, body } = await register({ name: 'SP', saml: { metadata } })
  t.equal(status, 201)
  t.match(await listed(body.id), { saml: Object })
  const taken = await register({ name: 'Another', saml: { metadata } })
  t.match(taken, { status: 422, body: { field: /^saml/ } }, 'and nobody else can be called so')
})

t.test('what is listed can be sent back as it is', async (t) => {
  for (const id of ['seguridad-social', 'sepe', (await register({ name: 'Mine', clave: clave() })).body.id]) {
    const before = await listed(id)
    t.match(await change(id, before ?? {}), { status: 200 }, id)
    t.strictSame(await listed(id), before)
  }
})

t.test('a bad one is refused: 422 with the field and what is wrong', async (t) => {
  const bad: readonly (readonly [object, RegExp])[] = [
    [{ clave: {} }, /^clave\./],
    [{ clave: clave({ providerName: 'nobody' }) }, /^clave\.providerName$/],
    [{ clave: clave({ certificates: ['no PEM'] }) }, /^clave\.certificates/],
    [{ clave: clave({ certificates: [] }) }, /^clave\.certificates/],
    [{ clave: clave({ acs: ['javascript:alert(1)'] }) }, /^clave\.acs/],
    [{ clave: clave({ acs: ['http://127.0.0.1:9/{session}/here'] }) }, /^clave\.acs/],
    [{ clave: clave({ colour: 'red' }) }, /^clave\.colour$/],
    [{ saml: {} }, /^saml/],
    [{ saml: { metadata: '<nothing/>' } }, /^saml\.metadata/],
    [{ saml: { metadata: 'no XML' } }, /^saml\.metadata/],
  ]
  for (const [body, field] of bad) {
    const answer = await register({ name: 'Bad', ...body })
    t.match(answer, { status: 422, type: /^application\/problem\+json/, body: { detail: /\w/, field } }, String(field))
  }
})

t.test('a reset takes them away, and the demo agencies stay as they were', async (t) => {
  const { id } = (await register({ name: 'Mine', clave: clave() })).body
  await sandbox.api('reset', {})
  t.equal(await listed(id), undefined)
  t.match(await listed('seguridad-social'), { clave: { providerName: 'S2833002E_E04995902' } })
})

import t, { type Test } from 'tap'
import { openDb, statement } from '../../src/platform/index.ts'
import { refusalRow, type RefusalCode } from '../../src/refusal/index.ts'
import { certificateText } from '../../src/sandbox/agencies/saml-keys.ts'
import { spMetadata } from '../../src/sandbox/agencies/saml-messages.ts'
import { testSandbox } from '../support/sandbox.ts'
import {
  authnRequest,
  base64,
  logoutRequest,
  logoutResponse,
  makeKeyPair,
  redirectQuery,
  signXml,
} from '../support/saml-signer.ts'
import { samlReader } from './saml-reader.ts'
import { formOf, visitor, type Arrived } from './visitor.ts'

// The page and the door are asked with the same message, the page first: it uses nothing up.

t.setTimeout(120_000)
const sandbox = await testSandbox(t)
const read = samlReader(sandbox)
const keys = makeKeyPair()

const clave = `${sandbox.url}/Proxy2/ServiceProvider`
const sso = `${sandbox.url}/saml/sso`
const slo = `${sandbox.url}/saml/slo`
const acs = 'http://127.0.0.1:9/acs'
const loggedOut = 'http://127.0.0.1:9/logged-out'
const providerName = 'S2800001A_E00000001'
const alias = 'https://agency.test/alias'
const entityId = 'https://sp.test/metadata'
const refreshed = 'https://refreshed.test/metadata'

async function register(body: object): Promise<string> {
  const answer = await sandbox.api<{ id: string }>('relying-parties', { level: 'low', ...body })
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body))
  return answer.body.id
}
const certificates = [keys.certificate.pem]
await register({ clave: { providerName, certificates, acs: [acs], logout: [loggedOut], aliases: [alias] } })
await register({ saml: { entityId, certificates, acs: [{ url: acs }], redirectBinding: false } })

let count = 0
const fresh = () => ({ id: `_m${++count}`, issueInstant: new Date().toISOString() })
const signed = (xml: string) => signXml(xml, keys)

type LoginContent = Parameters<typeof authnRequest>[0]
type LogoutContent = Parameters<typeof logoutRequest>[0]
/** Of the gateway's profile, right but for what is told. */
const login = (content: LoginContent = {}) =>
  authnRequest({ ...fresh(), destination: clave, acsUrl: acs, providerName, ...content })
const logout = (content: LogoutContent = {}) =>
  logoutRequest({
    ...{ ...fresh(), destination: clave, issuer: loggedOut, nameId: providerName, spNameQualifier: loggedOut },
    ...content,
  })
/** Of the standard face. */
const standard = (issuer: string, content: LoginContent = {}) =>
  login({ destination: sso, providerName: undefined, issuer, requested: undefined, ...content })

const posted = (fields: Readonly<Record<string, string>>) => new URLSearchParams(fields).toString()

/** What a door makes of a form or of an address: the beginning of its refusal, or that it lets the message in. */
async function atDoor(address: string, fields?: Readonly<Record<string, string>>): Promise<string> {
  const by = visitor()
  const arrived = fields ? await by.post(address, fields) : await by.open(address)
  return saidBy(arrived)
}

function saidBy(arrived: Arrived): string {
  const answer = Object.values(formOf(arrived)?.fields ?? {}).map((text) => Buffer.from(text, 'base64').toString())
  const said = [arrived.body, ...answer].join(' ')
  const [message] = /(?:>|<code>)(\d{6} - [^<:]+)/.exec(said) ?? []
  if (message !== undefined) return message.replace(/^.*>/, '')
  return arrived.status === 200 ? 'let in' : String(arrived.status)
}

interface Case {
  /** What is pasted. */
  readonly pasted: string
  /** Where the same goes; without `fields` an address. */
  readonly to: string
  readonly fields?: Readonly<Record<string, string>>
  readonly refused?: RefusalCode
  /** Title of the step that says so. */
  readonly step?: string
}

/** The page objects to what the door refuses, by the same code, and to nothing else. */
async function alike(t: Test, name: string, { pasted, to, fields, refused, step }: Case): Promise<void> {
  const { wrong, steps, body } = await read(pasted)
  const codes = wrong.map(({ text }) => /[A-Z]+-\d\d-[a-z-]+$/.exec(text)?.[0])
  t.strictSame(new Set(codes), new Set(refused ? [refused] : []), `${name}: the page, ${JSON.stringify(wrong)}`)
  if (step !== undefined) t.ok(wrong.some(({ title }) => title === step) || !refused, `${name}: ${step}`)
  t.ok(
    steps.some(({ title }) => title === 'At the door'),
    name,
  )
  t.notMatch(body, /[a-z>\d"]\.\.[ <]/, `${name}: one full stop`)
  const expected = refused ? refusalRow(refused).saml.message : 'let in'
  t.equal(await atDoor(to, fields), expected, `${name}: the door`)
}

const byForm = (address: string, xml: string, field = 'SAMLRequest', more: Readonly<Record<string, string>> = {}) => {
  const fields = { [field]: base64(signed(xml)), ...more }
  return { pasted: posted(fields), to: address, fields }
}
const byAddress = (address: string, xml: string) => {
  const to = `${address}?${redirectQuery(xml, { key: keys.key })}`
  return { pasted: to, to }
}

t.test('what the door lets in the page has nothing against', async (t) => {
  await alike(t, 'login', byForm(clave, login()))
  await alike(t, 'login by the alias', byForm(clave, login({ providerName: undefined, issuer: alias })))
  await alike(t, 'logout', byForm(clave, logout(), 'logoutRequest'))
  await alike(t, 'standard login', byForm(sso, standard(entityId)))
})

t.test('whom a ProviderName or an Issuer names is looked for as the door does', async (t) => {
  const who = { refused: 'SAML-08-unknown-provider', step: 'Who sends it' } as const
  const unknown = 'S2800009Z_E00000009'
  await alike(t, 'unknown ProviderName', { ...byForm(clave, login({ providerName: unknown })), ...who })
  await alike(t, 'beside an alias', { ...byForm(clave, login({ providerName: unknown, issuer: alias })), ...who })
  await alike(t, 'unknown Issuer', { ...byForm(sso, standard('https://nobody.test/')), ...who })
  await alike(t, 'neither', { ...byForm(clave, login({ providerName: undefined })), ...who })
  const other = { refused: 'SAML-09-not-allowed', step: 'Who sends it' } as const
  await alike(t, 'at the other door', { ...byForm(sso, standard(alias)), ...other })
  const alone = login({ providerName: unknown })
  t.match((await read(signed(alone))).wrong, [{ title: 'Who sends it', text: /SAML-08-unknown-provider/ }], 'as XML')
})

t.test('the sender of a logout of the gateway is whose certificate verifies', async (t) => {
  await alike(t, 'NameID', byForm(clave, logout(), 'logoutRequest'))
  await alike(t, 'by the certificate', byForm(clave, logout({ nameId: '99999999R' }), 'logoutRequest'))
  const stranger = makeKeyPair()
  const fields = { logoutRequest: base64(signXml(logout({ nameId: '99999999R', issuer: 'https://x.test' }), stranger)) }
  await alike(t, 'nobody', { pasted: posted(fields), to: clave, fields, refused: 'SAML-07-certificate' })
  const theirs = { logoutRequest: base64(signXml(logout(), stranger)) }
  await alike(t, 'another key', {
    ...{ pasted: posted(theirs), to: clave, fields: theirs, refused: 'SAML-07-certificate', step: 'Certificate' },
  })
})

t.test('the name of the field counts where it was pasted', async (t) => {
  const xml = logout()
  const refused = { refused: 'SAML-03-schema', step: 'How it is sent' } as const
  await alike(t, 'SAMLRequest', { ...byForm(clave, xml), ...refused })
  await alike(t, 'samlRequestLogout', byForm(clave, logout(), 'samlRequestLogout'))
  await alike(t, 'login as logoutRequest', { ...byForm(clave, login(), 'logoutRequest'), ...refused })
  const { wrong } = await read(byForm(clave, logout()).pasted)
  t.match(
    wrong[0]?.text,
    /LogoutRequest in the field logoutRequest or samlRequestLogout; this one came in SAMLRequest\./,
  )
  for (const alone of [signed(logout()), base64(signed(logout()))]) t.strictSame((await read(alone)).wrong, [])
  const both = { ...byForm(clave, login()).fields, ...byForm(clave, logout(), 'logoutRequest').fields }
  const twice = { refused: 'SAML-01-not-a-message', step: 'How it is sent' } as const
  await alike(t, 'both', { pasted: posted(both), to: clave, fields: both, ...twice })
})

t.test('a binding that is not registered is objected to', async (t) => {
  const refused = { refused: 'SAML-09-not-allowed', step: 'At the door' } as const
  await alike(t, 'gateway', { ...byAddress(clave, login()), ...refused })
  await alike(t, 'standard', { ...byAddress(sso, standard(entityId)), ...refused })
})

t.test('a logout of the gateway need not say where it goes', async (t) => {
  await alike(t, 'no Destination', byForm(clave, logout({ destination: undefined }), 'logoutRequest'))
  const { steps } = await read(signed(logout({ destination: undefined })))
  t.match(
    steps.find(({ title }) => title === 'Destination'),
    { verdict: 'good', text: 'Right. It is left out, which is allowed here.' },
  )
  const refused = { refused: 'SAML-17-destination', step: 'Destination' } as const
  const elsewhere = { destination: `${clave}/` }
  await alike(t, 'another', { ...byForm(clave, logout(elsewhere), 'logoutRequest'), ...refused })
  await alike(t, 'a login', { ...byForm(clave, login({ destination: undefined })), ...refused })
})

t.test('a message that is longer than is read is said to be too long', async (t) => {
  // 113,000 octets, within what is parsed, are 150,000 characters of base64.
  const long = login({ extensions: `<x xmlns="urn:x">${'x'.repeat(110_000)}</x>` })
  const refused = { refused: 'SAML-01-not-a-message', step: 'How it is sent' } as const
  await alike(t, 'too long', { ...byForm(clave, long), ...refused })
  const { wrong } = await read(signed(long))
  t.match(wrong, [{ title: 'How it is sent', text: /The message has \d+ characters; at most 131072 are read\./ }])
  const longer = signed(login({ extensions: `<x xmlns="urn:x">${'x'.repeat(140_000)}</x>` }))
  t.match((await read(longer)).wrong, [{ title: 'How it is sent', text: /SAML-01/ }])
})

t.test('metadata that have expired are told', async (t) => {
  const metadata = spMetadata({
    ...{ entityId: refreshed, certificate: certificateText(keys.certificate.pem), acs: [acs], slo: acs, name: 'SP' },
  })
  const id = await register({ saml: { metadata } })
  await alike(t, 'before', byForm(sso, standard(refreshed)))
  const db = openDb({ url: sandbox.databaseUrl, size: 1 })
  t.teardown(() => db.close())
  const expire = `update relying_party set saml = jsonb_set(saml, '{metadata,validUntil}', $2::jsonb) where id = $1`
  await db.rows(statement('test.expire-metadata', expire), [id, '"2026-01-01T00:00:00.000Z"'])
  const refused = { refused: 'SAML-07-certificate', step: 'Metadata' } as const
  await alike(t, 'after', { ...byForm(sso, standard(refreshed)), ...refused })
})

t.test('answers to our own logout requests are read as the door reads them', async (t) => {
  const of = (content: object) => logoutResponse({ ...fresh(), destination: slo, issuer: entityId, ...content })
  await alike(t, 'right', { ...byForm(slo, of({}), 'SAMLResponse') })
  await alike(t, 'old', {
    ...byForm(slo, of({ issueInstant: '2020-01-01T00:00:00Z' }), 'SAMLResponse'),
    ...{ refused: 'SAML-18-time', step: 'Time' },
  })
})

t.test('an error with a detail behind its message is found in the catalogue', async (t) => {
  const wrong = byForm(clave, login({ destination: `${clave}/` }))
  const form = formOf(await visitor().post(clave, wrong.fields))
  const { notes, body } = await read(form?.fields['SAMLResponse'] ?? '')
  const status = notes.find(({ title }) => title === 'Status')?.text
  t.match(
    status,
    /200006 - Destination is not this address: Destination is &quot;[^ ]+&quot;; this is [^ ]+ServiceProvider\. /,
  )
  t.match(status, /Put the address that the message is sent to into Destination\. SAML-17-destination$/)
  t.notMatch(body, /\.\.[ <]/)
})

import { inflateRawSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { systemClock, systemRandom } from '../../src/platform/index.ts'
import { makeAgencies } from '../../src/sandbox/agencies/server.ts'
import { freePort } from '../../src/sandbox/embedded-postgres/postmaster.ts'
import { testIdp, type Said, type TestIdp } from './test-idp.ts'
import { formOf, visitor, type Visitor } from './visitor.ts'

type Body = Record<string, { certificates?: string[]; metadata?: string; acs?: string[]; providerName?: string }>

interface Scene {
  readonly url: string
  readonly idp: TestIdp
  /** What each agency registered. */
  readonly registered: ReadonlyMap<string, Body>
}

/** The demo agencies before an identity provider that is none of ours. */
async function scene(t: Test): Promise<Scene> {
  const idp = await testIdp(t)
  const registered = new Map<string, Body>()
  const agencies = await makeAgencies({
    port: await freePort(0),
    issuer: idp.url,
    clock: systemClock,
    random: systemRandom,
    register: async ({ id }, _home, input) => {
      registered.set(id, input as Body)
      return undefined
    },
  })
  await agencies.listen()
  t.teardown(() => agencies.close())
  return { url: agencies.url, idp, registered }
}

const { url, idp, registered } = await scene(t)

interface Begun {
  readonly xml: string
  readonly id: string
  readonly acs: string
  readonly relayState: string
  readonly by: Visitor
}

const attributeOf = (xml: string, name: string) => new RegExp(` ${name}="([^"]*)"`).exec(xml)?.[1] ?? ''

async function begin(agency: string, query = '', by = visitor()): Promise<Begun> {
  const arrived = await by.open(`${url}/${agency}/login${query}`, idp.url)
  const form = formOf(arrived)
  const { searchParams } = arrived.at
  const xml = form
    ? Buffer.from(form.fields['SAMLRequest'] ?? '', 'base64').toString()
    : inflateRawSync(Buffer.from(searchParams.get('SAMLRequest') ?? '', 'base64')).toString()
  const relayState = form ? (form.fields['RelayState'] ?? '') : (searchParams.get('RelayState') ?? '')
  return { xml, id: attributeOf(xml, 'ID'), acs: attributeOf(xml, 'AssertionConsumerServiceURL'), relayState, by }
}

const session = (agency: string, by: Visitor) => by.json<Record<string, unknown>>(`${url}/${agency}/session`)

async function answerGateway(
  begun: Begun,
  said: Partial<Said> = {},
  relayState = begun.relayState,
  make = idp.gateway,
) {
  const full = { inResponseTo: begun.id, acs: begun.acs, audience: begun.acs, relayState: begun.relayState, ...said }
  await begun.by.post(begun.acs, { SAMLResponse: make(full), RelayState: relayState })
  return session('seguridad-social', begun.by)
}

async function answerStandard(begun: Begun, said: Partial<Said> = {}) {
  const metadata = registered.get('sepe')?.['saml']?.metadata ?? ''
  const certificate = /X509Certificate>([^<]+)</.exec(metadata)?.[1] ?? ''
  const full = { inResponseTo: begun.id, acs: begun.acs, audience: 'https://sepe.example/saml', ...said }
  const SAMLResponse = await idp.standard(full, certificate)
  await begun.by.post(begun.acs, { SAMLResponse, RelayState: begun.relayState })
  return session('sepe', begun.by)
}

t.test('each agency registers what its messages then say', async (t) => {
  t.match(registered.get('seguridad-social')?.['clave'], {
    providerName: 'S2833002E_E04995902',
    acs: [`${url}/seguridad-social/acs`, `${url.replace('127.0.0.1', 'localhost')}/seguridad-social/acs`],
    logout: [`${url}/seguridad-social/logout-return`, String],
    certificates: [/^-----BEGIN CERTIFICATE-----\n/],
  })
  const metadata = registered.get('sepe')?.['saml']?.metadata
  t.equal(await (await fetch(`${url}/sepe/metadata`)).text(), metadata)
  t.match(metadata, 'use="encryption"')
})

t.test('the gateway’s profile: the request has the shape of its kits, and no Issuer', async (t) => {
  const { xml } = await begin('seguridad-social')
  t.match(xml, ' ProviderName="S2833002E_E04995902;Demo"')
  t.match(xml, /Destination="http:[^"]+\/Proxy2\/ServiceProvider"/)
  t.match(xml, /^<saml2p:AuthnRequest [^>]*><ds:Signature [^>]*><ds:SignedInfo>/, 'the Signature is its first child')
  t.match(xml, 'xmldsig-more#rsa-sha512')
  t.match(xml, /<eidas:RequestedAttribute FriendlyName="RelayState" Name="http:\/\/es.minhafp.clave\/RelayState"/)
  t.match(xml, 'nameid-format:persistent')
  t.match(xml, 'Comparison="minimum"><saml2:AuthnContextClassRef>http://eidas.europa.eu/LoA/substantial<')
})

t.test('a developer’s wishes reach the request', async (t) => {
  const { xml, relayState } = await begin(
    'seguridad-social',
    '?level=high&comparison=exact&force=true&passive=true&exclude=GISSIdP,CLVMOVILIdP&nameid=unspecified&relaystate=%3Cmine%3E',
  )
  t.equal(relayState, '<mine>')
  const parts = [
    'Comparison="exact"',
    'LoA/high<',
    'ForceAuthn="true"',
    'IsPassive="true"',
    'Name="http://es.minhafp.clave/GISSIdP"',
    'Name="http://es.minhafp.clave/CLVMOVILIdP"',
    'SAML:1.1:nameid-format:unspecified',
    '>&lt;mine&gt;</eidas:AttributeValue>',
  ]
  for (const part of parts) t.ok(xml.includes(part), part)
  t.match(
    (await begin('sepe', '?binding=post')).xml,
    /<saml2:Issuer>https:\/\/sepe\.example\/saml<\/saml2:Issuer><ds:Signature/,
  )
})

t.test('who comes back identified is told at the page and as JSON', async (t) => {
  const told = await answerGateway(await begin('seguridad-social'))
  t.match(told, {
    agency: 'seguridad-social',
    protocol: 'saml',
    authenticated: true,
    level: 'substantial',
    method: 'SEGSOC',
    person: {
      document: '99999999R',
      given_name: 'CARMEN & <b>',
      family_name: 'PRUEBA FICTICIA',
      first_surname: 'PRUEBA',
      second_surname: 'FICTICIA',
    },
    attributes: { PersonIdentifier: '99999999R', SelectedIdP: 'SEGSOC' },
    name_id: '99999999R',
    assertion: /^<saml2:Assertion /,
  })
  const begun = await begin('sepe')
  t.match(await answerStandard(begun), { authenticated: true, encrypted: true, session_index: '_s1' })
  const page = await begun.by.open(`${url}/sepe`)
  t.match(page.body, 'CARMEN &amp; &lt;b&gt;')
  t.notMatch(page.body, '<b>')
})

t.test('an error is told by its sub-status, its message and its status', async (t) => {
  const failure = ['Responder', 'AuthnFailed', '003002 - Authentication cancelled'] as const
  const expected = {
    protocol: 'saml',
    authenticated: false,
    error: 'AuthnFailed',
    error_description: '003002 - Authentication cancelled',
    status: 'Responder',
  }
  t.match(await answerGateway(await begin('seguridad-social'), { failure }), expected)
  t.match(await answerStandard(await begin('sepe'), { failure }), expected)
})

t.test('what is not for this login, this agency or this hour is refused', async (t) => {
  const wrong: readonly (readonly [string, Partial<Said>, RegExp])[] = [
    ['another Audience', { audience: 'https://elsewhere.example' }, /Audience/],
    ['another Destination', { destination: 'https://elsewhere.example' }, /Destination/],
    ['another Issuer', { issuer: 'https://elsewhere.example' }, /Issuer/],
    ['lapsed', { until: -3 }, /lapsed/],
    ['a lower level', { level: 'low' }, /level/],
    ['another RelayState inside', { relayState: 'other' }, /attribute RelayState/],
  ]
  for (const [what, said, description] of wrong)
    t.match(
      await answerGateway(await begin('seguridad-social'), said),
      { authenticated: false, error: 'invalid_response', error_description: description },
      what,
    )
  t.match(await answerGateway(await begin('seguridad-social'), {}, 'other'), { error_description: /RelayState/ })
  t.match(await answerGateway(await begin('seguridad-social'), { inResponseTo: '_nothing' }), {
    authenticated: false,
    error: 'unknown_state',
  })
})

t.test('an answer is taken once, and shown to the browser that began the login', async (t) => {
  const begun = await begin('seguridad-social')
  t.match(await answerGateway(begun), { authenticated: true })
  t.match(await answerGateway(begun), { error: 'unknown_state' })
  const other = visitor()
  const stolen = await begin('seguridad-social')
  t.match(await answerGateway({ ...stolen, by: other }), { authenticated: false, error: 'unknown_state' })
  t.match(await session('seguridad-social', stolen.by), { authenticated: false })
})

t.test('only a signature over the whole message, with a published key and no SHA-1, is believed', async (t) => {
  const forged: readonly (readonly [string, (xml: string) => string])[] = [
    ['changed', (xml) => xml.replace('99999999R</saml2:NameID>', '99999998T</saml2:NameID>')],
    ['unsigned', (xml) => xml.replace(/<ds:Signature .*<\/ds:Signature>/s, '')],
    ['commented', (xml) => xml.replace('99999999R</', '99999999R<!-- --></')],
    [
      'wrapped',
      (xml) => {
        const signature = /<ds:Signature .*<\/ds:Signature>/s.exec(xml)?.[0] ?? ''
        const evil = xml.replace(signature, '').replace('ID="_p1"', 'ID="_evil"').replaceAll('99999999R', '99999998T')
        return evil.replace(
          '<saml2p:Status>',
          `${signature}<saml2p:Extensions>${xml}</saml2p:Extensions><saml2p:Status>`,
        )
      },
    ],
  ]
  const through = (change: (xml: string) => string) => (said: Said) =>
    Buffer.from(change(Buffer.from(idp.gateway(said), 'base64').toString())).toString('base64')
  for (const [what, change] of forged) {
    const begun = await begin('seguridad-social')
    const told = await answerGateway(begun, {}, begun.relayState, through(change))
    t.match(told, { authenticated: false, error: 'invalid_response' }, what)
  }
  const begun = await begin('seguridad-social')
  const told = await answerGateway(begun, {}, begun.relayState, (said) => {
    const xml = Buffer.from(idp.gateway(said), 'base64').toString()
    const bare = xml.replace(/<ds:Signature .*<\/ds:Signature>/s, '')
    return Buffer.from(idp.sign(bare, '_p1', 'sha1')).toString('base64')
  })
  t.match(told, { error: 'invalid_response', error_description: /SHA-1/ })
})

t.test('a new key of the identity provider is found by itself', async (t) => {
  idp.rollOver()
  t.match(await answerGateway(await begin('seguridad-social')), { authenticated: true })
  t.match(await answerStandard(await begin('sepe')), { authenticated: true })
})

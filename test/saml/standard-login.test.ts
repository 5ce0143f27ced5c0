import t from 'tap'
import { refusals } from '../../src/refusal/index.ts'
import { by, identityProvider, type IdentityProvider } from '../oidc/identity-provider.ts'
import {
  formOf,
  newId,
  responseOf,
  sends,
  standardAgency,
  technical,
  type ReadResponse,
  type SamlAgency,
} from './agency.ts'

type Content = Parameters<SamlAgency['asks']>[0]

async function answerTo(
  idp: IdentityProvider,
  agency: SamlAgency,
  content?: Content,
  { citizen = idp.carmen, browser = idp.browser() } = {},
): Promise<ReadResponse> {
  idp.next(agency.id, by(citizen))
  return responseOf(formOf(await sends(browser, '/saml/sso', agency.asks(content))))
}

const persistent = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'
const transient = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient'

void t.test('the standard face', async (t) => {
  const idp = await identityProvider(t, { saml: true })
  const agency = await standardAgency(idp)

  await t.test(
    'Audience is the entityID, SessionIndex is there, the NameID is pairwise and never the document',
    async (t) => {
      const response = await answerTo(idp, agency)
      t.match(response, {
        status: 'Success',
        audience: agency.entityId,
        destination: agency.acs,
        nameIdFormat: persistent,
      })
      t.ok(response.sessionIndex)
      t.notMatch(response.nameId, '99999999R')
      t.equal((await answerTo(idp, agency)).nameId, response.nameId, 'the same the next time')
      t.not((await answerTo(idp, agency, {}, { citizen: idp.wei })).nameId, response.nameId)
      t.not((await answerTo(idp, await standardAgency(idp))).nameId, response.nameId, 'another body, another name')
      const sibling = await standardAgency(idp, { sector: agency.id })
      t.equal((await answerTo(idp, sibling)).nameId, response.nameId, 'applications of one body agree')
    },
  )

  await t.test('transient on request: another name in each session', async (t) => {
    const [one, other] = [
      await answerTo(idp, agency, { nameIdFormat: transient }),
      await answerTo(idp, agency, { nameIdFormat: transient }),
    ]
    t.match([one.nameIdFormat, other.nameIdFormat], [transient, transient])
    t.not(one.nameId, other.nameId)
  })

  await t.test('attributes are those the registration allows', async (t) => {
    t.same(Object.keys((await answerTo(idp, agency)).attributes).sort(), [
      'FamilyName',
      'FirstName',
      'FirstSurname',
      'PersonIdentifier',
    ])
    t.same((await answerTo(idp, await standardAgency(idp, { scopes: [] }))).attributes, {})
    const all = await standardAgency(idp, { scopes: ['profile', 'document', 'registration', 'email', 'phone'] })
    const { attributes } = await answerTo(idp, all)
    t.match(Object.values(attributes), ['PRUEBA FICTICIA'])
    t.ok(
      Object.values(attributes).includes('carmen@correo.example') && Object.values(attributes).includes('+34600000001'),
    )
  })

  await t.test('what node-saml asks by default is no level, and is answered', async (t) => {
    const classRefs = ['urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport']
    t.match(await answerTo(idp, agency, { classRefs, comparison: 'exact' }), {
      status: 'Success',
      level: 'http://eidas.europa.eu/LoA/substantial',
    })
  })

  await t.test('without a RequestedAuthnContext, a NameIDPolicy or an address, the defaults hold', async (t) => {
    const bare = { classRefs: undefined, nameIdFormat: undefined, acsUrl: undefined }
    t.match(await answerTo(idp, agency, bare), { status: 'Success', destination: agency.acs, nameIdFormat: persistent })
    t.match(await answerTo(idp, agency, { ...bare, acsIndex: 0 }), { status: 'Success', destination: agency.acs })
    const page = await sends(idp.browser(), '/saml/sso', agency.asks({ ...bare, acsIndex: 7 }))
    t.match([page.status, technical(page)], [400, /200008 - .*index 7/])
  })

  await t.test('by HTTP-Redirect as well', async (t) => {
    idp.next(agency.id, by(idp.carmen))
    const form = formOf(await idp.browser().open(`/saml/sso?${agency.asksByAddress({}, 'wh+er é')}`))
    t.match([responseOf(form).status, form.fields['RelayState']], ['Success', 'wh+er é'])
  })

  await t.test('ProviderName is a text for people here, and the gateway switches say nothing', async (t) => {
    t.equal(
      (await answerTo(idp, agency, { providerName: 'S2833002E_E1', requested: ['AEATIdP', 'CLVMOVILIdP'] })).status,
      'Success',
    )
  })

  await t.test(
    'a session of one protocol serves the other, and the least level holds when the answer is made',
    async (t) => {
      const browser = idp.browser()
      await answerTo(idp, agency, {}, { browser })
      const again = responseOf(formOf(await sends(browser, '/saml/sso', agency.asks({ forceAuthn: 'false' }))))
      t.equal(again.status, 'Success')
      const door = (
        await browser.postRaw('/saml/sso', new URLSearchParams(agency.asks({ forceAuthn: 'false' })).toString())
      ).location!
      await idp.relyingParties.change(agency.id, { level: 'high' })
      t.match(responseOf(formOf(await browser.open(door))), { status: 'Requester', message: /^003007/ })
      await idp.relyingParties.change(agency.id, { level: 'low' })
    },
  )

  await t.test('a login that expired is answered with its error', async (t) => {
    const browser = idp.browser()
    const door = (await browser.postRaw('/saml/sso', new URLSearchParams(agency.asks({ id: newId() })).toString()))
      .location!
    await browser.open(door)
    idp.clock.advance(21 * 60)
    t.match(responseOf(formOf(await browser.open(door))), {
      status: 'Responder',
      sub: 'AuthnFailed',
      message: /^003002 - The login expired/,
    })
  })

  await t.test('long after, the page leads home', async (t) => {
    const browser = idp.browser()
    const door = (await browser.postRaw('/saml/sso', new URLSearchParams(agency.asks()).toString())).location!
    await browser.open(door)
    idp.clock.advance(91 * 60)
    const page = await browser.open(door)
    t.equal(page.status, 404)
    t.notMatch(page.body, 'data-at-once')
  })
})

void t.test('HEAD is no door: it would use up a message that nobody sees answered', async (t) => {
  const { app } = await identityProvider(t, { saml: true })
  for (const url of ['/Proxy2/ServiceProvider', '/saml/sso', '/saml/slo'])
    t.equal((await app.inject({ method: 'HEAD', url: `${url}?SAMLRequest=x` })).statusCode, 404, url)
})

void t.test('U+0000 in an id is that of nothing, and no fault of ours', async (t) => {
  const { app, lines } = await identityProvider(t, { saml: true })
  for (const url of ['/saml/logout/%00', '/saml/login/a%00b', '/oidc/authorize/%00', '/login/x.%00/choose'])
    t.ok((await app.inject({ url })).statusCode < 500, url)
  t.same(
    lines.filter((line) => line.includes('request failed')),
    [],
  )
})

void t.test('what is no form is refused at each door like any other message that cannot be read', async (t) => {
  const idp = await identityProvider(t, { saml: true })
  const bodies = [
    ['application/json', '{"SAMLRequest":"PA=="}', ''],
    ['text/xml', '<a/>', 'application/x-www-form-urlencoded'],
    ['application/x-www-form-urlencoded', `SAMLRequest=${'x'.repeat(600_000)}`, 'larger than 512 KiB'],
  ] as const
  for (const url of ['/Proxy2/ServiceProvider', '/saml/sso', '/saml/slo'] as const)
    for (const [type, payload, why] of bodies) {
      const answer = await idp.app.inject({ method: 'POST', url, headers: { 'content-type': type }, payload })
      t.equal(answer.statusCode, refusals['SAML-01-not-a-message'].http, `${url} ${type}`)
      t.match(answer.body, refusals['SAML-01-not-a-message'].saml.message)
      t.ok(answer.body.includes(why), why)
    }
})

void t.test('what peers read', async (t) => {
  const idp = await identityProvider(t, { saml: true })
  for (const [path, type] of [
    ['/saml/metadata', 'application/samlmetadata+xml'],
    ['/Proxy2/Certificates', 'application/xml; charset=utf-8'],
  ] as const) {
    const page = await idp.browser().get(path)
    t.match(
      [page.status, page.headers['content-type'], page.headers['cache-control']],
      [200, type, 'public, max-age=300'],
    )
    t.equal(
      page.body.match(/<ds:X509Certificate>/g)?.length,
      path === '/saml/metadata' ? 3 : 2,
      'current and next (metadata: and its signature)',
    )
  }
  const before = (await idp.browser().get('/Proxy2/Certificates')).body
  const metadata = (await idp.browser().get('/saml/metadata')).body
  t.equal((await idp.browser().get('/saml/metadata')).body, metadata, 'signed once, not for each who asks')
  await idp.keys.rotate('RS512')
  const after = (await idp.browser().get('/Proxy2/Certificates')).body
  const next = /<ds:MgmtData>next<\/ds:MgmtData><ds:X509Data><ds:X509Certificate>([^<]+)/.exec(before)?.[1]
  t.match(
    after,
    `<ds:MgmtData>current</ds:MgmtData><ds:X509Data><ds:X509Certificate>${next}`,
    'the one that was next signs now',
  )
  t.equal(after.match(/<ds:X509Certificate>/g)?.length, 3, 'and the previous one is still there')
  t.not((await idp.browser().get('/saml/metadata')).body, metadata)
})

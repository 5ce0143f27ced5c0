import t from 'tap'
import { historyOf } from '../../src/audit/index.ts'
import { excludedBy } from '../../src/saml/exclusions.ts'
import { refusals, type RefusalCode } from '../../src/refusal/index.ts'
import { by, identityProvider, type IdentityProvider } from '../oidc/identity-provider.ts'
import {
  claveAgency,
  claveDoor,
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

/** What Carmen's login with the PIN comes to. */
async function answerTo(
  idp: IdentityProvider,
  agency: SamlAgency,
  content?: Content,
  fields = {},
): Promise<ReadResponse> {
  idp.next(agency.id, by(idp.carmen))
  return responseOf(formOf(await sends(idp.browser(), claveDoor, agency.asks(content, fields))))
}

void t.test('the gateway profile', async (t) => {
  const idp = await identityProvider(t, { saml: true })
  const agency = await claveAgency(idp)

  await t.test('a login is led by redirects to a form for the registered address', async (t) => {
    idp.next(agency.id, by(idp.carmen))
    const id = newId()
    const page = await sends(idp.browser(), claveDoor, agency.asks({ id }, { RelayState: 'a&b"<c>' }))
    t.match(page.headers['content-security-policy'], /form-action 'self' https:/)
    const form = formOf(page)
    t.equal(form.action, agency.acs)
    t.equal(form.fields['RelayState'], 'a&b"<c>')
    const response = responseOf(form)
    t.match(response, {
      status: 'Success',
      message: 'urn:oasis:names:tc:SAML:2.0:status:Success',
      inResponseTo: id,
      destination: agency.acs,
      nameId: '99999999R',
      nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
      audience: agency.acs,
      level: 'http://eidas.europa.eu/LoA/substantial',
      attributes: {
        FamilyName: 'PRUEBA FICTICIA',
        FirstName: 'CARMEN',
        PersonIdentifier: '99999999R',
        FirstSurname: 'PRUEBA',
        SelectedIdP: 'PIN24H',
      },
    })
    t.notOk(response.sessionIndex, 'no SessionIndex on this face')
    t.notOk('RegistrationLevel' in response.attributes || 'RelayState' in response.attributes)
    t.notMatch(response.xml, 'EncryptedAssertion')
  })

  await t.test('RelayState with HTML or line breaks comes back as it was, and is only text', async (t) => {
    const relayState = '"><script>alert(1)</script>\r\nSet-Cookie: x=1'
    const { status } = await answerTo(idp, agency, {}, { RelayState: relayState })
    t.equal(status, 'Success')
    idp.next(agency.id, by(idp.carmen))
    const page = await sends(idp.browser(), claveDoor, agency.asks({}, { RelayState: relayState }))
    t.equal(formOf(page).fields['RelayState'], relayState)
    t.notMatch(page.body, '<script>alert')
    t.notMatch(page.setCookies.join(), 'x=1')
  })

  await t.test('the NameID has the format asked', async (t) => {
    for (const format of [
      'urn:oasis:names:tc:SAML:2.0:nameid-format:transient',
      'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
    ])
      t.match(await answerTo(idp, agency, { nameIdFormat: format }), { nameIdFormat: format, nameId: '99999999R' })
  })

  await t.test('requested attribute RelayState is echoed as an attribute', async (t) => {
    t.match(await answerTo(idp, agency, { relayState: '_abc1234' }), { attributes: { RelayState: '_abc1234' } })
  })

  await t.test('RelayState requested without a value gets no echo, and a switch may stand twice', async (t) => {
    const { status, attributes } = await answerTo(idp, agency, { requested: ['RelayState', 'GISSIdP', 'GISSIdP'] })
    t.match([status, 'RelayState' in attributes], ['Success', false])
  })

  await t.test('what the registration excludes meanwhile holds when the answer is made', async (t) => {
    const changing = await claveAgency(idp)
    const browser = idp.browser()
    idp.next(changing.id, by(idp.carmen))
    const first = await browser.postRaw(claveDoor, new URLSearchParams(changing.asks()).toString())
    await idp.relyingParties.change(changing.id, { excluded: ['pin'] })
    t.match(responseOf(formOf(await browser.open(first.location!))), { sub: 'NoAuthnContext' })
  })

  await t.test('after a logout in another tab nobody is answered any more', async (t) => {
    const browser = idp.browser()
    await sends(browser, claveDoor, agency.asks())
    idp.next(agency.id, by(idp.carmen))
    await sends(browser, claveDoor, agency.asks())
    const door = (
      await browser.postRaw(claveDoor, new URLSearchParams(agency.asks({ forceAuthn: 'false' })).toString())
    ).location!
    const cookies = browser.cookies
    browser.cookies = cookies.filter(({ name }) => !name.endsWith('session'))
    t.notMatch((await browser.open(door)).body, 'data-at-once')
  })

  await t.test('a HEAD begins no login', async (t) => {
    const browser = idp.browser()
    const door = (await browser.postRaw(claveDoor, new URLSearchParams(agency.asks()).toString())).location!
    t.equal((await idp.app.inject({ method: 'HEAD', url: door.pathname })).statusCode, 404)
    t.match((await browser.open(door)).at.pathname, /^\/login\//)
  })

  await t.test('the page that posts the answer tells the login before, in another session', async (t) => {
    const wei = async (browser = idp.browser()) => {
      idp.next(agency.id, by(idp.wei))
      return (await sends(browser, claveDoor, agency.asks())).body
    }
    const browser = idp.browser()
    t.notMatch(await wei(browser), 'Su acceso anterior')
    idp.clock.advance(60)
    const again = await sends(browser, claveDoor, agency.asks({ forceAuthn: 'false' }))
    t.notMatch(again.body, 'Su acceso anterior', 'what the same session was used for is no other visit')
    t.match(await wei(), /Su acceso anterior con Cl@ve fue el \d.* a las \d+:\d\d, en Agency c\w+, con Cl@ve PIN\./)
    const events = await historyOf(idp.db, idp.wei, { from: new Date(0), most: 100 })
    t.match(events, [{ kind: 'login' }, { kind: 'login' }, { kind: 'login' }], 'and it costs nothing of its own')
    t.equal(events.length, 3)
  })

  await t.test('the page that posts the answer tells where it comes from, and offers no other language', async (t) => {
    idp.next(agency.id, by(idp.carmen))
    const page = await sends(idp.browser(), claveDoor, agency.asks())
    t.equal(page.headers['referrer-policy'], 'strict-origin')
    t.notMatch(page.body, '?lang=')
  })

  await t.test('RegistrationLevel is for those that opt in', async (t) => {
    const curious = await claveAgency(idp, { scopes: ['registration'] })
    t.match(await answerTo(idp, curious), { attributes: { RegistrationLevel: 'ADVANCED' } })
  })

  await t.test('a return address by pattern: a session id in the last path segment', async (t) => {
    const base = 'https://portal.test/return'
    const pattern = await claveAgency(idp, {}, { acs: [`${base}/{session}.html`] })
    t.equal((await answerTo(idp, pattern, { acsUrl: `${base}/a1-B_2.html` })).destination, `${base}/a1-B_2.html`)
    for (const acsUrl of [
      `${base}/.html`,
      `${base}/a/b.html`,
      `${base}/a.html?x`,
      `${base}/a.htm`,
      `${base}/${'a'.repeat(129)}.html`,
    ]) {
      const page = await sends(idp.browser(), claveDoor, pattern.asks({ acsUrl }))
      t.match([page.status, technical(page)], [400, /200008 - .*not registered/], acsUrl)
    }
  })

  await t.test('ProviderName absent: the Issuer as an alias names the sender', async (t) => {
    const aliased = await claveAgency(idp, {}, { aliases: ['https://portal.test/metadata'] })
    t.equal(
      (await answerTo(idp, aliased, { providerName: undefined, issuer: 'https://portal.test/metadata' })).status,
      'Success',
    )
    const uuid = await sends(idp.browser(), claveDoor, aliased.asks({ providerName: undefined, issuer: newId() }))
    t.match([uuid.status, technical(uuid)], [400, /200002/])
    t.equal(
      (await answerTo(idp, aliased, { issuer: newId() })).status,
      'Success',
      'beside a ProviderName it says nothing',
    )
  })

  await t.test('each excluded method is off, and what is left decides', async (t) => {
    for (const [requested, sub] of [
      [['AEATIdP'], 'NoAuthnContext'],
      [['CLVMOVILIdP'], 'NoAuthnContext'],
      [['GISSIdP', 'AFirmaIdP', 'EIDASIdP'], undefined],
    ] as const)
      t.equal((await answerTo(idp, agency, { requested })).sub, sub, requested.join())
    idp.next(agency.id, by(idp.carmen, 'permanente'))
    const off = formOf(await sends(idp.browser(), claveDoor, agency.asks({ requested: ['GISSIdP'] })))
    t.match(responseOf(off), { status: 'Responder', sub: 'NoAuthnContext', message: /^003007/ })
  })

  await t.test('if one method is left the login goes straight to it', async (t) => {
    const page = await sends(idp.browser(), claveDoor, agency.asks({ requested: ['GISSIdP', 'AFirmaIdP'] }))
    t.match(page.at.pathname, /\/pin|\/login\//)
    t.notMatch(page.body, 'name="method"')
  })

  await t.test('if none is left, an error answers, not a dead page', async (t) => {
    const form = formOf(
      await sends(idp.browser(), claveDoor, agency.asks({ requested: ['GISSIdP', 'AFirmaIdP', 'CLVMOVILIdP'] })),
    )
    t.match(responseOf(form), {
      status: 'Responder',
      sub: 'NoAuthnContext',
      message: '003007 - No method left that reaches the level asked',
    })
  })

  await t.test('the application behind the semicolon is shown', async (t) => {
    const page = await sends(idp.browser(), claveDoor, agency.asks())
    t.match(page.body, 'Demo')
    t.match(page.body, `Agency ${agency.id}`)
  })

  await t.test('every refusal of the table comes out with its status, sub-status and message', async (t) => {
    for (const [code, { saml }] of Object.entries(refusals)) {
      idp.next(agency.id, { refused: code as RefusalCode })
      const response = responseOf(formOf(await sends(idp.browser(), claveDoor, agency.asks())))
      t.match(response, { status: saml.status, sub: saml.sub, message: saml.message, nameId: undefined }, code)
      t.equal(response.root.getElementsByTagNameNS('*', 'Assertion').length, 0)
    }
  })

  await t.test('ForceAuthn=false may reuse the session, ForceAuthn=true never does', async (t) => {
    const browser = idp.browser()
    idp.next(agency.id, by(idp.carmen))
    await sends(browser, claveDoor, agency.asks())
    t.equal(responseOf(formOf(await sends(browser, claveDoor, agency.asks({ forceAuthn: 'false' })))).status, 'Success')
    t.match((await sends(browser, claveDoor, agency.asks({ forceAuthn: 'true' }))).at.pathname, /^\/login\//)
  })

  await t.test('IsPassive: an answer out of the session, else NoPassive', async (t) => {
    const browser = idp.browser()
    const passive = { isPassive: 'true', forceAuthn: 'false' }
    t.match(responseOf(formOf(await sends(browser, claveDoor, agency.asks(passive)))), {
      status: 'Responder',
      sub: 'NoPassive',
    })
    idp.next(agency.id, by(idp.carmen))
    await sends(browser, claveDoor, agency.asks())
    t.equal(responseOf(formOf(await sends(browser, claveDoor, agency.asks(passive)))).status, 'Success')
    const forced = { ...passive, forceAuthn: 'true' }
    t.equal(responseOf(formOf(await sends(browser, claveDoor, agency.asks(forced)))).sub, 'NoPassive')
  })

  await t.test('an answer is given once: the back button finds that the login ended', async (t) => {
    const browser = idp.browser()
    idp.next(agency.id, by(idp.carmen))
    const first = await browser.postRaw(claveDoor, new URLSearchParams(agency.asks()).toString())
    const door = first.location!
    const pages = await Promise.all(Array.from({ length: 6 }, () => browser.open(door)))
    t.equal(pages.filter(({ body }) => body.includes('data-at-once')).length, 1, 'one of six at once')
    t.equal((await browser.open(door)).status, 404)
  })

  await t.test('another browser gets no answer to a login that is under way', async (t) => {
    const mine = idp.browser()
    const first = await mine.postRaw(claveDoor, new URLSearchParams(agency.asks()).toString())
    await mine.open(first.location!)
    const theirs = await idp.browser().open(first.location!)
    t.equal(theirs.status, 403)
  })

  await t.test('by HTTP-Redirect only where it is registered', async (t) => {
    const page = await idp.browser().open(`${claveDoor}?${agency.asksByAddress()}`)
    t.match([page.status, technical(page)], [400, /200005 - .*HTTP-Redirect/])
    const open = await claveAgency(idp, {}, { redirectBinding: true })
    idp.next(open.id, by(idp.carmen))
    const form = formOf(await idp.browser().open(`${claveDoor}?${open.asksByAddress({}, 'here')}`))
    t.match([responseOf(form).status, form.fields['RelayState']], ['Success', 'here'])
  })

  await t.test('an agency of the standard face is told where its door is', async (t) => {
    const standard = await standardAgency(idp)
    const page = await sends(idp.browser(), claveDoor, standard.asks())
    t.match([page.status, technical(page)], [400, /200005 - .*\/saml\/sso/])
    const other = await sends(idp.browser(), '/saml/sso', agency.asks({ issuer: `S2833002E_${agency.id}` }))
    t.match([other.status, technical(other)], [400, /200005 - .*\/Proxy2\/ServiceProvider/])
  })

  await t.test('extra fields are ignored, missing and doubled messages refused', async (t) => {
    idp.next(agency.id, by(idp.carmen))
    const old = agency.asks({}, { excludedIdPList: 'x', forcedIdP: 'y', allowLegalPerson: 'z' })
    t.equal(responseOf(formOf(await sends(idp.browser(), claveDoor, old))).status, 'Success')
    for (const body of ['', 'RelayState=x', `SAMLRequest=a&SAMLRequest=b`, `SAMLRequest=a&logoutRequest=b`]) {
      const page = await idp.browser().postRaw(claveDoor, body)
      t.match([page.status, technical(page)], [400, /200006/], body)
    }
  })
})

const low = 'http://eidas.europa.eu/LoA/low'
const context = (inside: string, attributes = '') =>
  `<saml2p:RequestedAuthnContext${attributes}>${inside}</saml2p:RequestedAuthnContext>`
const declared = `<saml2:AuthnContextDeclRef>${low}</saml2:AuthnContextDeclRef>`
const high = '<saml2:AuthnContextClassRef>http://eidas.europa.eu/LoA/high</saml2:AuthnContextClassRef>'

const twoValues =
  '<eidas:RequestedAttributes><eidas:RequestedAttribute Name="http://es.minhafp.clave/RelayState" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri">' +
  '<eidas:AttributeValue>one</eidas:AttributeValue><eidas:AttributeValue>two</eidas:AttributeValue>' +
  '</eidas:RequestedAttribute></eidas:RequestedAttributes>'

void t.test('what is wrong with a request is answered to the agency once its address is certain', async (t) => {
  const idp = await identityProvider(t, { saml: true })
  const agency = await claveAgency(idp, { level: 'substantial' })
  const long = 'x'.repeat(81)
  for (const [name, content, fields, expected] of [
    ['RelayState of 81 bytes', {}, { RelayState: long }, { sub: 'RequestDenied', message: /^200009 - / }],
    ['wrong Destination', { destination: 'https://clave.test/saml/sso' }, {}, { message: /^200006 - Destination/ }],
    ['no Destination', { destination: undefined }, {}, { message: /^200006 - Destination.*missing/ }],
    ['stale', { issueInstant: at(-301) }, {}, { message: /^200006 - IssueInstant.*30\d seconds behind/ }],
    ['future', { issueInstant: at(303) }, {}, { message: /^200006 - IssueInstant.*ahead/ }],
    [
      'unknown level',
      { classRefs: ['http://eidas.europa.eu/LoA/mega'] },
      {},
      { sub: 'NoAuthnContext', message: /^000009/ },
    ],
    ['a declaration alone', { classRefs: undefined, last: context(declared) }, {}, { message: /^000009/ }],
    [
      'a declaration beside a class, which would lower the level',
      { classRefs: undefined, last: context(high + declared, ' Comparison="minimum"') },
      {},
      { status: 'Requester', message: /^203007 - .*both AuthnContextClassRef and AuthnContextDeclRef/ },
    ],
    [
      'what the schema does not know',
      { classRefs: undefined, last: context(high, ' Comparison="least"') },
      {},
      { status: 'Requester', message: /^203007 - / },
    ],
    ['a class of SAML', { classRefs: ['urn:oasis:names:tc:SAML:2.0:ac:classes:Password'] }, {}, { message: /^000009/ }],
    ['exactly low, below the least', { comparison: 'exact' }, {}, { sub: 'NoAuthnContext', message: /^003007/ }],
    [
      'better than high',
      { comparison: 'better', classRefs: ['http://eidas.europa.eu/LoA/high'] },
      {},
      { message: /^003007/ },
    ],
    [
      'NameID format',
      { nameIdFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress' },
      {},
      { sub: 'InvalidNameIDPolicy', message: /^202022/ },
    ],
    ['SPType', { spType: 'secret' }, {}, { message: /^000010/ }],
    [
      'RelayState with two values',
      { requested: undefined, extensions: twoValues },
      {},
      { sub: 'InvalidAttrNameOrValue', message: /^200011/ },
    ],
    [
      'binding of the answer',
      { protocolBinding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact' },
      {},
      { message: /^200005/ },
    ],
  ] as const) {
    const form = formOf(await sends(idp.browser(), claveDoor, agency.asks(content, { RelayState: 'kept', ...fields })))
    t.equal(form.action, agency.acs, name)
    t.match(responseOf(form), { status: 'Requester', ...expected }, name)
    t.equal(form.fields['RelayState'], 'RelayState' in fields ? undefined : 'kept', `${name}: RelayState`)
  }
  for (const [comparison, level] of [
    ['minimum', 'low'],
    ['minimum', 'high'],
    ['maximum', 'high'],
    ['better', 'low'],
    ['exact', 'substantial'],
  ] as const) {
    idp.next(agency.id, by(idp.carmen))
    const classRefs = [`http://eidas.europa.eu/LoA/${level}`]
    const { status, level: reached } = responseOf(
      formOf(await sends(idp.browser(), claveDoor, agency.asks({ comparison, classRefs }))),
    )
    const expected =
      comparison === 'minimum' && level === 'high'
        ? ['Responder', undefined]
        : ['Success', 'http://eidas.europa.eu/LoA/substantial']
    t.same([status, reached], expected, `${comparison} ${level}`)
  }
})

const at = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString()

void t.test('each switch names its methods', (t) => {
  const off = (name: string) => excludedBy([`http://es.minhafp.clave/${name}`])
  t.same(off('AFirmaIdP'), ['certificate'])
  t.same(off('GISSIdP'), ['permanente'])
  t.same(off('AEATIdP'), ['pin'], 'the SMS PIN only')
  t.same(off('CLVMOVILIdP'), ['movil', 'pin'], 'Cl@ve Móvil includes the PIN')
  t.same(off('EIDASIdP'), [])
  t.same(excludedBy(['constructor', 'http://es.minhafp.clave/constructor', 'http://other/AEATIdP']), [])
  t.end()
})

import { decodeJwt } from 'jose'
import t from 'tap'
import { historyOf } from '../../src/audit/index.ts'
import { oidcAgency } from '../support/oidc-agency.ts'
import {
  base64,
  logoutRequest,
  logoutResponse,
  makeKeyPair,
  redirectQuery,
  signXml,
  type SamlKeyPair,
} from '../support/saml-signer.ts'
import { testCertificate } from '../support/test-certificate.ts'
import { by, identityProvider, issuer, type IdentityProvider } from '../oidc/identity-provider.ts'
import type { Browser, Page } from '../oidc/browser.ts'
import { comesBack, errorAt } from '../oidc/steps.ts'
import {
  claveAgency,
  claveDoor,
  formOf,
  newId,
  now,
  responseOf,
  sends,
  standardAgency,
  technical,
  type ReadResponse,
  type SamlAgency,
} from './agency.ts'

const doorOf = (agency: SamlAgency) => (agency.id.startsWith('c') ? claveDoor : '/saml/sso')

async function logsIn(idp: IdentityProvider, browser: Browser, agency: SamlAgency): Promise<ReadResponse> {
  idp.next(agency.id, by(idp.carmen))
  return responseOf(formOf(await sends(browser, doorOf(agency), agency.asks())))
}

/** Whether the browser's session still answers without a page. */
async function isIdentified(browser: Browser, agency: SamlAgency): Promise<boolean> {
  const passive = agency.asks({ isPassive: 'true', forceAuthn: 'false' })
  return responseOf(formOf(await sends(browser, doorOf(agency), passive))).status === 'Success'
}

const leavesBy = (browser: Browser, field: string, message: string, more = {}): Promise<Page> =>
  sends(browser, claveDoor, { [field]: message, ...more })

void t.test("the gateway's logout", async (t) => {
  const idp = await identityProvider(t, { saml: true })
  const agency = await claveAgency(idp)
  const returnTo = `https://${agency.id}.test/SP2/LogoutPage`

  await t.test(
    'ends the session and answers at the registered address, in the field that belongs to the request',
    async (t) => {
      for (const [asked, answered] of [
        ['logoutRequest', 'logoutResponse'],
        ['samlRequestLogout', 'samlResponseLogout'],
      ] as const) {
        const browser = idp.browser()
        await logsIn(idp, browser, agency)
        const id = newId()
        const form = formOf(await leavesBy(browser, asked, agency.leaves({ id }), { RelayState: 'r&1' }))
        t.equal(form.action, returnTo)
        t.equal(form.fields['RelayState'], 'r&1', 'one kit requires it')
        const response = responseOf(form, answered)
        t.match(response, { status: 'Success', inResponseTo: id, destination: returnTo })
        t.equal(response.root.localName, 'LogoutResponse')
        t.match(response.xml, `>${issuer}</saml2:Issuer>`)
        t.notOk(await isIdentified(browser, agency))
      }
      const events = await historyOf(idp.db, idp.carmen, { from: new Date(0), most: 100, kinds: ['logout'] })
      t.match(events, [{ relyingParty: agency.id }, { relyingParty: agency.id }], 'each time one event')
      t.equal(events.length, 2)
    },
  )

  await t.test('without a session it succeeds all the same', async (t) => {
    t.equal(
      responseOf(formOf(await leavesBy(idp.browser(), 'logoutRequest', agency.leaves())), 'logoutResponse').status,
      'Success',
    )
  })

  await t.test('the DNI in NameID: the certificate that verifies says who asks', async (t) => {
    const form = formOf(await leavesBy(idp.browser(), 'logoutRequest', agency.leaves({ nameId: '99999999R' })))
    t.equal(form.action, returnTo)
  })

  await t.test(
    'the DNI in NameID and no certificate, or another: the return address says whose keys to try',
    async (t) => {
      const [withAcs, stranger] = [await claveAgency(idp), await claveAgency(idp)]
      for (const [issued, keyInfo, certificate] of [
        [returnTo, false, agency.keys.certificate],
        [withAcs.acs, false, withAcs.keys.certificate],
        [returnTo, true, makeKeyPair().certificate],
      ] as const) {
        const { keys } = issued === returnTo ? agency : withAcs
        const content = { ...{ id: newId(), issueInstant: now(), destination: issuer + claveDoor }, issuer: issued }
        const leaving = logoutRequest({ ...content, nameId: '99999999R', spNameQualifier: issued })
        const signed = (by: SamlKeyPair) => base64(signXml(leaving, { ...by, keyInfo, certificate }))
        const forged = await leavesBy(idp.browser(), 'logoutRequest', signed(stranger.keys))
        t.match([forged.status, technical(forged)], [400, /200006|203018/], 'another’s key logs nobody out')
        t.equal(formOf(await leavesBy(idp.browser(), 'logoutRequest', signed(keys))).action, issued)
      }
    },
  )

  await t.test(
    'the return address may be SPNameQualifier, a pattern, or the ACS; Destination may be left out',
    async (t) => {
      const base = `https://${agency.id}.test/SP2`
      const leaving = async (content: object) =>
        formOf(await leavesBy(idp.browser(), 'logoutRequest', agency.leaves(content))).action
      t.equal(await leaving({ issuer: newId(), spNameQualifier: returnTo }), returnTo)
      t.equal(await leaving({ issuer: agency.acs, spNameQualifier: base }), agency.acs)
      t.equal(await leaving({ destination: undefined }), returnTo)
    },
  )

  await t.test('only to a return address that is registered', async (t) => {
    for (const content of [
      { issuer: 'https://evil.test/', spNameQualifier: 'https://evil.test/' },
      { issuer: `${returnTo}x`, spNameQualifier: undefined },
      { issuer: undefined, spNameQualifier: undefined },
    ]) {
      const browser = idp.browser()
      await logsIn(idp, browser, agency)
      const page = await leavesBy(browser, 'logoutRequest', agency.leaves(content))
      t.match([page.status, technical(page)], [400, /200008/])
      t.ok(await isIdentified(browser, agency), 'and nothing ends')
    }
  })

  await t.test('applications that share a certificate: NameID names the one', async (t) => {
    const twin = await claveAgency(idp, {}, { certificates: [agency.keys.certificate.pem], logoutIssuer: 'Cl@ve' })
    const theirs = `https://${twin.id}.test/SP2/LogoutPage`
    const message = agency.leaves({ nameId: `S2833002E_${twin.id}`, issuer: theirs, spNameQualifier: theirs })
    const form = formOf(await leavesBy(idp.browser(), 'logoutRequest', message))
    t.equal(form.action, theirs)
    t.match(responseOf(form, 'logoutResponse').xml, '>Cl@ve</saml2:Issuer>', 'and its own setting of Issuer holds')
  })

  await t.test('what is wrong is answered there, and ends nothing', async (t) => {
    const browser = idp.browser()
    await logsIn(idp, browser, agency)
    const stale = new Date(Date.now() - 301_000).toISOString()
    for (const [content, more, message] of [
      [{ issueInstant: stale }, {}, /^200006 - IssueInstant/],
      [{ destination: 'https://other.test/' }, {}, /^200006 - Destination/],
      [{ notOnOrAfter: stale }, {}, /^200006 - .*NotOnOrAfter/],
      [{}, { RelayState: 'x'.repeat(81) }, /^200009/],
    ] as const) {
      const form = formOf(await leavesBy(browser, 'logoutRequest', agency.leaves(content), more))
      t.match(responseOf(form, 'logoutResponse'), { status: 'Requester', message })
      t.notOk(form.fields['RelayState'])
    }
    t.ok(await isIdentified(browser, agency))
    const once = agency.leaves()
    await leavesBy(idp.browser(), 'logoutRequest', once)
    const replay = formOf(await leavesBy(browser, 'logoutRequest', once))
    t.match(responseOf(replay, 'logoutResponse'), { message: /^203012/ })
    t.ok(await isIdentified(browser, agency), 'a replay logs nobody out')
  })

  await t.test('a renewed certificate of the same key in KeyInfo, or none: NameID names the provider', async (t) => {
    const { key: privateKey, publicKey } = agency.keys
    const renewed = testCertificate({
      privateKey,
      publicKey,
      commonName: 'Renewed',
      notBefore: new Date(Date.now() - 60_000),
      notAfter: new Date(Date.now() + 3_600_000),
    })
    for (const keyInfo of [false, true]) {
      const xml = signXml(
        logoutRequest({
          ...{
            id: newId(),
            issueInstant: now(),
            destination: issuer + claveDoor,
            issuer: returnTo,
            nameId: `S2833002E_${agency.id}`,
          },
          spNameQualifier: returnTo,
        }),
        { ...agency.keys, keyInfo, certificate: keyInfo ? renewed : agency.keys.certificate },
      )
      t.equal(formOf(await leavesBy(idp.browser(), 'logoutRequest', base64(xml))).action, returnTo)
    }
  })

  await t.test('a foreign key logs nobody out', async (t) => {
    const stranger = await claveAgency({ relyingParties: { register: async () => ({ relyingParty: {} }) } } as never)
    const page = await leavesBy(idp.browser(), 'logoutRequest', stranger.leaves())
    t.match([page.status, technical(page)], [400, /203018/])
  })
})

void t.test('single logout of the standard face', async (t) => {
  const idp = await identityProvider(t, { saml: true })
  const agency = await standardAgency(idp)
  const leaving = (login: ReadResponse, content = {}) =>
    agency.leaves({
      nameId: login.nameId ?? '',
      nameIdFormat: login.nameIdFormat ?? undefined,
      sessionIndexes: [login.sessionIndex ?? ''],
      ...content,
    })
  const leave = (browser: Browser, SAMLRequest: string, more = {}) =>
    sends(browser, '/saml/slo', { SAMLRequest, ...more })

  await t.test('by POST, with SessionIndex, and the answer to the logout service', async (t) => {
    const browser = idp.browser()
    const login = await logsIn(idp, browser, agency)
    const id = newId()
    const form = formOf(await leave(browser, leaving(login, { id }), { RelayState: 'state' }))
    t.match([form.action, form.fields['RelayState']], [agency.slo, 'state'])
    t.match(responseOf(form), { status: 'Success', inResponseTo: id, destination: agency.slo })
    t.notOk(await isIdentified(browser, agency))
  })

  await t.test('by Redirect, answered by Redirect', async (t) => {
    const other = await standardAgency(idp, {}, { slo: 'redirect' })
    const browser = idp.browser()
    const login = await logsIn(idp, browser, other)
    const xml = logoutRequest({
      ...{ id: newId(), issueInstant: now(), destination: `${issuer}/saml/slo`, issuer: other.entityId },
      ...{ nameId: login.nameId ?? '', sessionIndexes: [login.sessionIndex ?? ''], spNameQualifier: undefined },
    })
    const page = await browser.open(`/saml/slo?${redirectQuery(xml, { key: other.keys.key, relayState: 'x' })}`)
    t.match(page.location?.href, `${other.slo}?SAMLResponse=`)
    t.match(page.location?.searchParams.get('RelayState'), 'x')
    t.ok(page.location?.searchParams.get('Signature'))
    t.notOk(await isIdentified(browser, other))
  })

  await t.test('by Redirect only where that is registered', async (t) => {
    const keys = makeKeyPair()
    const entityId = 'https://by-hand.test/sp'
    await idp.relyingParties.register({
      ...{ id: 'by-hand', name: 'By hand' },
      saml: {
        entityId,
        certificates: [keys.certificate.pem],
        acs: ['https://by-hand.test/acs'],
        redirectBinding: false,
      },
    })
    const placed = { id: newId(), issueInstant: now(), destination: `${issuer}/saml/slo`, issuer: entityId }
    const page = await idp.browser().open(`/saml/slo?${redirectQuery(logoutRequest(placed), { key: keys.key })}`)
    t.match([page.status, technical(page)], [400, /200005.*HTTP-Redirect/s])
  })

  await t.test('whichever SessionIndex, the citizen that is named is logged out', async (t) => {
    for (const sessionIndexes of [['_of-an-earlier-session'], []]) {
      const browser = idp.browser()
      const login = await logsIn(idp, browser, agency)
      t.equal(responseOf(formOf(await leave(browser, leaving(login, { sessionIndexes })))).status, 'Success')
      t.notOk(await isIdentified(browser, agency))
    }
  })

  await t.test('another name: the session goes on, and nobody says that it ended', async (t) => {
    const browser = idp.browser()
    const login = await logsIn(idp, browser, agency)
    const form = formOf(await leave(browser, leaving(login, { nameId: 'other' })))
    t.match(responseOf(form), { status: 'Responder', sub: 'RequestDenied' })
    t.ok(await isIdentified(browser, agency))
  })

  await t.test('a session that began after theirs was over is not theirs to end', async (t) => {
    const browser = idp.browser()
    const login = await logsIn(idp, browser, agency)
    await leave(browser, leaving(login))
    const other = await standardAgency(idp)
    await logsIn(idp, browser, other)
    t.equal(responseOf(formOf(await leave(browser, leaving(login)))).status, 'Success', 'theirs is over')
    t.ok(await isIdentified(browser, other))
  })

  await t.test('an agency without a logout service of its own may still log out', async (t) => {
    const silent = await standardAgency(idp, {}, { slo: 'none' })
    const browser = idp.browser()
    const login = await logsIn(idp, browser, silent)
    const content = { nameId: login.nameId ?? '', sessionIndexes: [login.sessionIndex ?? ''] }
    const stale = new Date(Date.now() - 301_000).toISOString()
    const refused = await leave(browser, silent.leaves({ ...content, issueInstant: stale }))
    t.match([refused.status, technical(refused)], [400, /IssueInstant/], 'a refused one never reads as if it were done')
    t.ok(await isIdentified(browser, silent))
    t.match((await leave(browser, silent.leaves(content))).body, 'Ha cerrado su sesión')
    t.notOk(await isIdentified(browser, silent))
  })

  await t.test('however often the session was proven anew, every agency is told', async (t) => {
    const [one, other] = [await standardAgency(idp), await standardAgency(idp)]
    const browser = idp.browser()
    await logsIn(idp, browser, one)
    for (let turn = 0; turn < 6; turn++) {
      idp.clock.advance(14 * 60)
      await logsIn(idp, browser, other)
    }
    const last = await logsIn(idp, browser, other)
    const content = { nameId: last.nameId ?? '', sessionIndexes: [last.sessionIndex ?? ''] }
    t.equal(formOf(await leave(browser, other.leaves(content))).action, one.slo)
  })

  await t.test('aslo:Asynchronous gets no answer', async (t) => {
    const browser = idp.browser()
    const login = await logsIn(idp, browser, agency)
    const extensions = '<aslo:Asynchronous xmlns:aslo="urn:oasis:names:tc:SAML:2.0:protocol:ext:async-slo"/>'
    const page = await leave(browser, leaving(login, { extensions }))
    t.match([page.status, page.body.includes('data-at-once')], [200, false])
    t.match(page.body, 'Ha cerrado su sesión')
    t.notOk(await isIdentified(browser, agency))
  })

  await t.test('one that means another session, and wants no answer, reads that this one stands', async (t) => {
    const browser = idp.browser()
    await logsIn(idp, browser, agency)
    const extensions = '<aslo:Asynchronous xmlns:aslo="urn:oasis:names:tc:SAML:2.0:protocol:ext:async-slo"/>'
    const page = await leave(browser, agency.leaves({ nameId: 'another', extensions }))
    t.match([page.status, page.body.includes('data-at-once')], [200, false])
    t.match(page.body, 'Su sesión en Cl@ve sigue abierta')
    t.ok(await isIdentified(browser, agency))
  })

  await t.test('what is wrong is answered, and ends nothing', async (t) => {
    const browser = idp.browser()
    const login = await logsIn(idp, browser, agency)
    const form = formOf(await leave(browser, leaving(login, { destination: 'https://clave.test/saml/sso' })))
    t.match(responseOf(form), { status: 'Requester', message: /^200006 - Destination/ })
    const unfit = formOf(await leave(browser, leaving(login, { last: '<saml2p:Scoping/>' }), { RelayState: 'r' }))
    t.match(unfit.fields['RelayState'], 'r')
    t.match(responseOf(unfit), { status: 'Requester', message: /^203007/ }, 'what the schema does not know')
    const once = leaving(login, { nameId: 'other' })
    await leave(browser, once)
    t.match(responseOf(formOf(await leave(browser, once))), { message: /^203012/ })
    t.ok(await isIdentified(browser, agency))
  })
})

void t.test('one logout reaches every agency of the session', async (t) => {
  const told: { url: string; token: string }[] = []
  const idp = await identityProvider(t, {
    saml: true,
    fetch: (async (url: string, options: RequestInit) => {
      told.push({ url, token: new URLSearchParams(options.body as string).get('logout_token') ?? '' })
      return new Response(null, { status: url.includes('broken') ? 500 : 200 })
    }) as typeof fetch,
  })
  const post = await standardAgency(idp)
  const redirect = await standardAgency(idp, {}, { slo: 'redirect' })
  const without = await standardAgency(idp, {}, { slo: 'none' })
  const clave = await claveAgency(idp)
  const oidc = await oidcAgency(idp, issuer, {
    metadata: { backchannel_logout_uri: 'https://oidc.test/gone', backchannel_logout_session_required: true },
  })
  const broken = await oidcAgency(idp, issuer, {
    metadata: { backchannel_logout_uri: 'https://broken.test/gone' },
  })

  /** A browser with a session that reached them all. */
  async function everywhere() {
    const browser = idp.browser()
    const logins = new Map<string, ReadResponse>()
    for (const agency of [post, redirect, without, clave]) logins.set(agency.id, await logsIn(idp, browser, agency))
    const tokens = []
    for (const agency of [oidc, broken]) {
      const { begun, at } = await comesBack(idp, agency, { browser })
      tokens.push(await agency.finish(begun, at))
    }
    told.length = 0
    return { browser, logins, idToken: tokens[0]?.id_token ?? '' }
  }
  /** The agency answers our LogoutRequest. */
  const answers = (agency: typeof post, request: string, status = 'Success') => {
    const inResponseTo = /ID="([^"]+)"/.exec(request)?.[1]
    const content = {
      id: newId(),
      issueInstant: now(),
      destination: `${issuer}/saml/slo`,
      issuer: agency.entityId,
      inResponseTo,
      status,
    }
    return base64(signXml(logoutResponse(content), agency.keys))
  }
  const isGone = async (browser: Browser) =>
    !(await isIdentified(browser, post)) &&
    errorAt(await browser.open((await oidc.begin({ prompt: 'none' })).url))['error'] === 'login_required'

  await t.test('from the gateway: OIDC at once, SAML one after another, then the answer', async (t) => {
    const { browser, logins, idToken } = await everywhere()
    const first = await leavesBy(browser, 'logoutRequest', clave.leaves(), { RelayState: 'end' })
    const request = formOf(first)
    t.equal(request.action, post.slo)
    const asked = responseOf(request, 'SAMLRequest')
    t.match(asked, { nameId: logins.get(post.id)?.nameId })
    t.match(asked.xml, `<saml2p:SessionIndex>${logins.get(post.id)?.sessionIndex}</saml2p:SessionIndex>`)
    t.same(told.map(({ url }) => url).sort(), ['https://broken.test/gone', 'https://oidc.test/gone'])
    const token = decodeJwt(told.find(({ url }) => url.includes('oidc.test'))?.token ?? '')
    const login = decodeJwt(idToken)
    t.match(token, {
      iss: issuer,
      aud: oidc.id,
      sid: login['sid'],
      sub: login.sub,
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    })
    t.ok(login['sid'])
    t.ok(await isGone(browser), 'the session ended before anybody answered')
    const second = await sends(browser, '/saml/slo', {
      SAMLResponse: answers(post, asked.xml),
      RelayState: request.fields['RelayState'] ?? '',
    })
    t.match(second.location?.href, `${redirect.slo}?SAMLRequest=`)
    const { inflateRawSync } = await import('node:zlib')
    const xml = inflateRawSync(Buffer.from(second.location?.searchParams.get('SAMLRequest') ?? '', 'base64')).toString()
    t.match(xml, `<saml2p:SessionIndex>${logins.get(redirect.id)?.sessionIndex}</saml2p:SessionIndex>`)
    const relayState = second.location?.searchParams.get('RelayState') ?? ''
    const third = await sends(browser, '/saml/slo', { SAMLResponse: answers(redirect, xml), RelayState: relayState })
    const done = formOf(third)
    t.match([done.action, done.fields['RelayState']], [`https://${clave.id}.test/SP2/LogoutPage`, 'end'])
    t.match(
      responseOf(done, 'logoutResponse'),
      { status: 'Success', sub: 'PartialLogout' },
      'one failed, one has no logout service',
    )
  })

  await t.test('Success alone says that every agency was told and did it', async (t) => {
    const withoutAddress = await oidcAgency(idp, issuer)
    for (const [others, sub] of [
      [[oidc], undefined],
      [[withoutAddress], 'PartialLogout'],
      [[broken], 'PartialLogout'],
    ] as const) {
      const browser = idp.browser()
      for (const agency of [post, clave, await claveAgency(idp)]) await logsIn(idp, browser, agency)
      for (const agency of others) await comesBack(idp, agency, { browser })
      const request = formOf(await leavesBy(browser, 'logoutRequest', clave.leaves()))
      const done = await sends(browser, '/saml/slo', {
        SAMLResponse: answers(post, responseOf(request, 'SAMLRequest').xml),
        RelayState: request.fields['RelayState'] ?? '',
      })
      t.match(responseOf(formOf(done), 'logoutResponse'), { status: 'Success', sub })
    }
  })

  await t.test('one that fails or never answers is passed by, and the initiator hears PartialLogout', async (t) => {
    const { browser } = await everywhere()
    const request = formOf(await leavesBy(browser, 'logoutRequest', clave.leaves()))
    const state = request.fields['RelayState'] ?? ''
    const asked = responseOf(request, 'SAMLRequest').xml
    const next = await sends(browser, '/saml/slo', {
      SAMLResponse: answers(post, asked, 'Responder'),
      RelayState: state,
    })
    t.match(next.location?.href, redirect.slo)
    const done = formOf(await browser.open(`/saml/logout/${state}`))
    t.match(responseOf(done, 'logoutResponse'), { status: 'Success', sub: 'PartialLogout' })
    t.match((await browser.open(`/saml/logout/${state}`)).body, 'Ha cerrado su sesión', 'and once')
  })

  await t.test('nobody else learns by what names the citizen is known', async (t) => {
    const { browser } = await everywhere()
    const state = formOf(await leavesBy(browser, 'logoutRequest', clave.leaves())).fields['RelayState'] ?? ''
    const theirs = await idp.browser().open(`/saml/logout/${state}`)
    t.notMatch(theirs.body, 'data-at-once')
    t.notOk(theirs.location)
  })

  await t.test('an answer of another agency, or to another request, does not count', async (t) => {
    const { browser } = await everywhere()
    const request = formOf(await leavesBy(browser, 'logoutRequest', clave.leaves()))
    const state = request.fields['RelayState'] ?? ''
    await sends(idp.browser(), '/saml/slo', {
      SAMLResponse: answers(redirect, responseOf(request, 'SAMLRequest').xml),
      RelayState: state,
    })
    await sends(idp.browser(), '/saml/slo', { SAMLResponse: answers(post, '<x ID="_other"/>'), RelayState: state })
    await browser.open(`/saml/logout/${state}`)
    const done = formOf(await browser.open(`/saml/logout/${state}`))
    t.match(responseOf(done, 'logoutResponse'), { sub: 'PartialLogout' })
  })

  await t.test('an answer that belongs to no logout, and an address of none, say whether one is out', async (t) => {
    const { browser } = await everywhere()
    const stray = { SAMLResponse: answers(post, '<x ID="_other"/>') }
    const strayed = await sends(browser, '/saml/slo', stray)
    await sends(browser, '/saml/slo', { ...stray, RelayState: '\0' })
    for (const page of [strayed, await browser.open('/saml/logout/nothing')]) {
      t.match(page.body, 'Su sesión en Cl@ve sigue abierta')
      t.match(page.body, 'href="/oidc/logout"')
    }
    t.notOk(await isGone(browser))
    await leavesBy(browser, 'logoutRequest', clave.leaves())
    t.match((await browser.open('/saml/logout/over')).body, 'Ha cerrado su sesión')
  })

  await t.test('from OpenID Connect, back to its own return address in the end', async (t) => {
    const { browser, idToken } = await everywhere()
    const bye = `https://${oidc.id}.test/bye`
    const question = await browser.open(
      `/oidc/logout?${new URLSearchParams({ id_token_hint: idToken, post_logout_redirect_uri: bye })}`,
    )
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(question.body)?.[1] ?? ''
    const first = await browser.submit('/oidc/logout/confirm', { xsrf, logout: 'yes' })
    const request = formOf(first)
    t.equal(request.action, post.slo)
    t.same(
      told.map(({ url }) => url),
      ['https://broken.test/gone'],
      'not the one that asked',
    )
    const state = request.fields['RelayState'] ?? ''
    const second = await sends(browser, '/saml/slo', {
      SAMLResponse: answers(post, responseOf(request, 'SAMLRequest').xml),
      RelayState: state,
    })
    t.match(second.location?.href, redirect.slo)
    t.equal((await browser.open(`/saml/logout/${state}`)).location?.href, bye)
    t.ok(await isGone(browser))
  })
})

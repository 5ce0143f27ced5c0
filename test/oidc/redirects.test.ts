import t from 'tap'
import { oidcAgency } from '../support/oidc-agency.ts'
import { by, identityProvider, issuer } from './identity-provider.ts'
import { comesBack, errorAt, redeem, codeFor, technicalOf, titleOf } from './steps.ts'

const cannotBegin = 'No podemos empezar la identificación'

t.test(
  'a return address is compared character by character; what is not registered gets a page, never a redirect',
  async (t) => {
    const idp = await identityProvider(t)
    const agency = await oidcAgency(idp, issuer, { id: 'aeat' })
    const variants = {
      'another host': 'https://evil.test/callback',
      'a subdomain': 'https://www.aeat.test/callback',
      case: 'https://aeat.test/Callback',
      'case of the host': 'https://AEAT.test/callback',
      port: 'https://aeat.test:8443/callback',
      'the default port': 'https://aeat.test:443/callback',
      'a path suffix': 'https://aeat.test/callback/more',
      'a path prefix': 'https://aeat.test/call',
      'a trailing slash': 'https://aeat.test/callback/',
      'dots in the path': 'https://aeat.test/x/../callback',
      'an encoded character': 'https://aeat.test/%63allback',
      'a query': 'https://aeat.test/callback?next=evil',
      'user info': 'https://aeat.test@evil.test/callback',
      'user info before the host': 'https://evil@aeat.test/callback',
      'a backslash': 'https://aeat.test\\@evil.test/callback',
      'a fragment': 'https://aeat.test/callback#here',
      http: 'http://aeat.test/callback',
      'another scheme': 'javascript:alert(1)',
      'two addresses': 'https://aeat.test/callback https://evil.test/',
      'a space': 'https://aeat.test/callback ',
      nothing: '',
    }
    for (const [what, redirect_uri] of Object.entries(variants)) {
      const page = await idp.browser().open((await agency.begin({ redirect_uri })).url)
      t.match(
        { status: page.status, location: page.location, title: titleOf(page.body) },
        { status: 400, location: undefined, title: cannotBegin },
        what,
      )
    }
    const twice = (await agency.begin()).url
    twice.searchParams.append('redirect_uri', 'https://evil.test/')
    t.match(await idp.browser().open(twice), { status: 400, location: undefined }, 'twice')
  },
)

t.test(
  'the page tells the integrator what was wrong, the citizen what to do, and leads to the agency where that is certain',
  async (t) => {
    const idp = await identityProvider(t)
    const agency = await oidcAgency(idp, issuer, { id: 'aeat' })
    const { body } = await idp
      .browser()
      .open((await agency.begin({ redirect_uri: 'https://evil.test/"><script>' })).url)
    t.match(technicalOf(body), { error: 'invalid_redirect_uri', client_id: 'aeat', endpoint: '/oidc/authorize' })
    t.match(body, 'href="https://aeat.test/"')
    t.notMatch(body, 'evil.test/"><script>')

    const url = (await agency.begin()).url
    url.searchParams.set('client_id', 'nobody')
    const unknown = await idp.browser().open(url)
    t.match([unknown.status, unknown.location], [400, undefined])
    t.match(technicalOf(unknown.body), { error: 'invalid_client', client_id: 'nobody' })
    t.notMatch(unknown.body, 'aeat.test/"')
    t.equal(
      (await idp.browser().open(`/oidc/authorize?client_id=%00`)).status,
      400,
      'what the database cannot even compare',
    )
    t.match((await idp.browser().get('/oidc/authorize', { accept: 'application/json' })).body, '"invalid_request"')
  },
)

t.test('a citizen reads the page in the language that the agency asked for', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer)
  const { body } = await idp.browser().open((await agency.begin({ redirect_uri: 'x', ui_locales: 'ca en-GB es' })).url)
  t.equal(titleOf(body), 'This login cannot begin')
})

t.test('every other fault of a request is told to the agency, with state and issuer', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer)
  const faults: readonly (readonly [Record<string, string>, string])[] = [
    [{ response_type: 'token' }, 'unsupported_response_type'],
    [{ response_type: 'id_token' }, 'unsupported_response_type'],
    [{ response_type: 'code id_token' }, 'unsupported_response_type'],
    [{ response_type: 'none' }, 'unsupported_response_type'],
    [{ response_mode: 'form_post' }, 'unsupported_response_mode'],
    [{ response_mode: 'query.jwt' }, 'unsupported_response_mode'],
    [{ response_mode: 'web_message' }, 'unsupported_response_mode'],
    [{ code_challenge: '' }, 'invalid_request'],
    [{ code_challenge_method: 'plain' }, 'invalid_request'],
    [{ code_challenge_method: '' }, 'invalid_request'],
    [{ code_challenge: 'short' }, 'invalid_request'],
    [{ scope: 'profile' }, 'invalid_request'],
    [{ scope: 'profile', nonce: '' }, 'invalid_request'],
    [{ prompt: 'consent' }, 'invalid_request'],
    [{ prompt: 'create' }, 'invalid_request'],
    [{ prompt: 'none login' }, 'invalid_request'],
    [{ max_age: '-1' }, 'invalid_request'],
    [{ max_age: 'soon' }, 'invalid_request'],
    [{ claims: '[]' }, 'invalid_request'],
    [{ claims: '{' }, 'invalid_request'],
    [{ claims: '{"id_token":{"acr":7}}' }, 'invalid_request'],
    [{ claims: '{"id_token":{"acr":{"essential":true,"values":"high"}}}' }, 'invalid_request'],
    [{ claims: '{"id_token":{"sub":{"value":7}}}' }, 'invalid_request'],
    [{ registration: '{}' }, 'registration_not_supported'],
    [{ request_uri: 'https://agency.test/request.jwt' }, 'request_uri_not_supported'],
    [{ request_uri: 'urn:ietf:params:oauth:request_uri:guessed' }, 'invalid_request_uri'],
    [{ id_token_hint: 'not.a.token' }, 'invalid_request'],
  ]
  for (const [wishes, error] of faults) {
    const begun = await agency.begin(wishes)
    const told = new URLSearchParams((await idp.browser().open(begun.url)).location?.href.split(/[?#]/)[1])
    t.match(Object.fromEntries(told), { error, state: begun.state, iss: issuer }, JSON.stringify(wishes))
  }
})

t.test('a request by POST, which no cookie comes with, is taken up by GET', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer)
  const browser = idp.browser()
  const begun = await agency.begin()
  const posted = await browser.postRaw('/oidc/authorize', begun.url.search.slice(1))
  t.equal(posted.status, 303)
  t.equal(posted.location?.pathname, '/oidc/authorize')
  t.same(Object.fromEntries(posted.location?.searchParams ?? []), Object.fromEntries(begun.url.searchParams))
  t.same(browser.cookies, [], 'it neither reads nor sets one')
  idp.next(agency.id, by(idp.carmen))
  t.ok((await browser.open(posted.location!)).location?.searchParams.get('code'))
  t.equal((await browser.postRaw('/oidc/authorize', `state=${'x'.repeat(9_000)}`)).status, 413)
})

t.test('the address at the token endpoint is the one that was asked with', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer, {
    metadata: { redirect_uris: ['https://agency.test/one', 'https://other-host.test/two'] },
  })
  const { begun, at } = await comesBack(idp, agency, { wishes: { redirect_uri: 'https://other-host.test/two' } })
  t.match(at.href, /^https:\/\/other-host\.test\/two\?/)
  const code = { code: at.searchParams.get('code') ?? '', code_verifier: begun.verifier }
  t.match(await redeem(idp, agency, { ...code, redirect_uri: 'https://agency.test/one' }), {
    json: { error: 'invalid_grant' },
  })
  t.match(await redeem(idp, agency, { ...code, redirect_uri: 'https://other-host.test/two' }), { status: 200 })
  t.match(
    await redeem(idp, agency, {
      ...(await codeFor(idp, agency, { redirect_uri: 'https://agency.test/one' })),
      redirect_uri: '',
    }),
    { status: 400 },
  )
  t.equal(errorAt({ location: at, body: '' })['iss'], issuer)
})

t.test('what is kept of a request is no longer than an agency needs', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer, { id: 'aeat' })
  for (const name of ['login_hint', 'state', 'nonce'] as const) {
    const { url } = await agency.begin({ [name]: 'x'.repeat(2049) })
    const page = await idp.browser().open(url)
    const said = page.location?.searchParams
    t.equal(said?.get('error'), 'invalid_request', name)
    t.match(said?.get('error_description'), `${name} is longer than`)
  }
})

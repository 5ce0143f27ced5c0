import { createRemoteJWKSet, customFetch, decodeProtectedHeader, jwtVerify } from 'jose'
import t from 'tap'
import { injecting, oidcAgency } from '../support/oidc-agency.ts'
import { by, identityProvider, issuer } from './identity-provider.ts'
import { codeOf, comesBack, errorAt, redeem, titleOf } from './steps.ts'

t.test(
  'keys rotate while logins run, on one instance while another has not noticed: every signature is verified',
  async (t) => {
    const idp = await identityProvider(t)
    const other = await idp.another()
    const [agency, meanwhile] = [await oidcAgency(idp, issuer), await oidcAgency(idp, issuer)]
    const jwks = createRemoteJWKSet(new URL('/oidc/jwks', issuer), {
      [customFetch]: injecting(idp.app) as typeof fetch,
      cooldownDuration: 0,
    })
    const used = new Set<unknown>()
    const login = async (instance: typeof idp, party = agency) => {
      const { begun, at } = await comesBack(instance, party)
      const { json } = await redeem(instance, party, codeOf(party, begun, at))
      const { protectedHeader } = await jwtVerify(String(json['id_token']), jwks, { issuer, audience: party.id })
      used.add(protectedHeader.kid)
    }
    const logins = async () => {
      for (let i = 0; i < 8; i++) await login(i % 2 ? idp : other)
    }
    const rotations = async () => {
      for (let i = 0; i < 3; i++) {
        t.ok(await idp.keys.rotate('ES256'))
        await login(idp, meanwhile)
        await login(other, meanwhile)
        await other.refreshKeys()
      }
    }
    await Promise.all([logins(), rotations()])
    t.ok(used.size >= 3, 'several keys signed')
  },
)

t.test('an ID token signed by a former key is still a good hint', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer)
  const { begun, at, browser } = await comesBack(idp, agency)
  const hint = (await agency.finish(begun, at)).id_token ?? ''
  await idp.keys.rotate('ES256')
  const again = await agency.begin({ prompt: 'none', id_token_hint: hint })
  const fresh = await agency.finish(again, (await browser.open(again.url)).location!)
  t.not(decodeProtectedHeader(fresh.id_token ?? '').kid, decodeProtectedHeader(hint).kid)
})

t.test('a login goes on over a change of keys and of instances, step by step', async (t) => {
  const idp = await identityProvider(t)
  const other = await idp.another()
  const agency = await oidcAgency(idp, issuer)
  idp.next(agency.id, by(idp.carmen))
  const begun = await agency.begin()
  const browser = idp.browser()
  const { location } = await browser.get(begun.url)
  await idp.keys.rotate('ES256')
  const back = await browser.at(other.app).open(location!)
  t.ok((await agency.finish(begun, back.location!)).id_token)
})

t.test('a change of a client acts at once on every instance, in the midst of a login too', async (t) => {
  const idp = await identityProvider(t)
  const other = await idp.another()
  const agency = await oidcAgency(idp, issuer, { id: 'dgt' })
  const [before, during] = [await comesBack(other, agency), await agency.begin()]
  t.ok(before.at.searchParams.get('code'))
  idp.next(agency.id, by(idp.carmen))
  const { location } = await before.browser.at(other.app).get(during.url)

  const moved = { redirect_uris: ['https://dgt.test/moved'], token_endpoint_auth_method: 'client_secret_basic' }
  t.ok(await idp.relyingParties.change('dgt', { oidc: moved, scopes: ['profile'] }))
  const late = await before.browser.at(other.app).open(location!)
  t.match(
    [late.location, titleOf(late.body)],
    [undefined, 'No podemos empezar la identificación'],
    'its address is no longer registered',
  )
  t.equal((await other.browser().open(during.url)).location, undefined)
  const lacking = await agency.begin({ redirect_uri: 'https://dgt.test/moved', scope: 'openid phone' })
  t.equal(errorAt(await other.browser().open(lacking.url))['error'], 'invalid_scope')
})

t.test('a level raised while the citizen identified holds for this login already', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer)
  idp.next(agency.id, by(idp.carmen))
  const browser = idp.browser()
  const { location } = await browser.get((await agency.begin()).url)
  await idp.relyingParties.change(agency.id, { level: 'high' })
  t.equal(errorAt(await browser.open(location!))['error'], 'unmet_authentication_requirements')
})

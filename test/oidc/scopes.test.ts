import t from 'tap'
import { errorOf, comesBack, errorAt } from './steps.ts'
import { identityProvider, issuer } from './identity-provider.ts'
import { oidcAgency } from '../support/oidc-agency.ts'

t.test('an agency that asks for what its registration lacks is told by name, and gets nothing', async (t) => {
  const idp = await identityProvider(t)
  const registration = { scopes: ['profile', 'document'] }
  const agency = await oidcAgency(idp, issuer, { registration })
  const pushing = await oidcAgency(idp, issuer, { registration, brings: 'par', authentication: 'private_key_jwt' })
  const signing = await oidcAgency(idp, issuer, { registration, brings: 'jar' })
  const lacking: readonly (readonly [Record<string, string>, RegExp, string])[] = [
    [{ scope: 'openid profile phone' }, /phone/, 'phone'],
    [{ scope: 'openid email profile phone registration' }, /email phone registration/, 'email phone registration'],
    [{ scope: 'openid address' }, /address/, 'address'],
    [{ scope: 'openid offline_access' }, /offline_access/, 'offline_access'],
    [{ scope: 'openid', claims: '{"userinfo":{"phone_number":null}}' }, /phone/, 'phone'],
    [{ scope: 'openid', claims: '{"id_token":{"email_verified":{"essential":true},"name":null}}' }, /email/, 'email'],
  ]
  for (const [wishes, description, scope] of lacking) {
    const said = { error: 'invalid_scope', error_description: description, scope }
    const { error, error_description: described } = said
    t.match(errorAt(await idp.browser().open((await agency.begin(wishes)).url)), said, JSON.stringify(wishes))
    t.match(errorAt(await idp.browser().open((await signing.begin(wishes)).url)), said, 'in a request object')
    t.match(await errorOf(pushing.begin(wishes)), { error, error_description: described }, 'pushed')
  }
})

t.test(
  'claims asked for by name within the registration are told; those that there are not are passed over',
  async (t) => {
    const idp = await identityProvider(t)
    const agency = await oidcAgency(idp, issuer, { registration: { scopes: ['document'] } })
    const claims = JSON.stringify({ userinfo: { document: null, shoe_size: { essential: true } } })
    const { begun, at } = await comesBack(idp, agency, { wishes: { scope: 'openid', claims } })
    const tokens = await agency.finish(begun, at)
    t.same(await agency.userInfo(tokens), { sub: tokens.claims()?.sub, document: '99999999R' })
  },
)

import t from 'tap'
import { endRegistration } from '../../src/citizen/index.ts'
import { oidcAgency } from '../support/oidc-agency.ts'
import { formOf, responseOf, sends, standardAgency } from '../saml/agency.ts'
import { by, identityProvider, issuer, type IdentityProvider } from './identity-provider.ts'
import { basic, codeFor, redeem, send, userInfo } from './steps.ts'

/** Carmen gives her registration up, while whatever she had begun is under way. */
const renounces = ({ db, clock, carmen }: IdentityProvider) =>
  db.transaction((tx) => endRegistration(tx, carmen, clock.now()))

t.test('a token issued before a renuncia is worth nothing after it, at UserInfo and at introspection', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer)
  const tokenFor = async (scope: string) =>
    String((await redeem(idp, agency, await codeFor(idp, agency, { scope }))).json['access_token'])
  const tokens = [await tokenFor('openid'), await tokenFor('openid profile')]
  const introspect = async (token: string) => (await send(idp, '/oidc/introspect', { token }, basic(agency))).json
  for (const token of tokens) {
    t.equal((await userInfo(idp, token)).status, 200)
    t.match(await introspect(token), { active: true })
  }
  await renounces(idp)
  for (const token of tokens) {
    t.match(await userInfo(idp, token), { status: 401, json: { error: 'invalid_token' } })
    t.same(await introspect(token), { active: false })
  }
})

t.test('an authorization code redeemed after a renuncia is refused, and stays so', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer)
  const code = await codeFor(idp, agency)
  await renounces(idp)
  t.match(await redeem(idp, agency, code), { status: 400, json: { error: 'invalid_grant' } })
  t.match(await redeem(idp, agency, code), { status: 400, json: { error: 'invalid_grant' } })
})

t.test('a SAML agency is not told who renounced, whatever session the browser has', async (t) => {
  const idp = await identityProvider(t, { saml: true })
  const agency = await standardAgency(idp)
  const browser = idp.browser()
  const answer = async () => {
    idp.next(agency.id, by(idp.carmen))
    return responseOf(formOf(await sends(browser, '/saml/sso', agency.asks())))
  }
  t.match(await answer(), { status: 'Success' })
  await renounces(idp)
  const refused = await answer()
  t.not(refused.status, 'Success')
  t.notOk(refused.nameId)
})

import { Provider, type Context } from 'oidc-provider'
import t from 'tap'
import { oidcAgency } from '../support/oidc-agency.ts'
import { identityProvider, issuer } from './identity-provider.ts'

t.test('the context of an answered request keeps nothing of it (ADR 0005)', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer)
  const { url } = await agency.begin()
  const contexts = t.capture(Provider.prototype, 'createContext', Provider.prototype.createContext)
  t.equal((await idp.browser().get(url)).status, 303)
  t.equal((await idp.browser().get(`${issuer}/oidc/jwks`)).status, 200)
  const made = contexts().map((made) => (made as unknown as { readonly returned: Context }).returned)
  t.ok(made.length >= 2)
  for (const ctx of made.filter(({ oidc }) => oidc as object | undefined))
    for (const held of [ctx, ctx.oidc])
      for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(held)))
        if (name !== 'onerror') t.equal(value, undefined, name)
  t.ok(made.some(({ oidc }) => oidc))
})

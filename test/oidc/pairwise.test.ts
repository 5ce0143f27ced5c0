import t from 'tap'
import { pairwiseWith } from '../../src/oidc/pairwise.ts'
import { digestWith } from '../../src/platform/index.ts'
import { oidcAgency, type OidcAgency } from '../support/oidc-agency.ts'
import { by, identityProvider, issuer } from './identity-provider.ts'
import { comesBack } from './steps.ts'

t.test('bodies know a citizen by different names, applications of one body by the same', async (t) => {
  const idp = await identityProvider(t)
  const agencies = {
    renta: await oidcAgency(idp, issuer, { registration: { sector: 'aeat' } }),
    aduanas: await oidcAgency(idp, issuer, { registration: { sector: 'aeat' } }),
    dgt: await oidcAgency(idp, issuer, { registration: { sector: 'dgt' } }),
  }
  const subOf = async (agency: OidcAgency, citizen = idp.carmen) => {
    const { begun, at } = await comesBack(idp, agency, { preset: by(citizen) })
    return (await agency.finish(begun, at)).claims()?.sub
  }
  const [renta, aduanas, dgt] = [await subOf(agencies.renta), await subOf(agencies.aduanas), await subOf(agencies.dgt)]
  t.equal(renta, aduanas)
  t.not(renta, dgt)
  t.not(renta, await subOf(agencies.renta, idp.wei))
  t.notMatch(String(renta), idp.carmen)

  // Renuncia and a new registration: the row of the person stays, and so does its id.
  await idp.db.rows({
    name: 'test.renounce',
    text: 'update citizen set registration_level = null, registration_channel = null, registered_at = null',
  })
  await idp.db.rows({
    name: 'test.again',
    text: `update citizen set registration_level = 'basic', registration_channel = 'video', registered_at = now()`,
  })
  t.equal(await subOf(agencies.renta), renta)
  await idp.relyingParties.change(agencies.renta.id, {
    name: 'Renta 2027',
    oidc: { redirect_uris: [agencies.renta.callback] },
  })
  t.equal(await subOf(agencies.aduanas), renta, 'whatever else changes')
})

t.test('a sector and a citizen cannot be shifted into another pair', async (t) => {
  const sub = pairwiseWith(digestWith(Buffer.from('a secret')))
  t.not(sub('ab', 'c'), sub('a', 'bc'))
  t.not(sub('a', 'c'), pairwiseWith(digestWith(Buffer.from('another')))('a', 'c'))
  t.match(sub('a', 'c'), /^[\w-]{43}$/)
})

import t from 'tap'
import { statement } from '../../src/platform/index.ts'
import { by, identityProvider, issuer } from '../oidc/identity-provider.ts'
import { comesBack } from '../oidc/steps.ts'
import { oidcAgency } from '../support/oidc-agency.ts'
import { claveAgency, claveDoor, formOf, responseOf, sends } from './agency.ts'

const breakRow = statement(
  'test.break-client',
  `update relying_party set oidc = '{"redirect_uris": "none"}' where id = $1`,
)

t.test('a client whose row broke meanwhile holds up neither the other clients nor the logout', async (t) => {
  const told: string[] = []
  const idp = await identityProvider(t, {
    saml: true,
    lease: 0,
    fetch: (async (url: string) => {
      told.push(url)
      return new Response(null, { status: 200 })
    }) as typeof fetch,
  })
  const clave = await claveAgency(idp)
  const browser = idp.browser()
  idp.next(clave.id, by(idp.carmen))
  await sends(browser, claveDoor, clave.asks())
  const ids: string[] = []
  for (const name of ['before', 'broken', 'after']) {
    const agency = await oidcAgency(idp, issuer, { metadata: { backchannel_logout_uri: `https://${name}.test/gone` } })
    const { begun, at } = await comesBack(idp, agency, { browser })
    await agency.finish(begun, at)
    ids.push(agency.id)
  }
  await idp.db.rows(breakRow, [ids[1]])
  const form = formOf(await sends(browser, claveDoor, { logoutRequest: clave.leaves() }))
  t.match(responseOf(form, 'logoutResponse'), { status: 'Success' })
  t.same(told.sort(), ['https://after.test/gone', 'https://before.test/gone'])
  const passive = clave.asks({ isPassive: 'true', forceAuthn: 'false' })
  t.not(responseOf(formOf(await sends(browser, claveDoor, passive))).status, 'Success', 'and the session is over')
})

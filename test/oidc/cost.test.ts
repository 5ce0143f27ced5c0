import t from 'tap'
import { oidcAgency } from '../support/oidc-agency.ts'
import { by, identityProvider, issuer, type IdentityProvider } from './identity-provider.ts'

/** What a piece of work asked of the store and the database. */
async function costOf(idp: IdentityProvider, work: () => Promise<unknown>): Promise<string[]> {
  idp.trace.length = 0
  await work()
  return idp.trace.filter((call) => !call.startsWith('sql signing-key'))
}

// As of an agency that nobody asked for a quarter second.
const everyRead = { lease: 0 }
const client = 'sql relying-party.find'

t.test(
  'what a login costs beside the login engine: six calls of the store, three statements for the client, one for the code, one for the citizen',
  async (t) => {
    const idp = await identityProvider(t, everyRead)
    const agency = await oidcAgency(idp, issuer)
    const browser = idp.browser()
    idp.next(agency.id, by(idp.carmen))
    const begun = await agency.begin()
    let at = begun.url
    const step = async () => {
      at = (await browser.get(at)).location ?? at
    }
    t.same(
      await costOf(idp, step),
      [client, 'set oidc:interaction', ...['sql audit-event.note-login', 'add login', 'set session']],
      'authorize: one write; the rest is the engine, which begins the login in the same request, and its event',
    )
    t.same(
      await costOf(idp, step),
      ['get oidc:interaction', 'get login', 'take oidc:interaction', client, 'set oidc:code'],
      'back through the door',
    )
    t.same(
      await costOf(idp, () => agency.finish(begun, at)),
      [client, 'get oidc:code', 'sql once.claim-unflushed', 'sql citizen.by-id', 'add oidc:token'],
      'token: no grant, no session; the citizen, whose registration may have ended since',
    )
  },
)

t.test('single sign-on', async (t) => {
  const idp = await identityProvider(t, everyRead)
  const agency = await oidcAgency(idp, issuer)
  const browser = idp.browser()
  idp.next(agency.id, by(idp.carmen))
  await browser.open((await agency.begin()).url)
  const { url } = await agency.begin({ prompt: 'none' })
  const event = 'sql audit-event.note'
  t.same(await costOf(idp, () => browser.get(url)), [client, 'get session', client, event, 'set oidc:code'])
})

t.test('PAR, private_key_jwt', async (t) => {
  const idp = await identityProvider(t, everyRead)
  const agency = await oidcAgency(idp, issuer, { authentication: 'private_key_jwt', brings: 'par' })
  t.same(await costOf(idp, () => agency.begin()), [client, 'sql once.claim', 'set oidc:par'])
  const { url } = await agency.begin()
  const calls = await costOf(idp, () => idp.browser().get(url))
  t.same(calls.slice(0, 3), [client, 'take oidc:par', 'set oidc:interaction'])
})

t.test('UserInfo', async (t) => {
  const idp = await identityProvider(t, everyRead)
  const agency = await oidcAgency(idp, issuer)
  idp.next(agency.id, by(idp.carmen))
  const begun = await agency.begin()
  const tokens = await agency.finish(begun, (await idp.browser().open(begun.url)).location!)
  t.same(await costOf(idp, () => agency.userInfo(tokens)), ['get oidc:token', client, 'sql citizen.by-id'])
})

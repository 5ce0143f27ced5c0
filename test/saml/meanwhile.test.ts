import t from 'tap'
import { by, identityProvider } from '../oidc/identity-provider.ts'
import { claveAgency, claveDoor, formOf, responseOf, sends } from './agency.ts'

t.test('a citizen who logged out in another tab while this login ended is told to no agency', async (t) => {
  const idp = await identityProvider(t, { saml: true })
  const [first, second] = [await claveAgency(idp), await claveAgency(idp)]
  /** A login at the second agency that ended well, but whose answer the browser has not fetched yet. */
  const ended = async () => {
    const browser = idp.browser()
    idp.next(first.id, by(idp.carmen))
    await sends(browser, claveDoor, first.asks())
    const page = await sends(browser, claveDoor, second.asks({ forceAuthn: 'false' }))
    t.match(page.at.pathname, /\/identified$/)
    const session = /name="session" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
    const { status, location } = await browser.post(page.at, { answer: 'go-on', session })
    t.equal(status, 303)
    return { browser, door: location! }
  }
  const kept = await ended()
  t.match(responseOf(formOf(await kept.browser.open(kept.door))), { status: 'Success', nameId: '99999999R' })

  const { browser, door } = await ended()
  await sends(browser, claveDoor, { logoutRequest: first.leaves() })
  const response = responseOf(formOf(await browser.open(door)))
  t.match(response, { status: 'Responder', nameId: undefined })
  t.equal(response.message, '003002 - The login expired')
  t.notMatch(response.xml, '99999999R')

  const someoneElse = await ended()
  idp.next(first.id, by(idp.wei))
  await sends(someoneElse.browser, claveDoor, first.asks())
  t.notMatch(
    responseOf(formOf(await someoneElse.browser.open(someoneElse.door))).status,
    'Success',
    'nor is Carmen while the browser is somebody else’s by now',
  )
})

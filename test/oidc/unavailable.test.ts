import t from 'tap'
import { StoreUnreachable } from '../../src/platform/index.ts'
import { oidcAgency } from '../support/oidc-agency.ts'
import { by, identityProvider, issuer, type IdentityProvider } from './identity-provider.ts'

/** The store is away while the work lasts. */
async function withoutStore<T>({ store }: IdentityProvider, work: () => Promise<T>): Promise<T> {
  const { get, set } = store
  const away = () => Promise.reject(new StoreUnreachable('redis', new Error('gone')))
  Object.assign(store, { get: away, set: away })
  try {
    return await work()
  } finally {
    Object.assign(store, { get, set })
  }
}

const page = { accept: 'text/html', 'accept-language': 'en' }

t.test('while the store is away people get the page that says to try again, and the log a warning', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer)
  const { url } = await agency.begin()
  const answer = await withoutStore(idp, () => idp.browser().get(url, page))
  t.match(answer, { status: 503, headers: { 'retry-after': '5' } })
  t.match(answer.body, /<h1[^>]*>\s*The service is not available right now/)
  t.match(answer.body, /clave-incident__number/)
  t.match(idp.lines.at(-1), /"level":"info"|request put off/)
  t.notOk(idp.lines.some((line) => line.includes('"level":"error"')))
  t.equal((await idp.browser().get(url, page)).status, 303, 'and afterwards the same request goes through')
})

t.test('while the store is away programs are told to come back', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer)
  idp.next(agency.id, by(idp.carmen))
  const begun = await agency.begin()
  const at = (await idp.browser().open(begun.url)).location!
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    code: at.searchParams.get('code')!,
    redirect_uri: agency.callback,
    code_verifier: begun.verifier,
  })
  const basic = Buffer.from(`${encodeURIComponent(agency.id)}:${encodeURIComponent(agency.secret!)}`).toString('base64')
  for (const accept of ['*/*', 'application/json', 'text/html']) {
    const answer = await withoutStore(idp, () =>
      idp.app.inject({
        method: 'POST',
        url: '/oidc/token',
        headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded', accept },
        payload: form.toString(),
      }),
    )
    t.equal(answer.statusCode, 503)
    t.equal(answer.headers['retry-after'], '5')
    t.match(answer.headers['content-type'], 'application/json')
    t.same(answer.json(), {
      error: 'temporarily_unavailable',
      error_description: 'The service is not available right now; try again.',
    })
  }
  t.notOk(idp.lines.some((line) => line.includes('"level":"error"')))
  t.ok((await agency.finish(begun, at)).id_token, 'and afterwards the code is still good')
})

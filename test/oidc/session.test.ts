import t from 'tap'
import { refusals, type RefusalCode } from '../../src/refusal/index.ts'
import { oidcAgency, type OidcAgency } from '../support/oidc-agency.ts'
import type { Browser } from './browser.ts'
import { by, identityProvider, issuer, type IdentityProvider } from './identity-provider.ts'
import { comesBack, errorAt } from './steps.ts'

/** Where a request ends: at the agency with a code (and so without a page), with an error, or on a page of the login. */
async function ends(agency: OidcAgency, browser: Browser, wishes: Record<string, string> = {}): Promise<string> {
  const page = await browser.open((await agency.begin({ scope: 'openid', ...wishes })).url)
  if (!page.location && page.status !== 200) return `${page.status}`
  if (!page.location) return `page ${page.at.pathname.replace(/^\/login\/[^/]+/, '')}`
  const { code, error } = errorAt(page)
  return code === undefined ? (error ?? 'nothing') : 'code'
}

/** A browser in which Carmen identified at an agency, `age` seconds ago. */
async function identified(idp: IdentityProvider, agency: OidcAgency, age = 0): Promise<Browser> {
  const { browser } = await comesBack(idp, agency)
  idp.clock.advance(age)
  return browser
}

const high = 'http://eidas.europa.eu/LoA/high'
const unmet = 'unmet_authentication_requirements'

t.test(
  'prompt and max_age, without a session, with one, and with one that the agency may not use silently',
  async (t) => {
    const idp = await identityProvider(t)
    const [agency, other] = [await oidcAgency(idp, issuer), await oidcAgency(idp, issuer)]
    const rows: readonly (readonly [Record<string, string>, fresh: string, here: string, elsewhere: string])[] = [
      [{}, 'page /choose', 'code', 'page /identified'],
      [{ prompt: 'none' }, 'login_required', 'code', 'code'],
      [{ prompt: 'login' }, 'page /choose', 'page /choose', 'page /choose'],
      [{ prompt: 'select_account' }, 'page /choose', 'page /identified', 'page /identified'],
      [{ prompt: 'login select_account' }, 'page /choose', 'page /choose', 'page /choose'],
      [{ max_age: '0' }, 'page /choose', 'page /choose', 'page /choose'],
      [{ max_age: '0', prompt: 'none' }, 'login_required', 'login_required', 'login_required'],
      [{ max_age: '59' }, 'page /choose', 'page /choose', 'page /choose'],
      [{ max_age: '60' }, 'page /choose', 'code', 'page /identified'],
      [{ max_age: '59', prompt: 'none' }, 'login_required', 'login_required', 'login_required'],
      [{ max_age: '60', prompt: 'none' }, 'login_required', 'code', 'code'],
      [{ acr_values: high }, unmet, unmet, unmet],
      [{ acr_values: high, prompt: 'none' }, unmet, unmet, unmet],
      [{ acr_values: high, prompt: 'none', max_age: '0' }, unmet, unmet, unmet],
    ]
    for (const [wishes, fresh, here, elsewhere] of rows) {
      const asked = JSON.stringify(wishes)
      t.equal(await ends(agency, idp.browser(), wishes), fresh, `${asked} without a session`)
      t.equal(await ends(agency, await identified(idp, agency, 60), wishes), here, `${asked} with a session`)
      t.equal(
        await ends(other, await identified(idp, agency, 60), wishes),
        elsewhere,
        `${asked} with a session from elsewhere`,
      )
    }
  },
)

t.test('a passive request is refused in the words of the table, whatever makes a page needed', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer)
  const rows: readonly (readonly [Record<string, string>, RefusalCode])[] = [
    [{}, 'LOGIN-05-page-needed'],
    [{ max_age: '0' }, 'LOGIN-05-page-needed'],
    [{ max_age: '10' }, 'LOGIN-05-page-needed'],
    [{ acr_values: high }, 'LOGIN-06-no-method'],
    [{ acr_values: high, max_age: '0' }, 'LOGIN-06-no-method'],
    [{ claims: JSON.stringify({ id_token: { acr: { essential: true, value: high } } }) }, 'LOGIN-06-no-method'],
  ]
  const told = async (browser: Browser, wishes: Record<string, string>) =>
    errorAt(await browser.open((await agency.begin({ prompt: 'none', ...wishes })).url))
  for (const [wishes, code] of rows) {
    const { error, description: error_description } = refusals[code].oidc
    const asked = JSON.stringify(wishes)
    t.match(await told(idp.browser(), wishes), { error, error_description }, `${asked} without a session`)
    if (asked === '{}') continue
    t.match(
      await told(await identified(idp, agency, 60), wishes),
      { error, error_description },
      `${asked} with a session`,
    )
  }
})

t.test('single sign-on tells the truth about when: auth_time is of the proof, real time', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer)
  const first = await comesBack(idp, agency)
  const claims = (await agency.finish(first.begun, first.at)).claims()
  idp.clock.advance(600)
  const begun = await agency.begin({ prompt: 'none', max_age: '700' })
  const again = await agency.finish(begun, (await first.browser.open(begun.url)).location!)
  t.equal(again.claims()?.['auth_time'], claims?.['auth_time'])
  t.same(
    [again.claims()?.sub, again.claims()?.['acr'], again.claims()?.['amr']],
    [claims?.sub, claims?.['acr'], claims?.['amr']],
  )
  t.match(await agency.userInfo(again), { method: 'pin', registration_level: 'advanced' })
})

t.test('a session that ended, or whose citizen may not log in any more, is no session for any agency', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer)
  const idle = await identified(idp, agency, 15 * 60 + 1)
  t.equal(await ends(agency, idle, { prompt: 'none' }), 'login_required')
  const renounced = await identified(idp, agency)
  idp.methods.pin.admission = { refused: 'CITIZEN-04-renounced' }
  t.equal(await ends(agency, renounced, { prompt: 'none' }), 'login_required')
  t.equal(await ends(agency, renounced), 'page /choose')
})

t.test('a session that shows less than is asked steps up instead of passing', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer)
  idp.methods.pin.admission = { registrationLevel: 'basic', best: 'low' }
  const browser = await identified(idp, agency)
  const wishes = { acr_values: 'http://eidas.europa.eu/LoA/substantial' }
  t.equal(await ends(agency, browser), 'code')
  t.equal(await ends(agency, browser, wishes), 'page /choose')
  t.equal(await ends(agency, browser, { ...wishes, prompt: 'none' }), 'login_required')
})

t.test('another citizen in the same browser takes the place of the first, at once and for every agency', async (t) => {
  const idp = await identityProvider(t)
  const [agency, other] = [await oidcAgency(idp, issuer), await oidcAgency(idp, issuer)]
  const browser = await identified(idp, agency)
  await comesBack(idp, other, { browser, preset: by(idp.wei), wishes: { prompt: 'login' } })
  const begun = await agency.begin({ prompt: 'none' })
  const tokens = await agency.finish(begun, (await browser.open(begun.url)).location!)
  t.match(await agency.userInfo(tokens), { document: 'X9999999J' })
})

t.test('id_token_hint (or claims naming a sub): that citizen or nobody', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer)
  const stranger = await oidcAgency(idp, issuer)
  const hintOf = async (citizen: string, party = agency) => {
    const { begun, at } = await comesBack(idp, party, { preset: by(citizen) })
    const tokens = await party.finish(begun, at)
    return { hint: tokens.id_token ?? '', sub: tokens.claims()?.sub ?? '' }
  }
  const [carmen, wei] = [await hintOf(idp.carmen), await hintOf(idp.wei)]
  const naming = (sub: string) => ({ claims: JSON.stringify({ id_token: { sub: { value: sub } } }) })
  const rows: readonly (readonly [Record<string, string>, string])[] = [
    [{ id_token_hint: carmen.hint, prompt: 'none' }, 'code'],
    [{ ...naming(carmen.sub), prompt: 'none' }, 'code'],
    [{ id_token_hint: wei.hint, prompt: 'none' }, 'login_required'],
    [{ ...naming(wei.sub), prompt: 'none' }, 'login_required'],
    [{ id_token_hint: wei.hint }, 'page /choose'],
    [{ ...naming(wei.sub), id_token_hint: carmen.hint }, 'invalid_request'],
    [{ id_token_hint: (await hintOf(idp.carmen, stranger)).hint, prompt: 'none' }, 'invalid_request'],
  ]
  for (const [wishes, expected] of rows)
    t.equal(await ends(agency, await identified(idp, agency), wishes), expected, Object.keys(wishes).join())

  const wishes = { id_token_hint: wei.hint }
  const mistaken = await comesBack(idp, agency, { wishes, preset: by(idp.carmen) })
  t.match(errorAt({ location: mistaken.at, body: '' }), { error: 'login_required', error_description: /id_token_hint/ })
  const right = await comesBack(idp, agency, { wishes, preset: by(idp.wei) })
  t.ok(right.at.searchParams.get('code'))
})

t.test('login_hint and ui_locales reach the pages', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer, { registration: { excluded: ['permanente'] } })
  const page = await idp.browser().open((await agency.begin({ ui_locales: 'fr en', login_hint: '99999999R' })).url)
  t.match(page.body, '<html lang="en"')
  t.match(page.at.pathname, /\/pin\/identify$/, 'the one method that the agency left')
})

t.test('a refusal reaches the agency in the words of the table', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer)
  for (const [refused, error] of [
    ['LOGIN-01-cancelled', 'access_denied'],
    ['LEVEL-01-registration-too-low', 'unmet_authentication_requirements'],
    ['BUSY-01-try-again', 'temporarily_unavailable'],
  ] as const) {
    const { begun, at } = await comesBack(idp, agency, { preset: { refused } })
    t.match(errorAt({ location: at, body: '' }), {
      error,
      error_description: /\w/,
      state: begun.state,
      iss: issuer,
      code: undefined,
    })
  }
})

import t from 'tap'
import { loas, type Loa } from '../../src/citizen/index.ts'
import { acrOf, levelsFor } from '../../src/oidc/levels.ts'
import { oidcAgency } from '../support/oidc-agency.ts'
import { by, identityProvider, issuer } from './identity-provider.ts'
import { comesBack, errorAt } from './steps.ts'

const [low, substantial, high] = loas.map(acrOf) as [string, string, string]
const foreign = 'urn:of:another:scheme'
const unmet = 'unmet'

/** What is asked, the least level of the relying party, and the levels taken as an answer. */
const rows: readonly (readonly [
  voluntary: string[] | undefined,
  essential: string[] | undefined,
  least: Loa,
  Loa[] | typeof unmet,
])[] = [
  [undefined, undefined, 'low', ['low', 'substantial', 'high']],
  [undefined, undefined, 'substantial', ['substantial', 'high']],
  [undefined, undefined, 'high', ['high']],
  [[low], undefined, 'low', ['low', 'substantial', 'high']],
  [[substantial], undefined, 'low', ['substantial', 'high']],
  [[high], undefined, 'low', ['high']],
  [[high, substantial], undefined, 'low', ['substantial', 'high']],
  [[low], undefined, 'high', ['high']],
  [[foreign, substantial], undefined, 'low', ['substantial', 'high']],
  [[foreign], undefined, 'low', unmet],
  [['substantial'], undefined, 'low', unmet],
  [undefined, [low], 'low', ['low']],
  [undefined, [substantial], 'low', ['substantial']],
  [undefined, [high, low], 'low', ['low', 'high']],
  [undefined, [low], 'substantial', unmet],
  [undefined, [low, substantial], 'substantial', ['substantial']],
  [undefined, [foreign], 'low', unmet],
  [undefined, [foreign, high], 'low', ['high']],
  [undefined, [], 'low', unmet],
  [[substantial], [low, substantial], 'low', ['substantial']],
  [[high], [low, substantial], 'low', unmet],
  [[foreign], [low], 'low', unmet],
]

t.test('acr_values, an essential acr and the least level of the agency come down to the levels taken', async (t) => {
  for (const [voluntary, essential, least, expected] of rows) {
    const levels = levelsFor({ voluntary, essential }, least)
    t.match('unmet' in levels ? unmet : levels, expected, JSON.stringify({ voluntary, essential, least }))
  }
})

t.test(
  'what is asked, by what is reached: the agency is told the highest it asked for, or that it cannot be met',
  async (t) => {
    const idp = await identityProvider(t, { certificates: true })
    const agency = await oidcAgency(idp, issuer)
    const least = { substantial: await oidcAgency(idp, issuer, { registration: { level: 'substantial' } }) }
    const essential = (...values: string[]) => ({
      claims: JSON.stringify({ id_token: { acr: { essential: true, values } } }),
    })
    const reached: Record<Loa, () => void> = {
      low: () => (idp.methods.pin.admission = { registrationLevel: 'basic', best: 'low' }),
      substantial: () => (idp.methods.pin.admission = { registrationLevel: 'advanced', best: 'substantial' }),
      high: () => {},
    }
    const answers = async (party: typeof agency, wishes: Record<string, string>, level: Loa): Promise<string> => {
      reached[level]()
      const preset = by(idp.carmen, level === 'high' ? 'certificate' : 'pin')
      const { begun, at } = await comesBack(idp, party, { wishes: { scope: 'openid', ...wishes }, preset })
      if (!at.searchParams.has('code')) return at.searchParams.get('error') ?? ''
      return (await party.finish(begun, at)).claims()?.['acr'] as string
    }
    const no = 'unmet_authentication_requirements'
    const matrix: readonly (readonly [Record<string, string>, Record<Loa, string>])[] = [
      [{}, { low, substantial, high }],
      [{ acr_values: substantial }, { low: no, substantial, high }],
      [{ acr_values: `${high} ${low}` }, { low, substantial, high }],
      [{ acr_values: high }, { low: no, substantial: no, high }],
      [essential(low), { low, substantial: low, high: low }],
      [essential(substantial), { low: no, substantial, high: substantial }],
      [essential(low, high), { low, substantial: low, high }],
      [
        { claims: JSON.stringify({ id_token: { acr: { essential: true, value: substantial } } }) },
        { low: no, substantial, high: substantial },
      ],
      [{ claims: JSON.stringify({ id_token: { acr: { values: [substantial] } } }) }, { low: no, substantial, high }],
      [{ claims: JSON.stringify({ id_token: { acr: null } }) }, { low, substantial, high }],
    ]
    for (const [wishes, expected] of matrix)
      for (const level of loas)
        t.equal(await answers(agency, wishes, level), expected[level], `${JSON.stringify(wishes)} reached ${level}`)
    const strict: readonly (readonly [Record<string, string>, Record<Loa, string>])[] = [
      [{}, { low: no, substantial, high }],
      [{ acr_values: low }, { low: no, substantial, high }],
      [essential(low), { low: no, substantial: no, high: no }],
    ]
    for (const [wishes, expected] of strict)
      for (const level of loas)
        t.equal(
          await answers(least.substantial, wishes, level),
          expected[level],
          `${JSON.stringify(wishes)}, least substantial, reached ${level}`,
        )
  },
)

t.test('what no method reaches is said at once, without a page', async (t) => {
  const idp = await identityProvider(t)
  const agency = await oidcAgency(idp, issuer, { registration: { excluded: ['certificate', 'movil'] } })
  const told = errorAt(await idp.browser().open((await agency.begin({ acr_values: high })).url))
  t.match(told, { error: 'unmet_authentication_requirements', error_description: /level/, iss: issuer })
  const unknown = errorAt(
    await idp.browser().open((await agency.begin({ acr_values: 'http://eidas.europa.eu/LoA/hihg' })).url),
  )
  t.match(unknown, { error: 'unmet_authentication_requirements', error_description: /LoA\/substantial/ })
})

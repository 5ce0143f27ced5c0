import t from 'tap'
import {
  atLeast,
  levelGranted,
  levelsAsked,
  loas,
  reach,
  reachTable,
  type Comparison,
  type LevelsAsked,
  type Loa,
  type MethodVariant,
} from '../../src/citizen/index.ts'

t.test('what each way of using a method reaches (clave-domain, "Level reached by a login")', async (t) => {
  const table: readonly (readonly [MethodVariant, Loa | undefined, Loa, Loa])[] = [
    // way, without registration, basic, advanced
    ['pin', undefined, 'low', 'substantial'],
    ['movil', undefined, 'low', 'substantial'],
    ['movil-without-unlock', undefined, 'low', 'low'],
    ['permanente-password', undefined, 'low', 'low'],
    ['permanente-password-and-code', undefined, 'low', 'substantial'],
    ['certificate-software', 'substantial', 'substantial', 'substantial'],
    ['certificate-qscd', 'high', 'high', 'high'],
  ]
  for (const [variant, none, basic, advanced] of table) {
    t.equal(reach(variant, undefined), none, `${variant}, not registered`)
    t.equal(reach(variant, 'basic'), basic, `${variant}, basic`)
    t.equal(reach(variant, 'advanced'), advanced, `${variant}, advanced`)
  }
  t.same(table.map(([variant]) => variant).sort(), Object.keys(reachTable).sort(), 'every row is tested')
})

t.test('a comparison with a level names the levels that are taken', async (t) => {
  const table: readonly (readonly [Comparison, Loa, readonly Loa[] | undefined])[] = [
    ['minimum', 'low', ['low', 'substantial', 'high']],
    ['minimum', 'substantial', ['substantial', 'high']],
    ['minimum', 'high', ['high']],
    ['exact', 'low', ['low']],
    ['exact', 'substantial', ['substantial']],
    ['exact', 'high', ['high']],
    ['better', 'low', ['substantial', 'high']],
    ['better', 'substantial', ['high']],
    ['better', 'high', undefined],
    ['maximum', 'low', ['low']],
    ['maximum', 'substantial', ['low', 'substantial']],
    ['maximum', 'high', ['low', 'substantial', 'high']],
  ]
  for (const [comparison, loa, expected] of table)
    t.same(levelsAsked(comparison, loa), expected, `${comparison} ${loa}`)
})

t.test('the agency is told the highest level it asked for that was reached, and none that was not', async (t) => {
  const table: readonly (readonly [Loa, LevelsAsked, Loa | undefined])[] = [
    ['low', ['low'], 'low'],
    ['substantial', ['low'], 'low'],
    ['high', ['low', 'substantial'], 'substantial'],
    ['low', ['substantial', 'high'], undefined],
    ['substantial', ['low', 'high'], 'low'],
    ['high', ['low', 'substantial', 'high'], 'high'],
    ['substantial', ['high'], undefined],
  ]
  for (const [reached, asked, expected] of table)
    t.equal(levelGranted(reached, asked), expected, `${reached} of ${asked.join()}`)
})

t.test('levels below the least that the agency may be answered with are not asked for', async (t) => {
  t.same(atLeast(['low', 'substantial', 'high'], 'substantial'), ['substantial', 'high'])
  t.same(atLeast(['low'], 'low'), ['low'])
  t.equal(atLeast(['low', 'substantial'], 'high'), undefined)
  for (const least of loas) t.same(atLeast(loas, least), levelsAsked('minimum', least))
})

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { makeCommonPasswords } from '../../src/authentication/permanente/life/common-passwords.ts'
import { isKept, judgePassword, type RuleName } from '../../src/authentication/permanente/life/judge-password.ts'
import { problemsOf, rulesModel } from '../../src/authentication/permanente/life/password-page.ts'
import { classesOf, shapeOf, type Owner } from '../../src/authentication/permanente/life/password-rules.ts'
import { makeHashQueue } from '../../src/authentication/index.ts'
import { defaultLimits } from '../../src/lockout/index.ts'
import { systemRandom } from '../../src/platform/index.ts'

const nobody: Owner = {
  document: '99999998T',
  name: { given: 'IÑAKI', firstSurname: 'ROE', secondSurname: undefined },
}
const pilar: Owner = {
  document: '99999997E',
  name: { given: 'MARIA DEL PILAR', firstSurname: 'DE LA FUENTE Y', secondSurname: "O'DONNELL-NÚÑEZ" },
}
const antoni: Owner = {
  document: 'X1234567L',
  name: { given: 'ANTONI', firstSurname: 'CAL·LÍS', secondSurname: 'FERRÀ' },
}

const lengths: readonly (readonly [string, boolean, string])[] = [
  ['', false, 'nothing'],
  ['Abcd12!', false, '7 characters'],
  ['Abcde12!', true, '8 characters'],
  ['😀😀😀😀😀😀😀😀', true, 'code points are counted, not units'],
  ['😀😀😀😀', false, 'nor bytes'],
  ['\ufdfa', false, 'one sign that stands for eighteen letters is one'],
  ['n\u0303'.repeat(7), false, 'an accent typed apart is no character of its own'],
  ['x'.repeat(128), true, '128 characters'],
  ['x'.repeat(129), false, '129 characters'],
]

const kinds: readonly (readonly [string, boolean, string])[] = [
  ['abcdefgh', false, 'small letters alone'],
  ['Abcdefgh', false, 'two classes'],
  ['abcdefg1', false, 'two classes'],
  ['Abcdefg1', true, 'capitals, small letters, numbers'],
  ['Abcdefg!', true, 'capitals, small letters, signs'],
  ['abcdef1!', true, 'small letters, numbers, signs'],
  ['ABCDEF1!', true, 'capitals, numbers, signs'],
  ['Ábcdefgñ1', true, 'letters of any script have capitals'],
  ['Abc def g', true, 'a space is a sign'],
  ['１２３４abcD', true, 'full-width digits are digits'],
  ['a'.repeat(15), false, '15 characters of one class'],
  ['a'.repeat(16), true, '16 characters need no classes'],
  ['ññññññññññññññññ', true, '16 characters of any kind'],
]

t.test('a password has 8 to 128 characters, counted as people count them', async (t) => {
  for (const [password, kept, why] of lengths) t.equal(shapeOf(password, nobody).length, kept, why)
})

t.test('it has 3 of the 4 classes, or 16 characters', async (t) => {
  for (const [password, kept, why] of kinds) t.equal(shapeOf(password, nobody).classes, kept, `${why}: ${password}`)
  t.equal(classesOf('aB1 '), 4)
})

t.test('it never contains name, surname or document', async (t) => {
  const rows: readonly (readonly [Owner, string, boolean, string])[] = [
    [pilar, 'xxPILARxx1', false, 'a given name'],
    [pilar, 'mi-maria-2026', false, 'another'],
    [pilar, 'laFuente.26', false, 'a surname'],
    [pilar, 'o.d.o.n.n.e.l.l1A', false, 'with dots between'],
    [pilar, "O'Donnell77", false, 'with its apostrophe'],
    [pilar, 'xNuñez2026', false, 'with half of its accents'],
    [pilar, 'NU\u0301n\u0303ez-1', false, 'with accents typed apart'],
    [pilar, 'ＮＵＮＥＺ-abc1', false, 'in full-width letters'],
    [pilar, 'Deladel-2026', true, 'parts of fewer than 4 letters may be in it'],
    [pilar, 'Roble-verde-26', true, 'nothing of the person'],
    [nobody, 'Roegado-1', true, 'a surname of 3 letters'],
    [nobody, 'inaki-Roble1', false, 'a name without its tilde'],
    [antoni, 'Callis-1714', false, 'a name written without its dot'],
    [antoni, 'cal·lís1714X', false, 'or with it'],
    [antoni, 'Ferra-1714', false, 'without its accent'],
    [pilar, 'Abc99999997E', false, 'the document'],
    [pilar, 'Abc-9999.9997', false, 'its number without the letter, in groups'],
    [antoni, 'Abcx1234567', false, 'the number of a NIE'],
    [antoni, 'Abcx123456', true, 'a part of the number'],
  ]
  for (const [owner, password, kept, why] of rows) t.equal(shapeOf(password, owner).personal, kept, why)
})

t.test('it is not on the list of common and breached passwords, whatever its capitals', async (t) => {
  const isCommon = makeCommonPasswords()
  const before = process.memoryUsage().arrayBuffers
  for (const password of ['Password1!', 'QWERTY123', '1q2w3e4r', 'P@ssw0rd', 'realmadrid', 'ILoveYou1', 'zzzzzzzz'])
    t.equal(await isCommon(password), true, password)
  for (const password of ['Clave-Sandbox-2026', 'roble verde en la Sierra', 'Xk8#pQ2!vv', ''])
    t.equal(await isCommon(password), false)
  t.ok(process.memoryUsage().arrayBuffers - before < 6_000_000, 'it takes 2 MiB, and what is being read')
})

t.test('the list is read when it is first asked; a list that cannot be read is an error, not a yes', async (t) => {
  const path = join(t.testdir({}), 'list.txt')
  const isCommon = makeCommonPasswords(path)
  await t.rejects(isCommon('correcthorse'), { code: 'ENOENT' })
  await writeFile(path, 'short\r\nCorrectHorse\r\nlastOneWithoutEnd')
  t.equal(await isCommon('correcthorse'), true)
  t.equal(await isCommon('LASTonewithoutend'), true)
  t.equal(await isCommon('short'), false, 'what is too short anyway is not kept')
})

t.test('all rules are judged at once; whether it is the old one only where the others are kept', async (t) => {
  const hashes = makeHashQueue({ random: systemRandom, limits: defaultLimits })
  const old = await hashes.hash('Roble-verde-26')
  if (typeof old !== 'string') throw new Error('busy')
  const parts = { hashes, isCommon: async (password: string) => password.startsWith('common') }
  const judge = (password: string, hash?: string) => judgePassword(parts, password, pilar, hash)
  const broken = async (password: string, hash?: string): Promise<readonly RuleName[]> => {
    const verdicts = await judge(password, hash)
    if ('refused' in verdicts) throw new Error('refused')
    return (Object.keys(verdicts) as RuleName[]).filter((name) => verdicts[name] === false)
  }
  t.same(await broken('pilar'), ['length', 'classes', 'personal'])
  t.same(await broken('common-One1', old), ['common'])
  t.same(await broken('Roble-verde-26', old), ['other'])
  t.same(await broken('Roble-verde-26'), [])
  t.match(await judge('Roble-verde-27', old), { other: true })
  t.match(await judge('common-One1', old), { other: undefined })
  t.equal(isKept({ length: true, classes: true, personal: true, common: true, other: undefined }), true)
})

t.test('one broken rule is said in words, several by their number; the list shows which', async (t) => {
  const kept = { length: true, classes: true, personal: true, common: true, other: undefined }
  t.match(problemsOf({ ...kept, common: false }), [{ field: 'password', text: 'permanente:rules.broken.common' }])
  t.match(problemsOf({ ...kept, length: false, personal: false }), [
    { text: 'permanente:rules.broken.several', details: { count: 2 } },
  ])
  t.match(rulesModel(false).rules, [{ name: 'length', kept: undefined, live: true }, {}, {}, { name: 'common' }])
  t.match(rulesModel(true, { ...kept, other: false }).rules[4], { name: 'other', kept: false, live: false })
})

import t from 'tap'
import { checkActivationCode, issueActivationCode, redeemActivationCode } from '../../src/registration/index.ts'
import { drawCsv, inGroups, readActivationCode, readCsv } from '../../src/registration/draw-codes.ts'
import { systemRandom } from '../../src/platform/index.ts'
import { statement } from '../../src/platform/index.ts'
import { citizen, scene, type Scene } from './scene.ts'

const { id } = citizen('99999998T')
const issue = (s: Scene, whose = id) => s.db.transaction((tx) => issueActivationCode(tx, s.parts, whose))
const redeem = (s: Scene, typed: string, whose = id) =>
  s.db.transaction((tx) => redeemActivationCode(tx, s.parts, whose, typed))
const wrong = (nth = 0) => `000000000${nth}`

t.test('a code is 10 characters of Crockford’s base32, and understood as people type it', async (t) => {
  const s = await scene(t)
  for (let nth = 0; nth < 20; nth++) t.match(await issue(s), /^[0-9A-HJKMNP-TV-Z]{10}$/)
  t.equal(readActivationCode(' o1il-abcde z'), '0111ABCDEZ')
  for (const typed of ['', '123', 'ABCDEFGHJU', '０12345678é', 'ABCDEFGHJKM'])
    t.equal(readActivationCode(typed), undefined)
  t.equal(inGroups('ABCDEFGHJK', 5), 'ABCDE FGHJK')
})

t.test('a CSV is 16 capital letters and digits, and understood as people type it', async (t) => {
  const drawn = Array.from({ length: 200 }, () => drawCsv(systemRandom))
  for (const csv of drawn) t.match(csv, /^[A-Z0-9]{16}$/)
  t.equal(new Set(drawn).size, 200)
  t.equal(readCsv('k7mq 2w9x–r4tb-6hz3 '), 'K7MQ2W9XR4TB6HZ3')
  for (const typed of ['', 'K7MQ2W9XR4TB6HZ', 'K7MQ2W9XR4TB6HZ33', 'K7MQ2W9XR4TB6HZ0', 'x'.repeat(200)])
    t.equal(readCsv(typed), undefined)
})

t.test('of fifty at once with the right code one is right, and it is used up', async (t) => {
  const s = await scene(t)
  const code = await issue(s)
  const answers = await Promise.all(Array.from({ length: 50 }, () => redeem(s, code)))
  t.equal(answers.filter((answer) => answer === 'right').length, 1)
  t.equal(answers.filter((answer) => answer === 'dead').length, 49)
})

t.test('the fifth wrong one kills it, of any number at once; the right one is dead then', async (t) => {
  const s = await scene(t)
  const code = await issue(s)
  const answers = await Promise.all(Array.from({ length: 50 }, (_, nth) => redeem(s, wrong(nth % 10))))
  t.equal(answers.filter((answer) => answer === 'wrong').length, 4)
  t.equal(await redeem(s, code), 'dead')
})

t.test('what has not the form of a code is a wrong one', async (t) => {
  const s = await scene(t)
  const code = await issue(s)
  for (let nth = 0; nth < 4; nth++) t.equal(await redeem(s, 'x'), 'wrong')
  t.equal(await redeem(s, ''), 'dead')
  t.equal(await redeem(s, code), 'dead')
})

t.test('it lives a year', async (t) => {
  const s = await scene(t)
  const codes = [await issue(s), await issue(s, citizen('99999999R').id)]
  s.clock.advance(365 * 86_400 - 1)
  t.equal(await redeem(s, codes[0]!), 'right')
  s.clock.advance(1)
  t.equal(await redeem(s, codes[1]!, citizen('99999999R').id), 'dead')
})

t.test('a new one takes the place of the older, with all its tries', async (t) => {
  const s = await scene(t)
  const older = await issue(s)
  for (let nth = 0; nth < 5; nth++) await redeem(s, wrong(nth))
  const newer = await issue(s)
  t.equal(await redeem(s, older), 'wrong')
  t.equal(await redeem(s, newer), 'right')
})

t.test('it is its citizen’s only, and nobody’s who has none', async (t) => {
  const s = await scene(t)
  const code = await issue(s)
  t.equal(await redeem(s, code, citizen('99999999R').id), 'dead')
  t.equal(await redeem(s, code, s.parts.random.uuid()), 'dead')
  t.equal(await redeem(s, code), 'right')
})

t.test('looking whether it is right leaves it alive, and counts all the same', async (t) => {
  const s = await scene(t)
  const code = await issue(s)
  const check = (typed: string) => checkActivationCode(s.db, s.parts, id, typed)
  t.equal(await check(code), 'right')
  for (let nth = 0; nth < 4; nth++) t.equal(await check(wrong(nth)), 'wrong')
  t.equal(await check(code), 'right')
  t.equal(await check(wrong()), 'dead')
  t.equal(await check(code), 'dead')
})

t.test('only a digest stays', async (t) => {
  const s = await scene(t)
  const code = await issue(s)
  const row = statement<{ row: string }>(
    'test.code',
    'select row_to_json(activation_code)::text as row from activation_code',
  )
  t.notMatch((await s.db.row(row))?.row, code)
})

import t from 'tap'
import type { Login, StepAnswer } from '../../src/authentication/index.ts'
import { typedContrast, type TestCitizen } from '../../src/sandbox/catalogue.ts'
import { citizen, codeOf, dataOf, loginWith, saysOf, scene, stepOf, type Scene } from './scene.ts'

const identify = (s: Scene, document: string, contrast: string, over: Partial<Login> = {}): Promise<StepAnswer> =>
  stepOf(s.pin, 'pin.identify').submit(loginWith(over), undefined, { document, contrast })
const right = (s: Scene, who: TestCitizen, over: Partial<Login> = {}) =>
  identify(s, who.document, typedContrast(who), over)
const wrongDate = '01/02/2033'
const notRecognised = ['refusal:CITIZEN-01-not-recognised.body', 'refusal:CITIZEN-01-not-recognised.remedy']
const paused = ['refusal:CITIZEN-02-too-many-tries.body', 'refusal:CITIZEN-02-too-many-tries.remedy']

t.test('once the contrast is right, the citizen hears what stands in the way', async (t) => {
  const s = await scene(t)
  const expected = {
    '99999995C': 'CITIZEN-03-not-registered',
    '99999996K': 'CITIZEN-03-not-registered',
    Z9999999H: 'CITIZEN-03-not-registered',
    '99999993H': 'CITIZEN-06-minor',
    '99999992V': 'CITIZEN-05-deceased',
    '99999990S': 'CITIZEN-04-renounced',
  }
  for (const [document, refused] of Object.entries(expected)) {
    t.same(await right(s, citizen(document)), { refused }, document)
  }
  t.equal(s.sent.length, 0)
})

t.test('each kind of contrast is recognised, however it is typed', async (t) => {
  const s = await scene(t)
  const typed: readonly (readonly [string, string])[] = [
    ['99999999r', '30/6/2031'],
    ['99.999.997-E', '02-03-1998'],
    ['x 9999999 j', 'e 12345'],
    ['Y9999999G', 'c9999999'],
    ['Y9999999G', '9999999'],
  ]
  for (const [document, contrast] of typed)
    t.match(await identify(s, document, contrast), { next: 'pin.code' }, contrast)
})

t.test('a wrong contrast tells neither which field was wrong nor whether the person exists', async (t) => {
  const s = await scene(t)
  for (const document of ['99999999R', '99999995C', '99999992V', '99999990S', '99999991Q', '11111111H']) {
    t.match(await identify(s, document, wrongDate), { again: [{ field: '' }, { field: '' }], status: 422 }, document)
    t.same(saysOf(await identify(s, document, wrongDate)), notRecognised, document)
  }
})

t.test('a renewed DNI is recognised by the civil register, and our copy is refreshed', async (t) => {
  const s = await scene(t)
  const carmen = citizen('99999999R')
  await renew(s, carmen, '2041-06-30')
  t.match(await identify(s, carmen.document, '30/06/2041'), { next: 'pin.code' })
  t.same((await s.parts.citizens.byDocument(carmen.document))?.contrast, { kind: 'valid-until', date: '2041-06-30' })
  s.register = { ask: () => Promise.reject(new Error('asked again')) }
  t.match(await identify(s, carmen.document, '30/06/2041'), { next: 'pin.code' })
})

t.test('the register’s silence counts as mismatch but not as a failure', async (t) => {
  const s = await scene(t)
  const asked: number[] = []
  s.register = {
    async ask(_document, withinMs) {
      asked.push(withinMs)
      return 'silent'
    },
  }
  for (let nth = 0; nth < 8; nth++) t.same(saysOf(await identify(s, '99999999R', wrongDate)), notRecognised)
  t.same(new Set(asked), new Set([500]), 'it is given half a second')
  t.match(await right(s, citizen('99999999R')), { next: 'pin.code' })
  t.match(await s.parts.lockout.failed(s.db, 'contrast', '99999999R', false), { failures: 1 })
})

t.test(
  '5 wrong contrasts refuse unknown browsers for 15 minutes, known documents and unknown ones alike',
  async (t) => {
    const s = await scene(t)
    for (const document of ['99999999R', '99999995C', '11111111H']) {
      for (let nth = 1; nth <= 4; nth++) t.same(saysOf(await identify(s, document, wrongDate)), notRecognised)
      const fifth = await identify(s, document, wrongDate)
      t.match(fifth, { again: [{ details: { count: 15 } }, {}], status: 429, values: { document } })
      t.same(saysOf(fifth), paused)
    }
    const carmen = citizen('99999999R')
    t.same(saysOf(await right(s, carmen)), paused, 'the right one is not heard either')
    for (let nth = 0; nth < 9; nth++) await identify(s, carmen.document, wrongDate)
    s.clock.advance(15 * 60)
    t.match(await right(s, carmen), { next: 'pin.code' }, 'and what was not heard made the refusal no longer')
  },
)

t.test('knowing a DNI is not enough to keep its owner out of a browser used before', async (t) => {
  const s = await scene(t)
  const carmen = citizen('99999999R')
  const home = { id: 'aeat.home', browser: 'at home' }
  const data = dataOf(await right(s, carmen, home))
  await stepOf(s.pin, 'pin.code').submit(loginWith(home), data, { code: codeOf(s.sent.at(-1)) })
  for (let nth = 0; nth < 20; nth++) await identify(s, carmen.document, wrongDate, { browser: `stranger ${nth}` })
  t.same(saysOf(await right(s, carmen, { browser: 'a stranger' })), paused)
  t.match(await right(s, carmen, { browser: 'at home' }), { next: 'pin.code' })
})

t.test('of a thousand guesses sent at once only the first 5 are heard, even where a later one is right', async (t) => {
  const s = await scene(t)
  const guesses = Array.from({ length: 60 }, (_, nth) =>
    nth === 40 ? right(s, citizen('99999999R')) : identify(s, '99999999R', wrongDate, { browser: `guess ${nth}` }),
  )
  const answers = await Promise.all(guesses)
  t.equal(answers.filter((answer) => saysOf(answer)[0] === notRecognised[0]).length, 4)
  t.equal(answers.filter((answer) => saysOf(answer)[0] === paused[0]).length, 56)
  t.equal(s.sent.length, 0)
})

t.test('who stands in too long a line is told that the service is busy', async (t) => {
  const s = await scene(t)
  const line = Array.from({ length: 130 }, () => identify(s, '11111111H', wrongDate))
  const busy = (await Promise.all(line)).filter((answer) => saysOf(answer)[0] === 'refusal:BUSY-01-try-again.body')
  t.equal(busy.length, 30)
  t.match(busy[0], { status: 503 })
})

t.test('many failures from one address slow its tries down, and nobody else’s', async (t) => {
  const s = await scene(t, { limits: { addressFailures: 2, slowStep: 100 } })
  for (let nth = 0; nth < 4; nth++) await identify(s, '11111111H', wrongDate, { address: '198.51.100.7' })
  t.same(s.waits, [100], 'the fourth waited for the third')
  await right(s, citizen('99999999R'), { address: '198.51.100.7' })
  t.same(s.waits, [100, 200])
  await right(s, citizen('99999999R'), { address: '203.0.113.9' })
  t.same(s.waits, [100, 200])
})

async function renew(s: Scene, who: TestCitizen, date: string): Promise<void> {
  const person = await s.parts.postgresRegister.ask(who.document, 500)
  if (!person || person === 'silent') throw new Error('nobody')
  await s.db.transaction((tx) =>
    s.parts.postgresRegister.put(tx, { ...person, contrast: { kind: 'valid-until', date } }),
  )
}

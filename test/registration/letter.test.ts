import t from 'tap'
import { statement } from '../../src/platform/index.ts'
import { makeLetters } from '../../src/registration/index.ts'
import { maskDomicile } from '../../src/registration/mask-domicile.ts'
import { nextNight } from '../../src/registration/letter/next-night.ts'
import { citizen, eventsOf, headingOf, problemsOf, say, scene, type Scene } from './scene.ts'

const csv = citizen('99999994L').csv ?? ''
const wrongCsv = (nth: number) => `${csv.slice(0, 15)}${'ABCDEFGH'.charAt(nth)}`

const letters = statement<{ document: string; used: boolean; why: string | null; failures: number }>(
  'test.letters',
  `select document, used_at is not null as used, killed_why as why, failures from letter order by asked_at, id`,
)
const lettersOf = (s: Scene, document: string) =>
  s.db.rows(letters).then((rows) => rows.filter((row) => row.document === document))

t.test('document, contrast, CSV, contact, code and terms: registered, basic, by letter', async (t) => {
  const s = await scene(t)
  const person = s.browser()
  t.equal(headingOf(await person.open('/register')), say('register:start.title'))
  t.equal(headingOf(await person.identify('99999994L')), say('register:channels.title'))
  t.equal(headingOf(await person.csv('k7mq-2w9x r4tb 6hz3')), say('register:contact.title'))
  t.equal(headingOf(await person.contact('600 00 00 08', 'breixo@example.es')), say('register:phone.title'))
  t.equal(headingOf(await person.code()), say('register:confirm.title'))
  const done = await person.confirm()
  t.equal(headingOf(done), say('register:done.title'))
  const row = await s.parts.citizens.byDocument('99999994L')
  t.match(row?.citizen, {
    phone: '+34600000008',
    email: 'breixo@example.es',
    registration: { level: 'basic', channel: 'letter', at: s.clock.now() },
    name: citizen('99999994L').name,
  })
  t.same(row?.contrast, { kind: 'valid-until', date: '2029-11-11' })
  const messages = [...s.sms, ...s.emails].map(({ to, text }) => [to, text.kind])
  t.same(messages, [
    ['+34600000008', 'proof-code'],
    ['+34600000008', 'welcome'],
    ['breixo@example.es', 'receipt'],
  ])
  t.equal(s.emails[0]?.attachments?.[0]?.type, 'application/pdf')
  const told = await eventsOf(s)
  t.match(told, [
    { kind: 'letter-redeemed', citizen_id: null },
    { kind: 'registered', citizen_id: row?.citizen.id, data: { level: 'basic', channel: 'letter', terms: /./ } },
  ])
  t.match(await lettersOf(s, '99999994L'), [{ used: true }])
})

t.test('who comes to the address of the letter is led to its code, past the choice of channel', async (t) => {
  const s = await scene(t)
  const person = s.browser()
  const start = await person.open('/register/letter')
  t.equal(start.at, '/register?letter=yes')
  await person.send('', { document: '99999994L', letter: 'yes' })
  const answer = await person.send('/contrast', { contrast: '11/11/2029' })
  t.equal(headingOf(answer), say('register:letter.title'))
  t.equal(headingOf(await person.open('/register/channels')), say('register:channels.title'), 'and may go back to it')
})

t.test('the letter goes to the tax domicile on record, shown masked; no other address is taken', async (t) => {
  const s = await scene(t)
  t.same(maskDomicile(citizen('99999995C').domicile), ['A··· k··· ·', '48··· B···'])
  const person = s.browser()
  await person.identify('99999995C')
  const { body } = await person.open('/register/letter/request')
  t.match(body, 'A··· k··· ·')
  for (const word of ['Asmatutako', 'Bilbao', '48000']) t.notMatch(body, word)
  const asked = await person.send('/letter/request', { street: 'Otra calle 1', document: '99999999R' })
  t.equal(headingOf(asked), say('register:asked.title'))
  t.notMatch(asked.body, 'Bilbao')
  t.match(await eventsOf(s), [{ kind: 'letter-asked' }])
})

t.test('without a tax domicile no letter can be asked for, and it is said', async (t) => {
  const s = await scene(t)
  const real = s.register
  s.register = {
    ask: async (...asked) => {
      const found = await real.ask(...asked)
      return found && found !== 'silent' ? { ...found, domicile: undefined } : found
    },
  }
  const person = s.browser()
  const channels = await person.identify('99999995C')
  t.match(channels.body, say('register:letter.closed'))
  t.notMatch(channels.body, say('register:letter.summary'), 'nor is one promised')
  for (const text of ['register:channels.introNone', 'register:channels.office', 'register:letter.have'] as const)
    t.match(channels.body, say(text))
  const refused = await person.send('/letter/request')
  t.equal(refused.status, 403)
  t.same(problemsOf(refused)[0], say('refusal:REGISTER-07-no-domicile.body'))
})

t.test('at most one letter is alive: asking again kills the older one', async (t) => {
  const s = await scene(t)
  for (let nth = 1; nth <= 2; nth++) {
    s.clock.advance(1)
    const person = s.browser()
    await person.identify('99999994L')
    t.equal(headingOf(await person.send('/letter/request')), say('register:asked.title'))
  }
  t.match(await lettersOf(s, '99999994L'), [{ why: 'newer' }, { why: 'newer' }, { why: null }])
  const late = s.browser()
  await late.identify('99999994L')
  t.same(problemsOf(await late.csv(csv))[0], say('refusal:REGISTER-10-no-letter.body'), 'its CSV is worth nothing')
})

t.test('three letters a quarter, of any number that are asked for at once', async (t) => {
  const s = await scene(t)
  const people = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const person = s.browser()
      await person.identify('99999995C')
      return person
    }),
  )
  const answers = await Promise.all(people.map((person) => person.send('/letter/request')))
  t.equal(answers.filter((answer) => headingOf(answer) === say('register:asked.title')).length, 3)
  const refused = answers.filter(({ status }) => status === 429)
  t.equal(refused.length, 5)
  t.same(problemsOf(refused[0]!)[1], say('refusal:REGISTER-08-too-many-letters.remedy', { count: 90 }))
  t.equal(headingOf(refused[0]!), say('refusal:REGISTER-08-too-many-letters.title'))
  t.notMatch(refused[0]!.body, say('register:request.send'), 'the button that could only be refused is gone')
  for (const text of ['register:letter.have', 'register:request.ways'] as const) t.match(refused[0]!.body, say(text))
  t.equal((await lettersOf(s, '99999995C')).filter(({ why }) => why === null).length, 1, 'one is alive')
  s.clock.advance(90 * 86_400)
  const later = s.browser()
  await later.identify('99999995C')
  t.equal(headingOf(await later.send('/letter/request')), say('register:asked.title'))
})

t.test('letters are made in the next night of mainland Spain', async (t) => {
  const of = (at: string) => nextNight(new Date(at)).toISOString()
  t.equal(of('2026-11-21T12:00:00Z'), '2026-11-22T01:00:00.000Z')
  t.equal(of('2026-11-22T00:59:59Z'), '2026-11-22T01:00:00.000Z')
  t.equal(of('2026-11-22T01:00:00Z'), '2026-11-23T01:00:00.000Z')
  t.equal(of('2026-07-21T12:34:56Z'), '2026-07-22T00:00:00.000Z')
  const s = await scene(t)
  const person = s.browser()
  await person.identify('99999995C')
  await person.send('/letter/request')
  await makeLetters(s.press)
  t.notMatch(await eventsOf(s), [{ kind: 'letter-asked' }, { kind: 'letter-made' }])
  s.clock.advance(13 * 3600)
  await makeLetters(s.press)
  t.match(await eventsOf(s), [{ kind: 'letter-asked' }, { kind: 'letter-made' }])
})

t.test('a letter that is not made yet cannot be redeemed, whatever is typed', async (t) => {
  const s = await scene(t)
  const person = s.browser()
  await person.identify('99999995C')
  await person.send('/letter/request')
  t.same(problemsOf(await person.csv(csv))[0], say('refusal:REGISTER-10-no-letter.body'))
  t.match(await lettersOf(s, '99999995C'), [{ failures: 0 }])
})

t.test('the fifth wrong CSV kills the letter, from however many browsers', async (t) => {
  const s = await scene(t)
  for (let nth = 0; nth < 4; nth++) {
    const person = s.browser()
    await person.identify('99999994L')
    const answer = await person.csv(wrongCsv(nth))
    t.same(problemsOf(answer), [say('refusal:REGISTER-09-csv-wrong.body', { count: 4 - nth })])
  }
  const owner = s.browser()
  await owner.identify('99999994L')
  t.same(problemsOf(await owner.csv('K7MQ 2W9X')), [say('register:letter.form')], 'what has not its form is no try')
  t.same(problemsOf(await owner.csv(wrongCsv(4)))[0], say('refusal:REGISTER-10-no-letter.body'))
  t.same(problemsOf(await owner.csv(csv))[0], say('refusal:REGISTER-10-no-letter.body'))
  t.match(await lettersOf(s, '99999994L'), [{ why: 'wrong-csv', failures: 5 }])
  t.match(await eventsOf(s), [{ kind: 'letter-killed', data: { why: 'wrong-csv' } }])
})

t.test('of fifty wrong CSVs at once five are counted, and the letter dies once', async (t) => {
  const s = await scene(t)
  const person = s.browser()
  await person.identify('99999994L')
  await Promise.all(Array.from({ length: 50 }, (_, nth) => person.csv(wrongCsv(nth % 8))))
  t.match(await lettersOf(s, '99999994L'), [{ why: 'wrong-csv', failures: 5 }])
  t.equal((await eventsOf(s)).filter(({ kind }) => kind === 'letter-killed').length, 1)
})

t.test('guessing CSVs over many people slows the address down, and refuses none of them', async (t) => {
  const s = await scene(t, { limits: { addressFailures: 3 } })
  for (const document of ['99999994L', '99999995C', 'Z9999999H', '99999989Z', '99999994L', '99999995C']) {
    const person = s.browser()
    await person.identify(document)
    await person.csv(wrongCsv(1))
  }
  t.ok(s.waits.some((ms) => ms > 0))
  const owner = s.browser()
  await owner.identify('99999994L')
  t.equal(headingOf(await owner.csv(csv)), say('register:contact.title'))
})

t.test('a letter lives 60 days', async (t) => {
  const s = await scene(t)
  s.clock.advance(60 * 86_400 - 1)
  const inTime = s.browser()
  await inTime.identify('99999994L')
  t.equal(headingOf(await inTime.csv(csv)), say('register:contact.title'))
  s.clock.advance(1)
  const late = s.browser()
  await late.identify('99999994L')
  t.same(problemsOf(await late.csv(csv))[0], say('refusal:REGISTER-10-no-letter.body'))
})

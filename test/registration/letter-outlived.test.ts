import t from 'tap'
import type { RegistrationChannel } from '../../src/citizen/index.ts'
import { isRefusal } from '../../src/refusal/index.ts'
import { completeRegistration, type Completing } from '../../src/registration/complete-registration.ts'
import { lettersOf, makeLetters, putLetter, registerCitizen } from '../../src/registration/index.ts'
import { csvDigest } from '../../src/registration/letter/check-csv.ts'
import { registrationSweeps } from '../../src/registration/sweeps.ts'
import { seedPin24h } from '../../src/sandbox/seed-pin24h.ts'
import { citizen, eventsOf, headingOf, say, scene, type Scene } from './scene.ts'

const document = '99999994L'
const csv = citizen(document).csv ?? ''

const register = (s: Scene, channel: RegistrationChannel, of = document) =>
  s.db.transaction((tx) =>
    registerCitizen(tx, s.parts, {
      person: citizen(of),
      ...{ channel, phone: '+34612345678', email: undefined, locale: 'es', terms: 'test' },
    }),
  )

/** Why each letter of the person died. */
const deaths = async (s: Scene, of = document) => (await lettersOf(s.db, of)).map(({ killed }) => killed?.why)

for (const channel of ['certificate', 'in_person', 'video', 'pin24h'] as const)
  t.test(`who registers by ${channel} has no use for a letter any more: it dies, and nobody is reminded`, async (t) => {
    const s = await scene(t)
    const answer = await register(s, channel)
    t.notOk(isRefusal(answer))
    t.same(await deaths(s), ['registered'])
    t.match(await eventsOf(s), [{ kind: 'letter-killed', data: { why: 'registered' } }, { kind: 'registered' }])
    s.clock.advance(31 * 86_400)
    const sweeps = registrationSweeps({ ...s.press, messages: s.parts.messages })
    await sweeps.find(({ name }) => name === 'remind-letters')?.run()
    t.same(s.emails, [])
  })

t.test('a letter that is still to be made is not made for who registered another way', async (t) => {
  const s = await scene(t)
  const person = s.browser()
  await person.identify('99999995C')
  await person.send('/letter/request')
  await register(s, 'in_person', '99999995C')
  s.clock.advance(24 * 3600)
  await makeLetters(s.press)
  t.same(
    (await eventsOf(s)).filter(({ kind }) => kind === 'letter-made'),
    [],
  )
})

t.test('the letter that registers is used, not killed', async (t) => {
  const s = await scene(t)
  t.equal(headingOf(await s.browser().registerByLetter(document, '600000008')), say('register:done.title'))
  t.same(await deaths(s), [undefined])
})

t.test('who was at the end of the way with the letter then is told that they are registered', async (t) => {
  const s = await scene(t)
  const person = s.browser()
  await person.identify(document)
  await person.csv(csv)
  await person.contact('600000008')
  await person.code()
  await register(s, 'in_person')
  t.equal(headingOf(await person.confirm()), say('refusal:REGISTER-12-other-was-faster.title'))
})

t.test(
  'by letter and with a record of PIN 24 horas at the same moment: one registers, the others are told',
  async (t) => {
    const of = '99999989Z'
    const { phone = '' } = citizen(of)
    for (let round = 0; round < 4; round++) {
      const s = await scene(t)
      await seedPin24h(s)
      await s.db.transaction((tx) => putLetter(tx, { ...s.parts, ...s.press }, { document: of, csv }))
      const completing = (channel: 'letter' | 'pin24h', nth: number): Completing => ({
        journey: `${channel} ${nth}`,
        who: { document: of, kind: 'dni', known: false, iban: false },
        proof:
          channel === 'letter'
            ? { channel, csv: csvDigest(s.parts.digest, of, csv) }
            : { channel, phone: 'masked', email: undefined },
        contact: { phone, email: undefined },
        ...{ code: '0123456789', locale: 'es' },
      })
      const caller = { browser: 'a browser', address: '192.0.2.1', session: undefined }
      const answers = await Promise.all(
        Array.from({ length: 16 }, (_, nth) =>
          completeRegistration(s.parts, completing(nth % 2 === round % 2 ? 'letter' : 'pin24h', nth), caller),
        ),
      )
      const refused = answers.filter(isRefusal)
      t.equal(refused.length, 15)
      for (const one of refused) t.equal(one.refused, 'REGISTER-12-other-was-faster')
      t.equal((await eventsOf(s)).filter(({ kind }) => kind === 'registered').length, 1)
    }
  },
)

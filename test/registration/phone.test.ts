import t from 'tap'
import { statement } from '../../src/platform/index.ts'
import { registerCitizen } from '../../src/registration/index.ts'
import { citizen, codeOf, eventsOf, headingOf, problemsOf, say, scene } from './scene.ts'

const csv = citizen('99999994L').csv ?? ''

const wrong = (code: string): string => String((Number(code) + 1) % 10 ** code.length).padStart(code.length, '0')

t.test('the phone is proven by a code: three wrong ones kill it, another works once', async (t) => {
  const s = await scene(t)
  const person = s.browser()
  await person.identify('99999994L')
  await person.csv(csv)
  await person.contact('600000008')
  const first = codeOf(s.sms.at(-1))
  for (const count of [2, 1])
    t.same(problemsOf(await person.code(wrong(first))), [say('refusal:CODE-01-wrong.body', { count })])
  t.same(problemsOf(await person.code('12')), [say('register:phone.form', { digits: 6 })], 'which is no try')
  t.same(problemsOf(await person.code(wrong(first)))[0], say('refusal:CODE-02-dead.body'))
  t.same(problemsOf(await person.code(first))[0], say('refusal:CODE-02-dead.body'))
  await person.send('/phone', { action: 'another' })
  const second = codeOf(s.sms.at(-1))
  t.equal(headingOf(await person.code(` ${second.slice(0, 3)}-${second.slice(3)} `)), say('register:confirm.title'))
})

t.test('a code is worth nothing for another number, and is dead after ten minutes', async (t) => {
  const s = await scene(t)
  const person = s.browser()
  await person.identify('99999994L')
  await person.csv(csv)
  await person.contact('600000008')
  const code = codeOf(s.sms.at(-1))
  t.equal(headingOf(await person.send('/phone', { action: 'change' })), say('register:contact.title'))
  await person.contact('612345678')
  t.same(problemsOf(await person.code(code)).length, 1)
  await person.contact('600000008')
  s.clock.advance(600)
  t.same(problemsOf(await person.code())[0], say('refusal:CODE-02-dead.body'))
})

t.test('a phone is shown whole, grouped as people read it, wherever it is to be checked', async (t) => {
  const s = await scene(t)
  for (const [typed, shown] of [
    ['611000023', '+34 611 00 00 23'],
    ['+447400123456', '+44 7400 123456'],
  ] as const) {
    const person = s.browser()
    await person.identify('99999994L')
    await person.csv(csv)
    t.match((await person.contact(typed)).body, shown)
    t.match((await person.open('/register/contact')).body, `value="${shown}"`)
    t.equal(headingOf(await person.contact(shown)), say('register:phone.title'), 'and is taken as it is shown')
    t.match((await person.code()).body, `${shown}</dd>`)
  }
})

t.test('five codes an hour for a person, and for a phone', async (t) => {
  const s = await scene(t)
  const person = s.browser()
  await person.identify('99999994L')
  await person.csv(csv)
  for (let nth = 0; nth < 5; nth++) await person.contact(`61234560${nth}`)
  const refused = await person.contact('612345609')
  t.equal(refused.status, 429)
  t.same(problemsOf(refused), [say('refusal:CODE-03-too-many.body'), say('register:phone.tooMany', { count: 60 })])
  t.match(
    refused.body,
    /<h1[^>]*>Sus datos de contacto/,
    'on the page itself, which speaks of the letter and of no login',
  )
  t.equal(s.sms.length, 6, 'the sixth was written and never laid')
  s.clock.advance(3600)
  await person.identify('99999994L')
  await person.csv(csv)
  t.equal(headingOf(await person.contact('612345609')), say('register:phone.title'))
})

t.test('one mobile, one citizen: a number in use is taken over by its code, and both are told', async (t) => {
  const s = await scene(t)
  const { phone = '', email, id } = citizen('99999999R')
  const done = await s.browser().registerByLetter('99999994L', phone)
  t.equal(headingOf(done), say('register:done.title'))
  t.match(done.body, say('register:done.tookOver'))
  const former = await s.parts.citizens.find(id)
  t.equal(former?.phone, undefined)
  t.equal(former?.registration?.level, 'advanced', 'the other keeps the registration')
  t.equal((await s.parts.citizens.byDocument('99999994L'))?.citizen.phone, phone)
  t.match(s.emails, [{ to: email, text: { kind: 'phone-taken-over', masked: '··· ··· 001' } }])
  t.match((await eventsOf(s)).at(-1), { kind: 'phone-taken-over', citizen_id: id, data: { phone: '··· ··· 001' } })
})

const owners = statement<{ document: string }>(
  'test.owners',
  'select document from citizen where phone = $1 and registration_level is not null',
)

t.test('people who take one number at the same time: all are registered, one of them has it', async (t) => {
  const s = await scene(t)
  const people = ['99999994L', '99999995C', 'Z9999999H', '99999989Z'].map((document) => citizen(document))
  await Promise.all(
    people.map((person) =>
      s.db.transaction((tx) =>
        registerCitizen(tx, s.parts, {
          person,
          ...{ channel: 'video', phone: '+34612345678', email: undefined, locale: 'es', terms: 'test' },
        }),
      ),
    ),
  )
  t.equal((await s.db.rows(owners, ['+34612345678'])).length, 1)
  t.equal((await eventsOf(s)).filter(({ kind }) => kind === 'registered').length, 4)
  t.equal((await eventsOf(s)).filter(({ kind }) => kind === 'phone-taken-over').length, 3)
})

t.test('foreign mobile phones are taken, with their prefix; no other numbers are', async (t) => {
  const s = await scene(t)
  const person = s.browser()
  await person.identify('99999994L')
  await person.csv(csv)
  for (const phone of ['7400 123456', '911234567', '806123456', '112', 'phone', '+34 600 000 008 ext 3'])
    t.same(problemsOf(await person.contact(phone)), [say('register:contact.phoneForm')], phone)
  t.equal(headingOf(await person.contact('0044 7400 123456')), say('register:phone.title'))
  t.equal(s.sms.at(-1)?.to, '+447400123456')
})

import t from 'tap'
import { citizensIn } from '../../src/citizen/index.ts'
import { citizen, eventsOf, headingOf, problemsOf, say, scene, type Person, type Scene } from './scene.ts'

const csv = citizen('99999994L').csv ?? ''

/** A person on the page that the button "register" is on. */
async function atConfirm(s: Scene, phone = '+34600000008', email = ''): Promise<Person> {
  const person = s.browser()
  await person.identify('99999994L')
  await person.csv(csv)
  await person.contact(phone, email)
  await person.code()
  return person
}

t.test('of fifty browsers that redeem one letter at once one registers, the others are told', async (t) => {
  const s = await scene(t, { limits: { codesPerHour: 100 } })
  const people: Person[] = []
  for (let nth = 0; nth < 50; nth++) people.push(await atConfirm(s, `+346123400${String(nth).padStart(2, '0')}`))
  const answers = await Promise.all(people.map((person) => person.confirm()))
  const headings = answers.map(headingOf)
  t.equal(headings.filter((heading) => heading === say('register:done.title')).length, 1)
  const told = headings.filter((heading) => heading === say('refusal:REGISTER-12-other-was-faster.title'))
  t.equal(told.length, 49)
  const one = answers.find((answer) => headingOf(answer) === told[0])
  t.match(one?.body, /href="\/account"/, 'who it was goes on to what they wanted')
  t.match(one?.body, say('register:refused.faster.notYouText'), 'and who it was not hears what to do')
  const events = await eventsOf(s)
  for (const kind of ['letter-redeemed', 'registered'])
    t.equal(events.filter((event) => event.kind === kind).length, 1, kind)
  t.equal(s.sms.filter(({ text }) => text.kind === 'welcome').length, 1)
})

t.test('fifty requests of one browser at once register once, and all are led to the end', async (t) => {
  const s = await scene(t)
  const person = await atConfirm(s, '+34600000008', 'breixo@example.es')
  const answers = await Promise.all(Array.from({ length: 50 }, () => person.confirm()))
  for (const answer of answers) t.equal(headingOf(answer), say('register:done.title'))
  t.equal((await eventsOf(s)).filter(({ kind }) => kind === 'registered').length, 1)
  t.equal(s.emails.length, 1, 'one receipt goes out')
})

t.test('a person who was registered elsewhere meanwhile is not registered again, and keeps the letter', async (t) => {
  const s = await scene(t)
  const person = await atConfirm(s)
  const { name } = citizen('99999994L')
  await citizensIn(s.db, s.clock).put({
    citizen: {
      ...{ id: s.parts.random.uuid(), document: '99999994L', kind: 'dni', name, locale: 'es', deceased: false },
      ...{ phone: '+34612345678', email: undefined, renouncedAt: undefined, blockedMethods: [] },
      registration: { level: 'advanced', channel: 'in_person', at: s.clock.now() },
    },
    contrast: undefined,
  })
  t.equal(headingOf(await person.confirm()), say('refusal:REGISTER-04-already-registered.title'))
  const row = await s.parts.citizens.byDocument('99999994L')
  t.match(row?.citizen, { phone: '+34612345678', registration: { level: 'advanced' } })
  t.same(await eventsOf(s), [], 'nothing of it stays')
})

t.test('a person who died meanwhile is not registered', async (t) => {
  const s = await scene(t)
  const person = await atConfirm(s)
  const real = s.register
  s.register = {
    ask: async (...asked) => {
      const found = await real.ask(...asked)
      return found && found !== 'silent' ? { ...found, deceased: true } : found
    },
  }
  t.equal(headingOf(await person.confirm()), say('refusal:REGISTER-03-deceased.title'))
  t.same(await eventsOf(s), [])
})

t.test('while the register is silent nobody is registered, and nothing is lost', async (t) => {
  const s = await scene(t)
  const person = await atConfirm(s)
  const real = s.register
  s.register = { ask: async () => 'silent' }
  t.equal((await person.confirm()).status, 503)
  s.register = real
  t.equal(headingOf(await person.confirm()), say('register:done.title'))
})

t.test('without the terms accepted nobody is registered; with them their version is noted', async (t) => {
  const s = await scene(t)
  const person = await atConfirm(s)
  for (const terms of [{}, { terms: '' }, { terms: 'no' }])
    t.same(problemsOf(await person.send('/confirm', terms)), [say('register:confirm.termsEmpty')])
  t.same(await eventsOf(s), [])
  await person.confirm()
  t.match((await eventsOf(s)).at(-1)?.data, { terms: /^\d{4}-\d\d-\d\d$/ })
})

t.test('a letter that dies while its person is on the way registers nobody', async (t) => {
  const s = await scene(t)
  const person = await atConfirm(s)
  const other = s.browser()
  await other.identify('99999994L')
  await other.send('/letter/request')
  t.same(problemsOf(await person.confirm())[0], say('refusal:REGISTER-10-no-letter.body'))
  t.notOk((await s.parts.citizens.byDocument('99999994L'))?.citizen.registration)
})

t.test(
  'where the Tax Agency knows an IBAN it is asked for and compared; a wrong one counts as a wrong contrast',
  async (t) => {
    const s = await scene(t)
    const real = s.register
    const iban = 'ES9121000418450200051332'
    s.register = {
      ask: async (...asked) => {
        const found = await real.ask(...asked)
        return found && found !== 'silent' ? { ...found, iban } : found
      },
    }
    const person = s.browser()
    await person.identify('99999994L')
    await person.csv(csv)
    t.same(problemsOf(await person.contact('600000008')), [say('register:contact.ibanEmpty')])
    t.same(problemsOf(await person.contact('600000008', '', 'ES9121000418450200051333')), [
      say('register:contact.ibanForm'),
    ])
    const other = 'DE89 3704 0044 0532 0130 00'
    for (let nth = 1; nth <= 4; nth++)
      t.same(problemsOf(await person.contact('600000008', '', other)), [say('refusal:REGISTER-11-iban-wrong.body')])
    t.same(problemsOf(await person.contact('600000008', '', other))[0], say('refusal:CITIZEN-02-too-many-tries.body'))
    t.equal((await person.contact('600000008', '', iban)).status, 429, 'the right one is not heard either')
    t.equal(s.sms.length, 0, 'and no SMS goes out')
    s.clock.advance(15 * 60)
    t.equal(
      headingOf(await person.contact('600000008', '', 'es91 2100-0418 4502 0005 1332')),
      say('register:phone.title'),
    )
  },
)

t.test('a browser that registered is known from then on', async (t) => {
  const s = await scene(t)
  const person = s.browser()
  await person.registerByLetter('99999994L', '600000008')
  const { hash } = await import('node:crypto')
  const browser = hash('sha256', person.cookies.get('clave-browser') ?? '', 'base64url')
  t.equal((await s.parts.lockout.standing(s.db, '99999994L', browser, ['contrast'])).known, true)
})

t.test(
  'who lost the receipt on the way downloads it again, in this browser only, while the last page is there',
  async (t) => {
    const s = await scene(t)
    const person = s.browser()
    await person.registerByLetter('99999994L', '600000008')
    const lost = await person.send('/receipt')
    t.match(lost.body, /^%PDF-/, 'sent, and it may have been cut off')
    t.match((await person.get('/register/done')).body, say('register:done.downloaded'))
    t.match((await person.send('/receipt')).body, /^%PDF-/)
    t.notMatch((await s.browser().send('/receipt')).body, /^%PDF-/, 'another browser')
    s.clock.advance(19 * 60)
    t.match((await person.send('/receipt')).body, /^%PDF-/)
    s.clock.advance(61)
    t.notMatch((await person.send('/receipt')).body, /^%PDF-/, 'the page is over')
  },
)

t.test('the receipt is there for twenty minutes, however late the registration came to its end', async (t) => {
  const s = await scene(t)
  const person = await atConfirm(s)
  s.clock.advance(19 * 60)
  t.equal(headingOf(await person.confirm()), say('register:done.title'))
  s.clock.advance(19 * 60)
  t.match((await person.send('/receipt')).body, /^%PDF-/)
})

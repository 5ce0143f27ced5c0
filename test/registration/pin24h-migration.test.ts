import t, { type Test } from 'tap'
import { statement } from '../../src/platform/index.ts'
import { isRefusal } from '../../src/refusal/index.ts'
import { completeRegistration, type Completing } from '../../src/registration/complete-registration.ts'
import { hasOpenRecord, importRecords, registerCitizen, renounce } from '../../src/registration/index.ts'
import { seedPin24h } from '../../src/sandbox/seed-pin24h.ts'
import { dyingAt, Killed } from './failpoints.ts'
import { citizen, codeOf, eventsOf, headingOf, problemsOf, say, scene, type Person, type Scene } from './scene.ts'

const document = '99999989Z'
const { id, phone = '', email } = citizen(document)
const name = 'register:pin24h.name'

async function withRecord(t: Test, options: Parameters<typeof scene>[1] = {}): Promise<Scene> {
  const s = await scene(t, options)
  await seedPin24h(s)
  return s
}

/** On the page of contact data. */
async function chosen(s: Scene): Promise<Person> {
  const person = s.browser()
  await person.identify(document)
  await person.send('/channels')
  return person
}

/** On the page that the button "register" is on. */
async function atConfirm(s: Scene): Promise<Person> {
  const person = await chosen(s)
  await person.send('/contact', { email: '' })
  await person.code()
  return person
}

t.test('who has a record is offered it with what it takes, how long, and its level; nobody else is', async (t) => {
  const s = await withRecord(t)
  const person = s.browser()
  const { body } = await person.identify(document)
  for (const key of [name, 'register:pin24h.takes', 'register:pin24h.time', 'register:letter.name'] as const)
    t.match(body, say(key))
  t.notMatch((await s.browser().identify('99999995C')).body, say(name))
  t.notMatch((await s.browser().identify(document, '05/04/2027')).body, say(name), 'nor before the contrast is right')
})

t.test(
  'a migration: the phone of the record is proven, the terms accepted: registered, basic, channel pin24h',
  async (t) => {
    const s = await withRecord(t)
    const person = await chosen(s)
    t.equal(headingOf(await person.send('/contact', { email: '' })), say('register:phone.title'))
    t.equal(s.sms.at(-1)?.to, phone)
    t.match((await person.code()).body, email, 'the contact data of the record')
    const done = await person.confirm()
    t.equal(headingOf(done), say('register:done.title'))
    const row = await s.parts.citizens.byDocument(document)
    t.match(row, {
      citizen: { id, phone, email, name: citizen(document).name, registration: { level: 'basic', channel: 'pin24h' } },
      contrast: citizen(document).contrast,
    })
    t.same(
      (await eventsOf(s)).map(({ kind, citizen_id }) => [kind, citizen_id]),
      [
        ['registered', id],
        ['pin24h-migrated', id],
      ],
    )
    t.match((await eventsOf(s))[1]?.data, { level: 'basic', terms: /^\d{4}-/, browser: /./, address: /./ })
    t.equal(s.sms.filter(({ text }) => text.kind === 'welcome').length, 1)
    t.match(s.emails, [{ to: email, text: { kind: 'receipt' }, attachments: [{ type: 'application/pdf' }] }])
    t.match((await person.send('/receipt')).body, /^%PDF-/)
    t.equal(await hasOpenRecord(s.db, document), false)
  },
)

t.test('the e-mail address may be corrected; the phone may not: no other gets the code', async (t) => {
  const s = await withRecord(t)
  const person = await chosen(s)
  t.same(problemsOf(await person.send('/contact', { email: 'nobody' })), [say('register:contact.emailForm')])
  await person.send('/contact', { email: 'new@example.es', phone: '+34612345678', iban: 'x' })
  t.same(
    s.sms.map(({ to }) => to),
    [phone],
  )
  await person.code()
  await person.confirm()
  t.match((await s.parts.citizens.byDocument(document))?.citizen, { phone, email: 'new@example.es' })
})

t.test('before the code is right phone and e-mail are shown masked on every page', async (t) => {
  const s = await withRecord(t)
  const person = await chosen(s)
  const pages = [await person.open('/register/contact'), await person.send('/contact', { email: '' })]
  pages.push(await person.send('/phone', { code: '1' }), await person.open('/register/contact'))
  pages.push(await person.send('/phone', { action: 'another' }), await person.send('/phone', { action: 'change' }))
  for (const { body, at } of pages) {
    t.match(body, at === '/register/phone' ? '··· ··· 013' : /··· ··· 013|t···@|9···@/)
    for (const whole of [phone, phone.slice(3), '600 00 00 13', email]) t.notMatch(body, whole, at)
  }
})

t.test('who has not the phone any more goes back and asks for a letter', async (t) => {
  const s = await withRecord(t)
  const person = await chosen(s)
  t.equal((await person.send('/contact', { action: 'other-way', email: '' })).at, '/register/channels')
  t.equal(headingOf(await person.send('/letter/request')), say('register:asked.title'))
  t.equal(await hasOpenRecord(s.db, document), true)
  t.equal((await person.send('/channels')).at, '/register/contact', 'and may still find it')
})

t.test('who has no record cannot choose it', async (t) => {
  const s = await scene(t)
  const person = s.browser()
  await person.identify(document)
  t.equal((await person.send('/channels')).at, '/register/channels')
  t.equal((await person.open('/register/contact')).at, '/register/channels')
})

t.test('of twenty browsers that migrate one record at once one registers, the others are told', async (t) => {
  const s = await withRecord(t, { limits: { codesPerHour: 100 } })
  const people: Person[] = []
  for (let nth = 0; nth < 20; nth++) people.push(await atConfirm(s))
  const headings = (await Promise.all(people.map((person) => person.confirm()))).map(headingOf)
  t.equal(headings.filter((heading) => heading === say('register:done.title')).length, 1)
  t.equal(headings.filter((heading) => heading === say('refusal:REGISTER-12-other-was-faster.title')).length, 19)
  for (const kind of ['registered', 'pin24h-migrated'])
    t.equal((await eventsOf(s)).filter((event) => event.kind === kind).length, 1, kind)
  const late = s.browser()
  t.equal(headingOf(await late.identify(document)), say('refusal:REGISTER-04-already-registered.title'))
})

t.test('one browser that sends twenty times registers once, and is led to the end', async (t) => {
  const s = await withRecord(t)
  const person = await atConfirm(s)
  for (const answer of await Promise.all(Array.from({ length: 20 }, () => person.confirm())))
    t.equal(headingOf(answer), say('register:done.title'))
  t.equal((await eventsOf(s)).length, 2)
})

t.test('registering another way uses the record up: its person is told nothing of it any more', async (t) => {
  const s = await withRecord(t)
  const person = await atConfirm(s)
  const registered = await s.db.transaction((tx) =>
    registerCitizen(tx, s.parts, {
      person: citizen(document),
      ...{ channel: 'in_person', phone: '+34612345678', email: undefined, locale: 'es', terms: 'test' },
    }),
  )
  t.match(registered, { citizen: id }, 'by the id of the record')
  t.equal(await hasOpenRecord(s.db, document), false)
  t.equal(headingOf(await person.confirm()), say('refusal:REGISTER-12-other-was-faster.title'))
  t.match((await s.parts.citizens.byDocument(document))?.citizen, { registration: { channel: 'in_person' } })
  const kept = statement<{ kept: number }>(
    'test.pin24h-kept',
    'select num_nonnulls(contrast, given_name, first_surname, second_surname, phone, email) as kept from pin24h_record',
  )
  t.same(await s.db.rows(kept), [{ kept: 0 }], 'and what was known of them is forgotten')
  await s.db.transaction((tx) => renounce(tx, { ...s.parts, endUse: async () => {} }, id, 'account'))
  t.equal(headingOf(await s.browser().identify(document)), say('refusal:REGISTER-05-renounced.title'))
  const again = Buffer.from(
    `document,contrast,given_name,first_surname,second_surname,phone,email\n${document},04/04/2027,T,V,H,600000013,\n`,
  )
  t.match(await importRecords(s.parts, again, { onlyCheck: false }), {
    refused: [{ expected: 'a person who did not renounce Cl@ve' }],
  })
})

t.test('an import taken back meanwhile registers nobody', async (t) => {
  const s = await withRecord(t)
  const [early, late] = [await chosen(s), await atConfirm(s)]
  const back = statement('test.pin24h-back', 'delete from pin24h_record where migrated_at is null')
  await s.db.rows(back)
  t.equal((await early.send('/contact', { email: '' })).at, '/register/channels')
  t.same(problemsOf(await late.confirm())[0], say('refusal:REGISTER-13-expired.body'))
  t.notOk((await s.parts.citizens.byDocument(document))?.citizen)
})

t.test('wrong codes are counted as in every registration', async (t) => {
  const s = await withRecord(t)
  const person = await chosen(s)
  await person.send('/contact', { email: '' })
  const right = codeOf(s.sms.at(-1))
  const wrong = right === '000000' ? '000001' : '000000'
  for (let nth = 1; nth <= 3; nth++) await person.code(wrong)
  t.same(problemsOf(await person.code(right))[0], say('refusal:CODE-02-dead.body'))
  t.same(await eventsOf(s), [])
})

interface Counts {
  readonly registered: number
  readonly migrated: number
  readonly codes: number
  readonly events: number
  readonly messages: number
}
const counts = statement<Counts>(
  'test.pin24h-counts',
  `select (select count(*) from citizen where registration_level is not null)::int as registered,
     (select count(*) from pin24h_record where migrated_at is not null)::int as migrated,
     (select count(*) from activation_code)::int as codes,
     (select count(*) from audit_event)::int as events, (select count(*) from outbox)::int as messages`,
)

for (const when of ['before', 'after'] as const)
  t.test(`killed ${when} any statement of a migration: it happened whole, or not at all`, async (t) => {
    const s = await withRecord(t)
    const completing: Completing = {
      journey: 'a journey',
      who: { document, kind: 'dni', known: false, iban: false },
      proof: { channel: 'pin24h', phone: 'masked', email: undefined },
      contact: { phone, email },
      code: '0123456789',
      locale: 'es',
    }
    const caller = { browser: 'a browser', address: '192.0.2.1', session: undefined }
    const countsOf = async () => (await s.db.row(counts))!
    const before = await countsOf()
    let died = 0
    for (let nth = 1; ; nth++) {
      const work = completeRegistration({ ...s.parts, db: dyingAt(s.db, nth, when) }, completing, caller)
      const done = await work.catch((error: unknown) => {
        if (!(error instanceof Killed)) throw error
      })
      if (done) break
      died++
      const now = await countsOf()
      if (now.migrated === 1) break
      t.same(now, before, `at statement ${nth} nothing changed`)
    }
    t.ok(died > 8, `${died} places to die at`)
    const { registered, codes } = before
    const whole = { registered: registered + 1, migrated: 1, codes: codes + 1, events: 2, messages: 2 }
    t.same(await countsOf(), whole)
    t.notOk(isRefusal(await completeRegistration(s.parts, completing, caller)), 'the same browser goes on to the end')
    t.same(await countsOf(), whole, 'and nothing happens twice')
    t.match(await completeRegistration(s.parts, { ...completing, journey: 'another' }, caller), {
      refused: 'REGISTER-12-other-was-faster',
    })
  })

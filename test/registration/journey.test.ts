import t from 'tap'
import { citizen, headingOf, problemsOf, say, scene, type Answered, type Person } from './scene.ts'

const csv = citizen('99999994L').csv ?? ''

t.test('pages out of their order lead to where the registration stands', async (t) => {
  const s = await scene(t)
  const person = s.browser()
  await person.identify('99999994L')
  for (const path of ['/contrast', '/contact', '/phone', '/confirm', '/done', '/letter/asked', '/refused'])
    t.equal((await person.open(`/register${path}`)).at, '/register/channels', path)
  await person.csv(csv)
  for (const path of ['/contrast', '/channels', '/letter', '/letter/request', '/confirm'])
    t.equal((await person.open(`/register${path}`)).at, '/register/contact', path)
})

t.test('a form out of its order does nothing', async (t) => {
  const s = await scene(t)
  const person = s.browser()
  await person.identify('99999994L')
  for (const [path, fields] of Object.entries({
    '/contact': { phone: '600000008', email: '' },
    '/phone': { code: '000000' },
    '/confirm': { terms: 'accepted' },
    '/receipt': {},
  }))
    t.equal((await person.send(path, fields)).at, '/register/channels', path)
  t.equal(s.sms.length, 0)
})

t.test('who has no registration under way gets a page that explains', async (t) => {
  const s = await scene(t)
  for (const path of [
    '/contrast',
    '/channels',
    '/letter/request',
    '/contact',
    '/phone',
    '/confirm',
    '/done',
    '/refused',
  ]) {
    const answer = await s.browser().open(`/register${path}`)
    t.equal(answer.status, 410, path)
    t.equal(headingOf(answer), say('refusal:REGISTER-13-expired.title'))
  }
  const other = await s.browser().send('/confirm', { terms: 'accepted' })
  t.not(other.status, 200)
})

t.test('a registration is bound to its browser: another one with its id reaches nothing', async (t) => {
  const s = await scene(t)
  const person = s.browser()
  await person.identify('99999994L')
  const stranger = s.browser()
  await stranger.get('/register')
  t.equal((await stranger.open('/register/channels')).status, 410)
})

t.test(
  'a form of an earlier registration is not taken for the one that began since: another tab, another person',
  async (t) => {
    const s = await scene(t)
    const person = s.browser()
    await person.identify('99999994L')
    await person.csv(csv)
    const { body } = await person.get('/register/contact')
    const old = /name="journey" value="([^"]*)"/.exec(body)?.[1] ?? ''
    await person.identify('99999995C')
    const answer = await person.send('/letter/request', { journey: old })
    t.equal(answer.status, 409)
    t.equal(headingOf(answer), say('refusal:REGISTER-14-another-begun.title'))
    t.equal((await person.open('/register/channels')).status, 200, 'the other one goes on')
  },
)

t.test('a registration lives 20 minutes, can be given more, and never more than an hour', async (t) => {
  const s = await scene(t)
  const person = s.browser()
  await person.identify('99999994L')
  s.clock.advance(19 * 60)
  const more = async () => person.post('/register/more-time', {}, { accept: 'application/json' })
  t.match(JSON.parse((await more()).body), { seconds: 1200 })
  s.clock.advance(19 * 60)
  t.match(JSON.parse((await more()).body), { seconds: 1200 })
  s.clock.advance(19 * 60)
  t.match(JSON.parse((await more()).body), { seconds: 180 })
  t.notMatch((await person.open('/register/channels')).body, 'more-time', 'more is not offered any longer')
  s.clock.advance(180)
  const late = await person.open('/register/channels')
  t.equal(late.status, 410)
  t.equal(headingOf(late), say('refusal:REGISTER-13-expired.title'))
})

t.test('without a script more time leads back to the same page', async (t) => {
  const s = await scene(t)
  const person = s.browser()
  await person.identify('99999994L')
  const answer = await person.submit('/register/more-time?page=letter-request')
  t.equal(answer.at, '/register/letter/request')
  t.equal((await person.submit('/register/more-time?page=done')).at, '/register/channels')
})

t.test('cancelling forgets the registration', async (t) => {
  const s = await scene(t)
  const person = s.browser()
  await person.identify('99999994L')
  t.equal((await person.submit('/register/leave')).at, '/register')
  t.equal((await person.open('/register/channels')).status, 410)
})

t.test('no form is taken without the token of the browser', async (t) => {
  const s = await scene(t)
  const person = s.browser()
  await person.identify('99999994L')
  const answer = await s.app.inject({
    method: 'POST',
    url: '/register/leave',
    cookies: Object.fromEntries(person.cookies),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: '',
  })
  t.equal(answer.statusCode, 403)
  t.equal((await person.open('/register/channels')).status, 200)
})

/** Every form there is, and a person who stands before it. */
const forms: Readonly<
  Record<string, { readonly fields: readonly string[]; readonly go: (person: Person) => Promise<unknown> }>
> = {
  '': { fields: ['document', 'letter'], go: (person) => person.get('/register') },
  '/contrast': {
    fields: ['contrast', 'journey'],
    go: async (person) => {
      await person.get('/register')
      await person.send('', { document: '99999994L' })
    },
  },
  '/letter/request': { fields: ['journey'], go: (person) => person.identify('99999994L') },
  '/letter': { fields: ['csv', 'journey'], go: (person) => person.identify('99999994L') },
  '/contact': {
    fields: ['phone', 'email', 'iban', 'journey'],
    go: async (person) => {
      await person.identify('99999994L')
      await person.csv(csv)
    },
  },
  '/phone': {
    fields: ['code', 'action', 'journey'],
    go: async (person) => {
      await person.identify('99999994L')
      await person.csv(csv)
      await person.contact('600000008')
    },
  },
  '/confirm': {
    fields: ['terms', 'journey'],
    go: async (person) => {
      await person.identify('99999994L')
      await person.csv(csv)
      await person.contact('600000008')
      await person.code()
    },
  },
}
const complete = { document: '99999994L', contrast: 'x', csv: 'x', phone: 'x', email: '', code: 'x', terms: 'no' }

const nasty = [
  'x'.repeat(5_000),
  'a@b.es\r\nBcc: c@d.es',
  "'; drop table citizen; --",
  '<script>alert(1)</script>',
  '../../../etc/passwd',
  '=HYPERLINK("http://x")',
  '\u0000\u0000',
  '\ud800',
  '${7*7}{{7*7}}',
  '٠١٢٣٤٥',
]

for (const [path, { fields, go }] of Object.entries(forms))
  t.test(`/register${path}: whatever is typed into a field is answered with a page, and does nothing`, async (t) => {
    const s = await scene(t, { limits: { contrastFailures: 100, csvTries: 100, codeTries: 10, codesPerHour: 100 } })
    for (const field of fields)
      for (const text of nasty) {
        const person = s.browser()
        await go(person)
        const sent = s.sms.length
        const answer: Answered = await person.send(path, { ...complete, [field]: text })
        t.ok(
          [200, 400, 409, 413, 422].includes(answer.status),
          `${field} ${JSON.stringify(text).slice(0, 30)} ${answer.status}`,
        )
        t.notMatch(answer.body, '<script>alert')
        t.not(headingOf(answer), '', 'a page of ours')
        t.equal(s.sms.length, sent, 'no SMS goes out')
        t.same(s.emails, [])
      }
    t.same(problemsOf(await s.browser().open('/register')), [])
  })

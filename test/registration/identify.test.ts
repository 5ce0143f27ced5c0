import t, { type Test } from 'tap'
import { citizensIn } from '../../src/citizen/index.ts'
import { contrastOf, eventsOf, headingOf, problemsOf, say, scene, type Scene } from './scene.ts'

/** One of each kind of document there is. */
const documents = {
  unknown: '11111111H',
  unregistered: '99999995C',
  'with a letter': '99999994L',
  minor: '99999993H',
  deceased: '99999992V',
  renounced: '99999990S',
  expired: '99999996K',
  registered: '99999999R',
}
const notRecognised = ['body', 'remedy'].map((part) => say(`refusal:CITIZEN-01-not-recognised.${part as 'body'}`))

t.test('wrong data never tell which field is wrong, nor whether the person exists or is registered', async (t) => {
  const s = await scene(t)
  const pages = new Set<string>()
  for (const [kind, document] of Object.entries(documents)) {
    const answer = await s.browser().identify(document, '01/02/2033')
    t.equal(answer.status, 422, kind)
    t.same(problemsOf(answer), notRecognised, kind)
    pages.add(plain(answer.body, document))
  }
  t.equal(pages.size, 1, 'the page is the same to the letter')
})

/** A page without what is another one each time. */
const plain = (body: string, document: string): string =>
  body
    .replaceAll(document, '')
    .replace(/(name="(journey|_csrf)" value|nonce)="[^"]*"|said=[\w-]*/g, '')
    .replace(/clave-incident__number">[^<]*/g, '')

/** Selects that are sent at the same time: which of them gets a connection first is chance. */
const atOnce = ['citizen.by-document', 'known-browser.standing-to-register']
const inOrder = (trace: readonly string[]): readonly string[] => [
  ...trace.filter((name) => atOnce.includes(name)).toSorted(),
  ...trace.filter((name) => !atOnce.includes(name)),
]

async function sameWork(t: Pick<Test, 'same'>, s: Scene): Promise<readonly string[]> {
  const traces: Record<string, readonly string[]> = {}
  for (const [kind, document] of Object.entries(documents)) {
    const person = s.browser()
    await person.get('/register')
    await person.send('', { document })
    await person.open('/register/contrast')
    s.trace.length = 0
    await person.post('/register/contrast', { journey: await journeyOf(person), contrast: '01/02/2033' })
    traces[kind] = inOrder(s.trace)
  }
  const { registered = [] } = traces
  for (const [kind, trace] of Object.entries(traces)) t.same(trace, registered, `${kind}: the same work`)
  return registered
}
const journeyOf = async (person: ReturnType<Scene['browser']>): Promise<string> =>
  /name="journey" value="([^"]*)"/.exec((await person.get('/register/contrast')).body)?.[1] ?? ''

t.test('a wrong contrast costs the same statements whatever the document is', async (t) => {
  const s = await scene(t)
  const trace = await sameWork(t, s)
  t.ok(trace.includes('civil-register.find') && trace.includes('failure.count-sides'))
})

t.test('so it does at the failure that begins a refusal, and while the document is refused', async (t) => {
  const s = await scene(t)
  for (const document of Object.values(documents))
    for (let nth = 1; nth <= 4; nth++) await s.browser().identify(document, '01/02/2033')
  await sameWork(t, s)
  const refused = await sameWork(t, s)
  t.notOk(refused.includes('civil-register.find'), 'nothing is compared any more')
})

t.test('five wrong contrasts refuse the document for a quarter of an hour, the right one as well', async (t) => {
  const s = await scene(t)
  for (let nth = 1; nth <= 5; nth++) await s.browser().identify('99999995C', '01/02/2033')
  const refused = await s.browser().identify('99999995C')
  t.equal(refused.status, 429)
  t.same(problemsOf(refused)[0], say('refusal:CITIZEN-02-too-many-tries.body'))
  t.equal(headingOf(await s.browser().identify('99999994L')), say('register:channels.title'), 'nobody else is refused')
  s.clock.advance(15 * 60)
  t.equal(headingOf(await s.browser().identify('99999995C')), say('register:channels.title'))
})

t.test('failures here and at login are counted together, for the same document', async (t) => {
  const s = await scene(t)
  for (let nth = 1; nth <= 4; nth++) await s.browser().identify('99999999R', '01/02/2033')
  const failed = await s.parts.lockout.failed(s.db, 'contrast', '99999999R', false)
  t.equal(failed.failures, 5)
})

t.test('many failures from one address slow it down, whatever documents they were at', async (t) => {
  const s = await scene(t, { limits: { addressFailures: 3 } })
  for (const document of Object.values(documents)) await s.browser().identify(document, '01/02/2033')
  t.ok(s.waits.some((ms) => ms > 0))
})

t.test('the silence of the register is said, and is nobody’s failure', async (t) => {
  const s = await scene(t)
  const real = s.register
  s.register = { ask: async () => 'silent' }
  for (let nth = 1; nth <= 6; nth++) {
    const answer = await s.browser().identify('99999995C')
    t.equal(answer.status, 503)
    t.same(problemsOf(answer)[0], say('refusal:REGISTER-06-register-silent.body'))
  }
  s.register = real
  t.equal(headingOf(await s.browser().identify('99999995C')), say('register:channels.title'))
})

const refused = [
  ['an expired document', '99999996K', 'REGISTER-01-document-expired', 403],
  ['a minor', '99999993H', 'REGISTER-02-minor', 403],
  ['somebody deceased', '99999992V', 'REGISTER-03-deceased', 403],
  ['somebody registered', '99999999R', 'REGISTER-04-already-registered', 409],
  ['somebody who renounced', '99999990S', 'REGISTER-05-renounced', 403],
] as const

for (const [who, document, code, status] of refused)
  t.test(`${who} is told so on a page of its own, and only once the contrast is right`, async (t) => {
    const s = await scene(t)
    const person = s.browser()
    t.same(problemsOf(await person.identify(document, '01/02/2033')), notRecognised)
    const answer = await person.identify(document, contrastOf(document))
    t.equal(headingOf(answer), say(`refusal:${code}.title`))
    t.equal(answer.status, status)
    for (const path of ['/channels', '/letter/request', '/letter', '/contact', '/phone', '/confirm', '/done'])
      t.equal(headingOf(await person.open(`/register${path}`)), say(`refusal:${code}.title`), `${path} is closed`)
    t.same(await eventsOf(s), [])
  })

t.test('somebody who is 18 since today may register', async (t) => {
  const s = await scene(t)
  const real = s.register
  s.register = {
    ask: async (...asked) => {
      const person = await real.ask(...asked)
      return person && person !== 'silent' ? { ...person, bornOn: '2008-11-21' } : person
    },
  }
  t.equal(headingOf(await s.browser().identify('99999993H', contrastOf('99999993H'))), say('register:channels.title'))
})

t.test('each contrast is asked for by the kind of the document, and understood as people type it', async (t) => {
  const s = await scene(t)
  const dni = s.browser()
  await dni.get('/register')
  t.equal(headingOf(await dni.send('', { document: '99.999.995-c' })), say('register:contrast.dni.title'))
  t.equal(headingOf(await dni.send('/contrast', { contrast: '28-2-2032' })), say('register:channels.title'))
  const nie = s.browser()
  await nie.get('/register')
  t.equal(headingOf(await nie.send('', { document: 'z-9999999-h' })), say('register:contrast.nie.title'))
  t.equal(headingOf(await nie.send('/contrast', { contrast: 'e 87654321' })), say('register:channels.title'))
})

t.test('of a permanent DNI the issue date is the contrast, and 01-01-9999 is explained', async (t) => {
  const s = await scene(t)
  await citizensIn(s.db, s.clock).renewContrast('99999999-0000-4000-8000-000000000003', {
    kind: 'issued',
    date: '1998-03-02',
  })
  const wrong = await s.browser().identify('99999997E', '01/01/9999')
  t.same(problemsOf(wrong), [say('register:contrast.dni.permanent')])
  const right = await s.browser().identify('99999997E', '2/3/1998')
  t.equal(headingOf(right), say('refusal:REGISTER-04-already-registered.title'))
})

t.test('what is no document is said beside its field, and nothing is looked up', async (t) => {
  const s = await scene(t)
  const person = s.browser()
  await person.get('/register')
  for (const [typed, text] of [
    ['', 'empty'],
    ['123', 'form'],
    ['99999995A', 'letter'],
  ] as const) {
    s.trace.length = 0
    t.same(problemsOf(await person.send('', { document: typed })), [say(`register:document.${text}`)])
    t.same(
      s.trace.filter((name) => !name.startsWith('ephemeral.')),
      [],
    )
  }
})

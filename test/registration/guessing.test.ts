import { hash } from 'node:crypto'
import t from 'tap'
import { statement } from '../../src/platform/index.ts'
import { csv, mortalScene, type MortalScene, type Somebody } from './mortal-scene.ts'
import { codeOf, contrastOf, headingOf, problemsOf, say, type Answered, type Person } from './scene.ts'

// Guessing over many citizens from many addresses (domain, "Counting failures"): what belongs to a person or a code is
// counted there, whoever guesses; addresses only slow down; the rightful citizen gets through.

const address = (nth: number): string => `198.51.${Math.floor(nth / 250)}.${1 + (nth % 250)}`
const wrongDay = '01/02/2033'
const wrongCsv = (nth: number): string => `${csv.slice(0, 15)}${'ABCDEFGHJKLMNPQR'.charAt(nth % 16)}`
const wrongCode = (code: string, nth = 1): string => String((Number(code) + nth) % 1_000_000).padStart(6, '0')

async function identify(by: Person, document: string, contrast: string): Promise<Answered> {
  await by.get('/register')
  await by.send('', { document })
  return by.send('/contrast', { contrast })
}

/** Makes this browser one that completed a login of this citizen. */
async function makeKnown(s: MortalScene, by: Person, document: string): Promise<void> {
  await by.get('/register')
  await by.send('', { document })
  const browser = hash('sha256', by.cookies.get('clave-browser') ?? '', 'base64url')
  await s.parts.lockout.completed(s.db, document, browser, false, [])
}

const failures = statement<{ failures: number }>(
  'test.failures',
  'select coalesce(sum(failures), 0)::int as failures from failure where subject = $1',
)
const failuresOf = async (s: MortalScene, document: string): Promise<number> =>
  (await s.db.row(failures, [s.parts.digest('lockout', document)]))?.failures ?? 0

t.test('contrasts of one citizen, from a hundred addresses at once: five are heard, and no one is', async (t) => {
  const s = await mortalScene(t)
  const guessers = Array.from({ length: 100 }, (_, nth) => s.walker(address(nth)))
  const answers = await Promise.all(guessers.map((by) => identify(by, '99999999R', wrongDay)))
  t.equal(await failuresOf(s, '99999999R'), 5)
  t.equal(answers.filter(({ status }) => status === 422).length, 4)
  t.equal(answers.filter(({ status }) => status === 429 || status === 503).length, 96)
  const right = await identify(s.walker(address(200)), '99999999R', contrastOf('99999999R'))
  t.equal(right.status, 429, 'the right one is not heard either, from a browser that nobody knows')
})

t.test('a guesser from one place shuts that place out, not the person, who never had a browser here', async (t) => {
  const s = await mortalScene(t)
  const { document, contrast } = await s.somebody(1)
  for (let nth = 0; nth < 60; nth++) {
    await identify(s.walker(address(nth)), document, wrongDay)
    if (nth % 10 === 9) s.clock.advance(86_400)
  }
  t.equal((await identify(s.walker(address(60)), document, wrongDay)).status, 422, 'a day later a place is heard again')
  for (let nth = 0; nth < 5; nth++) await identify(s.walker(address(nth)), document, wrongDay)
  t.equal((await identify(s.walker(address(60)), document, contrast)).status, 429)
  t.equal(headingOf(await identify(s.walker('203.0.113.7'), document, contrast)), say('register:channels.title'))
})

t.test('failures at a login refuse nobody at the registration', async (t) => {
  const s = await mortalScene(t)
  const { document, contrast } = await s.somebody(1)
  for (let nth = 0; nth < 5; nth++) await s.parts.lockout.failed(s.db, 'contrast', document, false)
  t.equal(headingOf(await identify(s.walker('203.0.113.7'), document, contrast)), say('register:channels.title'))
})

t.test('guesses at the registration refuse at login after five, and make that refusal no longer', async (t) => {
  const s = await mortalScene(t)
  for (let nth = 0; nth < 20; nth++) await identify(s.walker(`10.1.${nth}.1`), '99999999R', wrongDay)
  const { refusedUntil } = await s.parts.lockout.standing(s.db, '99999999R', 'another browser', ['contrast'])
  t.equal(refusedUntil && (refusedUntil.getTime() - s.clock.now().getTime()) / 60_000, 15)
})

t.test(
  'from many networks 25 are heard, then everybody waits as long as at login: whether there is such a person or not',
  async (t) => {
    for (const document of ['99999999R', '99999995C', '11111111H']) {
      const s = await mortalScene(t)
      const answers: number[] = []
      for (let nth = 0; nth < 40; nth++)
        answers.push((await identify(s.walker(`10.1.${nth}.1`), document, wrongDay)).status)
      t.equal(answers.filter((status) => status === 422).length, 24, document)
      t.equal(answers.indexOf(429), 24, 'the last one begins the refusal')
      s.clock.advance(15 * 60 - 1)
      t.equal((await identify(s.walker('203.0.113.7'), document, wrongDay)).status, 429)
      s.clock.advance(1)
      t.equal((await identify(s.walker('203.0.113.7'), document, wrongDay)).status, 422)
    }
  },
)

t.test(
  'whoever holds the invitation letter is heard while everybody is refused, with the right contrast',
  async (t) => {
    const s = await mortalScene(t)
    const one = await s.somebody(1)
    for (let nth = 0; nth < 25; nth++) await identify(s.walker(`10.1.${nth}.1`), one.document, wrongDay)
    const owner = s.walker('203.0.113.7')
    const refused = await identify(owner, one.document, one.contrast)
    t.equal(refused.status, 429)
    t.match(refused.body, say('register:contrast.letter'))
    t.equal((await owner.send('/contrast', { contrast: one.contrast, csv: wrongCsv(1) })).status, 429)
    t.equal(headingOf(await owner.send('/contrast', { contrast: one.contrast, csv })), say('register:channels.title'))
    t.equal(headingOf(await owner.csv(csv)), say('register:contact.title'), 'the wrong code counted nowhere')
  },
)

t.test(
  'a stolen letter buys five guesses at the contrast while the document is refused, and dies of them',
  async (t) => {
    const s = await mortalScene(t)
    const one = await s.somebody(1)
    for (let nth = 0; nth < 25; nth++) await identify(s.walker(`10.1.${nth}.1`), one.document, wrongDay)
    const thief = s.walker('203.0.113.7')
    await identify(thief, one.document, wrongDay)
    for (let nth = 0; nth < 5; nth++) t.equal((await thief.send('/contrast', { contrast: wrongDay, csv })).status, 429)
    t.equal((await thief.send('/contrast', { contrast: one.contrast, csv })).status, 429)
  },
)

t.test('while strangers are refused, the citizen’s own browser is heard', async (t) => {
  const s = await mortalScene(t)
  const own = s.walker('203.0.113.7')
  await makeKnown(s, own, '99999999R')
  for (let nth = 0; nth < 20; nth++) await identify(s.walker(address(nth)), '99999999R', wrongDay)
  const answer = await identify(own, '99999999R', contrastOf('99999999R'))
  t.equal(headingOf(answer), say('refusal:REGISTER-04-already-registered.title'))
})

t.test('contrasts of many citizens: nobody is refused, the address is held, other addresses are not', async (t) => {
  const s = await mortalScene(t, { limits: { addressFailures: 10 } })
  const people: Somebody[] = []
  for (let nth = 1; nth <= 30; nth++) people.push(await s.somebody(nth))
  for (const { document } of people) t.equal((await identify(s.walker(address(1)), document, wrongDay)).status, 422)
  t.ok(s.waits.length >= 19, `${s.waits.length} of 30 tries were held`)
  t.ok(s.waits.every((ms) => ms <= s.parts.limits.slowLongest))
  s.waits.length = 0
  for (const { document, contrast } of people)
    t.equal(headingOf(await identify(s.walker(address(2)), document, contrast)), say('register:channels.title'))
  t.same(s.waits, [], 'the people themselves are elsewhere')
})

t.test('from many addresses the window over all fills: everybody waits a little, nobody is refused', async (t) => {
  const s = await mortalScene(t, { limits: { overallFailures: 20 } })
  for (let nth = 1; nth <= 40; nth++) {
    const { document } = await s.somebody(nth)
    t.equal((await identify(s.walker(address(nth)), document, wrongDay)).status, 422)
  }
  t.ok(s.waits.length >= 19, `${s.waits.length} of 40 tries were held`)
  const { document, contrast } = await s.somebody(41)
  t.equal(headingOf(await identify(s.walker(address(99)), document, contrast)), say('register:channels.title'))
})

t.test(
  'CSVs of many letters, four at each from four addresses: no letter dies, and each of its owners registers',
  async (t) => {
    const s = await mortalScene(t, { limits: { addressFailures: 20 } })
    const people: Somebody[] = []
    for (let nth = 1; nth <= 10; nth++) people.push(await s.somebody(nth))
    for (const [at, { document, contrast }] of people.entries())
      for (let nth = 0; nth < 4; nth++) {
        const guesser = s.walker(address(nth))
        await identify(guesser, document, contrast)
        t.same(
          problemsOf(await guesser.csv(wrongCsv(nth))),
          [say('refusal:REGISTER-09-csv-wrong.body', { count: 4 - nth })],
          String(at),
        )
      }
    for (const { document, contrast } of people) {
      const owner = s.walker('203.0.113.7')
      await identify(owner, document, contrast)
      t.equal(headingOf(await owner.csv(csv)), say('register:contact.title'))
    }
  },
)

t.test('without the contrast nobody gets at a letter’s count: a document alone kills nothing', async (t) => {
  const s = await mortalScene(t)
  const one = await s.somebody(1)
  const guesser = s.walker()
  await guesser.get('/register')
  await guesser.send('', { document: one.document })
  for (let nth = 0; nth < 10; nth++) await guesser.send('/letter', { csv: wrongCsv(nth) })
  await identify(guesser, one.document, wrongDay)
  for (let nth = 0; nth < 10; nth++) await guesser.send('/letter', { csv: wrongCsv(nth) })
  const owner = s.walker('203.0.113.7')
  await identify(owner, one.document, one.contrast)
  t.equal(headingOf(await owner.csv(csv)), say('register:contact.title'))
})

t.test('whose letter was killed by guesses asks for another one, at once', async (t) => {
  const s = await mortalScene(t)
  const one = await s.somebody(1)
  for (let nth = 0; nth < 6; nth++) {
    const guesser = s.walker(address(nth))
    await identify(guesser, one.document, one.contrast)
    await guesser.csv(wrongCsv(nth))
  }
  const owner = s.walker('203.0.113.7')
  await identify(owner, one.document, one.contrast)
  t.same(problemsOf(await owner.csv(csv))[0], say('refusal:REGISTER-10-no-letter.body'))
  t.equal(headingOf(await owner.send('/letter/request')), say('register:asked.title'))
})

async function atPhone(s: MortalScene, one: Somebody, from = '192.0.2.1'): Promise<Person> {
  const by = s.walker(from)
  await identify(by, one.document, one.contrast)
  await by.csv(csv)
  t.equal(headingOf(await by.contact(one.phone)), say('register:phone.title'))
  return by
}

t.test(
  'SMS codes: three guesses a code, nine at a person however many codes were sent and from wherever',
  async (t) => {
    const s = await mortalScene(t, { limits: { codesPerHour: 100 } })
    const one = await s.somebody(1)
    let heard = 0
    for (let nth = 0; nth < 10; nth++) {
      const by = await atPhone(s, one, address(nth))
      const { status } = await by.code(wrongCode(codeOf(s.sms.at(-1)), 1 + nth))
      if (status === 422) heard++
    }
    t.equal(heard, 8, 'the ninth begins the refusal')
    t.equal(await failuresOf(s, one.document), 9)
    const owner = await atPhone(s, one, '203.0.113.7')
    t.equal((await owner.code()).status, 429, 'a right one is not heard while it lasts')
    s.clock.advance(15 * 60)
    const later = await atPhone(s, one, '203.0.113.7')
    t.equal(headingOf(await later.code()), say('register:confirm.title'))
  },
)

t.test('SMS codes of many people: each has its own count, and the address is held', async (t) => {
  const s = await mortalScene(t, { limits: { addressFailures: 10 } })
  for (let nth = 1; nth <= 12; nth++) {
    const by = await atPhone(s, await s.somebody(nth), address(1))
    t.same(problemsOf(await by.code(wrongCode(codeOf(s.sms.at(-1))))), [
      say('refusal:CODE-01-wrong.body', { count: 2 }),
    ])
    t.equal(headingOf(await by.code()), say('register:confirm.title'), 'the right one is heard')
  }
  t.ok(s.waits.length > 0)
})

async function activate(by: Person, one: { document: string; email: string }, activation: string): Promise<Answered> {
  await by.open('/permanente/activate')
  return by.submit('/permanente/activate', { document: one.document, email: one.email, activation })
}

t.test(
  'activation codes of many citizens, four at each from many addresses: each owner activates with the fifth',
  async (t) => {
    const s = await mortalScene(t, { limits: { addressFailures: 5 } })
    for (let nth = 1; nth <= 8; nth++) {
      const one = await s.registered(nth)
      for (let guess = 0; guess < 4; guess++)
        t.equal((await activate(s.walker(address(guess)), one, `AAAAA-AAAA${guess}`)).status, 422)
      t.equal(headingOf(await activate(s.walker('203.0.113.7'), one, one.code)), say('permanente:sms.title'))
    }
    t.ok(s.waits.length > 0, 'and the guessers’ addresses are held')
  },
)

t.test(
  'a document and no e-mail: its code lives on, strangers are refused, the citizen’s own browser activates',
  async (t) => {
    const s = await mortalScene(t)
    const one = await s.registered(1)
    const own = s.walker('203.0.113.7')
    await makeKnown(s, own, one.document)
    for (let nth = 0; nth < 20; nth++)
      await activate(s.walker(address(nth)), { ...one, email: 'somebody@example.org' }, 'AAAAA-AAAAA')
    t.equal((await activate(s.walker(address(99)), one, one.code)).status, 429)
    t.equal(headingOf(await activate(own, one, one.code)), say('permanente:sms.title'))
  },
)

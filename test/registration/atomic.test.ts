import t from 'tap'
import { statement } from '../../src/platform/index.ts'
import { isRefusal } from '../../src/refusal/index.ts'
import { checkCsv } from '../../src/registration/letter/check-csv.ts'
import { completeRegistration, type Completing } from '../../src/registration/complete-registration.ts'
import { askLetter } from '../../src/registration/letter/ask-letter.ts'
import { renounce } from '../../src/registration/index.ts'
import { dyingAt, Killed } from './failpoints.ts'
import { citizen, scene, type Scene } from './scene.ts'

const caller = { browser: 'a browser', address: '192.0.2.1' }

interface Counts {
  readonly registered: number
  readonly letters: number
  readonly alive: number
  readonly used: number
  readonly codes: number
  readonly events: number
  readonly messages: number
}
const counts = statement<Counts>(
  'test.counts',
  `select (select count(*) from citizen where registration_level is not null)::int as registered,
     (select count(*) from letter)::int as letters,
     (select count(*) from letter where used_at is null and killed_at is null)::int as alive,
     (select count(*) from letter where used_at is not null)::int as used,
     (select count(*) from activation_code)::int as codes,
     (select count(*) from audit_event)::int as events,
     (select count(*) from outbox)::int as messages`,
)
const countsOf = async ({ db }: Scene): Promise<Counts> => (await db.row(counts))!

async function completingOf(s: Scene): Promise<Completing> {
  const document = '99999994L'
  const csv = await checkCsv(s.parts, document, citizen(document).csv ?? '')
  if (isRefusal(csv)) throw new Error(csv.refused)
  return {
    journey: 'a journey',
    who: { document, kind: 'dni', known: false, iban: false },
    proof: { channel: 'letter', csv },
    // Of another citizen, so that a number is taken over as well.
    contact: { phone: citizen('99999999R').phone ?? '', email: 'breixo@example.es' },
    code: '0123456789',
    locale: 'es',
  }
}

for (const when of ['before', 'after'] as const)
  t.test(`killed ${when} any statement of a registration: it happened whole, or not at all`, async (t) => {
    const s = await scene(t)
    const completing = await completingOf(s)
    const before = await countsOf(s)
    let died = 0
    for (let nth = 1; ; nth++) {
      const db = dyingAt(s.db, nth, when)
      try {
        await completeRegistration({ ...s.parts, db }, completing, caller)
        break
      } catch (error) {
        if (!(error instanceof Killed)) throw error
        died++
      }
      const now = await countsOf(s)
      // After the commit was carried out, all of it is there; the browser never heard of it.
      if (now.used === 1) break
      t.same(now, before, `at statement ${nth} nothing changed`)
    }
    t.ok(died > 10, `${died} places to die at`)
    const whole = {
      registered: before.registered + 1,
      used: 1,
      alive: 0,
      letters: 1,
      codes: before.codes + 1,
      events: 3,
      messages: 3,
    }
    t.same(await countsOf(s), whole)
    const again = await completeRegistration(s.parts, completing, caller)
    t.notOk(isRefusal(again), 'the same browser that tries again goes on to the end')
    t.same(await countsOf(s), whole, 'and nothing happens twice')
    const other = await completeRegistration(s.parts, { ...completing, journey: 'another' }, caller)
    t.match(other, { refused: 'REGISTER-12-other-was-faster' })
  })

for (const when of ['before', 'after'] as const)
  t.test(`killed ${when} any statement of a request for a letter: one letter is alive, whichever`, async (t) => {
    const s = await scene(t)
    for (let nth = 1; nth < 20; nth++) {
      const db = dyingAt(s.db, nth, when)
      const asked = await askLetter({ ...s.parts, db }, '99999994L', 'es', caller).catch((error: unknown) => {
        if (!(error instanceof Killed)) throw error
      })
      const now = await countsOf(s)
      t.equal(now.alive, 1, `at statement ${nth}`)
      // Killed and asked for belong together: the first letter was never asked for here.
      t.equal(now.events, (now.letters - 1) * 2)
      if (asked) break
    }
    t.ok((await countsOf(s)).letters >= 2)
  })

t.test('killed at any statement of a renuncia: it happened whole, or not at all', async (t) => {
  const s = await scene(t)
  const { id } = citizen('99999999R')
  const before = await countsOf(s)
  let ended = 0
  const parts = { ...s.parts, endUse: async () => void ended++ }
  for (let nth = 1; ; nth++) {
    const work = dyingAt(s.db, nth, 'before').transaction((tx) => renounce(tx, parts, id, 'account'))
    const done = await work.catch((error: unknown) => {
      if (!(error instanceof Killed)) throw error
    })
    if (done) break
    t.same(await countsOf(s), before, `at statement ${nth} nothing changed`)
  }
  t.same(await countsOf(s), { ...before, registered: before.registered - 1, events: 1, messages: 1 })
  t.ok(ended > 0)
})

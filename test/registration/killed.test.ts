import { readdir } from 'node:fs/promises'
import t from 'tap'
import { statement, type Db } from '../../src/platform/index.ts'
import { makeLetters, readAcknowledgements, redeemActivationCode } from '../../src/registration/index.ts'
import { checkCsv } from '../../src/registration/letter/check-csv.ts'
import { csv, mortalScene, wholeOf, type MortalScene, type Somebody } from './mortal-scene.ts'
import { printer } from './printer.ts'
import { codeOf, headingOf, problemsOf, say, type Person } from './scene.ts'

// Each path of a registration is walked again and again; each time the process dies one statement later, another one takes
// over with nothing in memory, and the person (or the job) tries again what had no answer.

t.setTimeout(120_000)
const times = ['before', 'after'] as const

/** Walks until a walk comes to its end alive; answers how often it died. */
async function everywhere(s: MortalScene, when: (typeof times)[number], walk: (nth: number) => Promise<void>) {
  for (let nth = 1; ; nth++) {
    s.dieAt(nth, when)
    await walk(nth)
    const died = s.died()
    s.mortal.revive()
    if (!died) return nth - 1
  }
}

async function identify(s: MortalScene, by: Person, document: string, contrast: string, letter = ''): Promise<void> {
  await s.insist(() => by.open(`/register${letter && '?letter=yes'}`))
  await s.insist(() => by.send('', { document, letter }))
  await s.insist(() => by.send('/contrast', { contrast }))
}

const letters = statement<{ alive: number; made: number }>(
  'test.alive-letters',
  `select count(*) filter (where used_at is null and killed_at is null)::int as alive,
     count(*) filter (where made_at is not null and killed_at is null)::int as made from letter where document = $1`,
)
const forgetAllowances = statement('test.forget-allowances', 'delete from letter_allowance')

for (const when of times)
  t.test(
    `killed ${when} any statement of asking, printing and acknowledging: one letter is alive and was printed once`,
    async (t) => {
      const s = await mortalScene(t)
      const print = printer(s.press)
      const document = '99999995C'
      const answered = new Set<string>()
      const died = await everywhere(s, when, async (nth) => {
        await s.db.row(forgetAllowances)
        const by = s.walker()
        await identify(s, by, document, '28/02/2032')
        const asked = await s.insist(() => by.send('/letter/request'))
        t.equal(headingOf(asked), say('register:asked.title'), `killed at ${nth}`)
        t.same(await s.db.row(letters, [document]), { alive: 1, made: 0 }, `killed at ${nth}: one is alive`)
        await s.again((db) => makeLetters({ ...s.press, db }))
        await print.look()
        t.equal(print.printed.length, nth, `killed at ${nth}: printed once`)
        const [last] = print.printed.slice(-1)
        t.type(
          await checkCsv(s.parts, document, (last?.csv ?? '').replaceAll(' ', '')),
          'string',
          'with a CSV that is right',
        )
        for (const batch of print.manifests.keys()) if (!answered.has(batch)) await print.answer(batch)
        for (const batch of print.manifests.keys()) answered.add(batch)
        await s.again((db) => readAcknowledgements({ ...s.press, db }))
        t.same(await readdir(s.press.directory), [], `killed at ${nth}: the files went`)
      })
      t.ok(died > 20, `${died} places to die at`)
      t.equal(new Set(print.printed.map(({ csv }) => csv)).size, died + 1)
      t.same(await s.auditFaults(), [])
    },
  )

async function register(t: Assert, s: MortalScene, by: Person, one: Somebody): Promise<void> {
  await identify(s, by, one.document, one.contrast, 'yes')
  t.equal(headingOf(await s.insist(() => by.send('/letter', { csv }))), say('register:contact.title'))
  const sms = await s.insist(() => by.send('/contact', { phone: one.phone, email: one.email }))
  t.equal(headingOf(sms), say('register:phone.title'))
  const code = codeOf(s.sms.at(-1))
  t.equal(
    headingOf(await s.insist(() => by.send('/phone', { code }))),
    say('register:confirm.title'),
    'the code was right',
  )
  t.equal(headingOf(await s.insist(() => by.confirm())), say('register:done.title'))
}
type Assert = Pick<typeof t, 'equal' | 'same' | 'ok'>

const nothing = { registrations: 0, letters: 0, events: 0, codes: 0, welcomes: 0 }
const everything = { registrations: 1, letters: 1, events: 1, codes: 1, welcomes: 1 }

for (const when of times)
  t.test(
    `killed ${when} any statement of a registration: never a half one, and who tries again is registered once`,
    async (t) => {
      const s = await mortalScene(t)
      const died = await everywhere(s, when, async (nth) => {
        const one = await s.somebody(nth)
        const by = s.walker()
        const half: unknown[] = []
        const watching: Person = {
          ...by,
          async send(...form) {
            const answer = await by.send(...form)
            const now = await wholeOf(s, one)
            if (JSON.stringify(now) !== JSON.stringify(now.registrations ? everything : nothing)) half.push(now)
            return answer
          },
        }
        await register(t, s, watching, one)
        t.same(half, [], `killed at ${nth}: whole, or not at all`)
        t.same(await wholeOf(s, one), everything, `killed at ${nth}: registered once`)
        t.equal(s.emails.filter(({ to, text }) => to === one.email && text.kind === 'receipt').length > 0, true)
        t.match(await checkCsv(s.parts, one.document, csv), { refused: 'REGISTER-10-no-letter' }, 'its CSV is used up')
      })
      t.ok(died > 25, `${died} places to die at`)
      t.same(await s.auditFaults(), [])
    },
  )

const lives = statement<{ passwords: number; codes: number; activated: number; renounced: number; mails: number }>(
  'test.lives',
  `select (select count(*) from permanente_password where citizen_id = $1)::int as passwords,
     (select count(*) from activation_code where citizen_id = $1 and used_at is null)::int as codes,
     (select count(*) from audit_event where citizen_id = $1 and kind = 'permanente-activated')::int as activated,
     (select count(*) from audit_event where citizen_id = $1 and kind = 'renounced')::int as renounced,
     (select count(*) from outbox where citizen = $1 and channel = 'email')::int as mails`,
)

/** The form of the page where the citizen stands, sent once more where something went wrong. */
async function activate(s: MortalScene, one: Somebody & { readonly code: string }): Promise<string> {
  const by = s.walker()
  let here = await s.insist(() => by.open('/permanente/activate'))
  const fill = async (form: Record<string, string>) => {
    const action = /<form method="post" action="([^"]+)" novalidate>/.exec(here.body)?.[1] ?? here.at
    here = await s.insist(() => by.submit(action, form))
  }
  await fill({ document: one.document, email: one.email, activation: one.code })
  await fill({ code: s.lastCode() })
  s.clock.advance(1)
  await fill({ password: 'roble verde 26' })
  return headingOf(here) || problemsOf(here).join()
}

for (const when of times)
  t.test(
    `killed ${when} any statement of an activation and a renuncia: each happens once, and its code is used up`,
    async (t) => {
      const s = await mortalScene(t)
      const died = await everywhere(s, when, async (nth) => {
        const one = await s.registered(nth)
        s.dieAt(nth, when)
        t.equal(await activate(s, one), say('permanente:done.activate'), `killed at ${nth}`)
        t.same(
          await s.db.row(lives, [one.id]),
          { passwords: 1, codes: 0, activated: 1, renounced: 0, mails: 1 },
          `killed at ${nth}`,
        )
        t.equal(await redeem(s.db, s, one), 'dead', 'the code is used up')
        await s.again((db) => s.renounce(db, one.id))
        t.same(
          await s.db.row(lives, [one.id]),
          { passwords: 0, codes: 0, activated: 1, renounced: 1, mails: 2 },
          `killed at ${nth}`,
        )
      })
      t.ok(died > 25, `${died} places to die at`)
      t.same(await s.auditFaults(), [])
    },
  )

const redeem = (db: Db, s: MortalScene, { id, code }: { readonly id: string; readonly code: string }) =>
  db.transaction((tx) => redeemActivationCode(tx, s.parts, id, code))

import t from 'tap'
import { permanenteSweeps, putPassword } from '../../src/authentication/index.ts'
import type { Email } from '../../src/messaging/index.ts'
import type { Teardown } from '../support/database.ts'
import { citizen } from './scene.ts'
import { carmen, lifeScene } from './life-scene.ts'

const day = 86_400
const other = citizen('99999998T')

/** Carmen's password alone, which ends in 730 days. */
async function scene(t: Teardown) {
  const s = await lifeScene(t)
  await s.db.rows({ name: 'test.others', text: `delete from permanente_password where citizen_id <> '${carmen.id}'` })
  const emails: Email[] = []
  const messages = {
    ...s.parts.messages,
    email(message: Email) {
      emails.push(message)
      return s.parts.messages.email(message)
    },
  }
  const [sweep] = permanenteSweeps({ ...s.parts, messages })
  if (!sweep) throw new Error('no sweep')
  return { ...s, emails, sweep: () => sweep.run() }
}

t.test('30, 7 and 1 days ahead, each once', async (t) => {
  const s = await scene(t)
  const ends = s.clock.in(730 * day)
  const expected = [
    [700 * day - 1, []],
    [1, [30]],
    [3_600, []],
    [23 * day - 3_601, []],
    [1, [7]],
    [6 * day, [1]],
    [day - 1, []],
    [1, []],
    [day, []],
  ] as const
  for (const [seconds, days] of expected) {
    s.clock.advance(seconds)
    s.emails.length = 0
    await s.sweep()
    await s.sweep()
    t.same(
      s.emails.map(({ text }) => 'days' in text && text.days),
      days,
    )
    for (const email of s.emails)
      t.match(email, {
        to: carmen.email,
        citizen: carmen.id,
        expires: ends,
        text: { kind: 'password-expires', until: ends },
      })
  }
  t.match(
    (await s.told(carmen.id)).map(({ data }) => data),
    [{ days: 30 }, { days: 7 }, { days: 1 }],
  )
  t.equal(await s.laid(), 3)
})

t.test('of several workers at once each password is warned of by one', async (t) => {
  const s = await scene(t)
  s.clock.advance(700 * day)
  await Promise.all(Array.from({ length: 10 }, s.sweep))
  t.equal(s.emails.length, 1)
  t.equal((await s.told(carmen.id)).length, 1)
})

t.test('where the worker was away, only the most urgent is sent, with the days that are left', async (t) => {
  const s = await scene(t)
  s.clock.advance(727 * day)
  await s.sweep()
  t.match(s.emails, [{ text: { days: 3 } }])
  t.equal(s.emails.length, 1)
})

t.test('in the citizen’s language; not the blocked, the unregistered, those without an address', async (t) => {
  const s = await scene(t)
  const set = s.clock.now()
  const expires = s.clock.in(20 * day)
  for (const document of ['99999991Q', '99999990S', '99999992V', '99999998T', '99999997E']) {
    await putPassword(s.db, { citizen: citizen(document).id, hash: 'x', set, expires })
  }
  await s.db.rows({
    name: 'test.block',
    text: `update permanente_password set blocked_at = set_at where citizen_id = '${citizen('99999991Q').id}'`,
  })
  await s.db.rows({ name: 'test.english', text: `update citizen set locale = 'en' where id = '${other.id}'` })
  await s.db.rows({
    name: 'test.address',
    text: `update citizen set email = null where id = '${citizen('99999997E').id}'`,
  })
  await s.sweep()
  t.match(s.emails, [{ citizen: other.id, locale: 'en', text: { days: 20 } }])
  t.equal(s.emails.length, 1)
})

t.test('a new password begins anew; one killed while it told warns later', async (t) => {
  const s = await scene(t)
  s.clock.advance(725 * day)
  const broken = {
    ...s.parts,
    messages: {
      ...s.parts.messages,
      email: () => {
        throw new Error('killed')
      },
    },
  }
  const [dying] = permanenteSweeps(broken)
  await t.rejects(async () => dying?.run())
  await s.sweep()
  t.equal(s.emails.length, 1)
  await putPassword(s.db, { citizen: carmen.id, hash: 'x', set: s.clock.now(), expires: s.clock.in(730 * day) })
  await s.sweep()
  s.clock.advance(700 * day)
  await s.sweep()
  t.match(s.emails, [{}, { text: { days: 30 } }])
})

t.test('thousands that end on one day are all warned of', async (t) => {
  const s = await scene(t)
  const text = `with people as (
    insert into citizen (id, document, kind, given_name, first_surname, email, locale, registration_level,
      registration_channel, registered_at, updated_at)
    select gen_random_uuid(), lpad(nth::text, 8, '0') || 'A', 'dni', 'A', 'B', 'a@example.org', 'es', 'basic', 'letter',
      $1::timestamptz, $1::timestamptz from generate_series(1, 250) as nth returning id
  ) insert into permanente_password (citizen_id, hash, set_at, expires_at) select id, 'x', $1, $2 from people`
  await s.db.rows({ name: 'test.crowd', text }, [s.clock.now(), s.clock.in(5 * day)])
  await s.sweep()
  t.equal(s.emails.length, 250)
  t.equal(await s.laid(), 250)
})

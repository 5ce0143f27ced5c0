import t from 'tap'
import { isExpired, isMinor, postgresCivilRegister, type CivilRecord } from '../../src/civil-register/index.ts'
import { openDb, statement } from '../../src/platform/index.ts'
import { testClock } from '../support/clock.ts'
import { testDatabase } from '../support/database.ts'

const person: CivilRecord = {
  document: '99999995C',
  name: { given: 'NEREA', firstSurname: 'ETXEBERRIA', secondSurname: 'AGIRRE' },
  bornOn: '1990-02-28',
  deceased: false,
  contrast: { kind: 'valid-until', date: '2032-02-28' },
  domicile: { street: 'Asmatutako kalea 7', postalCode: '48000', town: 'Bilbao', province: 'Bizkaia' },
}

const lockRegister = statement('test.lock', 'lock table civil_register_person in access exclusive mode')
const backends = statement<{ state: string }>(
  'test.backends',
  `select state from pg_stat_activity where application_name = 'clave-test-register' and state <> 'idle'`,
)
const timeout = statement<{ statement_timeout: string }>('test.timeout', 'show statement_timeout')

t.test('the register answers who a document is, alive or not, with or without a domicile', async (t) => {
  const { db } = await testDatabase(t)
  const register = postgresCivilRegister({ db, clock: testClock() })
  const others: CivilRecord[] = [
    { ...person, document: 'X9999999J', contrast: { kind: 'support', number: 'E00012345' }, domicile: undefined },
    { ...person, document: '99999997E', contrast: { kind: 'issued', date: '1998-03-02' } },
    { ...person, document: '99999992V', deceased: true },
  ]
  for (const one of [person, ...others]) {
    await db.transaction((tx) => register.put(tx, one))
    t.same(await register.ask(one.document, 5_000), one)
  }
  t.equal(await register.ask('00000001R', 5_000), undefined)
})

t.test('an answer that comes too late is silence, and holds no connection afterwards', async (t) => {
  const { db, ownerUrl, url } = await testDatabase(t)
  const small = openDb({ url, size: 2, applicationName: 'clave-test-register' })
  const owner = openDb({ url: ownerUrl, size: 1 })
  t.teardown(() => Promise.all([small.close(), owner.close()]).then(() => {}))
  const register = postgresCivilRegister({ db: small, clock: testClock() })
  await db.transaction((tx) => register.put(tx, person))
  await owner.transaction(async (tx) => {
    await tx.row(lockRegister)
    const asked = Array.from({ length: 10 }, () => register.ask(person.document, 60))
    t.same(new Set(await Promise.all(asked)), new Set(['silent']), 'more askers than connections, all answered')
    // The limit of PostgreSQL itself frees the connections; the lock is still held.
    while ((await db.rows(backends)).length > 0);
  })
  t.same(await register.ask(person.document, 5_000), person, 'the pool is whole')
  t.same(await small.row(timeout), { statement_timeout: '5s' }, "the limit was the question's own")
})

t.test('a register that cannot be reached is silent', async (t) => {
  const { url } = await testDatabase(t)
  const nowhere = new URL(url)
  nowhere.port = '1'
  const db = openDb({ url: nowhere.href, size: 1 })
  t.teardown(() => db.close())
  t.equal(await postgresCivilRegister({ db, clock: testClock() }).ask(person.document, 5_000), 'silent')
})

t.test('a fault of our own is not taken for silence', async (t) => {
  const { db, ownerUrl } = await testDatabase(t)
  const owner = openDb({ url: ownerUrl, size: 1 })
  await owner.row(statement('test.break', 'alter table civil_register_person rename column born_on to born'))
  await owner.close()
  await t.rejects(postgresCivilRegister({ db, clock: testClock() }).ask(person.document, 5_000), { code: '42703' })
})

t.test('minors are under 18, by the calendar of Spain', async (t) => {
  const table: readonly (readonly [string, string, boolean])[] = [
    ['2008-11-21', '2026-11-20T22:59:59Z', true],
    ['2008-11-21', '2026-11-20T23:00:00Z', false], // midnight in Madrid, winter
    ['2008-07-01', '2026-06-30T21:59:59Z', true],
    ['2008-07-01', '2026-06-30T22:00:00Z', false], // midnight in Madrid, summer
    ['2008-02-29', '2026-02-28T12:00:00Z', true],
    ['2008-02-29', '2026-03-01T12:00:00Z', false],
    ['1936-01-01', '2026-11-21T12:00:00Z', false],
  ]
  for (const [bornOn, now, minor] of table) t.equal(isMinor({ bornOn }, new Date(now)), minor, `${bornOn} at ${now}`)
})

t.test('a document is expired after its validity date; a permanent one and a support number never', async (t) => {
  const now = new Date('2026-11-21T12:00:00Z')
  t.equal(isExpired({ contrast: { kind: 'valid-until', date: '2026-11-20' } }, now), true)
  t.equal(isExpired({ contrast: { kind: 'valid-until', date: '2026-11-21' } }, now), false)
  t.equal(isExpired({ contrast: { kind: 'issued', date: '1998-03-02' } }, now), false)
  t.equal(isExpired({ contrast: { kind: 'support', number: 'E00012345' } }, now), false)
  t.equal(isExpired({ contrast: undefined }, now), false)
})

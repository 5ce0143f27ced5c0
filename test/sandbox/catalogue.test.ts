import t from 'tap'
import { citizensIn, parseContrast, parseDocument } from '../../src/citizen/index.ts'
import { isExpired, isMinor, postgresCivilRegister } from '../../src/civil-register/index.ts'
import { statement } from '../../src/platform/index.ts'
import { readActivationCode } from '../../src/registration/draw-codes.ts'
import { catalogue, typedContrast, type TestCitizen } from '../../src/sandbox/catalogue.ts'
import { seedCatalogue } from '../../src/sandbox/seed.ts'
import { testClock } from '../support/clock.ts'
import { testDatabase, type Teardown } from '../support/database.ts'

const now = new Date('2026-11-21T12:00:00Z')

t.test('the test citizens of the contract, row by row', async (t) => {
  const table: readonly (readonly [string, string, string, string?, string?])[] = [
    ['99999999R', '2031-06-30', 'CARMEN PRUEBA FICTICIA', 'advanced in_person', 'active'],
    ['99999998T', '2030-01-15', 'JOSÉ LUIS MUÑOZ PEÑA', 'basic letter', 'active'],
    ['99999997E', '1998-03-02', "MARIA DEL PILAR DE LA FUENTE Y O'DONNELL-NÚÑEZ", 'basic video'],
    ['X9999999J', 'E00012345', 'WEI ZHANG', 'advanced certificate'],
    ['Y9999999G', 'C09999999', 'SOFIA ROSSI BIANCHI', 'basic video'],
    ['99999996K', '2019-05-05', 'ANTONI CAL·LÍS FERRÀ'],
    ['99999995C', '2032-02-28', 'NEREA ETXEBERRIA AGIRRE'],
    ['99999994L', '2029-11-11', 'BREIXO FIGUEIRAS OUTÓN'],
    ['99999993H', '2033-07-07', 'LUCÍA MENOR DE EDAD'],
    ['99999992V', '2028-08-08', 'DOLORES DIFUNTA PRUEBA', 'advanced in_person'],
    ['99999991Q', '2031-03-03', 'PABLO BLOQUEADO PRUEBA', 'advanced in_person', 'blocked'],
    ['99999990S', '2030-10-10', 'ELENA RENUNCIA PRUEBA'],
    ['99999989Z', '2027-04-04', 'TOMÁS VEINTICUATRO HORAS'],
    ['99999988J', '2034-09-09', 'ADMINISTRADORA ÚNICA PRUEBA', 'advanced in_person'],
    ['99999987N', '2030-12-31', 'DAVID ORTIZ OSCAR', 'advanced in_person'],
    ['Z9999999H', 'E87654321', 'OLENA SHEVCHENKO'],
  ]
  const shown = catalogue.map((one) => {
    const { document, permanente } = one
    const name = [one.name.given, one.name.firstSurname, one.name.secondSurname]
      .filter((part) => part !== undefined)
      .join(' ')
    return [
      document,
      typedContrast(one),
      name,
      one.registration && `${one.registration.level} ${one.registration.channel}`,
      permanente,
    ]
  })
  t.same(
    shown,
    table.map(([document, contrast, name, registration, permanente]) => [
      document,
      contrast,
      name,
      registration,
      permanente,
    ]),
  )
})

t.test('documents and contrasts are what the forms take, and nobody shares a phone, an id or an address', async (t) => {
  for (const one of catalogue) {
    t.same(parseDocument(one.document), { document: one.document, kind: one.kind })
    t.notHas(parseContrast(one.kind, typedContrast(one)), { wrong: String }, one.document)
    if (one.phone !== undefined) t.match(one.phone, /^(\+34[67]\d{8}|\+33639980\d{3})$/)
    t.match(one.email, /\.example$/)
  }
  for (const column of [
    (one: TestCitizen) => one.id,
    (one: TestCitizen) => one.email,
    (one: TestCitizen) => one.phone,
  ]) {
    t.equal(new Set(catalogue.map(column)).size, catalogue.length)
  }
})

async function scene(t: Teardown) {
  const { db } = await testDatabase(t)
  const clock = testClock(now)
  const register = postgresCivilRegister({ db, clock })
  return { db, clock, register, citizens: citizensIn(db, clock), seed: () => seedCatalogue({ db, clock, register }) }
}

t.test(
  'an activation code has who is registered and has no password that works: 10 signs of Crockford’s base32',
  async (t) => {
    for (const { document, registration, permanente, deceased, activationCode } of catalogue) {
      const needs = registration !== undefined && permanente !== 'active' && !deceased
      t.equal(activationCode !== undefined, needs, document)
      if (activationCode !== undefined) t.equal(readActivationCode(activationCode), activationCode)
    }
    const codes = catalogue.map(({ activationCode }) => activationCode).filter((code) => code !== undefined)
    t.equal(new Set(codes).size, codes.length)
  },
)

t.test('those who are registered, or were, are citizens; the register knows everybody', async (t) => {
  const { register, citizens, seed } = await scene(t)
  await seed()
  for (const one of catalogue) {
    const person = await register.ask(one.document, 5_000)
    t.match(person, { name: one.name, contrast: one.contrast, deceased: one.deceased, domicile: one.domicile })
    const record = await citizens.byDocument(one.document)
    if (!one.registration && !one.renounced) t.equal(record, undefined, one.document)
    else {
      t.same(record?.contrast, one.contrast)
      t.match(record?.citizen, { id: one.id, name: one.name, deceased: one.deceased, registration: one.registration })
      t.equal(record?.citizen.phone, one.registration && one.phone)
      t.equal(record?.citizen.renouncedAt !== undefined, one.renounced)
    }
  }
})

t.test('one is a minor of 12 years, one has an expired document', async (t) => {
  const { register, seed } = await scene(t)
  await seed()
  const people = await Promise.all(catalogue.map(({ document }) => register.ask(document, 5_000)))
  const found = people.filter((person) => person !== undefined && person !== 'silent')
  t.equal(found.length, catalogue.length)
  t.same(
    found.filter((person) => isMinor(person, now)).map(({ document, bornOn }) => [document, bornOn.slice(0, 4)]),
    [['99999993H', '2014']],
  )
  t.same(
    found.filter((person) => isExpired(person, now)).map(({ document }) => document),
    ['99999996K'],
  )
})

t.test('putting the catalogue in again restores it, and changes nothing that was right', async (t) => {
  const { db, citizens, register, seed } = await scene(t)
  const everything = statement<{ row: string }>(
    'test.everything',
    `select citizen::text as row from citizen union all select civil_register_person::text from civil_register_person order by 1`,
  )
  await seed()
  const before = await db.rows(everything)
  await seed()
  t.same(await db.rows(everything), before)
  const one = await citizens.byDocument('99999999R')
  if (!one) throw new Error('no such citizen')
  await citizens.put({ ...one, citizen: { ...one.citizen, registration: undefined, phone: undefined } })
  await db.transaction(async (tx) => {
    const person = await register.ask('99999999R', 5_000)
    if (person && person !== 'silent') await register.put(tx, { ...person, deceased: true })
  })
  t.notSame(await db.rows(everything), before)
  await seed()
  t.same(await db.rows(everything), before)
})

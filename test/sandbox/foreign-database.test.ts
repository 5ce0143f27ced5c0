import t from 'tap'
import { citizensIn } from '../../src/citizen/index.ts'
import { postgresCivilRegister } from '../../src/civil-register/index.ts'
import { catalogue } from '../../src/sandbox/catalogue.ts'
import { refuseForeignDatabase } from '../../src/sandbox/foreign-database.ts'
import { seedCatalogue } from '../../src/sandbox/seed.ts'
import { testClock } from '../support/clock.ts'
import { emptyDatabase, testDatabase } from '../support/database.ts'

t.test('the sandbox takes an empty database, and one of its own again', async (t) => {
  await refuseForeignDatabase((await emptyDatabase(t)).ownerUrl)
  const { db, ownerUrl } = await testDatabase(t)
  await refuseForeignDatabase(ownerUrl)
  const clock = testClock()
  await seedCatalogue({ db, clock, register: postgresCivilRegister({ db, clock }) })
  await refuseForeignDatabase(ownerUrl)
})

t.test('the sandbox never touches a database with real citizens', async (t) => {
  const { db, ownerUrl } = await testDatabase(t)
  const { document, kind, name, contrast } = catalogue[0]!
  await citizensIn(db, testClock()).put({
    citizen: {
      id: '3f0e0c63-2c9c-4f5c-9d7f-0a3f5f1b7a11',
      document,
      kind,
      name,
      phone: undefined,
      email: undefined,
      locale: 'es',
      registration: undefined,
      renouncedAt: undefined,
      deceased: false,
      blockedMethods: [],
    },
    contrast,
  })
  await t.rejects(refuseForeignDatabase(ownerUrl), { message: /citizens who are not the test citizens/ })
})
